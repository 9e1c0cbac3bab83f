"""A frame shown twice is found by where things are, not by how much the samples differ."""

from typing import Any

import numpy as np
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


def test_a_cadence_is_left_to_its_own_check(make: Any) -> None:
    pictures = [make.scene(1, 0.8 * (place * 4 // 5)) for place in range(60)]
    assert make.ask("duplicate_frames", make.clip(pictures=pictures, grain=1).subject(rate=30)).findings == ()


def test_a_repeat_that_an_encoder_spread_over_two_half_steps_is_for_review(make: Any) -> None:
    places = [0.8 * place for place in range(20)] + [0.8 * 19.5] + [0.8 * place for place in range(20, 40)]
    (finding,) = make.ask("duplicate_frames", make.clip(pictures=[make.scene(1, place) for place in places]).subject()).findings
    assert finding.severity is Severity.REVIEW
    assert abs(finding.frames.start - 20) <= 1


def test_a_hand_that_turns_back_repeats_nothing(make: Any) -> None:
    places = 6 * np.sin(np.arange(60) * 2 * np.pi / 16)
    pictures = [make.scene(1, round(float(place), 3)) for place in places]
    assert make.ask("duplicate_frames", make.clip(pictures=pictures, grain=1).subject()).findings == ()


def test_a_fast_shot_with_coding_noise_in_the_repeat_is_still_certain(make: Any) -> None:
    pictures = [make.scene(1, 2.0 * place) for place in range(40)]
    pictures[20:20] = [make.scene(1, 2.0 * 19 + 0.06)]
    (finding,) = make.ask("duplicate_frames", make.clip(pictures=pictures, grain=1).subject()).findings
    assert (finding.severity, finding.frames) == (Severity.FAIL, FrameRange(20, 21))
