"""What footage does by itself around a split: a fault that is smaller than that is none that anybody could tell.

A camera in the hand jumps a little from every frame to the next, and a low sun behind steam changes every colour. Half a pixel more at a
join is lost in the one, a tint in the other: plain limits mean nothing there. So what is put in is a multiple of the join's own limit:
the plain one, or three times what the take does by itself around the split, whichever is larger. It is measured on the untouched
pictures, before they were encoded, and never by the measure that is on trial: by how much one step differs from the step before it, since
a jump at a join would be such a difference. Looks are the definitions of ``seam_alterations``. For movement corners are followed from each
frame to the one before it and the one after it, as by ``seams.corners``, which is also the check's second witness of a jump: what it says
here sets how large a fault is made, and has no part in whether there is one.

Typical sizes are medians: a few wild frames, and a few that cannot be followed, do not make a take restless.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.calibration.seam_alterations import LIMIT_OF, REFERENCE_WIDTH, as_floats, looks, steps_between
from kling_post.seams.corners import change_of_step

RgbFrame = NDArray[np.uint8]
Grey = NDArray[np.uint8]
Floats = NDArray[np.float64]

FACTOR = 3.0
"""Times what the footage does by itself: beyond that a step stands out, as the limits in use have it."""
_REACH = 16
"""Frames on either side of the split that are asked: those of the sides."""
_PACE_STEPS = 6
"""A change of pace lasts, so it is held against the mean of so many steps before and after a place."""
_WIDTH = 640
"""Columns that corners are followed at."""
_NEAR = 0.3
"""Pixels within which corners agree."""
_WILD = 6.0
"""Times the median length, five deviations of a Gaussian one: such a change is a frame that was not followed."""
_OF_A_LENGTH, _OF_A_SIZE = np.sqrt(2 * np.log(2)), 0.6745
"""Medians of the length of a Gaussian vector and of the size of a Gaussian figure, in standard deviations of one axis."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unrest:
    """What a take does from frame to frame."""

    movement: Floats
    """(frames - 2, 3): by how much each step differs from the one before it: pixels to the right and down at a width of 1920, and growth
    in percent; NaN where too little can be followed."""
    looks: Floats
    """(frames, 8): of each frame, as ``seam_alterations.looks``."""


def unrest_of(frames: Sequence[RgbFrame]) -> Unrest:
    """Measure the untouched frames of a take."""
    greys = [_grey(np.asarray(frame)) for frame in frames]
    return Unrest(
        movement=np.array([_change(greys[place - 1 : place + 2]) for place in range(1, len(greys) - 1)]).reshape(-1, 3),
        looks=np.array([looks(as_floats(np.asarray(frame))) for frame in frames]),
    )


def own_limits(unrest: Unrest, split: int) -> Mapping[str, float]:
    """The limit of each property at a join before frame ``split`` of a take: raised where the take is restless itself."""
    own = _of_looks(unrest.looks[max(split - _REACH, 0) : split + _REACH])
    own |= _of_movement(unrest.movement[max(split - 1 - _REACH, 0) : split - 1 + _REACH])
    return dict(LIMIT_OF) | {name: max(LIMIT_OF[name], FACTOR * size) for name, size in own.items()}


def _of_looks(around: Floats) -> dict[str, float]:
    """Standard deviations by which the steps of looks differ from those before them, in the units of the scorecard."""
    usual, change = around.mean(axis=0), np.median(np.abs(np.diff(around, 2, axis=0)), axis=0) / _OF_A_SIZE
    # Those that a step is a share of.
    usual[2:5] = np.maximum(usual[2:5], 1e-3)
    return {name: abs(size) for name, size in steps_between(usual, usual + change).items()}


def _of_movement(around: Floats) -> dict[str, float]:
    """The same of framing and zoom, and of a pace that lasts; nothing where too little can be followed."""
    around = around[np.isfinite(around).all(axis=1)]
    lengths = np.hypot(*around[:, :2].T)
    around = around[lengths <= _WILD * np.median(lengths)] if len(around) else around
    if len(around) < 2 * _PACE_STEPS:
        return {}
    speeds = np.cumsum(np.vstack([np.zeros(3), around]), axis=0)[:, :2]
    means = np.stack([speeds[place : len(speeds) - _PACE_STEPS + place + 1] for place in range(_PACE_STEPS)]).mean(axis=0)
    return {
        "framing": _typical_length(around[:, :2]),
        "zoom": float(np.median(np.abs(around[:, 2]))) / _OF_A_SIZE,
        "velocity": _typical_length(means[_PACE_STEPS:] - means[:-_PACE_STEPS]),
    }


def _typical_length(vectors: Floats) -> float:
    """Standard deviation along one axis of vectors (count, 2) about nothing."""
    return float(np.median(np.hypot(*vectors.T)) / _OF_A_LENGTH)


def _change(greys: Sequence[Grey]) -> Floats:
    """(3,): what the second step of three pictures has more than the first, in the units of the scorecard."""
    return change_of_step(*greys, agree_pixels=_NEAR) * (REFERENCE_WIDTH, REFERENCE_WIDTH, 100)


def _grey(frame: RgbFrame) -> Grey:
    """Of the width that corners are followed at, or of its own."""
    grey = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
    rows, columns = grey.shape
    if columns > _WIDTH:
        grey = cv2.resize(grey, (_WIDTH, round(rows * _WIDTH / columns)), interpolation=cv2.INTER_AREA)
    return np.asarray(grey, np.uint8)
