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


def test_a_repeat_where_a_hand_slows_down_on_one_side_is_found(make: Any) -> None:
    places = np.cumsum([0.8] * 20 + [0.35, 0.0, 0.66] + [0.8] * 20)
    pictures = [make.scene(1, round(float(place), 3)) for place in places]
    (finding,) = make.ask("duplicate_frames", make.clip(pictures=pictures, grain=1).subject()).findings
    assert (finding.severity, finding.frames) == (Severity.FAIL, FrameRange(21, 22))


def test_a_hand_that_turns_back_repeats_nothing(make: Any) -> None:
    places = 6 * np.sin(np.arange(60) * 2 * np.pi / 16)
    pictures = [make.scene(1, round(float(place), 3)) for place in places]
    assert make.ask("duplicate_frames", make.clip(pictures=pictures, grain=1).subject()).findings == ()


def test_a_fast_shot_with_coding_noise_in_the_repeat_is_still_certain(make: Any) -> None:
    pictures = [make.scene(1, 2.0 * place) for place in range(40)]
    pictures[20:20] = [make.scene(1, 2.0 * 19 + 0.06)]
    (finding,) = make.ask("duplicate_frames", make.clip(pictures=pictures, grain=1).subject()).findings
    assert (finding.severity, finding.frames) == (Severity.FAIL, FrameRange(20, 21))


@pytest.mark.parametrize("count", [1, 2])
def test_grain_in_a_slow_shot_leaves_a_repeat_certain(make: Any, count: int) -> None:
    pictures = with_repeat(make, 17, count, speed=0.3)
    (finding,) = make.ask("duplicate_frames", make.clip(pictures=pictures, grain=3).subject()).findings
    assert (finding.severity, finding.frames) == (Severity.FAIL, FrameRange(17, 17 + count))
    assert finding.measured < 0.05


def test_a_frame_that_hardly_moves_on_before_another_half_that_moves_its_own_way_is_found(make: Any) -> None:
    pictures = [np.hstack([make.scene(1, 0.4 * place)[:, :160], make.scene(2, -0.2 * place)[:, 160:]]) for place in range(40)]
    pictures = [*pictures[:17], pictures[16], *pictures[17:]]
    (finding,) = make.ask("duplicate_frames", make.clip(pictures=pictures, grain=3).subject()).findings
    assert (finding.severity, finding.frames) == (Severity.FAIL, FrameRange(17, 18))


def test_a_frame_skipped_where_a_slow_hand_turns_is_for_review_even_bit_for_bit(make: Any) -> None:
    steps = [0.2] * 20 + [0.13, 0.0, 0.13] + [0.2] * 20
    pictures = [make.scene(1, place) for place in np.cumsum(steps).round(6)]
    (finding,) = make.ask("duplicate_frames", make.clip(pictures=pictures).subject()).findings
    assert (finding.severity, finding.frames) == (Severity.REVIEW, FrameRange(21, 22))
    assert "bit for bit where the shot hardly moves" in finding.message


@pytest.mark.parametrize(("count", "grain"), [(1, 0), (3, 0), (1, 3), (3, 1)])
def test_a_repeat_is_told_for_review_where_only_a_part_of_the_picture_moves(make: Any, count: int, grain: float) -> None:
    places = 0.8 * np.cumsum([1.0] * 17 + [0.0] * count + [1.0] * 20)
    (finding,) = make.ask("duplicate_frames", make.clip(pictures=make.moving_part(places), grain=grain).subject()).findings
    assert (finding.severity, finding.frames) == (Severity.REVIEW, FrameRange(17, 17 + count))
    assert "while a part of the picture moves" in finding.message


def test_two_parts_that_stand_still_in_the_same_step_are_a_repeat(make: Any) -> None:
    steps = np.array([1.0] * 17 + [0.0] + [1.0] * 20)
    pictures = make.moving_part(0.8 * np.cumsum(steps), -0.5 * np.cumsum(steps))
    (finding,) = make.ask("duplicate_frames", make.clip(pictures=pictures, grain=1).subject()).findings
    assert finding.frames == FrameRange(17, 18)


def test_one_part_that_pauses_while_another_goes_on_repeats_nothing(make: Any) -> None:
    places = 0.8 * np.cumsum([1.0] * 17 + [0.0] + [1.0] * 20)
    pictures = make.moving_part(places, -0.5 * np.arange(38))
    assert make.ask("duplicate_frames", make.clip(pictures=pictures, grain=1).subject()).findings == ()


