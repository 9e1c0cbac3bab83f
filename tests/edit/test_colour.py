"""A colour transform does what its formula says, on every kind of plane, and leaves what it does not touch."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kling_post.edit.colour import ColourTransform, codes_of_rgb, graded, rgb_of_codes

GRADE = ColourTransform(slope=(1.05, 0.98, 0.95), offset=(0.01, 0.0, -0.01), power=(1.05, 1.0, 0.97), saturation=0.93)


def planes(luma: int, blue: int, red: int, bits: int = 8) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    kind = np.uint8 if bits == 8 else np.uint16
    return np.full((16, 16), luma, kind), np.full((8, 8), blue, kind), np.full((8, 8), red, kind)


def test_the_built_in_transform_changes_nothing() -> None:
    colours = np.array([[-0.1, 0.5, 1.2], [0.0, 0.25, 1.0]])
    assert np.array_equal(ColourTransform().apply(colours), colours)


def test_slope_offset_power_and_saturation_follow_the_asc_formula() -> None:
    transform = ColourTransform(slope=(1.2, 1.0, 1.0), offset=(0.1, 0.0, 0.0), power=(2.0, 1.0, 1.0), saturation=0.5)
    # Red: (0.5 * 1.2 + 0.1) ** 2 = 0.49; luma 0.2126 * 0.49 + 0.7152 * 0.5 + 0.0722 * 0.5 = 0.497874.
    assert transform.apply(np.array([0.5, 0.5, 0.5])) == pytest.approx([0.493937, 0.498937, 0.498937], abs=1e-6)


def test_what_is_below_black_keeps_its_distance() -> None:
    assert ColourTransform(power=(2.0, 2.0, 2.0)).apply(np.array([-0.05, 0.5, 0.5]))[0] == pytest.approx(-0.05)


@settings(max_examples=60, deadline=None)
@given(st.integers(40, 210), st.integers(100, 156), st.integers(100, 156))
def test_even_colour_comes_out_within_a_code_of_the_formula(luma: int, blue: int, red: int) -> None:
    shown = graded(planes(luma, blue, red), GRADE)
    wanted = codes_of_rgb(GRADE.apply(rgb_of_codes(np.array([float(luma), blue, red]))))
    assert [float(plane.mean()) for plane in shown] == pytest.approx(list(wanted), abs=0.3)
    assert all(np.ptp(plane) <= 1 for plane in shown)


def test_ten_bits_come_out_finer() -> None:
    shown = graded(planes(4 * 120 + 1, 4 * 118, 4 * 140, bits=10), GRADE)
    wanted = 4 * codes_of_rgb(GRADE.apply(rgb_of_codes(np.array([120.25, 118.0, 140.0]))))
    assert [float(plane.mean()) for plane in shown] == pytest.approx(list(wanted), abs=1.0)
    assert shown[0].dtype == np.uint16


def test_half_the_share_is_half_way() -> None:
    before = planes(100, 128, 128)
    whole, half = (graded(before, ColourTransform(offset=(0.1, 0.1, 0.1)), share=share)[0].mean() for share in (1.0, 0.5))
    assert whole == pytest.approx(121.9, abs=0.05)
    assert half == pytest.approx(110.95, abs=0.6)


def test_a_picture_of_odd_strips_is_graded_to_its_last_row() -> None:
    luma = np.full((70, 8), 100, np.uint8)
    chroma = np.full((35, 4), 128, np.uint8)
    assert graded((luma, chroma, chroma), ColourTransform(offset=(0.1, 0.1, 0.1)))[0].min() >= 121


def test_the_cube_runs_red_fastest_and_stays_within_its_range() -> None:
    cube = ColourTransform(slope=(2.0, 1.0, 0.5)).cube(3)
    assert cube.shape == (27, 3)
    assert cube[:3].tolist() == [[0, 0, 0], [1, 0, 0], [1, 0, 0]]
    assert cube[-1].tolist() == [1.0, 1.0, 0.5]
