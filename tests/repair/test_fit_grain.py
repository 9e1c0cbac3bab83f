"""Grain is as strong as it must be for what comes through the encoder."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pytest

from kling_post.edit.corrections import AddedGrain
from kling_post.edit.timeline import Timeline
from kling_post.media.encode import EncodeSettings, FrameWriter
from kling_post.pipeline.files import timeline_of_files
from kling_post.repair.fit_grain import fitted_grain
from kling_post.repair.join import Join
from kling_post.repair.propose_looks import grain_repair
from kling_post.repair.repairs import AddGrain
from kling_post.repair.window import head_window, tail_window
from kling_post.seams.inspect import inspect_seams
from kling_post.vocabulary import JoinKind, Size

Shot: TypeAlias = Any


def written(path: Path, pictures: Sequence[np.ndarray], sigma: float) -> Path:
    chance = np.random.default_rng(3)
    with FrameWriter(path, size=Size(320, 180), rate=Fraction(24), quality=EncodeSettings(preset="veryfast", crf=12)) as writer:
        for picture in pictures:
            noise = chance.normal(0, sigma, (*picture.shape[:2], 1))
            writer.write(np.clip(picture * 255 + noise, 0, 255).astype(np.uint8))
    return path


@pytest.fixture
def three(tmp_path: Path, shot: Shot) -> Timeline:
    """A clip with grain of four codes and two without, one shot."""
    clips = [
        written(tmp_path / f"{name}.mp4", [shot(1.5 * (12 * place + frame)) for frame in range(12)], sigma)
        for place, (name, sigma) in enumerate((("a", 4.0), ("b", 0.0), ("c", 0.0)))
    ]
    return timeline_of_files("three", clips, join=JoinKind.CONTINUE)


def join_of(timeline: Timeline, place: int) -> Join:
    before, after = timeline.clips[place], timeline.clips[place + 1]
    head = head_window(after, timeline)
    return Join(
        report=inspect_seams(timeline)[place],
        before=before,
        after=after,
        outgoing=tail_window(before, timeline),
        incoming=head,
        twins=head,
        repeated_frames=0,
    )


def test_grain_is_added_until_what_comes_through_the_encoder_is_enough(three: Timeline) -> None:
    join = join_of(three, 0)
    missing = -next(item.measured for item in join.report.properties if item.name == "grain")
    assert 2.0 < missing < 5.0
    grain, left = fitted_grain(join.before, join.after, three, missing)
    assert abs(left) < missing / 4
    assert grain.sigma_codes > missing - 0.5


def test_the_clip_behind_one_that_was_given_grain_gets_the_same(three: Timeline) -> None:
    given = AddGrain(outgoing="a", incoming="b", reason="", grain=AddedGrain(sigma_codes=4.2), lacks_codes=3.9)
    passed_on = grain_repair(join_of(three, 1), three, given)
    assert passed_on is not None
    assert (passed_on.outgoing, passed_on.incoming, passed_on.grain) == ("b", "c", given.grain)
    assert grain_repair(join_of(three, 1), three, None) is None
