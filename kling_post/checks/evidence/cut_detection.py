"""Where hard cuts are, from how alike neighbouring frames are; the other checks use it to keep from judging across one.

A frame starts a new shot where three independent things happen at once: it differs from the frame before by far more than
its neighbours do, moving the frame before along the flow does not explain the difference, and the pictures do not correlate
(which brightness and contrast alone never bring about). It is no cut where one of the next frames looks like the one before:
that is a flash or a foreign frame, see Zhang, Kankanhalli and Smoliar 1993 on flash rejection.

A shot melts into another where the pictures some frames before and after do not correlate, and those between are a mix of the two:
no movement makes such pictures, and no single step of a melt is large enough to be seen as a cut.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from kling_post.checks.evidence.runs import joined, runs
from kling_post.vocabulary import FrameRange

SIGNALS = ("structure", "motion")
"""What ``cut_frames`` reads."""

_NEIGHBOURS = 5
"""Frames on each side that a difference is compared with."""
_LAGS = {1: 1, 2: 2, 3: 3}
"""Frames after the cut candidate that may return to the old picture: index into the structure signal's lags (1, 2, 3, 4 ...)."""

Values = NDArray[np.float64]
Signals = Mapping[str, Mapping[str, Values]]


@dataclass(frozen=True, slots=True, kw_only=True)
class CutLimits:
    """What makes a cut. Set on generated multi-shot clips, film trailers and their hard negatives (flashes, fast pans)."""

    difference_ratio: float = 3.0
    """Difference to the frame before, over the median of its neighbours'."""
    residual_ratio: float = 3.5
    """The same of what is left after motion compensation."""
    correlation: float = 0.8
    """Pearson correlation of luma with the frame before, at most; -1 to 1."""
    clear_ratio: float = 6.0
    """Where both ratios reach this, a correlation up to ``clear_correlation`` is still a cut: another view of one scene."""
    clear_correlation: float = 0.92
    difference_codes: float = 1.5
    """Mean absolute difference of Y, Cb and Cr to the frame before, 8-bit codes, at least."""
    return_share: float = 0.5
    """It is a flash where one of the next three frames differs from the last old one by less than this share of the step."""
    melt_correlation: float = 0.55
    """Correlation of the pictures before and after a melt, at most; those of one shot over 16 frames: 0.6 and more, but in fast moves."""
    melt_residual: float = 0.08
    """What the best mix of the two leaves of the pictures between, over the squared difference of the two: melts 0.00 to 0.07 (the
    upper half where shapes warp as well), movement 0.09 and more."""
    melt_share: float = 0.2
    """How far from one half the share of either may lie in the middle of a melt."""
    melt_codes: float = 4.0
    """Mean absolute difference of Y, Cb and Cr over 16 frames around a melt, at least: one small light that moves in the dark makes 2."""
    melt_spread_codes: float = 5.0
    """Standard deviation of luma of both, at least: a fade to or from black is no melt."""


def cut_frames(signals: Signals, limits: CutLimits | None = None) -> tuple[int, ...]:
    """First frames of new shots, in order; a change spread over up to three frames counts once, at its largest step."""
    structure = signals["structure"]
    read = structure["distance"], structure["correlation"][:, 0], signals["motion"]["residual"]
    return _cut_frames(*(_Content(values) for values in read), limits or CutLimits())


class _Content:
    """An array as a key: equal where the numbers are, whatever has become of the array since."""

    __slots__ = ("_bytes", "values")

    def __init__(self, values: Values) -> None:
        self.values = values
        self._bytes = values.tobytes()

    def __hash__(self) -> int:
        return hash(self._bytes)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Content) and self.values.shape == other.values.shape and self._bytes == other._bytes


