"""As many frames are left out as were counted, in the edit's own frames whatever speed a take runs at."""

from dataclasses import replace
from fractions import Fraction
from typing import Any, TypeAlias

import pytest

from kling_post.edit.timeline import Timeline
from kling_post.repair.trims import Trims, trims_of
from kling_post.vocabulary import FrameRange, JoinKind, Judgement, Retime, SeamProperty, SeamReport, Severity

Cut: TypeAlias = Any


def repeated(frames: int, severity: Severity = Severity.FAIL) -> SeamReport:
    row = SeamProperty(name="repeated frames", measured=frames, limit=0, unit="frames", severity=severity, message="they come twice")
    return SeamReport(
        outgoing="half0", incoming="half1", record_frame=16, planned=JoinKind.CONTINUE, properties=(row,), judgement=Judgement()
    )


def at_speed(timeline: Timeline, *speeds: Fraction) -> Timeline:
    """Both takes at these speeds, all of each."""
    frames = [int(16 / speed) for speed in speeds]
    starts = [0, frames[0]]
    clips = tuple(
        replace(clip, retime=Retime(speed=speed), source=FrameRange(0, count), record=FrameRange(start, start + count))
        for clip, speed, count, start in zip(timeline.clips, speeds, frames, starts, strict=True)
    )
    return replace(timeline, clips=clips)


def trimmed(timeline: Timeline, report: SeamReport) -> Trims:
    before, after = timeline.clips
    return trims_of(report, before, after, timeline)


def test_as_many_as_come_twice(cut_in_two: Cut) -> None:
    found = trimmed(cut_in_two(), repeated(3))
    assert (found.head_frames, found.repeated_frames, found.head_reason) == (3, 3, "they come twice")


def test_a_count_that_is_not_certain_trims_nothing_and_says_so(cut_in_two: Cut) -> None:
    found = trimmed(cut_in_two(), repeated(3, Severity.REVIEW))
    assert found.head_frames == 0
    assert found.open_question == "Probably 3 repeated frames, but the count is not certain: nothing is trimmed."


@pytest.mark.parametrize(("speed", "frames"), [(Fraction(1, 2), 8), (Fraction(2), 2), (Fraction(1), 4)])
def test_four_frames_of_a_take_are_as_many_of_the_edit_as_its_speed_makes_them(cut_in_two: Cut, speed: Fraction, frames: int) -> None:
    assert trimmed(at_speed(cut_in_two(), speed, speed), repeated(4)).head_frames == frames


def test_frames_that_no_cut_of_the_edit_can_part_are_left(cut_in_two: Cut) -> None:
    found = trimmed(at_speed(cut_in_two(), Fraction(2), Fraction(2)), repeated(3))
    assert found.head_frames == 0
    assert "no whole frames of the edit" in found.open_question


def test_clips_of_different_speed_have_no_twins_to_be_compared(cut_in_two: Cut) -> None:
    found = trimmed(at_speed(cut_in_two(), Fraction(1), Fraction(2)), repeated(4))
    assert (found.head_frames, found.repeated_frames) == (2, 0)
