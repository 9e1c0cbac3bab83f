from fractions import Fraction

import cv2
import numpy as np
import pytest

from kling_post.media.frames import FrameView
from kling_post.seams.side import detail_ratio, side_of


@pytest.fixture(scope="module")
def texture() -> np.ndarray:
    """A tall picture of 1/f noise, 720 x 320, as 8-bit codes."""
    noise = np.random.default_rng(6).normal(size=(720, 320))
    spectrum = np.fft.rfft2(noise) / np.maximum(np.hypot(np.fft.fftfreq(720)[:, None], np.fft.rfftfreq(320)), 1 / 320)
    picture = np.fft.irfft2(spectrum, noise.shape)
    return np.asarray(np.clip(120 + 30 * picture / picture.std(), 16, 235), np.uint8)


def test_detail_is_the_same_in_codes_of_any_depth_and_as_fractions(texture: np.ndarray) -> None:
    codes = detail_ratio(texture, span=219)
    assert detail_ratio(texture.astype(np.uint16) * 4, span=876) == pytest.approx(codes, rel=1e-5)
    assert detail_ratio((texture.astype(np.float32) - 16) / 219) == pytest.approx(codes, rel=1e-4)


def test_strips_of_a_tall_picture_say_what_its_halves_say(texture: np.ndarray) -> None:
    # 360 rows are looked at whole, 720 rows in strips.
    halves = np.mean([detail_ratio(half, span=219) for half in (texture[:360], texture[360:])])
    assert detail_ratio(texture, span=219) == pytest.approx(halves, rel=0.03)


@pytest.mark.parametrize("rows", [360, 720])
def test_blur_takes_detail_away_and_contrast_does_not(texture: np.ndarray, rows: int) -> None:
    picture = texture[:rows].astype(np.float32)
    whole = detail_ratio(picture, span=219)
    assert detail_ratio(0.5 * picture, span=219) == pytest.approx(whole, rel=1e-4)
    assert detail_ratio(cv2.GaussianBlur(picture, (0, 0), 1.0), span=219) < 0.75 * whole


def test_an_even_picture_has_no_detail() -> None:
    assert detail_ratio(np.full((90, 160), 100, np.uint8), span=219) < 0.1


@pytest.mark.parametrize(
    ("rows", "columns", "small"), [(180, 320, (180, 320)), (720, 1280, (180, 320)), (540, 960, (180, 320)), (640, 270, (640, 270))]
)
def test_frames_of_any_size_are_compared_no_wider_than_320(rows: int, columns: int, small: tuple[int, int]) -> None:
    ramp = np.tile(np.linspace(40, 200, columns), (rows, 1)).astype(np.uint8)
    chroma = np.full((rows // 2, columns // 2), 150, np.uint8)
    view = FrameView(index=0, seconds=Fraction(0), bit_depth=8, luma=ramp, chroma_blue=chroma, chroma_red=chroma)
    side = side_of([view])
    assert side.luma.shape == side.chroma_blue.shape == (1, *small)
    assert side.luma.mean() == pytest.approx((120 - 16) / 219, abs=0.005)
    assert side.chroma_red == pytest.approx((150 - 128) / 224, abs=1e-6)
