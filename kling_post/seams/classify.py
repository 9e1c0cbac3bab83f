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
"""A cut's likeness is also this many times further from 1 than any other step next to the join."""

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
    change = _change_of_shot(steps)
    if change is not None:
        return Seen(kind=JoinKind.CUT, late_frames=change - at_join)
    own = max((1 - step.likeness for step in (*measured.before, *measured.after)), default=0.0)
    if measured.join.likeness >= _ALIKE or 1 - measured.join.likeness <= 1.5 * own:
        return Seen(kind=JoinKind.CONTINUE)
    return Seen(kind=None)


def _change_of_shot(steps: tuple[Step, ...]) -> int | None:
    """The step at which the shot changes, if there is one: unlike by itself and against all the others but the two next to it."""
    unlike = [1 - step.likeness for step in steps]
    worst = int(np.argmax(unlike))
    others = [value for place, value in enumerate(unlike) if abs(place - worst) > 1]
    if unlike[worst] < 1 - _UNLIKE or unlike[worst] < _UNLIKE_AGAINST_OWN * max(others, default=0.0):
        return None
    return worst


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
