import cv2
import numpy as np
import pytest

from kling_post.seams.side import detail_ratio


@pytest.fixture(scope="module")
def texture() -> np.ndarray:
    """A tall picture of 1/f noise, 720 x 320, as 8-bit codes."""
    noise = np.random.default_rng(6).normal(size=(720, 320))
    spectrum = np.fft.rfft2(noise) / np.maximum(np.hypot(np.fft.fftfreq(720)[:, None], np.fft.rfftfreq(320)), 1 / 320)
    picture = np.fft.irfft2(spectrum, noise.shape)
    return np.clip(120 + 30 * picture / picture.std(), 16, 235).astype(np.uint8)


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
