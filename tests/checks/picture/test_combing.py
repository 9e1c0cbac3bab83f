"""Combs are told from stripes, grain and everything that is not woven of two moments."""

from typing import Any

import numpy as np
import pytest

from kling_post.vocabulary import FrameRange, Severity


def asked(make: Any, pictures: Any, grain: float = 0.0) -> Any:
    return make.ask("combing", make.clip(pictures=pictures, grain=grain).subject(signals=("combing", "motion"))).findings


def woven(make: Any, frames: int, speed: float) -> list[Any]:
    """Odd rows half a frame later."""
    pictures = []
    for index in range(frames):
        picture = make.scene(1, speed * index).copy()
        picture[1::2] = make.scene(1, speed * (index + 0.5))[1::2]
        pictures.append(picture)
    return pictures


@pytest.mark.parametrize("grain", [0.0, 2.0])
def test_a_pan_woven_of_two_fields_is_for_review(make: Any, grain: float) -> None:
    (finding,) = asked(make, woven(make, 29, 10.0), grain)
    assert (finding.severity, finding.frames) == (Severity.REVIEW, FrameRange(0, 29))
    assert finding.area.right - finding.area.left > 0.5


def test_only_the_stretch_that_is_woven_is_named(make: Any) -> None:
    pictures = [make.scene(1, 10.0 * index) for index in range(42)]
    pictures[14:28] = woven(make, 42, 10.0)[14:28]
    (finding,) = asked(make, pictures)
    assert finding.frames == FrameRange(14, 28)


@pytest.mark.parametrize("speed", [0.0, 1.0, 10.0])
@pytest.mark.parametrize("grain", [0.0, 6.0])
def test_progressive_pans_and_grain_are_not_combed(make: Any, speed: float, grain: float) -> None:
    assert asked(make, make.pan(22, speed), grain) == ()


def test_stripes_of_single_rows_that_rest_are_a_pattern_and_no_combs(make: Any) -> None:
    still = make.scene(1, 0.0).copy()
    still[1::2] = 40
    assert asked(make, [still] * 22) == ()


def test_thin_stripes_that_move_are_not_combed(make: Any) -> None:
    slats = (np.arange(180) % 4 < 2)[:, None]
    pictures = [
        np.where(np.roll(slats, index // 2, axis=0), make.scene(1, 2.0 * index) / 3, make.scene(1, 2.0 * index)) for index in range(22)
    ]
    assert asked(make, pictures) == ()


def test_a_single_frame_is_not_asked(make: Any) -> None:
    assert asked(make, [make.scene(1, 0.0)]) == ()
