"""A second witness of a jump and of a change of pace: corners followed from frame to frame, on the steps nearest to the join.

Lines through a path say where it leads, and are wrong where a camera in the hand turns just there, or where the tiles of a face and a
hand go apart. Corners are few and sharp, what most of them agree on is the background's or the camera's (RANSAC, M. Fischler and
R. Bolles, "Random Sample Consensus", 1981), and a jump makes the step over the join differ from both steps beside it, one way and back
again. That asks no more than two frames of either side. It strays more than lines do where a picture moves evenly or has no corners, so
that it is heard only where it strays as little.

Corners are those of J. Shi and C. Tomasi ("Good Features to Track", CVPR 1994), followed by pyramidal Lucas-Kanade as OpenCV has it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.seams.motion import Floats, as_codes

Picture = NDArray[np.uint8]

_GRID = (4, 8)
"""Rows and columns of cells that corners are taken from alike, so that one thing of rich texture does not outvote the rest."""
_CORNERS_EACH = 8
_QUALITY, _APART_PIXELS = 0.02, 5
_LEAST_CORNERS = 12
_AGREE_PIXELS = 0.15
"""Of pictures 320 wide: within that distance corners agree."""
_WINDOW_PIXELS, _LEVELS = 15, 4
_PACE_STEPS, _LEAST_PACE_STEPS = 6, 4
"""On either side, whose means are two paces."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """What steps near the join say: to the right and down as fractions of the width, and growth."""

    leap: Floats
    """(3,): how far the picture jumps, by the three nearest steps."""
    within: Floats
    """(places, 3): the same where there is no jump."""
    pace: Floats
    """(3,): how much farther it goes in a frame after the join than before; NaN where too little is known of it."""
    pace_within: Floats
    """(places, 3): the same between steps on one side of the join; none where the sides are too short."""


def nearest_jump(luma: Sequence[NDArray[np.float32]], join: int) -> Witness | None:
    """Ask the corners whether the picture jumps.

    Args:
        luma: Pictures (rows, columns), 0 to 1, of both sides in order; the movement goes on over the join as within the sides.
        join: The first incoming one.

    Returns:
        None where too few corners can be followed at the join, or within the sides.
    """
    codes = [as_codes(picture) for picture in luma]
    changes = np.array(
        [change_of_step(*codes[place - 1 : place + 2], agree_pixels=_AGREE_PIXELS) for place in range(1, len(codes) - 1)]
    ).reshape(-1, 3)
    # A jump between two frames changes the step at the first of them one way and at the second one back.
    jumps = np.array([(one - other) / 2 for one, other in pairwise(changes)]).reshape(-1, 3)
    at_join = join - 2
    beside = [place for place in range(len(jumps)) if abs(place - at_join) > 1]
    within = jumps[beside][np.isfinite(jumps[beside]).all(axis=1)]
    if not 0 <= at_join < len(jumps) or not np.isfinite(jumps[at_join]).all() or len(within) < len(beside) / 2:
        return None
    paces = [(step, _change_of_pace(changes, step)) for step in range(len(codes) - 1)]
    return Witness(
        leap=jumps[at_join],
        within=within,
        pace=paces[join - 1][1],
        pace_within=np.array([pace for step, pace in paces if abs(step - (join - 1)) > _PACE_STEPS and np.isfinite(pace).all()]).reshape(
            -1, 3
        ),
    )


def _change_of_pace(changes: Floats, step: int) -> Floats:
    """(3,): the mean of the steps after one of them less that of those before it, from what each differs by from the next."""
    first, last = max(step - _PACE_STEPS, 0), min(step + _PACE_STEPS, len(changes))
    speeds = np.cumsum(np.vstack([np.zeros(3), changes[first:last]]), axis=0)
    before, after = speeds[: step - first], speeds[step - first + 1 :]
    if min(len(before), len(after)) < _LEAST_PACE_STEPS:
        return np.full(3, np.nan)
    return np.asarray(after.mean(axis=0) - before.mean(axis=0))


def change_of_step(before: Picture, frame: Picture, after: Picture, *, agree_pixels: float) -> Floats:
    """By how much a picture's step from ``frame`` on differs from the one up to it.

    What a corner's two steps differ by is the same at every depth, so that an even camera shows none whatever it passes; what most corners
    agree on is the picture's, and not that of things which move before it.

    Args:
        before: The picture before it, (rows, columns).
        frame: That in which corners are looked for.
        after: The one after it.
        agree_pixels: Within that distance corners agree.

    Returns:
        (3,), to the right and down as fractions of the width, and growth; NaN where too little can be followed.
    """
    corners, unknown = _corners(frame), np.full(3, np.nan)
    if len(corners) < _LEAST_CORNERS:
        return unknown
    back, was_there = _followed(frame, before, corners)
    on, is_there = _followed(frame, after, corners)
    kept = was_there & is_there
    if kept.sum() < _LEAST_CORNERS:
        return unknown
    places, change = corners[kept], (back + on - 2 * corners)[kept]
    matrix, agreed = cv2.estimateAffinePartial2D(places, places + change, method=cv2.RANSAC, ransacReprojThreshold=agree_pixels)
    if not agreed.any():
        return unknown
    rows, columns = frame.shape
    middle = np.array([(columns - 1) / 2, (rows - 1) / 2, 1])
    right, down = (matrix @ middle - middle[:2]) / columns
    return np.array([right, down, np.hypot(matrix[0, 0], matrix[1, 0]) - 1])


def _followed(one: Picture, other: Picture, corners: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Where the corners of one picture are in the other, and which of them were found."""
    window = (_WINDOW_PIXELS, _WINDOW_PIXELS)
    places, found, _ = cv2.calcOpticalFlowPyrLK(one, other, corners, None, winSize=window, maxLevel=_LEVELS)  # type: ignore[call-overload]
    return places, found.ravel() == 1


def _corners(frame: Picture) -> NDArray[np.float32]:
    """(corners, 1, 2): x and y."""
    high, wide = frame.shape[0] // _GRID[0], frame.shape[1] // _GRID[1]
    found = []
    for top in range(0, high * _GRID[0], max(high, 1)):
        for left in range(0, wide * _GRID[1], max(wide, 1)):
            cell = cv2.goodFeaturesToTrack(frame[top : top + high, left : left + wide], _CORNERS_EACH, _QUALITY, _APART_PIXELS)
            if cell is not None:
                found.append(np.asarray(cell, np.float32) + np.array([left, top], np.float32))
    return np.concatenate(found) if found else np.zeros((0, 1, 2), np.float32)
