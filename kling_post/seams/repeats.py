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
_NEAR_STEPS = 3
"""Steps on each side of the join that must move."""


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
    before, after = _usual(measured.before), _usual(measured.after)
    lesser = min(before, after)
    return Repeats(
        usual_movement=(lesser if goes_on else max(before, after)) or None,
        repeated_frames=_repeated(outgoing, incoming, measured) if goes_on else 0,
        # Where the shot goes on, a side that stands still beside one that moves is a hold; two still sides are a pause in the shot.
        held_head_frames=_held(measured.after, after) if not goes_on or before else 0,
        held_tail_frames=_held(measured.before[::-1], before) if not goes_on or after else 0,
    )


def _usual(steps: tuple[Step, ...]) -> float:
    """The upper quartile of the movement, so that a stretch of held frames does not pass for the usual; 0 where too little moves."""
    usual = float(np.percentile([step.movement for step in steps], 75)) if steps else 0.0
    return usual if usual >= _LEAST_MOVEMENT else 0.0


def _held(steps: tuple[Step, ...], usual: float) -> int:
    """How many steps from the join on do not move. All of them held is a still shot, not a hold."""
    moving = [place for place, step in enumerate(steps) if step.movement >= _STILL_AGAINST_OWN * usual]
    return moving[0] if usual and moving else 0


def _repeated(outgoing: Side, incoming: Side, measured: SeamMeasurements) -> int:
    """How many frames at the outgoing end the incoming side begins with.

    The footage must move right before the join and right after the repeat: a shot that comes to rest repeats nothing.
    """
    for count in range(1, min(outgoing.frames, incoming.frames)):
        near = _moving_on(measured.before[-_NEAR_STEPS:], measured.after[count - 1 : count - 1 + _NEAR_STEPS])
        if near < _LEAST_MOVEMENT:
            continue
        first = measured.join if count == 1 else step_between(outgoing.luma[-count], incoming.luma[0])
        if not _is_twin(first, near):
            continue
        pairs = ((outgoing.luma[place - count], incoming.luma[place]) for place in range(1, count))
        if all(_is_twin(step_between(before, after), near) for before, after in pairs):
            return count
    return 0


def _moving_on(before: tuple[Step, ...], after: tuple[Step, ...]) -> float:
    """How much the slower side moves at the least, right at the join; 0 where a side has no steps."""
    return min((step.movement for step in (*before, *after)), default=0.0) if before and after else 0.0


def _is_twin(step: Step, usual: float) -> bool:
    return step.movement < _STILL_AGAINST_OWN * usual and step.likeness > _TWIN_LIKENESS
