"""What a join looks like: does the shot go on, does it change at once, or does one picture melt into the other?"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.seams.measure import SeamMeasurements
from kling_post.seams.motion import Step
from kling_post.seams.side import Side
from kling_post.vocabulary import JoinKind

Floats = NDArray[np.float64]

# Measured on 272 steps inside clips of seven video generators, 272 steps over three frames, and the cuts of six multi-shot clips and
# a film trailer: steps inside a shot have a likeness of 0.93 and more (three frames apart 0.86 and more), cuts 0.82 and less.
_UNLIKE = 0.84
_ALIKE = 0.92
_UNLIKE_AGAINST_OWN = 3.0
"""A cut's likeness is also this many times further from 1 than the usual step next to the join."""
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


def classify(measured: SeamMeasurements, outgoing: Side, incoming: Side) -> Seen:
    """Tell the kind of a join from the picture."""
    if dissolves(outgoing, incoming):
        return Seen(kind=JoinKind.DISSOLVE)
    steps = (*measured.before, measured.join, *measured.after)
    at_join = len(measured.before)
    changes = _changes_of_shot(steps)
    if changes:
        return Seen(kind=JoinKind.CUT, late_frames=_late(changes, at_join))
    usual = float(np.percentile([1 - step.likeness for step in steps], 75))
    unlike = 1 - measured.join.likeness
    if unlike <= 1 - _ALIKE or unlike <= min(1.5 * usual, 1 - _UNLIKE):
        return Seen(kind=JoinKind.CONTINUE)
    return Seen(kind=None)


def _changes_of_shot(steps: tuple[Step, ...]) -> tuple[int, ...]:
    """The steps at which the shot changes: unlike by themselves and against what is usual next to the join."""
    unlike = np.array([1 - step.likeness for step in steps])
    usual = float(np.median(unlike))
    return tuple(int(place) for place in np.flatnonzero((unlike > 1 - _UNLIKE) & (unlike > _UNLIKE_AGAINST_OWN * usual)))


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
