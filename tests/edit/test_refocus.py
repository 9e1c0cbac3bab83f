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
def test_detail_grows_and_shrinks_by_the_share_that_is_left(dtype: type) -> None:
    planes = picture(dtype)
    gains = [fine(refocused(planes, Refocusing(detail=detail, eased_frames=24), 0)[0]) / fine(planes[0]) for detail in (0.5, -0.5)]
    assert gains == pytest.approx([1.4, 0.6], abs=0.1)
    half_way = fine(refocused(planes, Refocusing(detail=1.0, eased_frames=24), 12)[0]) / fine(planes[0])
    assert half_way == pytest.approx(gains[0], abs=0.01)


def test_where_nothing_is_left_and_in_the_chroma_the_picture_is_the_very_same() -> None:
    planes, sharper = picture(), Refocusing(detail=0.5, eased_frames=24)
    assert refocused(planes, sharper, 24) is planes
    assert refocused(planes, sharper, 0)[1:] == planes[1:]
    assert PictureCorrection(refocusing=sharper).touched_frames(100) == 24


def test_sharpening_makes_no_blacker_black_and_no_whiter_white() -> None:
    planes = picture()
    luma = refocused(planes, Refocusing(detail=1.5, eased_frames=24), 0)[0]
    assert (luma.min(), luma.max()) == (planes[0].min(), planes[0].max())
