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
_LEAST_PIXELS = 0.08
"""Movement of the working picture, longer side up to 480; slower movement is the encoder's to arrange."""
SHORT = 0.8
"""Of the expected pace: a step up to this is one of those that movement is missing from."""
_LEAST, _MOST = 0.7, 0.4
"""Frames that are missing in the short steps, at least; and how far from a whole number with the two steps on either side."""
_STILL, _STILL_ALONE = 0.3, 0.7
"""Mean pace of the frames that are missing, at most; and of a single one, which may be spread over its neighbours."""
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
    short: FrameRange
    """All of them."""
    pace: float
    """The largest of theirs, in either direction."""


def missing_movement(steps: Paced, shots: tuple[FrameRange, ...], *, longest: float) -> tuple[Missing, ...]:
    """All places in order; ``longest`` is how many frames may be missing at one."""
    found: list[Missing] = []
    for shot in shots:
        inside = slice(shot.start, shot.stop)
        # Not the pace: some short steps among those around shorten what is expected, and so lengthen the pace of the others.
        share, spread = _usual(steps.pace[inside] * steps.pixels[inside])
        with np.errstate(invalid="ignore"):
            length, uneven = _usual((steps.length * steps.pixels)[inside])
        spread = np.fmin(spread, uneven)
        # Beside the short steps whichever of the two is nearer to the usual: each is uncertain by itself.
        beside = np.where(np.abs(length - 1) < np.abs(share - 1), length, share)
        for run in runs(np.nan_to_num(share, nan=1.0) <= SHORT):
            frames = _frames(share, beside, spread, run, longest)
            short = run.shifted(shot.start)
            if frames and _told(steps, short, missing=float(np.sum(1 - share[run.start : run.stop]))):
                place = frames.shifted(shot.start)
                found.append(Missing(frames=place, short=short, pace=float(np.abs(steps.pace[place.start : place.stop]).max())))
    return tuple(found)


def _usual(values: Values) -> tuple[Values, Values]:
    """Each value over the median of those around it, and how far these lie from it (1.48 times the median deviation)."""
    around = np.lib.stride_tricks.sliding_window_view(np.pad(values, _AROUND, constant_values=np.nan), 2 * _AROUND + 1).T
    expected = known_median(around, least=_AROUND + 1)
    expected = np.where(expected > 0, expected, np.nan)
    return values / expected, 1.4826 * known_median(np.abs(around - expected), least=_AROUND + 1) / expected


def _frames(share: Values, beside: Values, spread: Values, run: FrameRange, longest: float) -> FrameRange | None:
    """The frames that are missing in a run of short steps of a shot; None where it is not by a whole number of them."""
    before, after = beside[max(0, run.start - _BESIDE) : run.start], beside[run.stop : run.stop + _BESIDE]
    outside = np.concatenate([before, after])
    if run.start < 1 + _BESIDE or outside.size < 2 * _BESIDE or not np.isfinite(outside).all():
        return None
    inside = share[run.start : run.stop]
    missing = float(np.sum(1 - inside))
    left = missing + float(np.sum(1 - outside))
    by_pace = float(np.sum(1 - share[run.start - _BESIDE : run.stop + _BESIDE]))
    # An encoder that starts anew makes good at once for frames that it has left out, and not for those that were never there.
    count = max(1, round(min(missing, left)))
    within = max(_MOST, 0.25 * count)
    whole = left >= count - within and by_pace <= count + within and spread[run.start] <= _SPREAD * missing
    if missing < _LEAST or count >= longest or count > run.frames or not whole:
        return None
    if count < round(missing):
        start = run.start + (run.frames - count) // 2
        return FrameRange(start, start + count) if np.abs(inside).max() <= _STILL else None
    stillness = np.convolve(inside, np.full(count, 1 / count), mode="valid").round(2)
    # Of steps alike the later one shows the picture that comes late.
    start = run.start + stillness.size - 1 - int(stillness[::-1].argmin())
    return FrameRange(start, start + count) if -_STILL <= stillness.min() <= (_STILL if count > 1 else _STILL_ALONE) else None


def _told(steps: Paced, run: FrameRange, *, missing: float) -> bool:
    """Whether enough moves there, everywhere and together, and is missing by any measure."""
    inside = slice(run.start, run.stop)
    least, most = _COHERENCE
    coherence = steps.coherence[inside]
    moves = steps.pixels[inside].min() >= _LEAST_PIXELS and np.mean(steps.everywhere[inside]) >= 0.5
    shorter = float(np.sum(1 - np.minimum(steps.length[inside], 1))) >= _LENGTH_TOO * missing
    return bool(moves and shorter and least <= coherence.min() and coherence.max() <= most)
