"""Where a movement falls behind by whole frames and does not make good for it: repeats, also those that an encoder has spread.

A frame that is predicted from both sides comes out in between: a repeat becomes two half steps, or three of two thirds. What is left of
it in any case is the movement that is missing: the path of the picture (see ``path``) is set back by as many steps as frames were
repeated, and stays so. An encoder's own unevenness, in which short steps and long ones take turns, is missing nothing.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kling_post.checks.evidence.lagging import Paced
from kling_post.checks.evidence.pace import known_median
from kling_post.checks.evidence.path import loss_at
from kling_post.checks.evidence.runs import runs
from kling_post.vocabulary import FrameRange

Values = NDArray[np.float64]

_AROUND = 8
"""Steps on either side whose median pace is the expected one."""
_LEAST_PIXELS = 0.08
"""Movement of the working picture, longer side up to 480; slower movement is the encoder's to arrange."""
SHORT = 0.8
"""Of the expected pace: a step up to this is one of those that movement is missing from."""
_LEAST = 0.7
"""Frames that are missing in the short steps, at least."""
_OFF, _OFF_SHARE = 0.4, 0.2
"""How far what is lost for good may be from a whole number of frames, and as a share of their number, whichever is more."""
_LOST_SHARE = 1 / 3
"""Of what is missing in the short steps that must be lost for good: an encoder that has left out three frames makes good for all of them
at the next one, but for what least squares under-read of so long a step."""
_DEVIATION = 0.2
"""Deviation of the path beside, over what is lost, at most: in uneven movement nothing can be told."""
_BACK = -0.3
"""Mean pace of the frames that are missing, at least."""
_SPREAD_STEPS = 3
"""Steps more than they have, over which they may be spread evenly: encoders predict so many frames from both sides."""
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
        speeds = steps.speed[shot.start : shot.stop]
        share = _usual(speeds)
        for run in runs(np.nan_to_num(share, nan=1.0) <= SHORT):
            frames = _frames(share, speeds, run, longest)
            short = run.shifted(shot.start)
            if frames is None or not _told(steps, short, missing=float(np.sum(1 - share[run.start : run.stop]))):
                continue
            place = frames.shifted(shot.start)
            if not steps.unlike[place.start : place.stop].any():
                found.append(Missing(frames=place, short=short, pace=float(np.abs(steps.pace[place.start : place.stop]).max())))
    return tuple(found)


def _usual(speeds: Values) -> Values:
    """Each speed over the median of those around it."""
    around = np.lib.stride_tricks.sliding_window_view(np.pad(speeds, _AROUND, constant_values=np.nan), 2 * _AROUND + 1).T
    expected = known_median(around, least=_AROUND + 1)
    return speeds / np.where(expected > 0, expected, np.nan)


def _frames(share: Values, speeds: Values, run: FrameRange, longest: float) -> FrameRange | None:
    """The frames that are missing in a run of short steps of a shot; None where it is not by a whole number of them."""
    inside = share[run.start : run.stop]
    short, around = float(np.sum(1 - inside)), float(np.sum(1 - share[max(0, run.start - 1) : run.stop + 1]))
    # A repeat that is spread reaches a step further than the steps that are plainly short.
    loss = loss_at(speeds, run.start - 1, run.stop + 1) if max(short, around) >= _LEAST else None
    if loss is None or loss.deviation > _DEVIATION * loss.frames or loss.frames < _LOST_SHARE * short:
        return None
    count = max(1, round(loss.frames))
    if count >= longest or count > run.frames:
        return None
    stillness = np.convolve(inside, np.full(count, 1 / count), mode="valid").round(2)
    # Of steps alike the later one shows the picture that comes late.
    start = run.start + stillness.size - 1 - int(stillness[::-1].argmin())
    least = float(stillness.min())
    told = _BACK <= least <= _SPREAD_STEPS / (_SPREAD_STEPS + count) and abs(loss.frames - count) <= max(_OFF, _OFF_SHARE * count)
    return FrameRange(start, start + count) if told else None


def _told(steps: Paced, run: FrameRange, *, missing: float) -> bool:
    """Whether enough moves there, everywhere and together, and is missing by any measure."""
    inside = slice(run.start, run.stop)
    least, most = _COHERENCE
    coherence = steps.coherence[inside]
    moves = steps.pixels[inside].min() >= _LEAST_PIXELS and np.mean(steps.everywhere[inside]) >= 0.5
    shorter = float(np.sum(1 - np.minimum(steps.length[inside], 1))) >= _LENGTH_TOO * missing
    return bool(moves and shorter and least <= coherence.min() and coherence.max() <= most)
