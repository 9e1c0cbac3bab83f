"""How alike a delivered frame and the still that it was ordered from are."""

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.signals.kernels.perceptual import delta_e_itp, ictcp

VERSION = 1
"""Raise when the numbers of an old pair would change."""
_WIDTH = 96
"""Columns at which the two are compared: composition and colour, not detail, which every coder and resizer changes."""

Rgb = NDArray[np.uint8]


def likeness(delivered: Rgb, given: Rgb) -> NDArray[np.float64]:
    """Correlation of brightness (-1 to 1), median Delta E ITP of the pixels and Delta E ITP of the mean colours; shape (3,).

    Both are RGB (rows, columns, 3), 0 to 255. The still is cropped around its middle to the frame's shape, as image-to-video
    models do.
    """
    rows = max(1, round(_WIDTH * delivered.shape[0] / delivered.shape[1]))
    size = (_WIDTH, rows)
    pictures = [
        cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.float64) / 255
        for picture in (delivered, _cropped(given, delivered.shape[1] / delivered.shape[0]))
    ]
    one, other = (ictcp(picture) for picture in pictures)
    means = delta_e_itp(one.mean(axis=(0, 1)), other.mean(axis=(0, 1)))
    return np.array([_correlation(one[..., 0], other[..., 0]), np.median(delta_e_itp(one, other)), float(means)])


def _cropped(picture: Rgb, aspect: float) -> Rgb:
    rows, columns = picture.shape[:2]
    kept_columns, kept_rows = min(columns, round(rows * aspect)), min(rows, round(columns / aspect))
    left, top = (columns - kept_columns) // 2, (rows - kept_rows) // 2
    return picture[top : top + max(1, kept_rows), left : left + max(1, kept_columns)]


def _correlation(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    a, b = one - one.mean(), other - other.mean()
    floor = 1e-5
    return float(((a * b).mean() + floor) / np.sqrt(((a * a).mean() + floor) * ((b * b).mean() + floor)))
