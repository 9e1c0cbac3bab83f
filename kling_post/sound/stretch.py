"""Sound at another speed with its pitch kept: waveform similarity overlap-add.

Verhelst and Roelands, "An overlap-add technique based on waveform similarity (WSOLA) for high quality time-scale modification of
speech", ICASSP 1993: grains are laid at even distances, each taken from near where the speed has brought it, at the place that
continues the grain before it best. Its channels move together, so that their phases do too.
"""

from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
"""(samples, channels)."""

_GRAIN_SECONDS: Final = 0.04
_SEARCH_SECONDS: Final = 0.008
"""How far from its place a grain may be taken: half a period of 62 Hz; sound is never further from its picture than this and
half a grain."""
_NEARNESS: Final = 0.05
"""How much better than at its own place a grain must fit to be taken from the end of the search, in normalised correlation."""


def stretched(samples: Samples, sample_rate: int, speed: Fraction) -> Samples:
    """The sound ``speed`` times as fast at its own pitch, as float32 of exactly ``round(len / speed)`` samples."""
    wanted = round(len(samples) / speed)
    if speed == 1 or not len(samples):
        return samples
    hop = round(_GRAIN_SECONDS * sample_rate / 2)
    search = round(_SEARCH_SECONDS * sample_rate)
    margin = 2 * hop + search
    padded = np.pad(samples.astype(np.float32), ((margin, 2 * margin), (0, 0)))
    alone = _alone(padded)
    window = (0.5 - 0.5 * np.cos(np.pi * (np.arange(2 * hop) + 0.5) / hop)).astype(np.float32)[:, None]
    made = np.zeros((wanted + 3 * hop, samples.shape[1]), np.float32)
    natural = None
    for start in range(0, wanted + hop, hop):
        # The middle of the grain stands at ``start`` of the result, and at that moment times the speed of the source.
        middle = min(round(start * speed), len(samples))
        first = margin + middle - hop
        place = first if natural is None else first + _best(alone, natural, first, hop, search)
        made[start : start + 2 * hop] += padded[place : place + 2 * hop] * window
        natural = alone[place + hop : place + 2 * hop]
    return made[hop : hop + wanted]


def _alone(samples: Samples) -> NDArray[np.float32]:
    """One channel that has what is heard: the sum, or the difference where that is more."""
    if samples.shape[1] != 2:
        return np.asarray(samples.mean(axis=1), np.float32)
    both = (samples[:, 0] + samples[:, 1], samples[:, 0] - samples[:, 1])
    return max(both, key=lambda each: float(np.square(each, dtype=np.float64).sum()))


def _best(alone: NDArray[np.float32], natural: NDArray[np.float32], first: int, hop: int, search: int) -> int:
    """How far from ``first`` the sound goes on most like ``natural``; 0 where nothing is heard."""
    near = alone[first - search : first + search + hop]
    likeness = np.correlate(near, natural, mode="valid")
    energy = np.cumsum(np.concatenate([[0.0], np.square(near, dtype=np.float64)]))
    norms = np.sqrt(np.maximum(energy[hop:] - energy[:-hop], 0) * float(np.square(natural, dtype=np.float64).sum()))
    if not norms.max():
        return 0
    distance = np.abs(np.arange(-search, search + 1)) / search
    score = np.divide(likeness, norms, out=np.zeros_like(norms), where=norms > 1e-12 * norms.max()) - _NEARNESS * distance
    return int(score.argmax()) - search
