import math
from collections.abc import Sequence

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from kling_post.calibration.seam_grain import grain_as_coded, grainy_as_coded

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


def textures(count: int) -> list[RgbFrame]:
    random = np.random.default_rng(2)
    return [np.repeat(np.rint(random.normal(110, 5, (180, 320, 1))).astype(np.uint8), 3, axis=2) for _ in range(count)]


def kept(frames: Sequence[RgbFrame], share: float) -> list[RgbFrame]:
    """Luma whose texture keeps so much of its energy."""
    return [np.rint(plane.mean() + np.sqrt(share) * (plane - plane.mean())).astype(np.uint8) for plane in luma(frames)]


def test_texture_that_the_encoder_leaves_to_one_side_only_is_a_step_of_the_file() -> None:
    one, other = textures(4), textures(4)
    steps = grain_as_coded({"grain": 0.0, "luma": 1.0}, one, other, [*kept(one, 0.3), *kept(other, 0.6)])
    # Of 5 codes of 255, 4.3 of 219; 0.3 of their energy in quadrature.
    assert steps == {"grain": pytest.approx(4.3 * math.sqrt(0.3), rel=0.05), "luma": 1.0}
    assert grain_as_coded(steps, other, one, [*kept(other, 0.6), *kept(one, 0.3)])["grain"] == pytest.approx(-steps["grain"], rel=0.05)


def test_grain_that_was_put_in_is_a_step_whatever_the_picture() -> None:
    random = np.random.default_rng(5)
    clean = slopes(4)
    noisy = [np.rint(plane + random.normal(0, 2, plane.shape)).astype(np.uint8) for plane in luma(clean)]
    assert grain_as_coded({"grain": 2.0}, clean, clean, [*luma(clean), *noisy])["grain"] == pytest.approx(2.0, rel=0.05)


def test_the_step_is_unknown_where_frames_of_a_side_go_far_apart_and_stays_so_where_it_was() -> None:
    frames = textures(4)
    restless = [*kept(frames[:2], 0.2), *kept(frames[2:], 0.9)]
    assert math.isnan(grain_as_coded({"grain": 0.0}, frames, frames, [*restless, *restless])["grain"])
    assert math.isnan(grain_as_coded({"grain": math.nan}, frames, frames, [*luma(frames), *luma(frames)])["grain"])
