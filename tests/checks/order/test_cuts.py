"""Cuts are found to the frame, held against the plan, and not confused with flashes, pans or brightness."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from kling_post.vocabulary import FrameRange, Severity, TakePlan


def plan(*seconds: str) -> TakePlan:
    return TakePlan(cut_seconds=tuple(Fraction(second) for second in seconds))


def two_shots(make: Any, at: int, frames: int = 48) -> Any:
    return make.clip(pictures=make.pan(at, 0.7, seed=1) + make.pan(frames - at, 0.7, seed=2), grain=1)


def test_a_cut_on_its_planned_frame_raises_nothing(make: Any) -> None:
    assert make.ask("cuts", two_shots(make, 24).subject(plan("1"))).findings == ()


def test_a_cut_within_two_tenths_of_a_second_is_the_planned_one(make: Any) -> None:
    assert make.ask("cuts", two_shots(make, 29).subject(plan("1"))).findings == ()


def test_a_cut_further_off_is_late_by_so_many_frames(make: Any) -> None:
    (finding,) = make.ask("cuts", two_shots(make, 34).subject(plan("1"))).findings
    assert (finding.severity, finding.measured, finding.frames) == (Severity.REVIEW, 10, FrameRange(34, 35))
    assert "late" in finding.message


def test_a_cut_that_nobody_planned_fails_at_its_first_frame(make: Any) -> None:
    (finding,) = make.ask("cuts", two_shots(make, 20).subject(plan())).findings
    assert (finding.severity, finding.frames) == (Severity.FAIL, FrameRange(20, 21))


def test_where_the_model_chooses_its_shots_a_cut_of_its_own_is_for_review(make: Any) -> None:
    (finding,) = make.ask("cuts", two_shots(make, 20).subject(TakePlan(cut_seconds=(), may_cut=True))).findings
    assert (finding.severity, finding.frames) == (Severity.REVIEW, FrameRange(20, 21))
    assert "shotType" in finding.remedy


def test_a_planned_cut_that_is_not_there_fails(make: Any) -> None:
    (finding,) = make.ask("cuts", make.clip(pictures=make.pan(48, 0.7), grain=1).subject(plan("1"))).findings
    assert finding.severity is Severity.FAIL
    assert "not there" in finding.message
    assert finding.frames == FrameRange(19, 30)


def test_without_a_plan_a_cut_is_only_noted(make: Any) -> None:
    (finding,) = make.ask("cuts", two_shots(make, 24).subject()).findings
    assert finding.severity is Severity.INFO


def test_a_cut_between_shots_of_equal_brightness_and_colour_is_found(make: Any) -> None:
    first, second = make.pan(20, 0.5, seed=3), make.pan(20, 0.5, seed=4)
    second = [picture - picture.mean() + first[0].mean() for picture in second]
    (finding,) = make.ask("cuts", make.clip(pictures=first + second, grain=2).subject()).findings
    assert finding.frames == FrameRange(20, 21)


def test_a_flash_of_one_to_three_frames_is_no_cut(make: Any) -> None:
    for length in (1, 2, 3):
        pictures = make.pan(40, 0.7)
        for place in range(20, 20 + length):
            pictures[place] = np.full_like(pictures[place], 230.0)
        assert make.ask("cuts", make.clip(pictures=pictures, grain=1).subject()).findings == ()


def test_fast_pans_and_steps_of_exposure_are_no_cuts(make: Any) -> None:
    assert make.ask("cuts", make.clip(pictures=make.pan(40, 14.0), grain=1).subject()).findings == ()
    brighter = [picture * (1.0 if place < 20 else 1.25) for place, picture in enumerate(make.pan(40, 0.7))]
    assert make.ask("cuts", make.clip(pictures=brighter, grain=1).subject()).findings == ()


def test_two_cuts_find_their_two_plans(make: Any) -> None:
    pictures = make.pan(24, 0.7, seed=1) + make.pan(24, 0.7, seed=2) + make.pan(24, 0.7, seed=3)
    assert make.ask("cuts", make.clip(pictures=pictures).subject(plan("1", "2"))).findings == ()


def melted(make: Any, at: int, length: int, frames: int = 48) -> Any:
    pictures = []
    for index in range(frames):
        share = min(1.0, max(0.0, (index - at + 1) / (length + 1)))
        pictures.append(make.scene(1, 0.7 * index) * (1 - share) + make.scene(2, 0.7 * index) * share)
    return make.clip(pictures=pictures, grain=1)


@pytest.mark.parametrize("length", [3, 5, 8, 12])
def test_a_shot_that_melts_into_another_unplanned_fails_with_the_frames_that_show_both(make: Any, length: int) -> None:
    (finding,) = make.ask("cuts", melted(make, 20, length).subject(plan())).findings
    assert finding.severity is Severity.FAIL
    assert "melts" in finding.message
    assert 19 <= finding.frames.start <= 22
    assert 20 + length - 2 <= finding.frames.stop <= 20 + length + 1


def test_a_planned_cut_that_melts_is_for_review(make: Any) -> None:
    (finding,) = make.ask("cuts", melted(make, 22, 5).subject(plan("1"))).findings
    assert (finding.severity, finding.measured) == (Severity.REVIEW, 5)
    assert finding.message == "The cut planned at frame 24 (00:00:01:00) is a melt from one shot into the other: frames 22 to 26 (0.21 s)."


def test_a_late_melt_names_the_planned_frame_and_the_one_found(make: Any) -> None:
    (finding,) = make.ask("cuts", melted(make, 34, 5).subject(plan("1"))).findings
    assert (finding.severity, finding.measured) == (Severity.REVIEW, 12)
    assert finding.message == "The cut planned at frame 24 (00:00:01:00) comes 12 frames late, at frame 36."


def test_without_a_plan_a_melt_is_only_noted(make: Any) -> None:
    (finding,) = make.ask("cuts", melted(make, 20, 6).subject()).findings
    assert finding.severity is Severity.INFO


def test_fades_from_and_to_black_and_moves_are_no_melts(make: Any) -> None:
    fading = [16 + (picture - 16) * min(1, index / 8, (47 - index) / 8) for index, picture in enumerate(make.pan(48, 0.7))]
    assert make.ask("cuts", make.clip(pictures=fading, grain=1).subject()).findings == ()
    for speed in (3.0, 8.0):
        assert make.ask("cuts", make.clip(pictures=make.pan(48, speed), grain=1).subject()).findings == ()