@pytest.mark.parametrize(
    "steps",
    [
        [1.0, 0.0] * 19,
        [1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0] * 4,
        [1.0] * 15 + [0.7, 0.4, 0.1, 0.0, 0.1, 0.4, 0.7] + [1.0] * 15,
        [1.0] * 17 + [0.0] + [-1.0] * 20,
        [0.05] * 17 + [0.0] + [0.05] * 20,
    ],
    ids=["on twos", "by fits and starts", "slows down and picks up", "turns back", "too slow to tell"],
)
def test_a_part_that_rests_for_a_frame_of_its_own_accord_repeats_nothing(make: Any, steps: list[float]) -> None:
    pictures = make.moving_part(0.8 * np.cumsum(steps))
    assert make.ask("duplicate_frames", make.clip(pictures=pictures, grain=1).subject()).findings == ()


def test_growing_light_is_no_movement_that_could_stop(make: Any) -> None:
    pictures = [20 + (make.scene(1, 0.3 * place) - 20) * min(1.0, 0.04 + place / 24) for place in range(48)]
    assert make.ask("duplicate_frames", make.clip(pictures=pictures, grain=1).subject()).findings == ()


def test_fine_threads_that_move_by_a_whole_pitch_are_no_repeat(make: Any) -> None:
    rows = np.arange(make.scene(1, 0.0).shape[0])[:, None]
    places = 1.3 * np.arange(40)
    pictures = [0.5 * make.scene(1, 0.4 * place) + 100.0 * (((rows + place) % 3) < 1) for place in places]
    assert make.ask("duplicate_frames", make.clip(pictures=pictures).subject()).findings == ()


def with_snow_on_a_screen(pictures: list[Any]) -> list[Any]:
    random = np.random.default_rng(3)
    shown = [picture.copy() for picture in pictures]
    for picture in shown:
        picture[20:40, 240:260] += random.normal(0, 12, (20, 20))
    return shown


def test_one_thing_that_goes_on_before_a_camera_at_rest_makes_another_picture_of_a_held_one(make: Any) -> None:
    still, places = make.scene(1, 0.0), [index - (index >= 20) for index in range(40)]
    pictures = [still.copy() for _ in places]
    for picture, place in zip(pictures, places, strict=True):
        picture[60:160, 40:200] = make.scene(2, round(0.6 * place, 3))[60:160, 40:200]
    (finding,) = make.ask("duplicate_frames", make.clip(pictures=pictures).subject()).findings
    assert finding.frames == FrameRange(20, 21)
    assert make.ask("duplicate_frames", make.clip(pictures=with_snow_on_a_screen(pictures)).subject()).findings == ()


def test_one_thing_that_goes_on_hides_no_repeat_of_a_pan(make: Any) -> None:
    pictures = with_snow_on_a_screen(with_repeat(make, 20, speed=0.6))
    (finding,) = make.ask("duplicate_frames", make.clip(pictures=pictures).subject()).findings
    assert finding.frames == FrameRange(20, 21)


def test_a_repeat_under_lamps_that_sweep_the_scene_is_told(make: Any) -> None:
    columns = np.arange(make.scene(1, 0.0).shape[1])
    places = [index - (index >= 30) for index in range(60)]
    pictures = [make.scene(1, 1.2 * place) * (0.6 + 0.4 * np.exp(-(((columns - 40 * (place % 9)) / 60) ** 2)))[None, :] for place in places]
    (finding,) = make.ask("duplicate_frames", make.clip(pictures=pictures, grain=1).subject()).findings
    assert finding.frames == FrameRange(30, 31)


def test_a_frame_that_an_encoder_sets_back_and_makes_good_for_on_both_sides_is_no_hitch(make: Any) -> None:
    steps = np.ones(40)
    steps[19:22] = 1.6, 0.2, 1.2
    pictures = [make.scene(1, round(float(place), 3)) for place in 0.6 * np.cumsum(steps)]
    assert make.ask("duplicate_frames", make.clip(pictures=pictures).subject()).findings == ()
    steps[19], steps[21] = 1.0, 1.0
    pictures = [make.scene(1, round(float(place), 3)) for place in 0.6 * np.cumsum(steps)]
    (finding,) = make.ask("duplicate_frames", make.clip(pictures=pictures).subject()).findings
    assert finding.frames == FrameRange(20, 21)
