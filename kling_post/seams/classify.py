"""What a join looks like: does the shot go on, does it change at once, or does one picture melt into the other?"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.seams.motion import Movement, Step
from kling_post.seams.side import Side
from kling_post.vocabulary import JoinKind

Floats = NDArray[np.float64]

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

_ONE_SCENE = 0.7
"""Thumbnails that correlate more than this show one scene, which may change but does not dissolve."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the picture shows."""

    kind: JoinKind | None
    """None where it cannot be told."""
    late_frames: int = 0
    """The change of shot lies this many frames after the join; before it where negative. Only where ``kind`` is CUT."""


def classify(movement: Movement, outgoing: Side, incoming: Side, *, repeats_frames: bool = False) -> Seen:
    """Tell the kind of a join from the picture; a shot that clearly ``repeats_frames`` goes on, however far it has gone in them."""
    steps = (*movement.before, movement.join, *movement.after)
    at_join = len(movement.before)
    usual = float(np.median([step.detail_likeness for step in steps]))
    changes = tuple(place for place, step in enumerate(steps) if step.detail_likeness < _UNLIKE * usual)
    if at_join not in changes and dissolves(outgoing, incoming):
        return Seen(kind=JoinKind.DISSOLVE)
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


def dissolves(outgoing: Side, incoming: Side) -> bool:
    """Whether the frames go over from the first to the last one as a mixture, in at least three steps.

    Each frame is fitted as ``share * first + (1 - share) * last``; in a dissolve the share falls steadily and the fit leaves little
    over. A cut jumps from 1 to 0, and movement is no mixture of its ends.
    """
    frames = np.concatenate([_thumbnails(outgoing), _thumbnails(incoming)])
    first, last = frames[0], frames[-1]
    apart = first - last
    energy = float(np.sum(apart**2))
    if energy < 0.04**2 * apart.size or _correlation(first, last) > _ONE_SCENE:
        return False
    shares = (frames - last) @ apart / energy
    left_over = np.sum((frames - last - shares[:, None] * apart) ** 2, axis=1) / energy
    mixed = (shares > 0.12) & (shares < 0.88) & (left_over < 0.12)
    between = np.flatnonzero(mixed)
    if len(between) < 3 or np.ptp(between) + 1 != len(between):
        return False
    falls = np.diff(shares[max(between[0] - 1, 0) : between[-1] + 2])
    return bool(np.all(falls < 0.02) and np.max(-falls) < 0.5)


def _correlation(one: Floats, other: Floats) -> float:
    """Of two thumbnails, blind to brightness and contrast; 0 where one of them is flat, as in a fade to black."""
    one, other = one - one.mean(), other - other.mean()
    energy = float(np.sqrt(np.sum(one**2) * np.sum(other**2)))
    return float(one @ other) / energy if energy > 1e-4 * one.size else 0.0


def _thumbnails(side: Side) -> Floats:
    """(frames, pixels): luma at 32 columns, blurred enough that small movement matters little."""
    rows, columns = side.luma.shape[1:]
    size = (32, max(1, round(32 * rows / columns)))
    return np.stack([cv2.resize(picture, size, interpolation=cv2.INTER_AREA).ravel() for picture in side.luma]).astype(np.float64)
