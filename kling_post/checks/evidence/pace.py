"""The pace of every step from frame to frame, along the movement around it: 1 for an ordinary step, 0 for a repeated frame.

The displacement and motion signals keep how alike the movement of each step is to that of the steps before (their ``accord``).
The pace of a step is its likeness to the moving steps around it, over their likeness to each other. Neighbours that share a
frame with the step, or with each other, are left out, so that grain and coding noise, which differ from frame to frame, count
for nothing in the mean. It holds for any movement that goes on for half a second: pans, zooms, parallax, people who walk.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kling_post.checks.evidence.runs import shots

Values = NDArray[np.float64]

_REACH = 6
"""Steps on each side that a step is compared with."""
_APART = 2
"""Steps this far apart share no frame."""
_MOVING_SHARE = 0.2
"""A step counts as moving from this share of the energy of the stronger steps around it."""
_OFFSETS = tuple(offset for offset in range(-_REACH, _REACH + 1) if abs(offset) >= _APART)
_PAIRS = tuple((one, other) for one in _OFFSETS for other in _OFFSETS if other - one >= _APART)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Per frame, of the step that leads to it; NaN where nothing around it moves or too little is known."""

    pace: Values
    """1 for a step like those around it, 0 for none, 2 for a double one, negative where it goes back."""
    energy: Values
    """All movement of the step, also of another kind, over what the steps around it have in common; noise included."""
    movement: Values
    """What the steps around it have in common: the square of a length, in the signal's own units."""
    coherence: Values
    """The share of the movement around it that those steps have in common, 0 to 1."""
    products: Values
    """What all of that is made of: (25, frames), as ``both_ways``."""


def pace_of(accord: Values, cuts: Sequence[int]) -> Pace:
    """The pace from a signal's ``accord``, shape (frames, 13), never across a cut (first frames of shots)."""
    frames = len(accord)
    products = both_ways(accord, cuts)
    own = products[_REACH * 2]
    moving = _moving(own)
    likeness = np.full((len(_OFFSETS), frames), np.nan)
    for place, offset in enumerate(_OFFSETS):
        likeness[place] = np.where(_shifted(moving, offset), products[_REACH * 2 + offset], np.nan)
    shared = np.full((len(_PAIRS), frames), np.nan)
    for place, (one, other) in enumerate(_PAIRS):
        both = _shifted(moving, one) & _shifted(moving, other)
        shared[place] = np.where(both, _shifted(products[_REACH * 2 + other - one], one), np.nan)
    alone = np.stack([np.where(_shifted(moving, offset), _shifted(own, offset), np.nan) for offset in _OFFSETS])
    movement = known_median(shared, least=3)
    movement[~(movement > 0)] = np.nan
    with np.errstate(invalid="ignore", divide="ignore"):
        return Pace(
            pace=known_median(likeness, least=2) / movement,
            energy=own / movement,
            movement=movement,
            coherence=movement / known_median(alone, least=2),
            products=products,
        )


def both_ways(accord: Values, cuts: Sequence[int]) -> Values:
    """Products of each step with those up to twelve before and after it, shape (25, frames); NaN beyond its shot."""
    frames, lags = accord.shape
    shot = np.zeros(frames, int)
    known = np.isfinite(accord[:, 0])
    for number, each in enumerate(shots(frames, cuts)):
        shot[each.start : each.stop] = number
        known[each.start] = False
    products = np.full((2 * lags - 1, frames), np.nan)
    for lag in range(min(lags, frames)):
        same = known[lag:] & known[: frames - lag] & (shot[lag:] == shot[: frames - lag])
        values = np.where(same, accord[lag:, lag], np.nan)
        products[lags - 1 - lag, lag:] = values
        products[lags - 1 + lag, : frames - lag] = values
    return products


def _moving(own: Values) -> NDArray[np.bool_]:
    around = np.stack([_shifted(own, offset) for offset in range(-_REACH, _REACH + 1)])
    known = np.where(np.isfinite(around), around, -1.0)
    # The third strongest of thirteen: one double step does not make ordinary ones look still, nor do two.
    strong = np.sort(known, axis=0)[-3]
    return np.asarray(np.isfinite(own) & (own > 0) & (own >= _MOVING_SHARE * strong))


def _shifted(values: NDArray, offset: int) -> NDArray:  # type: ignore[type-arg]
    """``values`` of the step ``offset`` later, in each place; NaN or False beyond the ends."""
    empty = False if values.dtype == bool else np.nan
    moved = np.full_like(values, empty)
    if abs(offset) >= len(values):
        return moved
    if offset >= 0:
        moved[: len(values) - offset] = values[offset:]
    else:
        moved[-offset:] = values[:offset]
    return moved


def known_median(rows: Values, *, least: int) -> Values:
    """The median down each column of what is known, NaN where fewer than ``least`` are."""
    ordered = np.sort(rows, axis=0)
    count = np.isfinite(rows).sum(axis=0)
    columns = np.arange(rows.shape[1])
    low, high = np.maximum(0, (count - 1) // 2), np.minimum(len(rows) - 1, count // 2)
    middle = (ordered[low, columns] + ordered[high, columns]) / 2
    return np.asarray(np.where(count >= least, middle, np.nan))
