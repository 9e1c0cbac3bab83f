"""8-bit layers with premultiplied cover, and how they are laid over a frame."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.generation.previz.contract import RgbFrame
from kling_post.generation.previz.picture.noise import FloatArray
from kling_post.generation.previz.picture.tone import Bytes, to_bytes

Affine = NDArray[np.float64]
"""(2, 3): layer columns and rows to frame columns and rows, both counted from pixel edges."""


def affine(
    *, scale_x: float = 1.0, scale_y: float | None = None, at: tuple[float, float] = (0, 0), anchor: tuple[float, float] = (0, 0)
) -> Affine:
    """Scale about ``anchor`` (in the layer), which lands on ``at`` (in the frame)."""
    down = scale_x if scale_y is None else scale_y
    return np.array([[scale_x, 0, at[0] - scale_x * anchor[0]], [0, down, at[1] - down * anchor[1]]], np.float64)


def turned(matrix: Affine, degrees: float, pivot: tuple[float, float]) -> Affine:
    """``matrix`` after a clockwise turn of the layer about its own ``pivot``."""
    angle = np.deg2rad(degrees)
    cosine, sine = np.cos(angle), np.sin(angle)
    turn = np.array([[cosine, -sine, 0], [sine, cosine, 0], [0, 0, 1]])
    turn[:2, 2] = np.array(pivot) - turn[:2, :2] @ np.array(pivot)
    return np.asarray(np.vstack([matrix, [0, 0, 1]]) @ turn)[:2]


def placed(parent: Affine, child: Affine) -> Affine:
    """The map of a child that is placed in its parent's own pixels."""
    return np.asarray((np.vstack([parent, [0, 0, 1]]) @ np.vstack([child, [0, 0, 1]]))[:2])


@dataclass(frozen=True, slots=True)
class Layer:
    """A premultiplied picture: (rows, columns, 4) uint8, red green blue cover."""

    rgba: Bytes

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.rgba.shape[0], self.rgba.shape[1]


def layer(colour: FloatArray, cover: FloatArray) -> Layer:
    """A layer from display values (0 to 255, not premultiplied) and cover (0 to 1)."""
    alpha = np.clip(cover, 0, 1)[..., None]
    return Layer(to_bytes(np.dstack([colour * alpha, alpha * np.float32(255)]).astype(np.float32)))


def _box(shape: tuple[int, int], matrix: Affine, frame: RgbFrame) -> tuple[int, int, int, int] | None:
    rows, columns = shape
    corners = matrix @ np.array([[0, columns, 0, columns], [0, 0, rows, rows], [1, 1, 1, 1]], np.float64)
    left, top = np.floor(corners.min(axis=1)).astype(int) - 1
    right, bottom = np.ceil(corners.max(axis=1)).astype(int) + 1
    left, top = max(left, 0), max(top, 0)
    right, bottom = min(right, frame.shape[1]), min(bottom, frame.shape[0])
    return (left, top, right, bottom) if left < right and top < bottom else None


def warped(pixels: Bytes, matrix: Affine, box: tuple[int, int, int, int]) -> Bytes:
    """``pixels`` under ``matrix``, cut to ``box`` (left, top, right, bottom of the frame)."""
    left, top, right, bottom = box
    # Maps are between pixel edges; OpenCV's are between pixel centres.
    linear = matrix[:, :2]
    offset = matrix[:, 2] + linear @ np.array([0.5, 0.5]) - 0.5 - np.array([left, top])
    return np.asarray(
        cv2.warpAffine(pixels, np.column_stack([linear, offset]), (right - left, bottom - top), flags=cv2.INTER_LINEAR), np.uint8
    )


def over(region: RgbFrame, rgba: Bytes) -> None:
    """Lay a premultiplied picture over a region of the frame, in place."""
    alpha = rgba[..., 3]
    clear = cv2.bitwise_not(cv2.merge([alpha, alpha, alpha]))
    cv2.multiply(region, clear, dst=region, scale=1 / 255)
    cv2.add(region, cv2.cvtColor(rgba, cv2.COLOR_RGBA2RGB), dst=region)


def lay(frame: RgbFrame, what: Layer, matrix: Affine, *, opacity: float = 1.0) -> None:
    """Warp a layer into the frame and lay it over what is there."""
    box = _box(what.shape, matrix, frame)
    if box is None or opacity <= 0:
        return
    rgba = warped(what.rgba, matrix, box)
    if opacity < 1:
        rgba = np.asarray(cv2.convertScaleAbs(rgba, alpha=opacity), np.uint8)
    over(frame[box[1] : box[3], box[0] : box[2]], rgba)


def shine(frame: RgbFrame, light: Bytes, matrix: Affine, *, amount: float = 1.0) -> None:
    """Add a picture of light, (rows, columns, 3) uint8, to the frame."""
    box = _box((light.shape[0], light.shape[1]), matrix, frame)
    if box is None or amount <= 0:
        return
    added = warped(light, matrix, box)
    if amount != 1:
        added = np.asarray(cv2.convertScaleAbs(added, alpha=amount), np.uint8)
    region = frame[box[1] : box[3], box[0] : box[2]]
    cv2.add(region, added, dst=region)
