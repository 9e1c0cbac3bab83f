"""Frames by number, as planes and as RGB."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from kling_post.errors import MediaError
from kling_post.media.decode import decode, decode_rgb, read_image_rgb
from kling_post.media.rgb import ycbcr_to_rgb

Pictures = Callable[..., list[NDArray[np.uint8]]]
WriteClip = Callable[..., Path]


def number_of(luma: NDArray[np.generic], scale: int = 1) -> int:
    """Which of the numbered pictures this is, from its bottom right."""
    code = float(np.median(np.asarray(luma, np.float64)[-20:, -40:])) / scale
    return round(((code - 16) / 219 * 255 - 40) / 4)


def test_all_frames_come_in_display_order_with_their_times(plain_clip: Path) -> None:
    views = [(view.index, view.seconds, number_of(view.luma)) for view in decode(plain_clip)]
    assert views == [(index, Fraction(index, 24), index) for index in range(40)]


@settings(max_examples=25, deadline=None)
@given(start=st.integers(0, 40), length=st.integers(0, 40))
def test_any_range_holds_exactly_its_frames(plain_clip: Path, start: int, length: int) -> None:
    stop = min(40, start + length)
    if start > stop:
        return
    views = [(view.index, number_of(view.luma)) for view in decode(plain_clip, start=start, stop=stop)]
    assert views == [(index, index) for index in range(start, stop)]


def test_a_range_is_bit_for_bit_what_the_whole_file_gives(plain_clip: Path) -> None:
    whole = [view.luma.copy() for view in decode(plain_clip)]
    for start in (7, 22, 33):
        for place, view in enumerate(decode(plain_clip, start=start), start=start):
            assert np.array_equal(view.luma, whole[place])


@pytest.mark.parametrize("suffix", ["mkv", "mov", "avi"])
def test_ranges_are_exact_in_other_containers(tmp_path: Path, clip_writer: WriteClip, number_pictures: Pictures, suffix: str) -> None:
    path = clip_writer(tmp_path / f"clip.{suffix}", number_pictures(30), options={"g": "6", "bf": "0", "crf": "4"})
    assert [number_of(view.luma) for view in decode(path, start=17, stop=20)] == [17, 18, 19]


@pytest.mark.parametrize(("start", "stop"), [(0, 41), (41, 41), (-1, 3)])
def test_a_range_outside_the_file_is_refused(plain_clip: Path, start: int, stop: int) -> None:
    with pytest.raises(MediaError, match="has 40 frames"):
        list(decode(plain_clip, start=start, stop=stop))


def test_planes_are_views_of_the_decoders_memory(plain_clip: Path) -> None:
    view = next(decode(plain_clip))
    assert not view.luma.flags.owndata
    assert view.luma.dtype == np.uint8
    assert view.luma.shape == (64, 96)
    assert view.chroma_blue is not None
    assert view.chroma_blue.shape == (32, 48)


@pytest.mark.parametrize(
    ("pixel_format", "depth"),
    [
        ("yuv420p10le", 10),
        ("yuv422p10le", 10),
        ("yuv444p", 8),
        ("yuv422p", 8),
        ("bgr0", 8),
        ("gray", 8),
        ("yuva420p", 8),
        ("yuv444p12le", 12),
    ],
)
def test_every_layout_comes_as_planar_at_its_own_depth(
    tmp_path: Path, clip_writer: WriteClip, number_pictures: Pictures, pixel_format: str, depth: int
) -> None:
    path = clip_writer(tmp_path / "clip.mkv", number_pictures(6), codec="ffv1", pixel_format=pixel_format)
    views = list(decode(path))
    full = pixel_format == "gray"
    assert {view.bit_depth for view in views} == {depth}
    if not full:
        assert [number_of(view.luma, 1 << (depth - 8)) for view in views] == list(range(6))
    for view in views:
        assert view.luma.dtype == (np.uint8 if depth == 8 else np.uint16)
        if pixel_format == "gray":
            assert view.chroma_blue is None
        else:
            assert view.chroma_blue is not None
            assert view.chroma_blue.shape == (32, 48)
            assert abs(float(np.median(view.chroma_blue)) / (1 << (depth - 8)) - 128) <= 1


def overwritten(path: Path, packet_number: int, *, keep: int, content: bytes | None) -> None:
    """Replace a picture packet's bytes behind the first ``keep`` by zeros or by ``content``, repeated."""
    with av.open(str(path)) as container:
        places = [(packet.pos or 0, packet.size) for packet in container.demux(video=0) if packet.size]
    start, size = places[packet_number]
    whole = bytearray(path.read_bytes())
    filling = bytes(size) if content is None else content * size
    whole[start + keep : start + size] = filling[: size - keep]
    path.write_bytes(whole)


