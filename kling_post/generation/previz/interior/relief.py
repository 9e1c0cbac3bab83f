"""How near each part of a picture is: exact where it was drawn here, else from the cues that a still itself holds.

Three cues, tried in this order. *Hall*: straight edges that meet in one point mean a space with walls, and depth grows towards that
point (the box of Horry et al., "Tour into the Picture", SIGGRAPH 1997). *Landscape*: one strong level edge means a horizon, and the
ground below it comes nearer as it drops. *None*: the move is a flat one, and says so.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.generation.previz.contract import RgbFrame
from kling_post.generation.previz.interior.noise import Field, blurred, smooth

COLUMNS = 320
"""Width of every relief, in cells."""
_WORK_WIDTH = 640
_HALL_SHARE = 0.16
"""Of the slanting edges' length, how much must meet in the vanishing point; chance gives about 0.05."""
_HALL_SIDE = 0.4
"""Length of such edges, in picture widths, that there must be on the left and on the right of it: cracks in open ground lie on one."""
_HORIZON_STEP = 0.045


@dataclass(frozen=True, slots=True, kw_only=True)
class Relief:
    """Nearness of a picture on a coarse grid."""

    nearness: Field
    """(rows, COLUMNS) in 1 / metres, metres being a guess unless the picture was drawn here."""
    vanishing: tuple[float, float]
    """Fractions of width and height."""
    focal: float
    """Focal length as a fraction of the width."""
    kind: str
    """``drawn``, ``hall``, ``landscape`` or ``flat``."""


def relief_of(nearness: Field, vanishing: tuple[float, float], focal: float) -> Relief:
    """A relief from exact nearness at any size; edges are softened so that a move stretches what is behind, not what is before."""
    rows = max(2, round(COLUMNS * nearness.shape[0] / nearness.shape[1]))
    small = np.asarray(cv2.resize(nearness, (COLUMNS, rows), interpolation=cv2.INTER_AREA), np.float32)
    small = np.asarray(cv2.dilate(small, np.ones((7, 7), np.uint8)), np.float32)
    return Relief(nearness=np.asarray(cv2.GaussianBlur(small, (0, 0), 1.6), np.float32), vanishing=vanishing, focal=focal, kind="drawn")


def guessed_relief(image: RgbFrame) -> Relief:
    """The relief that a still suggests."""
    height = max(2, round(_WORK_WIDTH * image.shape[0] / image.shape[1]))
    small = cv2.resize(image, (_WORK_WIDTH, height), interpolation=cv2.INTER_AREA)
    grey = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.uint8)
    rows = max(2, round(COLUMNS * height / _WORK_WIDTH))
    point, share, lines = vanishing_point(grey)
    if share >= _HALL_SHARE and _both_sides(point, lines) >= _HALL_SIDE:
        return _hall(point, lines, (height, _WORK_WIDTH), rows)
    horizon, step = _horizon(grey)
    if step >= _HORIZON_STEP:
        return _landscape(grey, horizon, rows)
    return Relief(nearness=np.full((rows, COLUMNS), 0.05, np.float32), vanishing=(0.5, 0.5), focal=0.9, kind="flat")


def vanishing_point(grey: NDArray[np.uint8]) -> tuple[tuple[float, float], float, NDArray[np.float64]]:
    """The point (x, y in pixels) where most slanting edges meet, the share of their length that does, and those edges.

    Edges are segments (n, 4) from a line segment detector; upright and level ones say nothing of depth and are left out. Every
    pair among the longest ones votes; the point must lie in the middle of the picture.
    """
    height, width = grey.shape
    found: NDArray[np.float32] | None = cv2.createLineSegmentDetector(cv2.LSD_REFINE_STD).detect(grey)[0]  # type: ignore[assignment]
    none = np.zeros((0, 4))
    if found is None:
        return (width / 2, height / 2), 0.0, none
    lines = np.asarray(found, np.float64).reshape(-1, 4)
    direction = lines[:, 2:] - lines[:, :2]
    length = np.hypot(*direction.T)
    slant = np.abs(direction) / np.maximum(length, 1e-9)[:, None]
    keep = (length > width / 40) & (slant.min(axis=1) > 0.12)
    lines, length = lines[keep], length[keep]
    if len(lines) < 12:
        return (width / 2, height / 2), 0.0, none
    order = np.argsort(-length, kind="stable")[:90]
    equations = np.cross(np.column_stack([lines[:, :2], np.ones(len(lines))]), np.column_stack([lines[:, 2:], np.ones(len(lines))]))
    first, second = np.triu_indices(len(order), 1)
    meets = np.cross(equations[order][first], equations[order][second])
    meets = meets[np.abs(meets[:, 2]) > 1e-6]
    points = meets[:, :2] / meets[:, 2:]
    middle = (np.abs(points / (width, height) - 0.5) < (0.24, 0.3)).all(axis=1)
    points = points[middle]
    if not len(points):
        return (width / 2, height / 2), 0.0, none
    agreeing = _agreeing(points, lines)
    scores = agreeing @ length
    best = int(np.argmax(scores))
    return (float(points[best, 0]), float(points[best, 1])), float(scores[best] / length.sum()), lines[agreeing[best]]


