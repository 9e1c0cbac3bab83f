"""Measure by how much the incoming picture is out of place, and by which eased move it meets the outgoing one."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kling_post.edit.corrections import Reframing
from kling_post.repair.window import Window
from kling_post.seams.motion import Step, step_between, steps_of

Floats = NDArray[np.float64]

_FARTHEST = 12 / 1920
"""A longer jump, as a fraction of the width, is not hidden by an eased move: the picture's border would be seen."""
_MOST_ZOOM = 0.01
_FEWEST_FRAMES, _MOST_FRAMES = 12, 48
_PIXELS_A_FRAME = 0.12 / 1920
"""The move goes back by no more than this a frame on average, below the slowest drift that anybody sees."""
_NEAR_STEPS = 5
_ROUNDS = 3


def eased(outgoing: Window, incoming: Window, *, clip_frames: int, with_zoom: bool) -> Reframing | None:
    """The reframing that lets the incoming picture begin where the outgoing one left off; None where that is too far to hide.

    Measured, tried, and measured again on what is left, so that the flow's own scale does not matter.
    """
    move = np.zeros(3)
    for _ in range(_ROUNDS):
        trial = incoming.reframed(_reframing(move, _MOST_FRAMES)) if move.any() else incoming
        left = _out_of_place(outgoing, trial)
        move -= left * np.array([1, 1, 1.0 if with_zoom else 0.0])
        if np.hypot(move[0], move[1]) > _FARTHEST or abs(move[2]) > _MOST_ZOOM:
            return None
    frames = math.ceil(float(np.hypot(move[0], move[1])) / _PIXELS_A_FRAME)
    frames = min(max(frames, _FEWEST_FRAMES), _MOST_FRAMES, max(2, clip_frames // 2))
    return _reframing(move, frames)


def pixels_at_1920(reframing: Reframing) -> float:
    """Length of the move at the first frame, in pixels of a picture 1920 wide."""
    return math.hypot(reframing.right, reframing.down) * 1920


def _reframing(move: Floats, frames: int) -> Reframing:
    return Reframing(right=float(move[0]), down=float(move[1]), zoom=float(move[2]), eased_frames=frames)


def _out_of_place(outgoing: Window, incoming: Window) -> Floats:
    """Right, down (fractions of the width) and zoom of the incoming picture beyond what the movement on both sides accounts for."""
    before, after = outgoing.side().luma, incoming.side().luma
    own_before, own_after = steps_of(before[-_NEAR_STEPS - 1 :]), steps_of(after[: _NEAR_STEPS + 1])
    end, start = _median(own_before or own_after), _median(own_after or own_before)
    expected = (end + start) / 2
    found = []
    for one, other in ((0, 0), (1, 0), (0, 1), (1, 1)):
        if one < len(before) and other < len(after):
            step = step_between(before[-1 - one], after[other])
            found.append(_vector(step) - expected - one * end - other * start)
    return np.asarray(np.median(found, axis=0))


def _vector(step: Step) -> Floats:
    return np.array([step.right, step.down, step.zoom])


def _median(steps: Sequence[Step]) -> Floats:
    return np.median([_vector(step) for step in steps], axis=0) if steps else np.zeros(3)
