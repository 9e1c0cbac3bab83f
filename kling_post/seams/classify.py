"""What a join looks like: does the shot go on, does it change at once, or does one picture melt into the other?"""

from dataclasses import dataclass

import numpy as np

from kling_post.seams.dissolve import Dissolve, find_dissolve
from kling_post.seams.motion import Movement, Step
from kling_post.seams.side import Side
from kling_post.vocabulary import JoinKind

# Measured on 15 takes of texture and of drawn scenes at CRF 14 to 28, each cut to another take and to its own mirror picture: the fine
# detail of a shot that goes on is at least 0.78 times as alike as that of its own neighbouring frames, echoes of twelve frames and skips of
# eight included; cuts reach 0.36 times, also where the coarse picture can be bent until it looks the same.
_UNLIKE = 0.5
"""Detail less alike than this share of what is usual next to the join is another shot's."""
_ALIKE = 0.65
_COARSELY_ALIKE = 0.8
"""Likeness that a shot that goes on has in any case."""
_STRAY_FRAMES = 3
"""So few frames of a third picture beside a cut are a fault of the join; more are a shot of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the picture shows."""

    kind: JoinKind | None
    """None where it cannot be told."""
    late_frames: int = 0
    """The change of shot lies this many frames after the join; before it where negative. Only where ``kind`` is CUT."""
    dissolve: Dissolve | None = None
    """Where ``kind`` is DISSOLVE."""


def classify(movement: Movement, outgoing: Side, incoming: Side, *, repeats_frames: bool = False) -> Seen:
    """Tell the kind of a join from the picture; a shot that clearly ``repeats_frames`` goes on, however far it has gone in them."""
    steps = (*movement.before, movement.join, *movement.after)
    at_join = len(movement.before)
    usual = float(np.median([step.detail_likeness for step in steps]))
    changes = tuple(place for place, step in enumerate(steps) if step.detail_likeness < _UNLIKE * usual)
    dissolve = None if at_join in changes else find_dissolve(outgoing, incoming, movement)
    if dissolve is not None:
        return Seen(kind=JoinKind.DISSOLVE, dissolve=dissolve)
    goes_on = _goes_on(movement.join, usual)
    if (goes_on and not changes) or (not goes_on and repeats_frames):
        return Seen(kind=JoinKind.CONTINUE)
    if changes:
        return Seen(kind=JoinKind.CUT, late_frames=_late(changes, at_join))
    return Seen(kind=None)


def _goes_on(step: Step, usual: float) -> bool:
    return step.detail_likeness >= _ALIKE * usual and step.likeness >= _COARSELY_ALIKE


def _late(changes: tuple[int, ...], at_join: int) -> int:
    """How far from the join the shot changes; 0 where it does so at the join, unless a few frames of a third picture lie beside it."""
    others = [change - at_join for change in changes if change != at_join]
    nearest = min(others, key=abs, default=0)
    return nearest if at_join not in changes or abs(nearest) <= _STRAY_FRAMES else 0
