"""Where a movement falls behind by whole frames and does not make good for it: repeats, also those that an encoder has spread.

A frame that is predicted from both sides comes out in between: a repeat becomes two half steps, or three of two thirds. What is left of
it in any case is the movement that is missing: over the short steps together as much as the repeated frames had, while the steps beside
them are neither short nor longer for it. An encoder's own unevenness, in which short steps and long ones take turns, is missing nothing.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kling_post.checks.evidence.lagging import Paced
from kling_post.checks.evidence.pace import known_median
from kling_post.checks.evidence.runs import runs
from kling_post.vocabulary import FrameRange

Values = NDArray[np.float64]

_AROUND = 8
"""Steps on either side whose median pace is the expected one."""
_LEAST_PIXELS = 0.09
"""Movement of the working picture, longer side up to 480; slower movement is the encoder's to arrange."""
SHORT = 0.8
"""Of the expected pace: a step up to this is one of those that movement is missing from."""
_LEAST, _MOST = 0.7, 0.4
"""Frames that are missing in the short steps, at least; and how far from a whole number with the two steps on either side."""
_DEEPEST, _DEEPEST_OF_MANY = 0.63, 0.3
"""Pace of the shortest step, at most, where one frame is missing, and where more are."""
_BESIDE = 2
_SPREAD = 0.25
"""Typical deviation of the paces around from their median, over what is missing, at most: in uneven movement nothing can be told."""
_LENGTH_TOO = 0.5
"""Of what is missing along the movement, that must be missing from the lengths as well: a step may also go another way."""
_COHERENCE = (0.6, 1.3)
"""Share of the movement around that its steps have in common; above one where the movement itself changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """Steps that are short by whole frames."""

    frames: FrameRange
    """As many of them as are missing, where the movement stands most nearly still."""
    pace: float
    """The largest of theirs, in either direction."""


def missing_movement(steps: Paced, shots: tuple[FrameRange, ...], *, longest: float) -> tuple[Missing, ...]:
    """All places in order; ``longest`` is how many frames may be missing at one."""
    found: list[Missing] = []
    for shot in shots:
        pace = steps.pace[shot.start : shot.stop]
        expected, spread = _usual(pace)
        with np.errstate(invalid="ignore", divide="ignore"):
            share = pace / np.where(expected > 0, expected, np.nan)
            short = share <= SHORT
        for run in runs(short):
            frames = _frames(share, spread, run, longest)
            if frames and _told(steps, run.shifted(shot.start), missing=float(np.sum(1 - share[run.start : run.stop]))):
                place = frames.shifted(shot.start)
                found.append(Missing(frames=place, pace=float(np.abs(steps.pace[place.start : place.stop]).max())))
    return tuple(found)


def _usual(pace: Values) -> tuple[Values, Values]:
    """The median pace around each step, and how far the paces there lie from it (1.48 times the median deviation)."""
    around = np.lib.stride_tricks.sliding_window_view(np.pad(pace, _AROUND, constant_values=np.nan), 2 * _AROUND + 1).T
    expected = known_median(around, least=_AROUND + 1)
    return expected, 1.4826 * known_median(np.abs(around - expected), least=_AROUND + 1)


def _frames(share: Values, spread: Values, run: FrameRange, longest: float) -> FrameRange | None:
    """The frames that are missing in a run of short steps of a shot; None where it is not by a whole number of them."""
    around = share[max(0, run.start - _BESIDE) : run.stop + _BESIDE]
    if run.start < 1 + _BESIDE or around.size < run.frames + 2 * _BESIDE or not np.isfinite(around).all():
        return None
    inside = share[run.start : run.stop]
    missing, with_beside = float(np.sum(1 - inside)), float(np.sum(1 - around))
    count = max(1, round(missing))
    deepest = _DEEPEST if count == 1 else _DEEPEST_OF_MANY
    even = abs(with_beside - count) <= max(_MOST, 0.25 * count) and spread[run.start] <= _SPREAD * missing
    if missing < _LEAST or count >= longest or count > run.frames or abs(inside).min() > deepest or inside.min() < -deepest or not even:
        return None
    starts = range(run.start, run.stop - count + 1)
    # Of steps alike the later one shows the picture that comes late.
    start = min(reversed(starts), key=lambda each: float(np.sum(share[each : each + count]).round(1)))
    return FrameRange(start, start + count)


def _told(steps: Paced, run: FrameRange, *, missing: float) -> bool:
    """Whether enough moves there, everywhere and together, and is missing by any measure."""
    inside = slice(run.start, run.stop)
    least, most = _COHERENCE
    coherence = steps.coherence[inside]
    moves = steps.pixels[inside].min() >= _LEAST_PIXELS and np.mean(steps.everywhere[inside]) >= 0.5
    shorter = float(np.sum(1 - np.minimum(steps.length[inside], 1))) >= _LENGTH_TOO * missing
    return bool(moves and shorter and least <= coherence.min() and coherence.max() <= most)
