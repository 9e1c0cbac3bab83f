"""A stop is a freeze; a shot in which little moves is not."""

from typing import Any

import numpy as np
import pytest

from kling_post.vocabulary import FrameRange, Severity


@pytest.mark.parametrize("grain", [0, 2, 3])
def test_a_stop_in_the_middle_is_found_under_grain(make: Any, grain: float) -> None:
    pictures = make.pan(20, 0.6) + [make.scene(1, 0.6 * 19)] * 10 + make.pan(20, 0.6, start=0.6 * 20)
    (finding,) = make.ask("freeze", make.clip(pictures=pictures, grain=grain).subject()).findings
    assert finding.severity is Severity.FAIL
    assert finding.frames == FrameRange(19, 30)


def test_a_stop_that_lasts_to_the_end_is_reported_with_its_end(make: Any) -> None:
    pictures = make.pan(30, 0.6) + [make.scene(1, 0.6 * 29)] * 12
    (finding,) = make.ask("freeze", make.clip(pictures=pictures, grain=2).subject()).findings
    assert finding.frames == FrameRange(29, 42)
    assert "to the end" in finding.message


@pytest.mark.parametrize("steps", [[0.15] * 4, [0.4, 0.3, 0.2, 0.1]], ids=["evenly", "less and less"])
def test_a_stop_that_an_encoder_has_spread_over_four_steps_is_found(make: Any, steps: list[float]) -> None:
    places = np.cumsum([0.6] * 25 + steps + [0.0] * 8)
    pictures = [make.scene(1, round(float(place), 3)) for place in places]
    (finding,) = make.ask("freeze", make.clip(pictures=pictures, grain=1).subject()).findings
    assert finding.severity is Severity.FAIL
    assert finding.frames.stop == 37
    assert 24 <= finding.frames.start <= 28


def test_a_camera_that_comes_to_rest_within_a_third_of_a_second_is_not_frozen(make: Any) -> None:
    places = np.cumsum([0.8] * 25 + list(0.8 * np.linspace(1, 0, 9)[1:]) + [0.0] * 12)
    pictures = [make.scene(1, round(float(place), 3)) for place in places]
    assert make.ask("freeze", make.clip(pictures=pictures, grain=1).subject()).findings == ()


def test_a_head_that_stands_still_before_it_moves_is_found(make: Any) -> None:
    pictures = [make.scene(1, 0.0)] * 10 + make.pan(30, 0.6)
    (finding,) = make.ask("freeze", make.clip(pictures=pictures, grain=1).subject()).findings
    assert finding.frames == FrameRange(0, 11)
    assert "before it starts" in finding.message


def test_one_picture_throughout_is_one_frozen_take(make: Any) -> None:
    (finding,) = make.ask("freeze", make.clip(pictures=[make.scene(1, 0.0)] * 24).subject()).findings
    assert finding.frames == FrameRange(0, 24)


@pytest.mark.parametrize("grain", [0.5, 2])
def test_a_locked_off_shot_is_not_frozen(make: Any, grain: float) -> None:
    assert make.ask("freeze", make.clip(pictures=[make.scene(1, 0.0)] * 40, grain=grain).subject()).findings == ()


def test_a_small_thing_that_moves_in_a_locked_off_shot_keeps_it_alive(make: Any) -> None:
    pictures = []
    for place in range(40):
        picture = make.scene(1, 0.0).copy()
        across = 10 + 6 * place if place < 20 else 130 + 3 * (place - 20)
        picture[80:96, across : across + 16] = 220
        pictures.append(picture)
    assert make.ask("freeze", make.clip(pictures=pictures, grain=1).subject()).findings == ()


def test_a_camera_that_eases_to_rest_is_not_frozen(make: Any) -> None:
    places = np.cumsum([0.8] * 20 + list(0.8 * np.linspace(1, 0, 16)[1:]) + [0.0] * 16)
    pictures = [make.scene(1, float(np.round(place, 6))) for place in places]
    assert make.ask("freeze", make.clip(pictures=pictures, grain=1).subject()).findings == ()