@lru_cache(maxsize=4)
def _cut_frames(distances: _Content, correlations: _Content, residuals: _Content, limits: CutLimits) -> tuple[int, ...]:
    """``cut_frames``, once for the dozen checks that ask it of one clip."""
    difference = np.nan_to_num(distances.values[:, 0])
    correlation = np.nan_to_num(correlations.values, nan=1.0)
    by_difference = over_neighbours(difference)
    by_residual = over_neighbours(np.nan_to_num(residuals.values))
    plain = (by_difference >= limits.difference_ratio) & (by_residual >= limits.residual_ratio) & (correlation <= limits.correlation)
    clear = np.minimum(by_difference, by_residual) >= limits.clear_ratio
    candidates = (plain | (clear & (correlation <= limits.clear_correlation))) & (difference >= limits.difference_codes)
    found: list[int] = []
    for frame in np.flatnonzero(candidates):
        if _returns(distances.values, int(frame), limits.return_share):
            continue
        if found and frame - found[-1] <= 3:
            if difference[frame] > difference[found[-1]]:
                found[-1] = int(frame)
            continue
        found.append(int(frame))
    return tuple(found)


def melts(signals: Signals, limits: CutLimits | None = None) -> tuple[FrameRange, ...]:
    """Stretches of frames that are a mix of two shots: melts, and the frames of a cut whose step is spread."""
    limits = limits or CutLimits()
    structure = signals["structure"]
    share, correlation = structure["mix_share"], structure["mix_correlation"]
    with np.errstate(invalid="ignore"):
        mixed = (
            (structure["mix_residual"] <= limits.melt_residual)
            & (correlation <= limits.melt_correlation)
            & (structure["mix_spread"] >= limits.melt_spread_codes)
            & (_across(structure["distance"]) >= limits.melt_codes)[:, None]
        )
        middles = np.any(mixed & (np.abs(share - 0.5) <= limits.melt_share), axis=1)
        # The farthest pair says best where both shots show; near its ends a melt is nearly one of the two.
        both = np.asarray(np.any(mixed & (np.abs(share - 0.5) <= 0.4), axis=1), bool)
    return tuple(stretch for stretch in joined(runs(both), gap=1) if middles[stretch.start : stretch.stop].any())


def _across(distance: Values) -> Values:
    """The difference between the pictures eight frames before and after each frame, four near the ends of the clip; NaN where not known."""
    across = np.full(len(distance), np.nan)
    for reach, lag in ((4, 4), (8, 5)):
        known = distance[2 * reach :, lag]
        across[reach : reach + len(known)] = np.fmax(across[reach : reach + len(known)], known)
    return across


def transitions(signals: Signals, limits: CutLimits | None = None) -> tuple[FrameRange, ...]:
    """Hard cuts, each its one frame, and melts, the frames that show both shots, in order and none twice.

    A cut whose step is spread over a few frames counts as hard; one that jumps into a melt and out of it is a melt.
    """
    cuts = cut_frames(signals, limits)
    found = []
    for melt in melts(signals, limits):
        inside = [cut for cut in cuts if melt.start - 2 <= cut <= melt.stop + 2]
        if len(inside) != 1:
            found.append(melt)
            cuts = tuple(cut for cut in cuts if cut not in inside)
    return tuple(sorted([*found, *(FrameRange(cut, cut + 1) for cut in cuts)]))


def over_neighbours(values: Values, floor: float = 0.5) -> Values:
    """Each value over the median of up to five on each side, without itself; ``floor`` (codes) keeps still pictures from dividing by 0."""
    if len(values) < 3:  # nothing stands beside the only step
        return np.concatenate([np.zeros(min(1, len(values))), values[1:] / floor])
    padded = np.pad(values[1:], _NEIGHBOURS, constant_values=np.nan)
    around = np.delete(np.lib.stride_tricks.sliding_window_view(padded, 2 * _NEIGHBOURS + 1), _NEIGHBOURS, axis=1)
    # NumPy's own median without NaN loads its masked arrays first, which costs more than all the medians.
    ordered, known, every = np.sort(around, axis=1), np.isfinite(around).sum(axis=1), np.arange(len(around))
    median = (ordered[every, (known - 1) // 2] + ordered[every, known // 2]) / 2
    return np.concatenate([[0.0], values[1:] / (median + floor)])


def _returns(distance: Values, frame: int, share: float) -> bool:
    """Whether the picture before ``frame`` is back within three frames, or ``frame`` itself is the return from such a flash."""
    step = distance[frame, 0]
    after = (distance[frame + later, lag] for later, lag in _LAGS.items() if frame + later < len(distance))
    before = (distance[frame, lag] for lag in _LAGS.values())
    return any(np.isfinite(other) and other < share * step for other in (*after, *before))
