"""Exact optical flow between two frames of one shot: from depth, camera and what moves, not from pixels."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.generation.previz.geometry.view import STILL, UNKNOWN, Floats, View

NOT_KNOWN, BODY, EXACT = 0, 128, 255
"""What ``Flow.known`` holds: nothing is said; a body's own movement, its limbs swing besides; exact."""
_HIDDEN_SHARE = 0.02
"""What is nearer by more than this where a point arrives hides it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """Where each pixel of one frame is in another."""

    pixels: Floats
    """(rows, columns, 2): columns to the right, rows down. 0 where ``known`` is ``NOT_KNOWN``."""
    known: NDArray[np.uint8]
    """(rows, columns): ``NOT_KNOWN``, ``BODY`` or ``EXACT``. What leaves the picture or is hidden there is not known."""


def flow_between(before: View, after: View, seconds: float) -> Flow:
    """The flow from one frame to another.

    Args:
        before: The frame whose pixels are followed.
        after: The frame in which they are looked for, of the same size.
        seconds: From the first to the second, for what moves by itself.
    """
    across, down = before.camera.rays()
    column, row, arriving = _seen(before, after, across, down, seconds)
    here_x = np.arange(before.camera.size.width, dtype=np.float32)[None] + np.float32(0.5)
    here_y = np.arange(before.camera.size.height, dtype=np.float32)[:, None] + np.float32(0.5)
    moved = np.dstack([column - here_x, row - here_y]).astype(np.float32)
    known = np.full(before.depth.shape, EXACT, np.uint8)
    known[before.motion != STILL] = BODY
    known[(before.motion == UNKNOWN) | _lost(after, column, row, arriving)] = NOT_KNOWN
    moved[known == NOT_KNOWN] = 0
    return Flow(pixels=moved, known=known)


def _seen(before: View, after: View, across: Floats, down: Floats, seconds: float) -> tuple[Floats, Floats, Floats]:
    """Column, row and depth at which the second camera sees each pixel's point."""
    first, second = before.camera, after.camera
    velocity = np.zeros((256, 3), np.float32)
    velocity[1 : 1 + len(before.velocities)] = np.reshape(before.velocities, (-1, 3))
    with np.errstate(divide="ignore", invalid="ignore"):
        near = np.float32(1) / before.depth  # 0 is the sky: it follows the lens alone
        step = velocity[before.motion] * np.float32(seconds)
        shift = np.array([second.x - first.x, second.y - first.y, second.z - first.z], np.float32)
        closer = 1 + (step[..., 2] - shift[2]) * near
        column = second.column + second.focal_pixels * (across + (step[..., 0] - shift[0]) * near) / closer
        row = second.row + second.focal_pixels * (down - (step[..., 1] - shift[1]) * near) / closer
        arriving = before.depth + step[..., 2] - shift[2]
    return column.astype(np.float32), row.astype(np.float32), np.asarray(arriving, np.float32)


def _lost(after: View, column: Floats, row: Floats, arriving: Floats) -> NDArray[np.bool_]:
    """Where a point is outside the second picture, behind something in it, or seen through something that moves by itself."""
    rows, columns = after.depth.shape
    outside = (column < 0.5) | (column > columns - 0.5) | (row < 0.5) | (row > rows - 0.5) | (arriving <= 0) | ~np.isfinite(column)
    map_x, map_y = column - np.float32(0.5), row - np.float32(0.5)
    nearness = (np.float32(1) / after.depth).astype(np.float32)
    there = cv2.remap(nearness, map_x, map_y, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE)
    sky = ~np.isfinite(arriving)
    hidden = np.where(sky, there > 0, there * np.where(sky, np.float32(0), arriving) > 1 + _HIDDEN_SHARE)
    unclear = cv2.remap((after.motion == UNKNOWN).astype(np.uint8), map_x, map_y, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(outside | hidden | (unclear > 0), np.bool_)
