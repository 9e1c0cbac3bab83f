"""A dissolve where sharpness steps and the shot nearly rests: what it leaves of the step, and where nothing may be dissolved."""

from dataclasses import replace
from typing import Any, TypeAlias

import cv2
import numpy as np
import pytest

from kling_post.edit.picture import dissolve
from kling_post.edit.timeline import Timeline
from kling_post.media.encode import rgb_to_ycbcr420
from kling_post.repair.join import Join
from kling_post.repair.propose_looks import dissolve_repair
from kling_post.repair.repairs import DissolveOver
from kling_post.repair.window import Window
from kling_post.seams.side import detail_ratio
from kling_post.vocabulary import FrameRange, JoinKind, Judgement, SeamProperty, SeamReport, Severity

Cut: TypeAlias = Any
Shot: TypeAlias = Any


def report(step: float) -> SeamReport:
    severity = Severity.REVIEW if abs(step) > 20 else None
    row = SeamProperty(name="sharpness", measured=step, limit=20.0, unit="%", severity=severity, message="softer")
    return SeamReport(
        outgoing="half0", incoming="half1", record_frame=16, planned=JoinKind.CONTINUE, properties=(row,), judgement=Judgement()
    )


def window(shot: Shot, first: int, pixels: float, softened: float = 0.0) -> Window:
    chance = np.random.default_rng(1)
    detail = chance.normal(0, 0.05, (180, 512, 1)).astype(np.float32)
    frames = []
    for place in range(first, first + 8):
        moved = cv2.warpAffine(detail, np.array([[1, 0, -pixels * place], [0, 1, 0]]), (320, 180))[..., None]
        picture = np.clip(shot(pixels * place) + moved, 0, 1)
        picture = cv2.GaussianBlur(picture, (0, 0), softened) if softened else picture
        frames.append(rgb_to_ycbcr420(np.rint(255 * picture).astype(np.uint8)))
    return Window(frames=tuple(frames))


def join(timeline: Timeline, shot: Shot, *, pixels: float, step: float = -40.0) -> Join:
    incoming = window(shot, 8, pixels, softened=1.2)
    before, after = timeline.clips
    return Join(
        report=report(step),
        before=before,
        after=after,
        outgoing=window(shot, 0, pixels),
        incoming=incoming,
        twins=incoming,
        repeated_frames=0,
    )


def test_a_dissolve_spreads_a_step_of_sharpness_until_no_frame_steps_by_a_third_of_it(cut_in_two: Cut, shot: Shot) -> None:
    resting = join(cut_in_two(), shot, pixels=0.0)
    repair = dissolve_repair(resting)
    assert isinstance(repair, DissolveOver)
    assert repair.frames == 6
    (foretold,) = repair.predictions
    assert foretold.before == -40.0
    assert foretold.after == pytest.approx(-40.0 / 7)
    before, after = list(resting.outgoing.frames), list(resting.incoming.frames)
    shown = [*before[:2], *dissolve(iter(before[2:]), iter(after[:6]), 6), *after[6:]]
    steps = [abs(np.diff(np.log([detail_ratio(frame[0].astype(np.float32)) for frame in frames]))) for frames in ([*before, *after], shown)]
    assert steps[0].max() > 0.4
    assert steps[1].max() < steps[0].max() / 3


def test_what_moves_would_be_seen_twice_and_is_not_dissolved(cut_in_two: Cut, shot: Shot) -> None:
    assert dissolve_repair(join(cut_in_two(), shot, pixels=1.0)) is None


def test_sharpness_within_its_limit_and_clips_too_short_are_left_alone(cut_in_two: Cut, shot: Shot) -> None:
    resting = join(cut_in_two(), shot, pixels=0.0, step=-15.0)
    assert dissolve_repair(resting) is None
    eight = replace(resting.after, source=FrameRange(0, 8), record=FrameRange(16, 24))
    assert dissolve_repair(replace(resting, report=report(-40.0), after=eight)) is None
