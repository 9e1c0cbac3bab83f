"""A frame shown twice is found by where things are, not by how much the samples differ."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kling_post.vocabulary import FrameRange, Severity


def with_repeat(make: Any, at: int, count: int = 1, frames: int = 40, speed: float = 0.8) -> list[Any]:
    pictures = make.pan(frames, speed)
    return [*pictures[:at], *[pictures[at - 1]] * count, *pictures[at:]]


@pytest.mark.parametrize("grain", [0, 1, 3])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_repeats_are_found_under_grain(make: Any, grain: float, count: int) -> None:
    (finding,) = make.ask("duplicate_frames", make.clip(pictures=with_repeat(make, 17, count), grain=grain).subject()).findings
    assert (finding.severity, finding.frames) == (Severity.FAIL, FrameRange(17, 17 + count))


def test_a_repeat_in_a_slow_shot_is_found(make: Any) -> None:
    pictures = with_repeat(make, 17, speed=0.2)
    (finding,) = make.ask("duplicate_frames", make.clip(pictures=pictures, grain=1).subject()).findings
    assert finding.frames == FrameRange(17, 18)


@settings(max_examples=8, deadline=None)
@given(at=st.integers(3, 37))
def test_a_repeat_is_found_wherever_it_lies(make: Any, at: int) -> None:
    findings = make.ask("duplicate_frames", make.clip(pictures=with_repeat(make, at)).subject()).findings
    assert [finding.frames for finding in findings] == [FrameRange(at, at + 1)]


@pytest.mark.parametrize("speed", [0.0, 0.06, 0.2, 1.0, 9.0])
def test_even_movement_of_any_speed_repeats_nothing(make: Any, speed: float) -> None:
    assert make.ask("duplicate_frames", make.clip(pictures=make.pan(40, speed), grain=2).subject()).findings == ()


def test_24_frames_carried_at_30_are_one_cadence(make: Any) -> None:
    pictures = [make.scene(1, 0.8 * (place * 4 // 5)) for place in range(60)]
    (finding,) = make.ask("duplicate_frames", make.clip(pictures=pictures, grain=1).subject(rate=30)).findings
    assert "One frame in 5" in finding.message
    assert "24.000 pictures a second" in finding.message


def test_animation_on_twos_is_for_review_only(make: Any) -> None:
    pictures = [make.scene(1, 1.6 * (place // 2)) for place in range(48)]
    (finding,) = make.ask("duplicate_frames", make.clip(pictures=pictures, grain=1).subject()).findings
    assert finding.severity is Severity.REVIEW