def test_a_frame_that_cannot_be_decoded_is_named(tmp_path: Path, clip_writer: WriteClip, number_pictures: Pictures) -> None:
    path = clip_writer(tmp_path / "clip.mp4", number_pictures(40))
    overwritten(path, 25, keep=0, content=None)
    with pytest.raises(MediaError, match=r"from frame 2\d on it cannot be decoded"):
        list(decode(path))
    assert number_of(decode_like(path, 3)) == 3


def decode_like(path: Path, index: int) -> NDArray[np.generic]:
    return next(decode(path, start=index, stop=index + 1)).luma


def test_a_frame_that_the_decoder_made_up_is_marked(tmp_path: Path, clip_writer: WriteClip) -> None:
    random = np.random.default_rng(3)
    pictures = [random.integers(0, 255, (64, 96, 3), dtype=np.uint8) for _ in range(20)]
    path = clip_writer(tmp_path / "clip.mp4", pictures, options={"crf": "20", "g": "20", "bf": "0"})
    overwritten(path, 9, keep=60, content=b"\x5a\xa5\x13")
    marked = [view.index for view in decode(path) if view.damaged]
    assert 9 in marked
    assert not set(marked) & set(range(9))


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_rgb_is_turned_upright_and_planes_are_not(tmp_path: Path, clip_writer: WriteClip, number_pictures: Pictures, rotation: int) -> None:
    path = clip_writer(tmp_path / "turned.mp4", number_pictures(4), rotation=rotation)
    assert next(decode(path)).luma.shape == (64, 96)
    picture = decode_rgb(path, 0)
    assert picture.shape == ((64, 96, 3) if rotation == 180 else (96, 64, 3))
    corners = {90: (0, -1), 180: (-1, -1), 270: (-1, 0)}
    assert picture[corners[rotation]].min() > 200
    assert sum(int(picture[down, across].min() > 200) for down in (0, -1) for across in (0, -1)) == 1


def test_rgb_is_scaled_to_the_asked_width(plain_clip: Path) -> None:
    assert decode_rgb(plain_clip, 3, width=48).shape == (32, 48, 3)
    assert decode_rgb(plain_clip, 3, width=500).shape == (64, 96, 3)


def test_rgb_gives_back_the_colours_that_went_in(tmp_path: Path, clip_writer: WriteClip) -> None:
    colours = np.array([[200, 40, 30], [30, 180, 60], [40, 60, 200], [220, 210, 40]], np.uint8)
    picture = np.repeat(np.repeat(colours[None], 720, axis=0), 40, axis=1)
    path = clip_writer(tmp_path / "bars.mkv", [picture], codec="ffv1", pixel_format="yuv444p")
    back = decode_rgb(path, 0)
    for place, colour in enumerate(colours):
        assert np.abs(back[360, 40 * place + 20].astype(int) - colour).max() <= 2


@given(code=st.integers(16, 235))
def test_grey_codes_become_grey_by_the_standards_formula(code: int) -> None:
    flat = np.full((4, 4), code, np.uint8)
    neutral = np.full((2, 2), 128, np.uint8)
    rgb = ycbcr_to_rgb(flat, neutral, neutral, bit_depth=8, full_range=False, weights=(0.2126, 0.0722))
    assert np.abs(rgb.astype(int) - round((code - 16) / 219 * 255)).max() <= 1
    assert np.ptp(rgb[0, 0]) == 0


def test_bt709_red_of_the_standard_becomes_pure_red() -> None:
    luma, blue, red = (np.full(shape, code, np.uint8) for shape, code in (((4, 4), 63), ((2, 2), 102), ((2, 2), 240)))
    rgb = ycbcr_to_rgb(luma, blue, red, bit_depth=8, full_range=False, weights=(0.2126, 0.0722))
    assert np.abs(rgb[2, 2].astype(int) - [255, 0, 0]).max() <= 2


def test_still_images_are_read_upright_and_without_alpha(tmp_path: Path) -> None:
    Image.new("RGBA", (20, 10), (10, 200, 30, 128)).save(tmp_path / "still.png")
    picture = read_image_rgb(tmp_path / "still.png")
    assert picture.shape == (10, 20, 3)
    assert picture[5, 5].tolist() == [10, 200, 30]


def test_what_is_no_image_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "still.jpg").write_text("no image")
    with pytest.raises(MediaError, match="not an image"):
        read_image_rgb(tmp_path / "still.jpg")
    with pytest.raises(MediaError, match="no such image"):
        read_image_rgb(tmp_path / "nothing.jpg")
