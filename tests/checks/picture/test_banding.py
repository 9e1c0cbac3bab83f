"""Stepped gradients are found with their area; grain, dither, more bits and real edges are not."""

from typing import Any

import numpy as np
import pytest

from kling_post.vocabulary import FrameRange, Severity


def sky(codes: float, share: float = 0.6) -> Any:
    """A texture whose upper part is a gradient over so many codes, not rounded."""
    rows = round(180 * share)
    picture = 110 + 40 * np.random.default_rng(3).standard_normal((180, 320))
    picture[:rows] = 150 - codes * np.linspace(0, 1, rows)[:, None]
    return np.clip(picture, 20, 230)


def found(make: Any, picture: Any, **changes: Any) -> Any:
    return make.ask("banding", make.clip(pictures=[picture] * 30, **changes).subject(signals=("banding",))).findings


@pytest.mark.parametrize("codes", [5, 8, 10])
def test_a_sky_of_a_few_codes_is_for_review_with_its_area(make: Any, codes: int) -> None:
    (finding,) = found(make, sky(codes))
    assert (finding.severity, finding.frames) == (Severity.REVIEW, FrameRange(0, 30))
    assert finding.area.top <= 0.12
    assert finding.area.bottom == pytest.approx(0.6, abs=0.12)
    assert "breaks into steps" in finding.message


def test_grain_and_dither_leave_no_steps(make: Any) -> None:
    assert found(make, sky(8), grain=1.0) == ()
    dither = np.random.default_rng(5).uniform(-0.5, 0.5, (180, 320))
    assert found(make, sky(8) + dither) == ()


def test_ten_bits_have_codes_enough(make: Any) -> None:
    assert found(make, sky(8), bit_depth=10) == ()


def test_eight_bits_in_a_ten_bit_file_are_as_stepped(make: Any) -> None:
    assert len(found(make, np.round(sky(8)), bit_depth=10)) == 1


def test_a_flat_wall_and_edges_of_many_codes_are_silent(make: Any) -> None:
    wall = sky(0)
    assert found(make, wall) == ()
    stripes = wall.copy()
    for row in range(0, 108, 12):
        stripes[row : row + 12] = 150 - row
    assert found(make, stripes) == ()


def test_a_small_patch_is_not_worth_a_look(make: Any) -> None:
    assert found(make, sky(2, share=0.1)) == ()
