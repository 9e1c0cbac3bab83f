"""A look-ahead limiter for true peaks, computed over the whole programme's peak curve instead of sample by sample.

The peak curve holds the true peak of every segment of 32 samples, all channels together: four bytes per 0.7 ms at 48 kHz, so that
an hour takes 22 MB. From it the reduction follows without a loop: what a segment needs, let go at ``RELEASE_DB_PER_SECOND``
(a running maximum along a slope), held and smoothed over a look-ahead of 5 ms (a running maximum, then a raised cosine of the same
length, which by construction never gives less than any segment needs). All channels get the same reduction, so the image stays.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from kling_post.sound.true_peak import segment_peaks

Samples = NDArray[np.float32]

SEGMENT = 32
RELEASE_DB_PER_SECOND = 40.0
"""Between two harms: a bass note of 50 Hz is hardly reshaped (0.4 dB from peak to peak), and 6 dB are let go in 0.15 s."""
LOOK_AHEAD_SECONDS = 0.005
_NOTICED_DB = 0.05
"""Reduction below this is rounding of the ceiling, not limiting."""


@dataclass(frozen=True, slots=True)
class PeakCurve:
    """True peak of every segment of a programme before any gain; 1.0 is full scale."""

    peaks: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Reduction:
    """By how many decibels the limiter turns down, at every boundary of segments."""

    db: NDArray[np.float32]
    sample_rate: int

    @property
    def max_db(self) -> float:
        """The deepest reduction."""
        return float(self.db.max(initial=0.0))

    def seconds_beyond(self, db: float = _NOTICED_DB) -> float:
        """For how long it turns down by more than ``db``."""
        return float(np.count_nonzero(self.db > db)) * SEGMENT / self.sample_rate


def peak_curve(blocks: Iterable[Samples]) -> PeakCurve:
    """The peak curve of a programme given as blocks of (samples, channels)."""
    return PeakCurve(np.concatenate([*segment_peaks(blocks), np.zeros(0, np.float32)]))


def reduce_peaks(curve: PeakCurve, gain_db: float, ceiling_dbtp: float, sample_rate: int) -> Reduction:
    """What the limiter must take away so that the programme, turned up by ``gain_db``, stays under the ceiling."""
    with np.errstate(divide="ignore"):
        over = np.maximum(20 * np.log10(curve.peaks.astype(np.float64)) + gain_db - ceiling_dbtp, 0)
    # A boundary answers for both of its segments, so that no line between two boundaries falls short.
    needed = np.maximum(np.append(over, 0), np.insert(over, 0, 0))
    if not needed.any():
        return Reduction(np.zeros(len(needed), np.float32), sample_rate)
    slope = np.arange(len(needed)) * (RELEASE_DB_PER_SECOND * SEGMENT / sample_rate)
    released = np.maximum(np.maximum.accumulate(needed + slope) - slope, 0)
    half = max(1, round(LOOK_AHEAD_SECONDS / 2 * sample_rate / SEGMENT))
    held = sliding_window_view(np.pad(released, 2 * half), 2 * half + 1).max(axis=1)
    weights = np.hanning(2 * half + 3)[1:-1]
    smooth = np.convolve(held, weights / weights.sum(), mode="valid")
    return Reduction(smooth.astype(np.float32), sample_rate)


def turned(blocks: Iterable[Samples], gain_db: float, reduction: Reduction | None) -> Iterator[Samples]:
    """The blocks with one gain, and the limiter's reduction where there is one."""
    gain, position = np.float32(10 ** (gain_db / 20)), 0
    for block in blocks:
        first, last = position // SEGMENT, (position + len(block)) // SEGMENT + 2
        local = None if reduction is None else reduction.db[first:last]
        if local is None or not local.any():
            yield block * gain
        else:
            at = (np.arange(len(block)) + position % SEGMENT) / SEGMENT
            envelope = np.interp(at, np.arange(len(local)), 10 ** (-local.astype(np.float64) / 20))
            yield block * (envelope * gain).astype(np.float32)[:, None]
        position += len(block)