def test_a_pan_of_a_twentieth_of_a_pixel_is_a_pan(make: Any) -> None:
    pictures = make.pan(20, 0.5) + make.pan(20, 0.06, start=9.56)
    assert make.ask("freeze", make.clip(pictures=pictures, grain=1).subject()).findings == ()


def test_a_still_that_fades_in_and_out_is_not_frozen(make: Any) -> None:
    share = np.concatenate([np.linspace(0.2, 1, 24), np.ones(20), np.linspace(1, 0.2, 24)])
    pictures = [16 + (make.scene(1, 0.0) - 16) * each for each in share]
    assert make.ask("freeze", make.clip(pictures=pictures, grain=0.5).subject()).findings == ()


def test_a_head_that_waits_is_for_review_only(make: Any) -> None:
    pictures = [make.scene(1, 0.0)] * 12 + make.pan(30, 0.8)
    (finding,) = make.ask("freeze", make.clip(pictures=pictures, grain=1).subject()).findings
    assert finding.severity is Severity.REVIEW


def test_a_head_whose_first_picture_an_encoder_refines_is_a_head_too(make: Any) -> None:
    coarse = (make.scene(1, 0.0) + np.roll(make.scene(1, 0.0), 1, axis=1)) / 2
    pictures = [coarse, *[make.scene(1, 0.5)] * 10, *make.pan(30, 0.6, start=1.1)]
    (finding,) = make.ask("freeze", make.clip(pictures=pictures, grain=1).subject()).findings
    assert (finding.severity, finding.frames.start) == (Severity.REVIEW, 1)
    assert "before it starts" in finding.message


def test_a_camera_that_eases_into_a_pause_is_not_frozen(make: Any) -> None:
    speeds = 0.8 * np.clip(np.abs(np.linspace(0, 1, 90) - 0.5) / 0.25 - 0.3, 0, 1)
    pictures = [make.scene(1, round(float(place), 3)) for place in np.cumsum(speeds)]
    assert make.ask("freeze", make.clip(pictures=pictures).subject()).findings == ()


@pytest.mark.parametrize("grain", [0, 3])
@pytest.mark.parametrize("behind", [20, 0], ids=["in the middle", "to the end"])
def test_a_part_of_the_picture_that_stops_at_once_is_for_review(make: Any, grain: float, behind: int) -> None:
    places = 0.8 * np.cumsum([1.0] * 20 + [0.0] * 10 + [1.0] * behind)
    (finding,) = make.ask("freeze", make.clip(pictures=make.moving_part(places), grain=grain).subject()).findings
    assert (finding.severity, finding.frames) == (Severity.REVIEW, FrameRange(19, 30))
    assert "a part of the picture" in finding.message


def test_one_part_that_stops_while_another_goes_on_is_no_freeze(make: Any) -> None:
    pictures = make.moving_part(0.8 * np.cumsum([1.0] * 20 + [0.0] * 10 + [1.0] * 20), -0.5 * np.arange(50))
    assert make.ask("freeze", make.clip(pictures=pictures, grain=1).subject()).findings == ()


@pytest.mark.parametrize(
    "steps",
    [
        [0.0] * 15 + [1.0] * 20,
        [1.0] * 16 + [0.8, 0.6, 0.4, 0.2] + [0.0] * 12,
        [1.0] * 16 + [0.8, 0.6, 0.4, 0.2] + [0.0] * 8 + [0.2, 0.4, 0.6, 0.8] + [1.0] * 16,
        [1.0] * 18 + [0.0] * 10 + [0.2, 0.0, 0.0, 0.3, 0.0, 0.0] * 3,
        [9.0 - 0.46 * place for place in range(20)] + [0.0] * 10,
    ],
    ids=["waits", "comes to rest", "pauses", "stirs behind", "slows down from fast"],
)
def test_a_part_that_rests_of_its_own_accord_is_no_freeze(make: Any, steps: list[float]) -> None:
    assert make.ask("freeze", make.clip(pictures=make.moving_part(0.8 * np.cumsum(steps)), grain=1).subject()).findings == ()
