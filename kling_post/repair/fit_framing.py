"""Measure by how much the incoming picture is out of place, and by which eased move it meets the outgoing one."""

import math

import numpy as np
from numpy.typing import NDArray

from kling_post.edit.corrections import Reframing
from kling_post.repair.window import Window
from kling_post.seams.framing import measure_framing
from kling_post.seams.motion import movement_around
from kling_post.seams.repeats import Repeats
from kling_post.seams.side import Side

Floats = NDArray[np.float64]

_FARTHEST = 12 / 1920
"""A longer jump, as a fraction of the width, is not hidden by an eased move: the picture's border would be seen."""
_MOST_ZOOM = 0.01
_FEWEST_FRAMES, _MOST_FRAMES = 12, 48
_PIXELS_A_FRAME = 0.12 / 1920
"""The move goes back by no more than this a frame on average, below the slowest drift that anybody sees."""
_ROUNDS = 3


def eased(outgoing: Window, incoming: Window, *, clip_frames: int, with_zoom: bool) -> Reframing | None:
    """The reframing that lets the incoming picture begin where the outgoing one left off; None where that is too far to hide.

    Measured, tried, and measured again on what is left.
    """
    move, before = np.zeros(3), outgoing.side()
    for _ in range(_ROUNDS):
        trial = incoming.reframed(_reframing(move, _MOST_FRAMES)) if move.any() else incoming
        left = _out_of_place(before, trial.side())
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


def _out_of_place(before: Side, after: Side) -> Floats:
    """Right, down (fractions of the width) and zoom of the incoming picture, as the seams' room judges it; repeats are trimmed before."""
    return np.array(measure_framing(movement_around(before.luma, after.luma), before, after, Repeats()).leap)