def _agreeing(points: NDArray[np.float64], lines: NDArray[np.float64], degrees: float = 1.2) -> NDArray[np.bool_]:
    """Which lines (n, 4) point at which points (m, 2): (m, n)."""
    middle = (lines[:, :2] + lines[:, 2:]) / 2
    along = lines[:, 2:] - lines[:, :2]
    along /= np.linalg.norm(along, axis=1)[:, None]
    to_point = points[:, None] - middle[None]
    distance = np.linalg.norm(to_point, axis=2)
    across = np.abs(to_point[..., 0] * along[None, :, 1] - to_point[..., 1] * along[None, :, 0])
    return np.asarray((across < np.sin(np.radians(degrees)) * distance) & (distance > 12))


def _both_sides(point: tuple[float, float], lines: NDArray[np.float64]) -> float:
    """Length of the lines on the side of the point that has less of them, in widths."""
    length = np.hypot(lines[:, 2] - lines[:, 0], lines[:, 3] - lines[:, 1]) / _WORK_WIDTH
    left = (lines[:, 0] + lines[:, 2]) / 2 < point[0]
    return float(min(length[left].sum(), length[~left].sum()))


def _hall(point: tuple[float, float], lines: NDArray[np.float64], size: tuple[int, int], rows: int) -> Relief:
    """The box around the vanishing point: walls 6 m to the sides, the floor as far below as the lowest edges say."""
    height, width = size
    x = ((np.arange(COLUMNS, dtype=np.float32) + 0.5) / COLUMNS * width - point[0])[None, :]
    y = ((np.arange(rows, dtype=np.float32) + 0.5) / rows * height - point[1])[:, None]
    focal = 0.75 * width
    middle = (lines[:, :2] + lines[:, 2:]) / 2 - point
    below = middle[middle[:, 1] > 0.05 * height]
    angles = np.arctan2(below[:, 1], np.abs(below[:, 0])) if len(below) else np.array([0.5])
    floor_metres = float(np.clip(6.0 * np.tan(np.median(angles)), 1.6, 5.0))
    walls, floor, roof = np.abs(x) / 6.0, y / floor_metres, -y / 11.0
    stack = np.maximum(np.maximum(walls, floor), roof) / focal  # the box itself
    nearness = np.clip(stack, 1 / 120, 1 / 2.2).astype(np.float32)
    return Relief(nearness=blurred(nearness, 3.0), vanishing=(point[0] / width, point[1] / height), focal=0.75, kind="hall")


def _horizon(grey: NDArray[np.uint8]) -> tuple[float, float]:
    """Row of the strongest level edge (fraction of the height), and its step in brightness, 0 to 1."""
    soft = cv2.GaussianBlur(grey, (0, 0), 3).astype(np.float32) / 255
    steps = np.abs(np.diff(np.median(soft, axis=1)))
    window = np.convolve(steps, np.ones(7), mode="same")
    low, high = int(grey.shape[0] * 0.2), int(grey.shape[0] * 0.8)
    best = low + int(np.argmax(window[low:high]))
    return best / grey.shape[0], float(window[best])


def _landscape(grey: NDArray[np.uint8], horizon: float, rows: int) -> Relief:
    """Ground 1.6 m below the lens; above the horizon what is darker than the sky stands a little before it."""
    focal = 0.75
    aspect = grey.shape[0] / grey.shape[1]
    y = ((np.arange(rows, dtype=np.float32) + 0.5) / rows - horizon)[:, None] * aspect
    ground = np.broadcast_to(np.clip(y / (focal * 1.6), 0.004, 1 / 1.8), (rows, COLUMNS))
    small = np.asarray(cv2.resize(grey, (COLUMNS, rows), interpolation=cv2.INTER_AREA), np.float32) / 255
    sky = float(np.median(small[: max(1, int(rows * horizon * 0.6))]))
    stands = smooth(blurred(sky * 0.8 - small, 2.5), 0.0, 0.1) * np.float32(0.02) * (y < 0)
    return Relief(nearness=blurred(np.asarray(ground + stands, np.float32), 2.0), vanishing=(0.5, horizon), focal=focal, kind="landscape")
