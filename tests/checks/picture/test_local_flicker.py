"""A patch that pulses by itself is found and placed; the whole picture's pulses and things that move are not its business."""

from typing import Any

import numpy as np
import pytest

from kling_post.vocabulary import Severity


def pulsing(pictures: list[Any], share: float, hertz: float, rows: slice = slice(40, 100), columns: slice = slice(80, 180)) -> list[Any]:
    """The pictures with one rectangle's light swinging by +-share."""
    changed = []
    for place, picture in enumerate(pictures):
        other = picture.copy()
        other[rows, columns] = 16 + (other[rows, columns] - 16) * (1 + share * np.cos(2 * np.pi * hertz * place / 24))
        changed.append(other)
    return changed


@pytest.mark.parametrize("hertz", [4, 8, 12])
@pytest.mark.parametrize("speed", [0.0, 0.4])
def test_a_pulsing_patch_is_found_where_it_is(make: Any, hertz: float, speed: float) -> None:
    (finding,) = make.ask("local_flicker", make.clip(pictures=pulsing(make.pan(72, speed), 0.04, hertz), grain=1).subject()).findings
    assert finding.severity is Severity.REVIEW
    # A cosine of 8 Hz is sampled at 1, -0.5 and -0.5 of its height.
    assert finding.measured == pytest.approx(100 * np.ptp(np.log(1 + 0.04 * np.cos(2 * np.pi * hertz * np.arange(24) / 24))), abs=1.2)
    assert (finding.area.left, finding.area.top) == (pytest.approx(0.25, abs=0.07), pytest.approx(0.22, abs=0.12))
    assert (finding.area.right, finding.area.bottom) == (pytest.approx(0.56, abs=0.07), pytest.approx(0.56, abs=0.12))


def test_a_patch_that_pulses_for_a_second_is_placed_in_time(make: Any) -> None:
    pictures = make.pan(96, 0.4)
    pictures[36:66] = pulsing(pictures[36:66], 0.05, 8)
    (finding,) = make.ask("local_flicker", make.clip(pictures=pictures, grain=1).subject()).findings
    assert 24 <= finding.frames.start <= 48
    assert 54 <= finding.frames.stop <= 78


@pytest.mark.parametrize("speed", [0.0, 0.4, 3.0, 12.0])
def test_movement_alone_is_no_flicker(make: Any, speed: float) -> None:
    assert make.ask("local_flicker", make.clip(pictures=make.pan(72, speed), grain=2).subject()).findings == ()


def test_the_whole_pictures_pulses_are_left_to_flicker(make: Any) -> None:
    pictures = [16 + (picture - 16) * (1.03 if place % 2 else 0.97) for place, picture in enumerate(make.pan(48, 0.0))]
    assert make.ask("local_flicker", make.clip(pictures=pictures, grain=1).subject()).findings == ()


def test_a_lamp_that_swings_to_and_fro_and_one_that_crosses_are_no_flicker(make: Any) -> None:
    crossing, swinging = [], []
    for place in range(72):
        one, other = make.scene(1, 0.0).copy(), make.scene(1, 0.0).copy()
        across = (place * 23) % 280
        one[40:110, across : across + 40] = 225
        middle = round(160 + 60 * np.sin(2 * np.pi * 3 * place / 24))
        other[60:110, middle - 20 : middle + 20] = 220
        crossing.append(one)
        swinging.append(other)
    for pictures in (crossing, swinging):
        assert make.ask("local_flicker", make.clip(pictures=pictures, grain=1).subject()).findings == ()


def test_a_lamp_that_breathes_slowly_is_no_flicker(make: Any) -> None:
    assert make.ask("local_flicker", make.clip(pictures=pulsing(make.pan(72, 0.0), 0.05, 1), grain=1).subject()).findings == ()
