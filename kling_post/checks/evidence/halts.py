"""Whether all that moves stands still from one step to the next, however little of the picture it is.

A person who pauses before a camera at rest slows down first, and others go on meanwhile; a repeated frame stops everything at once. That is
told from the movement of the whole picture, in which what rests counts for nothing, where it is well over coding and grain and runs evenly.
"""

import numpy as np
from numpy.typing import NDArray

from kling_post.checks.evidence.held import HeldLimits, Steps, light_changes, shot_of
from kling_post.vocabulary import FrameRange

Values = NDArray[np.float64]
Indices = NDArray[np.int64]

_STEPS, _LEAST_STEPS = 8, 5
"""Steps on a side that are asked, and as many as must be there."""
_LEAST_PIXELS = 0.1
"""Their median length; slower movement is the encoder's to arrange."""
_EVEN_SHARE = 0.35
"""Of that, the shortest of them: drawn figures are held every few steps, and what moves by fits and starts may rest as well."""
_CHANGE_SHARE = 0.15
"""Of what the most changed tile changes by beside, that may be left in the run, so that nothing small goes on in it. Where grain runs over
all tiles alike, more is left."""
_STILL_SHARE = 0.05
"""Of the movement beside it, the middle step of a run that stops at once."""
_NEAREST_SHARE, _NEAREST_FLOW = 0.6, 0.35
"""Of the steps on a side, the nearest, by length and by flow: least squares under-read fast movement and so do not see that it eases."""


def even_beside(steps: Steps, run: FrameRange, limits: HeldLimits) -> tuple[float, float]:
    """How far the picture moves right before and right after a run that holds all of it, in its shot; 0 where not evenly."""
    before, after = _sides(steps, run)
    return _even(steps, before, run, limits), _even(steps, after, run, limits)


def in_part(steps: Steps, run: FrameRange, limits: HeldLimits) -> bool:
    """Whether the middle tile rests beside a run as well."""
    return float(np.median(steps.spread[np.concatenate(_sides(steps, run))])) < limits.spread_pixels


def stops_at_once(steps: Steps, flow: Values, run: FrameRange, limits: HeldLimits) -> tuple[float, float]:
    """``even_beside`` of a longer run, 0 unless a part of the picture stops from one step to the next, and goes on so or never does.

    A shot that waits for its action does not count.

    Args:
        steps: The clip's.
        flow: The length of each step by flow, in whatever unit, (frames,).
        run: The held steps.
        limits: As for ``steps``.
    """
    before, after = even_beside(steps, run, limits)
    ends = run.stop >= shot_of(run.start, steps.shots).stop
    if not (before and (after or ends) and in_part(steps, run, limits)):
        return 0.0, 0.0
    still = float(np.median(steps.lengths[run.start : run.stop])) <= _STILL_SHARE * max(before, after)
    at_once = all(
        lengths[side[0]] >= share * float(np.median(lengths[side]))
        for side in _sides(steps, run)[: 1 if ends else 2]
        for lengths, share in ((steps.lengths, _NEAREST_SHARE), (flow, _NEAREST_FLOW))
    )
    return (before, after) if still and at_once else (0.0, 0.0)


def _sides(steps: Steps, run: FrameRange) -> tuple[Indices, Indices]:
    """The steps before and after a run in its shot, nearest first."""
    shot = shot_of(run.start, steps.shots)
    return np.arange(run.start - 1, max(shot.start, run.start - 1 - _STEPS), -1), np.arange(run.stop, min(shot.stop, run.stop + _STEPS))


def _even(steps: Steps, side: Indices, run: FrameRange, limits: HeldLimits) -> float:
    if side.size < _LEAST_STEPS:
        return 0.0
    lengths = steps.lengths[side]
    usual = float(np.median(lengths))
    if usual < _LEAST_PIXELS or float(lengths.min()) < _EVEN_SHARE * usual or light_changes(steps, side, run):
        return 0.0
    most, middle = (float(np.median(each[run.start : run.stop])) for each in (steps.most_change, steps.change))
    grain = most + 0.25 < limits.tile_ratio * (middle + 0.25)
    return usual if grain or most <= _CHANGE_SHARE * float(np.median(steps.most_change[side])) else 0.0
