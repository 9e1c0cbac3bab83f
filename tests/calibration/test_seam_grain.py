from collections.abc import Sequence

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from kling_post.calibration.seam_grain import grainy_as_coded

RgbFrame = NDArray[np.uint8]


def slopes(count: int) -> list[RgbFrame]:
    slope = np.linspace(70, 150, 320)[None, :, None] + np.zeros((180, 1, 3))
    return [np.rint(slope).astype(np.uint8) for _ in range(count)]


def luma(frames: Sequence[RgbFrame]) -> list[RgbFrame]:
    return [np.rint(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) * (219 / 255) + 16).astype(np.uint8) for frame in frames]


def smoothing(frames: Sequence[RgbFrame]) -> list[RgbFrame]:
    return [np.asarray(cv2.GaussianBlur(plane, (0, 0), 0.5), np.uint8) for plane in luma(frames)]


def test_a_codec_that_keeps_everything_gets_the_grain_that_is_asked_for() -> None:
    noisy, left = grainy_as_coded(slopes(3), 2.0, np.random.default_rng(1), luma)
    assert left == pytest.approx(2.0, rel=0.1)
    assert np.std(noisy[0].astype(float) - slopes(1)[0]) == pytest.approx(2.0 * 255 / 219, rel=0.15)


def test_a_codec_that_smooths_is_given_more_until_its_file_holds_the_dose() -> None:
    noisy, left = grainy_as_coded(slopes(3), 2.0, np.random.default_rng(1), smoothing)
    assert left == pytest.approx(2.0, rel=0.1)
    assert np.std(noisy[0].astype(float) - slopes(1)[0]) > 3.0
