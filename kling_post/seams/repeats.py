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
# of 0.00005 to 0.00011, a pan of 0.1 pixel of 640 a frame one of 0.0002 and more; on generated clips a twin shows 0.00007 to 0.0004.
_LEAST_MOVEMENT = 0.00025
"""Slower footage than this, 0.16 pixel at a width of 640, cannot be told from a held frame."""
_STILL = 0.4
"""A repeated or held frame moves by less than this share of what moves next to it."""
_ALMOST_STILL = 0.6
"""Up to this share a frame may be a repeated one: for a person to look at."""
_STEPS_LIKE_HOLDS = 0.2
"""Footage of which more than this share of the frames are holds, as on twos, repeats frames by its nature."""
_TWIN_LIKENESS = 0.9
_NEAR_STEPS = 3
"""Steps on each side of the join that say what moves there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeats:
    """How many frames come twice."""

    repeated_frames: int = 0
    """This many frames at the incoming clip's head repeat the outgoing clip's last ones; 1 is the usual chained twin."""
    certain: bool = True
    """Whether the repeated frames stand clear of what the footage does by itself."""
    held_head_frames: int = 0
    """The incoming clip stands still for this many frames before it moves."""
    held_tail_frames: int = 0
    """The outgoing clip stands still for this many frames before it ends."""
    open_question: str = ""
    """Why repeated frames cannot be told here; empty where they can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Habit:
    """How some footage moves from frame to frame, fractions of the width."""

    usual: float
    """Upper quartile, so that a stretch of held frames does not pass for the usual; 0 where too little moves."""
    least: float
    """10th percentile."""
    by_holds: bool
    """Whether it repeats frames by its nature."""


def find_repeats(measured: SeamMeasurements, outgoing: Side, incoming: Side, *, goes_on: bool) -> Repeats:
    """Count repeated and held frames; repeats across the join only where the shot ``goes_on``."""
    before, after = _habit(measured.before), _habit(measured.after)
    both = _habit((*measured.before, *measured.after))
    held_head, held_tail = _held(measured.after, after.usual), _held(measured.before[::-1], before.usual)
    if not goes_on:
        return Repeats(held_head_frames=held_head, held_tail_frames=held_tail)
    # Where the shot goes on, a side that stands still beside one that moves is a hold; two still sides are a pause in the shot.
    held_head, held_tail = (held_head if before.usual else 0), (held_tail if after.usual else 0)
    question = _open_question(before, after, both)
    count, certain = (0, True) if question else _repeated(outgoing, incoming, measured, both)
    return Repeats(repeated_frames=count, certain=certain, held_head_frames=held_head, held_tail_frames=held_tail, open_question=question)


def _habit(steps: tuple[Step, ...]) -> _Habit:
    if not steps:
        return _Habit(usual=0.0, least=0.0, by_holds=False)
    movements = np.array([step.movement for step in steps])
    usual = float(np.percentile(movements, 75))
    holds = movements < _STILL * usual
    # Scattered holds are a habit; one stretch of them is a hold.
    scattered = int(np.count_nonzero(np.diff(holds.astype(int)) == 1)) + int(holds[0])
    return _Habit(
        usual=usual if usual >= _LEAST_MOVEMENT else 0.0,
        least=float(np.percentile(movements, 10)),
        by_holds=float(holds.mean()) > _STEPS_LIKE_HOLDS and scattered >= 3,
    )


def _open_question(before: _Habit, after: _Habit, both: _Habit) -> str:
    if not (before.usual and after.usual):
        return "Too little moves beside the join to tell a repeated frame."
    if both.by_holds:
        return "The footage holds frames by itself, as on twos: a repeated one cannot be told."
    return ""


def _held(steps: tuple[Step, ...], usual: float) -> int:
    """How many steps from the join on do not move. All of them held is a still shot, and holds further on are a habit."""
    moving = [place for place, step in enumerate(steps) if step.movement >= _STILL * usual]
    if not usual or not moving or _habit(steps[moving[0] :]).by_holds:
        return 0
    return moving[0]


def _repeated(outgoing: Side, incoming: Side, measured: SeamMeasurements, both: _Habit) -> tuple[int, bool]:
    """How many frames at the outgoing end the incoming side begins with, and whether that is certain: the best of all lengths."""
    best: tuple[float, int, bool] = (_ALMOST_STILL, 0, True)
    for count in range(1, min(outgoing.frames, incoming.frames)):
        near = [step.movement for step in (*measured.before[-_NEAR_STEPS:], *measured.after[count - 1 : count - 1 + _NEAR_STEPS])]
        usual = float(np.median(near))
        first = measured.join if count == 1 else step_between(outgoing.luma[-count], incoming.luma[0])
        if usual < _LEAST_MOVEMENT or first.likeness < _TWIN_LIKENESS or first.movement >= _ALMOST_STILL * usual:
            continue
        pairs = [(outgoing.luma[place - count], incoming.luma[place]) for place in range(1, count)]
        moved = float(np.mean([first.movement, *(step_between(*pair).movement for pair in pairs)]))
        # A shot that slows down by itself moves as little somewhere else too.
        if moved / usual < best[0] and moved < both.least:
            best = (moved / usual, count, moved < _STILL * usual and moved < 0.8 * both.least)
    return best[1], best[2]
