from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from plain_facts import plain_facts

from kling_post.edit.picture import conformed, dissolve
from kling_post.media.encode import rgb_to_ycbcr420
from kling_post.media.frames import FrameView
from kling_post.vocabulary import MediaFacts, Size

SIZE = Size(64, 36)


def facts(**change: object) -> MediaFacts:
    return plain_facts(**{"size": SIZE, "frames": 1, **change})


def view(luma: NDArray[np.uint8] | NDArray[np.uint16], blue: int = 128, red: int = 128, bit_depth: int = 8) -> FrameView:
    half = ((luma.shape[0] + 1) // 2, (luma.shape[1] + 1) // 2)
    planes = [np.full(half, value, luma.dtype) for value in (blue, red)]
    return FrameView(index=0, seconds=Fraction(0), bit_depth=bit_depth, luma=luma, chroma_blue=planes[0], chroma_red=planes[1])


def flat(luma: int, blue: int, red: int) -> FrameView:
    return view(np.full((36, 64), luma, np.uint8), blue, red)


def test_a_matching_frame_passes_as_the_decoders_own_planes() -> None:
    frame = flat(100, 110, 120)
    planes = conformed(frame, facts(), SIZE)
    assert planes[0] is frame.luma
    assert planes[2] is frame.chroma_red


@pytest.mark.parametrize(
    ("matrix", "full", "code", "expected"),
    [
        # Pure red, by hand: BT.601 limited is 81 90 240, BT.601 full 76 85 255, BT.709 full 54 99 255; BT.709 limited is 63 102 240.
        ("smpte170m", False, (81, 90, 240), (63, 102, 240)),
        ("smpte170m", True, (76, 85, 255), (63, 102, 240)),
        ("bt709", True, (54, 99, 255), (63, 102, 240)),
        ("bt470bg", False, (235, 128, 128), (235, 128, 128)),
        ("bt709", True, (255, 128, 128), (235, 128, 128)),
        ("bt709", True, (0, 128, 128), (16, 128, 128)),
    ],
)
def test_red_stays_the_same_red_from_any_matrix_and_range(
    matrix: str, full: bool, code: tuple[int, int, int], expected: tuple[int, int, int]
) -> None:
    tags = facts(color_matrix=matrix, color_range="full" if full else "limited")
    planes = conformed(flat(*code), tags, SIZE)
    assert [int(plane[5, 5]) for plane in planes] == pytest.approx(expected, abs=1)


def test_ten_bits_are_rounded_to_eight() -> None:
    luma = np.full((36, 64), 943, np.uint16)
    planes = conformed(view(luma, 512, 514, bit_depth=10), facts(bit_depth=10, pixel_format="yuv420p10le"), SIZE)
    assert [int(plane[0, 0]) for plane in planes] == [236, 128, 128]
    assert {plane.dtype for plane in planes} == {np.dtype(np.uint8)}


def test_an_upright_turn_moves_the_top_left_corner_to_the_top_right() -> None:
    luma = np.full((36, 64), 50, np.uint8)
    luma[:4, :4] = 200
    planes = conformed(view(luma), facts(rotation_degrees=90), Size(36, 64))
    assert planes[0].shape == (64, 36)
    assert planes[0][:4, -4:].min() == 200
    assert planes[1].shape == (32, 18)


@pytest.mark.parametrize("size", [Size(128, 72), Size(32, 18), Size(64, 64), Size(200, 36), Size(36, 64)])
def test_a_flat_colour_fits_any_size_with_its_shape_kept_and_black_around(size: Size) -> None:
    planes = conformed(flat(180, 90, 160), facts(), size)
    assert planes[0].shape == (size.height, size.width)
    seen = planes[0] == 180
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    assert len(columns) / len(rows) == pytest.approx(64 / 36, rel=0.06)
    assert len(rows) == size.height or len(columns) == size.width
    assert set(np.unique(planes[0])) <= {16, 180}
    assert set(np.unique(planes[1])) <= {128, 90}


def test_wide_pixels_are_made_square() -> None:
    planes = conformed(flat(180, 128, 128), facts(sample_aspect=Fraction(4, 3)), Size(128, 54))
    assert (planes[0] == 180).all()


def test_scaling_up_keeps_colour_under_its_edge() -> None:
    """A grey-red edge: chroma, scaled up, must cross its middle where luma does, within a quarter of a pixel of the result."""
    rgb = np.full((36, 64, 3), 90, np.uint8)
    rgb[:, 32:] = (220, 60, 60)
    luma, blue, red = rgb_to_ycbcr420(rgb)
    frame = FrameView(index=0, seconds=Fraction(0), bit_depth=8, luma=luma, chroma_blue=blue, chroma_red=red)
    large = conformed(frame, facts(), Size(256, 144))

    def crossing(row: NDArray[np.uint8]) -> float:
        values = row.astype(float)
        middle = (values[0] + values[-1]) / 2
        index = int(np.flatnonzero(np.diff(np.sign(values - middle)))[0])
        return index + float((middle - values[index]) / (values[index + 1] - values[index]))

    # Chroma sample k lies on luma column 2 k.
    assert 2 * crossing(large[2][20]) == pytest.approx(crossing(large[0][40]), abs=0.75)


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 30))
def test_a_dissolve_goes_evenly_from_one_to_the_other(frames: int) -> None:
    def stills(level: int) -> list[tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]]]:
        return [(np.full((4, 4), level, np.uint8), np.full((2, 2), 128, np.uint8), np.full((2, 2), 128, np.uint8))] * frames

    levels = [int(planes[0][0, 0]) for planes in dissolve(iter(stills(20)), iter(stills(200)), frames)]
    assert levels == pytest.approx([20 + 180 * (step + 1) / (frames + 1) for step in range(frames)], abs=0.51)
