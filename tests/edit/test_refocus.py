"""Detail is made stronger or weaker by as much as is left of the easing, and nothing but the luma is touched."""

import cv2
import numpy as np
import pytest

from kling_post.edit.corrections import PictureCorrection, Refocusing
from kling_post.edit.refocus import refocused
from kling_post.media.encode import Planes


def picture(dtype: type = np.uint8) -> Planes:
    noise = cv2.GaussianBlur(np.random.default_rng(2).normal(0, 1, (90, 160)), (0, 0), 1.2)
    scale = 1 if dtype is np.uint8 else 4
    luma = np.clip(120 + 30 * noise / noise.std(), 16, 235) * scale
    grey: np.ndarray = np.full((45, 80), 128 * scale, dtype)
    return luma.astype(dtype), grey, grey


def fine(luma: np.ndarray) -> float:
    exact = luma.astype(np.float64)
    return float((exact - cv2.GaussianBlur(exact, (0, 0), 1.5)).std())


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16], ids=["8 bits", "10 bits"])
def test_detail_shrinks_by_the_share_that_is_left(dtype: type) -> None:
    planes = picture(dtype)
    softer = fine(refocused(planes, Refocusing(softened=0.5, eased_frames=24), 0)[0]) / fine(planes[0])
    assert softer == pytest.approx(0.6, abs=0.1)
    half_way = fine(refocused(planes, Refocusing(softened=1.0, eased_frames=24), 12)[0]) / fine(planes[0])
    assert half_way == pytest.approx(softer, abs=0.01)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16], ids=["8 bits", "10 bits"])
@pytest.mark.parametrize("sigma", [0.9, 1.3])
def test_a_blur_that_is_taken_back_leaves_little_of_itself(dtype: type, sigma: float) -> None:
    sharp = picture(dtype)
    blurred: np.ndarray = np.rint(cv2.GaussianBlur(sharp[0].astype(np.float32), (0, 0), sigma)).astype(dtype)
    back = refocused((blurred, *sharp[1:]), Refocusing(blur_pixels=sigma, eased_frames=24), 0)[0]

    def away(luma: np.ndarray) -> float:
        return float(np.sqrt(np.mean((luma.astype(np.float64) - sharp[0]) ** 2)))

    assert away(back) < away(blurred) / 2.5


def test_what_is_sharpened_neither_rings_nor_gains_noise() -> None:
    random = np.random.default_rng(5)
    edge = np.full((90, 160), 60.0, np.float32)
    edge[:, 80:] = 180
    # The picture has blacker and whiter places, so that nothing is held at the edge's own levels.
    edge[80:, :8], edge[80:, 8:16] = 20, 230
    blurred = np.rint(cv2.GaussianBlur(edge, (0, 0), 1.3) + random.normal(0, 0.6, edge.shape)).astype(np.uint8)
    grey: np.ndarray = np.full((45, 80), 128, np.uint8)
    back = refocused((blurred, grey, grey), Refocusing(blur_pixels=1.3, eased_frames=24), 0)[0][:60].astype(np.float64)
    assert back[:, :60].std() < 1.25 * blurred[:60, :60].astype(np.float64).std()
    columns, before = back.mean(axis=0), blurred[:60].mean(axis=0)
    # Unsharp masking by 150 % overshoots such an edge by 11 codes.
    assert columns.min() > 60 - 8
    assert columns.max() < 180 + 8
    assert columns[80] - columns[79] > 1.5 * (before[80] - before[79])


def test_where_nothing_is_left_and_in_the_chroma_the_picture_is_the_very_same() -> None:
    planes, sharper = picture(), Refocusing(blur_pixels=0.8, eased_frames=24)
    assert refocused(planes, sharper, 24) is planes
    assert refocused(planes, sharper, 0)[1:] == planes[1:]
    assert PictureCorrection(refocusing=sharper).touched_frames(100) == 24


def test_sharpening_makes_no_blacker_black_and_no_whiter_white() -> None:
    planes = picture()
    luma = refocused(planes, Refocusing(blur_pixels=1.2, eased_frames=24), 0)[0]
    assert (luma.min(), luma.max()) == (planes[0].min(), planes[0].max())


def test_a_wide_picture_is_sharpened_as_its_halving_is() -> None:
    noise = cv2.GaussianBlur(np.random.default_rng(4).normal(0, 1, (64, 3840)), (0, 0), 3)
    wide = np.clip(120 + 30 * noise / noise.std(), 16, 235).astype(np.uint8)
    grey: np.ndarray = np.full((32, 1920), 128, np.uint8)
    sharper = Refocusing(blur_pixels=0.9, eased_frames=24)

    def halved(luma: np.ndarray) -> np.ndarray:
        return np.asarray(cv2.resize(luma, (1920, 32), interpolation=cv2.INTER_AREA))

    small = refocused((halved(wide), grey, grey), sharper, 0)[0]
    large = halved(refocused((wide, grey, grey), sharper, 0)[0])
    changed = float(np.abs(small.astype(int) - halved(wide)).mean())
    assert float(np.abs(small.astype(int) - large).mean()) < changed / 5
