"""A part that keeps its place and slowly turns into something else is for review; movement, turning, covering and light are not."""

from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pytest

from kling_post.vocabulary import Severity, TakePlan

SIGNALS = ("structure", "motion", "survival")


def clip(make: Any, share: Any, *, speed: float = 0.0, frames: int = 60) -> Any:
    """Two scenes that go by together; of the second so much is mixed into a part as ``share`` says at a frame."""
    inside = np.zeros((180, 320))
    inside[50:130, 110:230] = 1
    inside = np.asarray(cv2.GaussianBlur(inside, (0, 0), 3), np.float64)
    pictures = []
    for index in range(frames):
        mixed = share(index) * np.roll(inside, -round(speed * index), axis=1)
        pictures.append(make.scene(1, speed * index) * (1 - mixed) + make.scene(2, speed * index) * mixed)
    return make.clip(pictures=pictures, grain=1)


def ramp(start: int, length: int) -> Any:
    return lambda index: min(1.0, max(0.0, (index - start) / length))


@pytest.mark.parametrize(("speed", "length"), [(0.0, 24), (0.0, 36), (0.5, 30)])
def test_a_part_that_slowly_turns_into_something_else_is_for_review_with_its_place(make: Any, speed: float, length: int) -> None:
    (finding,) = make.ask("slow_morph", clip(make, ramp(10, length), speed=speed).subject(signals=SIGNALS)).findings
    assert finding.severity is Severity.REVIEW
    assert (finding.frames.start, finding.frames.stop) == (4, 53)
    assert finding.measured <= 0.55
    assert 0.25 <= finding.area.left < finding.area.right <= 0.76, "the changed part lies between 0.34 and 0.72"


def test_a_prompt_that_names_fire_makes_it_a_note(make: Any) -> None:
    (finding,) = make.ask("slow_morph", clip(make, ramp(10, 30)).subject(TakePlan(stirs=True), signals=SIGNALS)).findings
    assert finding.severity is Severity.INFO


@pytest.mark.parametrize("speed", [0.0, 0.5, 3.0])
def test_what_stays_is_found_again(make: Any, speed: float) -> None:
    assert make.ask("slow_morph", clip(make, lambda _: 0.0, speed=speed).subject(signals=SIGNALS)).findings == ()


def test_a_cut_and_a_passer_by_are_lost_on_the_way(make: Any) -> None:
    for share in (lambda index: float(index >= 20), lambda index: float(20 <= index < 34)):
        assert make.ask("slow_morph", clip(make, share).subject(signals=SIGNALS)).findings == ()


@pytest.mark.parametrize(("others_apart", "findings"), [(0.05, 1), (0.3, 0)])
def test_a_part_that_is_hard_to_follow_counts_where_all_else_rests(make: Any, others_apart: float, findings: int) -> None:
    subject = clip(make, lambda _: 0.0).subject(signals=SIGNALS)
    survival = {name: series.copy() for name, series in subject.signals["survival"].items()}
    survival["apart"][0] = others_apart
    for name, value in (("found", 0.4), ("steps", 0.55), ("apart", 0.65)):
        survival[name][0, 3:5, 5:7] = value
    moved = replace(subject, signals={**subject.signals, "survival": survival})
    assert len(make.ask("slow_morph", moved).findings) == findings


def test_light_that_changes_is_no_change_of_things(make: Any) -> None:
    shade = np.zeros((180, 320))
    shade[50:130, 110:230] = 0.5
    shade = np.asarray(cv2.GaussianBlur(shade, (0, 0), 12), np.float64)
    pictures = [make.scene(1, 0.0) * (1 - shade * ramp(10, 36)(index)) for index in range(60)]
    assert make.ask("slow_morph", make.clip(pictures=pictures, grain=1).subject(signals=SIGNALS)).findings == ()


def test_a_fade_behind_a_mark_that_stays_is_none(make: Any) -> None:
    mark = np.zeros((180, 320))
    mark[140:150, 20:300] = np.random.default_rng(3).integers(0, 2, (5, 140)).repeat(2, 0).repeat(2, 1) * 110.0
    pictures = [16 + (make.scene(1, 0.0) - 16) * (1 - ramp(8, 40)(index)) + mark for index in range(60)]
    assert make.ask("slow_morph", make.clip(pictures=pictures, grain=0).subject(signals=SIGNALS)).findings == ()


def test_too_short_a_clip_is_not_asked(make: Any) -> None:
    assert make.ask("slow_morph", clip(make, ramp(2, 24), frames=40).subject(signals=SIGNALS)).findings == ()
