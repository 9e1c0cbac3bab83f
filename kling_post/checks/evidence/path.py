"""Where each frame stands on the path of its movement, and how many frames' worth of that path are lost at a place for good.

Single steps of a coded file are uneven: frames predicted from both sides lag and hurry, and a key frame makes good for what was left
out before it. The path over many frames is not: it goes on at the pace of the shot, or with an even change of it, and a repeated frame
sets everything behind it back by one step. The steps' speeds are those that explain best how alike the movement of each two steps is
that share no frame, so that noise counts for nothing: one speed a step, along the movement that the steps around it have in common.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

_ROUNDS = 30
_APART = 2
"""Steps this far apart share no frame."""
_REACH = 10
"""Steps on either side that a path is drawn through,"""
_LEAST = 5
"""and at least."""
_GRADIENT = 0.05
"""Mean squared gradient, codes squared per pixel squared, below which nothing shows movement."""


def speeds_of(products: Values, gradient: Values) -> Values:
    """The speed of each step in pixels of the working picture, (frames,); NaN where nothing is known.

    One factor a step, by alternating least squares: products[one, other] = speed[one] * speed[other].

    Args:
        products: Of each step with those up to so many before and after it, (2 * lags - 1, frames), as ``pace.both_ways`` has them.
        gradient: Mean squared gradient, (frames,).
    """
    lags, frames = len(products) // 2, products.shape[1]
    scale = np.sqrt(np.maximum(np.nan_to_num(gradient), _GRADIENT))
    offsets = np.array([offset for offset in range(-lags, lags + 1) if abs(offset) >= _APART])
    other = np.clip(np.arange(frames) + offsets[:, None], 0, frames - 1)
    alike = products[offsets + lags] / (scale * scale[other])
    known = np.isfinite(alike)
    alike = np.nan_to_num(alike)
    speed = np.sqrt(np.maximum(np.nan_to_num(products[lags]), 0)) / scale
    weight = np.zeros(frames)
    for _ in range(_ROUNDS):
        around = np.where(known, speed[other], 0.0)
        weight = (around * around).sum(axis=0)
        # Half of the way: two speeds that correct each other would take turns.
        speed = (speed + (alike * around).sum(axis=0) / np.where(weight > 0, weight, 1.0)) / 2
    return np.where(weight > 0, speed, np.nan)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """What a path lacks at one place."""

    frames: float
    """So many ordinary steps lie between where the path would have led and where it goes on."""
    deviation: float
    """Root mean square distance of the frames beside from such a path, in the same unit."""


def loss_at(speeds: Values, start: int, stop: int) -> Loss | None:
    """The loss in the steps [start, stop) of one shot, whatever each of them does; None where too little is known beside them.

    The path beside is a parabola by least squares: a camera may speed up or slow down, and goes on behind the place as before it.
    """
    first, last = max(0, start - _REACH), min(len(speeds), stop + _REACH)
    while first < start and not np.isfinite(speeds[first:start]).all():
        first += 1
    while last > stop and not np.isfinite(speeds[stop:last]).all():
        last -= 1
    if start - first < _LEAST or last - stop < _LEAST or not np.isfinite(speeds[start:stop]).all():
        return None
    places = np.cumsum(speeds[first:last])
    index = np.arange(first, last) - (start + stop) / 2
    behind = index >= (stop - start) / 2 - 1
    told = behind | (index < -(stop - start) / 2)
    shape = np.stack([np.ones(len(index)), index, index**2, behind], axis=1)[told]
    found = np.linalg.lstsq(shape, places[told], rcond=None)[0]
    pace = float(found[1])
    if pace <= 0:
        return None
    off = places[told] - shape @ found
    return Loss(frames=-float(found[3]) / pace, deviation=float(np.sqrt(np.mean(off * off))) / pace)
