"""How much time of the shot passes over a join, in frames: 1 where it simply goes on, 0 where a frame comes twice, 3 where two are skipped.

The movement of every tile of the picture between a frame before and a frame after the join is laid beside the movement that the shot
makes there in one frame: the factor between the two fields (least squares) is time in frames. It uses the direction and the pattern of
the movement and not only its size, so that noise of the codec and of grain, which has no direction, averages out over the tiles. A
frame that comes twice shows a factor of 0 under any noise, where its size alone would not be 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kling_post.seams.motion import Movement, Step, step_between
from kling_post.seams.side import Side

Field = NDArray[np.float64]

_NEAR_STEPS = 4
_LIKE = 0.8
"""Pictures less alike than this, after their movement is taken out, are not compared in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeStep:
    """Time between the last frame before a join and the first one after it."""

    frames: float
    """In frames of the shot's own movement."""
    spread: float
    """How far the same method strays from 1 within the sides; infinity where nothing there moves alike from frame to frame."""
    likeness: float
    """Of the two frames that lie nearest in time."""
    left_over: float
    """Movement of that nearest pair that no passing of time explains, as a share of the usual movement."""


def speed_of(field: Field) -> float:
    """Root mean square movement of a field of tiles, without the tenth of them that moves most."""
    lengths = np.sort(np.sum(field**2, axis=-1).ravel())
    return float(np.sqrt(np.mean(lengths[: max(1, int(0.9 * len(lengths)))])))


def usual_speed(steps: Sequence[Step]) -> float:
    """How far the picture usually moves in a step, so that a stretch of held frames does not pass for the usual."""
    return float(np.percentile([speed_of(step.tiles) for step in steps], 85)) if steps else 0.0


def usual_field(steps: Sequence[Step]) -> Field:
    """The movement of each tile in one frame: the median of some steps."""
    return np.asarray(np.median(np.stack([step.tiles for step in steps]), axis=0))


def time_in(moved: Field, in_one_frame: Field) -> float:
    """The factor between two fields: the median over the tiles, then least squares without the tiles that fit it worst."""
    strength, along = np.sum(in_one_frame**2, axis=-1), np.sum(in_one_frame * moved, axis=-1)
    if not strength.any():
        return 0.0
    each = (along / np.maximum(strength, 1e-12)).ravel()
    order = np.argsort(each)
    # Tiles that hardly move say little: the median is weighted with the square of the movement.
    factor = float(each[order[np.searchsorted(np.cumsum(strength.ravel()[order]), strength.sum() / 2)]])
    for _ in range(2):
        error = np.sqrt(np.sum((moved - factor * in_one_frame) ** 2, axis=-1))
        scale = 4.685 * max(1.4826 * float(np.median(error)), 1e-6)
        weights = np.clip(1 - (error / scale) ** 2, 0, None) ** 2
        energy = float(np.sum(weights * strength))
        factor = float(np.sum(weights * along)) / energy if energy > 0 else factor
    return factor


def _stray(steps: Sequence[Step]) -> list[float]:
    """What the method says of every step within a side, each beside the usual movement of its neighbours; 1 would be right."""
    found = []
    for place, step in enumerate(steps):
        near = [*steps[max(0, place - 2) : place], *steps[place + 1 : place + 3]]
        if len(near) >= 2:
            found.append(time_in(step.tiles, usual_field(near)))
    return found


def measure_time(outgoing: Side, incoming: Side, movement: Movement, *, held_head: int = 0, repeated: int = 0) -> TimeStep:
    """Measure the time over a join from the pairs of frames around it.

    Args:
        outgoing: Frames before the join.
        incoming: Frames after the join.
        movement: Around the join.
        held_head: Frames for which the incoming side stands still, whose steps say nothing about the movement.
        repeated: Frames known to come twice: time is measured from the twin and its neighbours, which say the same, one frame more or less.
    """
    before, moving_after = movement.before, movement.after[held_head:]
    within = [*_stray(before), *_stray(moving_after)]
    off = np.abs(np.array(within) - 1) if within else np.array([np.inf])
    backs = range(max(1, repeated - 1), min(max(repeated, 1) + 1, outgoing.frames) + 1)
    pairs = [_pair(outgoing, incoming, movement, moving_after, back) for back in backs]
    nearest = pairs[1 if repeated > 1 else 0]
    alike = [pair for pair in pairs if pair.likeness >= _LIKE] or [nearest]
    return TimeStep(
        frames=float(np.median([pair.frames for pair in alike])),
        spread=1.4826 * float(np.median(off)),
        likeness=nearest.likeness,
        left_over=nearest.left_over,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    frames: float
    """Time from the last outgoing to the first incoming frame, as this pair has it."""
    likeness: float
    left_over: float


def _pair(outgoing: Side, incoming: Side, movement: Movement, after: Sequence[Step], back: int) -> _Pair:
    """The ``back``-th frame from the end of the outgoing side beside the first incoming one."""
    before = movement.before
    step = movement.join if back == 1 else step_between(outgoing.luma[-back], incoming.luma[0])
    place = len(before) - back + 1
    near = [*before[max(0, place - _NEAR_STEPS // 2) : place + _NEAR_STEPS // 2]]
    if back <= 2:
        near = [*before[-_NEAR_STEPS // 2 :], *after[: _NEAR_STEPS // 2]]
    field = usual_field(near or [*before, *after])
    factor = time_in(step.tiles, field)
    return _Pair(
        frames=factor - back + 1,
        likeness=step.likeness,
        left_over=speed_of(step.tiles - factor * field) / max(speed_of(field), 1e-9),
    )
