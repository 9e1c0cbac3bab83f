"""Steady lines of the spectrum: mains hum, and the whine of a screen, a fan's bearing or a generator's upsampling.

The channels' powers are added up and transformed in windows of a third of a second. Of every bin the mean level in decibels and its
spread over time are kept: the level of noise scatters by 5.6 dB from window to window, that of notes by more, that of a line which
hardly changes by one or two. How far a line stands over the middle of its neighbours is its prominence.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from kling_post.signals.sound.power_spectra import power_spectra
from kling_post.signals.sound.signal import Samples, SoundSeries, SoundShape

_WINDOW_SECONDS = 0.34
_AROUND_BINS, _BESIDE_BINS = 24, 3
_LEAST_PROMINENCE_DB, _MOST_SPREAD_DB = 6.0, 4.0
_FLOOR = 1e-14


class _Lines:
    name = "sound_lines"
    version = 1

    def collector(self, shape: SoundShape) -> "_Collector":
        """A fresh collector."""
        return _Collector(shape)


class _Collector:
    """The level of every bin so far, as sums; memory does not grow.

    Lines, one value each: ``hertz`` (by parabola through three bins), ``dbfs`` (level of a sine of that height, both channels together),
    ``prominence_db``, ``spread_db`` (standard deviation over time). And ``windows``, how many there were, one number.
    """

    def __init__(self, shape: SoundShape) -> None:
        self._rate = shape.sample_rate
        self._size = round(_WINDOW_SECONDS * self._rate / 2) * 2
        self._shade = np.hanning(self._size + 1)[:-1].astype(np.float32)
        self._waiting = np.zeros((0, shape.channels), np.float32)
        self._sums = np.zeros((2, self._size // 2 + 1))
        self._windows = 0

    def add(self, block: Samples) -> None:
        """Take all windows, half overlapping, that are complete with this block."""
        samples = np.concatenate([self._waiting, block])
        hop, start = self._size // 2, 0
        while start + self._size <= len(samples):
            power = power_spectra(samples[start : start + self._size].T * self._shade).sum(axis=0, dtype=np.float64)
            level = 10 * np.log10(power * (2 / self._size) ** 2 * 2 + _FLOOR)
            self._sums += np.stack([level, level**2])
            self._windows += 1
            start += hop
        self._waiting = samples[start:]

    def finish(self) -> SoundSeries:
        """The lines, in order of frequency."""
        if self._windows < 3:
            return {name: np.zeros(0) for name in ("hertz", "dbfs", "prominence_db", "spread_db")} | {"windows": np.array([self._windows])}
        mean = self._sums[0] / self._windows
        spread = np.sqrt(np.maximum(self._sums[1] / self._windows - mean**2, 0))
        inner = slice(1, -1)
        at = np.flatnonzero((mean[inner] > mean[:-2]) & (mean[inner] >= mean[2:]) & (spread[inner] <= _MOST_SPREAD_DB)) + 1
        prominence = mean[at] - _surroundings(mean, at)
        at, prominence = at[prominence >= _LEAST_PROMINENCE_DB], prominence[prominence >= _LEAST_PROMINENCE_DB]
        left, middle, right = mean[at - 1], mean[at], mean[at + 1]
        offset = 0.5 * (left - right) / np.minimum(left - 2 * middle + right, -1e-9)
        return {
            "hertz": (at + offset) * self._rate / self._size,
            "dbfs": mean[at],
            "prominence_db": prominence,
            "spread_db": spread[at],
            "windows": np.array([float(self._windows)]),
        }


def _surroundings(mean: NDArray[np.float64], at: NDArray[np.int64]) -> NDArray[np.float64]:
    """The middle level of the bins around each of some, without those right beside it."""
    around = sliding_window_view(np.pad(mean, _AROUND_BINS, mode="reflect"), 2 * _AROUND_BINS + 1)[at]
    apart = np.abs(np.arange(-_AROUND_BINS, _AROUND_BINS + 1)) > _BESIDE_BINS
    return np.asarray(np.median(around[:, apart], axis=1), np.float64)


SOUND_SIGNAL = _Lines()
