"""Whether the picture as a whole goes on where it was and as fast as it was: offset, zoom and speed at a join that continues.

What the movement of the shot accounts for is taken out tile by tile before the whole picture's offset and zoom are fitted, so that
parallax and things that move by themselves do not count as a jump. The noise is what the same method finds at the steps within the sides,
where there is no jump.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kling_post.seams.measure import Compared
from kling_post.seams.motion import Movement, Step, step_between
from kling_post.seams.repeats import Repeats
from kling_post.seams.side import Side
from kling_post.seams.time_step import usual_field
from kling_post.seams.whole_picture import TileWeights, Whole, tile_weights

REFERENCE_WIDTH = 1920
"""Lengths are told in pixels of a picture this wide."""
_NEAR_STEPS = 5
"""Steps on each side that say how the picture moves at the join."""
_LEAST_NEIGHBOURS = 2
"""Steps needed on either side of a step within a side to say how far it strays from them."""
_ZOOM_OF_SHIFT = 2.1
"""A tile that is off by one part of the width feigns a zoom of up to so many parts: its lever is a half of the width or less."""
_STRAY = 0.77
"""Of the root mean square of the strays; thrice that is passed by one stray in two hundred."""
_LAG = 0.3
"""Pixels of the coded picture by which H.264 at CRF 28 lags behind: about the quarter pixel of its vectors."""
_LEAP = 200 / 1920
"""Of the width, for a loss of all likeness of the detail."""
_DISPLACED = 26 / 1920
"""Lag of the detail, of the width, for a loss of all its likeness: measured on drawn scenes at CRF 28."""

Field = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Framing:
    """How the framing goes over a join."""

    offset_pixels: Compared
    """How far the picture jumps beyond what its movement on both sides accounts for."""
    zoom_percent: Compared
    velocity_pixels: Compared
    """Change of the picture's speed and direction, per frame."""
    offset_right: float = 0.0
    """The jump's two parts, fractions of the picture's width, the incoming picture lying further right or down where positive."""
    offset_down: float = 0.0


def measure_framing(movement: Movement, outgoing: Side, incoming: Side, repeats: Repeats) -> Framing:
    """Compare the step over the join with the steps on both sides; repeated and held frames are left out first."""
    repeated = min(repeats.repeated_frames, outgoing.frames - 1)
    # The twin of a repeated frame shows the jump alone; otherwise one frame of movement stands between the two pictures.
    join = movement.join if repeated <= 1 else step_between(outgoing.luma[-repeated], incoming.luma[0])
    passed = 0.0 if repeated else 1.0 + repeats.skipped_frames
    all_before = movement.before[: len(movement.before) - repeats.held_tail_frames]
    all_after = movement.after[max(repeats.held_head_frames, repeated - 1, 0) :]
    before, after = all_before[-_NEAR_STEPS:], all_after[:_NEAR_STEPS]
    near = (*before, *after)
    if not near:
        nothing = Compared(step=0.0, noise=0.0)
        return Framing(offset_pixels=nothing, zoom_percent=nothing, velocity_pixels=nothing)
    end, start = usual_field(before or near), usual_field(after or near)
    weights = tile_weights((outgoing.luma[-1], incoming.luma[0]), ((before, end), (after, start)))
    most = min(_LAG / (min(outgoing.columns, incoming.columns) or REFERENCE_WIDTH), _LEAP * _lost(join, near))
    jump = _without_catching_up(weights.whole(join.tiles - passed * (end + start) / 2), weights.whole((end + start) / 2), most)
    change = weights.whole(start - end).length
    unsteady = _unsteady(all_before, all_after, weights)
    # Half of an honest change of speed falls on the join itself.
    offset = jump.length - passed * max(change - unsteady, 0.0) / 2
    strays = [*_strays(all_before, weights), *_strays(all_after, weights)] or [Whole(right=0.0, down=0.0, zoom=0.0)]
    lag = _DISPLACED * _lost(join, near)
    shift_noise = max(_STRAY * _root_mean_square([stray.length for stray in strays]), lag)
    zoom_noise = max(_STRAY * _root_mean_square([stray.zoom for stray in strays]), _ZOOM_OF_SHIFT * lag)
    return Framing(
        offset_pixels=Compared(step=max(offset, 0.0) * REFERENCE_WIDTH, noise=shift_noise * REFERENCE_WIDTH),
        zoom_percent=Compared(step=jump.zoom * 100, noise=zoom_noise * 100),
        velocity_pixels=Compared(step=change * REFERENCE_WIDTH, noise=unsteady * REFERENCE_WIDTH),
        offset_right=jump.right,
        offset_down=jump.down,
    )


def _strays(steps: Sequence[Step], weights: TileWeights) -> list[Whole]:
    """What the same comparison says of the steps within a side, each beside its neighbours, where there is no jump."""
    found = []
    for place in range(_LEAST_NEIGHBOURS, len(steps) - _LEAST_NEIGHBOURS):
        end, start = usual_field(steps[max(place - _NEAR_STEPS, 0) : place]), usual_field(steps[place + 1 : place + 1 + _NEAR_STEPS])
        found.append(weights.whole(steps[place].tiles - (end + start) / 2))
    return found


def _root_mean_square(values: Sequence[float]) -> float:
    return float(np.sqrt(np.mean(np.square(values))))


def _lost(join: Step, near: Sequence[Step]) -> float:
    """How much less alike the detail is over the join than within the sides, 0 to 1: what the two sides' coding has done to it."""
    return max(float(np.median([step.detail_likeness for step in near])) - join.detail_likeness, 0.0)


def _without_catching_up(jump: Whole, movement: Whole, most: float) -> Whole:
    """The jump without what a codec may have made of it, ``most`` of the width.

    A codec that spares bits leaves movement below the quarter pixel of its vectors undone from frame to frame, and the next key frame puts
    the picture where it belongs: it then leaps forward along its own movement, and its detail is less alike there.
    """
    speed = movement.length
    if speed <= 0:
        return jump
    ahead_right, ahead_down = movement.right / speed, movement.down / speed
    caught_up = min(max(jump.right * ahead_right + jump.down * ahead_down, 0.0), most)
    return Whole(right=jump.right - caught_up * ahead_right, down=jump.down - caught_up * ahead_down, zoom=jump.zoom)


def _unsteady(before: Sequence[Step], after: Sequence[Step], weights: TileWeights) -> float:
    """How much the speed changes within the sides by itself over as many frames as lie between their middles."""
    changes = [0.0]
    for steps in (before[-2 * _NEAR_STEPS :], after[: 2 * _NEAR_STEPS]):
        if len(steps) >= 4:
            half = len(steps) // 2
            changes.append(weights.whole(usual_field(steps[half:]) - usual_field(steps[:half])).length)
    return max(changes)
