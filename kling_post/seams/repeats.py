"""Frames that come twice at a join: repeated, echoed and held ones, found by displacement and not by difference.

A chained clip begins with the last frame of the one before it, encoded anew. Fresh quantisation makes that frame differ more from its
twin than a slow shot's frames differ from each other; what tells the twin is that nothing in it has moved.
"""

from dataclasses import dataclass

import numpy as np

from kling_post.seams.measure import SeamMeasurements
from kling_post.seams.motion import Step, step_between
from kling_post.seams.side import Side

# Fractions of the picture's width. Measured with x264 at CRF 14 to 23 on textured pans with grain: a re-encoded twin shows a movement
# of 0.00005 to 0.00011, a pan of 0.1 pixel of 640 a frame one of 0.0002 and more.
_LEAST_MOVEMENT = 0.00025
"""Slower footage than this, 0.16 pixel at a width of 640, cannot be told from a held frame."""
_STILL_AGAINST_OWN = 0.35
"""A repeated frame moves by less than this share of what the footage moves from frame to frame."""
_TWIN_LIKENESS = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeats:
    """How many frames come twice."""

    usual_movement: float | None
    """Movement from frame to frame next to the join, a fraction of the width; None where too little moves to tell a repeat."""
    repeated_frames: int = 0
    """This many frames at the incoming clip's head repeat the outgoing clip's last ones; 1 is the usual chained twin."""
    held_head_frames: int = 0
    """The incoming clip stands still for this many frames before it moves."""
    held_tail_frames: int = 0
    """The outgoing clip stands still for this many frames before it ends."""


def find_repeats(measured: SeamMeasurements, outgoing: Side, incoming: Side, *, goes_on: bool) -> Repeats:
    """Count repeated and held frames; repeats across the join only where the shot ``goes_on``."""
    both = _usual((*measured.before, *measured.after))
    usual_before = both if goes_on else _usual(measured.before)
    usual_after = both if goes_on else _usual(measured.after)
    repeated = _repeated(outgoing, incoming, measured, both) if goes_on and both else 0
    return Repeats(
        usual_movement=both if goes_on else max((usual for usual in (usual_before, usual_after) if usual), default=None),
        repeated_frames=repeated,
        held_head_frames=_held(measured.after, usual_after),
        held_tail_frames=_held(measured.before[::-1], usual_before),
    )


def _usual(steps: tuple[Step, ...]) -> float | None:
    """The upper quartile of the movement, so that a stretch of held frames does not pass for the usual; None where too little moves."""
    if not steps:
        return None
    usual = float(np.percentile([step.movement for step in steps], 75))
    return usual if usual >= _LEAST_MOVEMENT else None


def _held(steps: tuple[Step, ...], usual: float | None) -> int:
    """How many steps from the join on do not move. All of them held is a still shot, not a hold."""
    if usual is None:
        return 0
    moving = [place for place, step in enumerate(steps) if step.movement >= _STILL_AGAINST_OWN * usual]
    return moving[0] if moving else 0


def _is_twin(step: Step, usual: float) -> bool:
    return step.movement < _STILL_AGAINST_OWN * usual and step.likeness > _TWIN_LIKENESS


def _repeated(outgoing: Side, incoming: Side, measured: SeamMeasurements, usual: float) -> int:
    """The length of the longest stretch at the outgoing end that the incoming side begins with."""
    for count in range(1, min(outgoing.frames, incoming.frames) + 1):
        first = measured.join if count == 1 else step_between(outgoing.luma[-count], incoming.luma[0])
        if not _is_twin(first, usual):
            continue
        pairs = ((outgoing.luma[place - count], incoming.luma[place]) for place in range(1, count))
        if all(_is_twin(step_between(before, after), usual) for before, after in pairs):
            return count
    return 0
