"""How near each part of a picture is: exact where it was drawn here, else from the cues that a still itself holds.

Three cues, tried in this order. *Hall*: straight edges that meet in one point mean a space with walls, and depth grows towards that
point (the box of Horry et al., "Tour into the Picture", SIGGRAPH 1997). *Landscape*: one level edge across most of the width under a
smooth sky means a horizon, and the ground below it comes nearer as it drops. *None*: the move is a flat one, and says so.
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
_HORIZON_BANDS = 32
_HORIZON_STEP = 0.03
"""Change of brightness, of 1, that a band of the picture shows at a horizon."""
_HORIZON_SHARE = 0.6
"""Of the bands across the picture, how many must show it in one row: figures and kitchens break such a line."""
_SKY_SMOOTH, _SKY_SHARE = 0.008, 0.72
"""A gradient (of 1 per pixel) below which sky is smooth, and how much of what is above a horizon must be."""


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
    horizon = _horizon(grey)
    if horizon is not None:
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


def _horizon(grey: NDArray[np.uint8]) -> float | None:
    """Row of the horizon, as a fraction of the height; None where there is none."""
    height = grey.shape[0]
    soft = np.asarray(cv2.GaussianBlur(grey, (0, 0), 1.5), np.float32) / np.float32(255)
    bands = np.asarray(cv2.resize(soft, (_HORIZON_BANDS, height), interpolation=cv2.INTER_AREA), np.float64)
    reach, slack = max(3, round(0.016 * height)), max(1, round(0.008 * height))
    sums = np.cumsum(np.vstack([np.zeros((1, _HORIZON_BANDS)), bands]), axis=0)
    means = (sums[reach:] - sums[:-reach]) / reach
    steps = np.zeros_like(bands)
    steps[reach : height - reach + 1] = means[reach:] - means[:-reach]
    best, votes = 0, 0.0
    for sign in (1, -1):  # the ground is darker than the sky, or lighter; the same all along
        risen = cv2.dilate(np.maximum(sign * steps, 0), np.ones((2 * slack + 1, 1), np.uint8))
        told = (risen > _HORIZON_STEP).mean(axis=1) + np.minimum(risen, 0.1).mean(axis=1)
        low, high = int(height * 0.2), int(height * 0.8)
        row = low + int(np.argmax(told[low:high]))
        if told[row] > votes:
            votes, share = float(told[row]), float((risen[row] > _HORIZON_STEP).mean())
            near = slice(max(0, row - 2 * reach), row + 2 * reach)  # many rows around it are told: the steepest is it
            best = near.start + int(np.argmax((sign * steps).mean(axis=1)[near]))
    if not votes or share < _HORIZON_SHARE:
        return None
    slope = np.hypot(cv2.Sobel(soft, cv2.CV_32F, 1, 0, scale=1 / 8), cv2.Sobel(soft, cv2.CV_32F, 0, 1, scale=1 / 8))
    smooth_above = float((slope[: max(1, best - round(0.03 * height))] < _SKY_SMOOTH).mean())
    return best / height if smooth_above >= _SKY_SHARE else None


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
