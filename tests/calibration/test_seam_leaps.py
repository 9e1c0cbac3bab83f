import math

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from kling_post.calibration.seam_leaps import as_coded

RgbFrame = NDArray[np.uint8]


def shots(right: float = 0.0, larger: float = 1.0) -> list[RgbFrame]:
    """Three pictures of a texture, moved and enlarged by hand."""
    random = np.random.default_rng(4)
    texture = cv2.GaussianBlur(random.uniform(0, 255, (108, 192)).astype(np.float32), (0, 0), 2)
    texture = np.clip((texture - texture.mean()) * 4 + 120, 0, 255)
    matrix = cv2.getRotationMatrix2D((95.5, 53.5), 0, larger) + np.array([[0, 0, right], [0, 0, 0]])
    moved = cv2.warpAffine(texture, matrix, (192, 108), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)
    return [np.repeat(np.rint(np.clip(moved, 0, 255)).astype(np.uint8)[..., None], 3, axis=2) for _ in range(3)]


@pytest.mark.parametrize(
    ("right", "larger", "unknown"),
    [(0.0, 1.0, set()), (0.01, 1.0001, set()), (0.05, 1.0, {"framing"}), (0.0, 1.001, {"zoom"})],
)
def test_framing_is_unknown_where_the_encoder_itself_moves_the_picture(right: float, larger: float, unknown: set[str]) -> None:
    # A twentieth of a pixel of 192 is half a pixel at 1920.
    pictures, coded = shots(), [frame[..., 0] for frame in (*shots(), *shots(right, larger))]
    steps = as_coded({"framing": 0.75, "zoom": 0.0, "luma": 1.0}, pictures, pictures, coded)
    assert {name for name, step in steps.items() if math.isnan(step)} == unknown
    assert steps["luma"] == 1.0


def test_what_was_put_in_is_no_leap_of_the_encoder() -> None:
    moved = shots(right=0.5)
    coded = [frame[..., 0] for frame in (*shots(), *moved)]
    assert as_coded({"framing": 5.0, "zoom": 0.0}, shots(), moved, coded) == {"framing": 5.0, "zoom": 0.0}


def test_pictures_without_detail_leave_the_framing_unknown() -> None:
    flat = [np.full((108, 192, 3), 90, np.uint8) for _ in range(3)]
    steps = as_coded({"framing": 0.0, "zoom": 0.0}, flat, flat, [frame[..., 0] for frame in (*flat, *flat)])
    assert math.isnan(steps["framing"])
