"""Steady lines of the spectrum: mains hum, and the whine of a screen, a fan's bearing or a generator's upsampling.

The channels' powers are added up and transformed in windows of a third of a second. Of every bin it is counted how often it had which
level: that of noise scatters by 5 dB from window to window, that of notes by more, that of a line which hardly changes by one or two.
A line stays when a note lies on it for a while, so that quartiles tell its level and its spread upwards; it is never gone, so that the
lowest tenth tells its spread downwards, and the lowest twentieth how far it drops, as where one note ends and another of its pitch
begins. How far it stands over the middle of its neighbours is its prominence. In pauses the neighbours fall away and it does not: how far
its own lowest tenth stands over theirs is its prominence in quiet.
"""

from collections.abc import Iterator

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from kling_post.signals.sound.power_spectra import power_spectra
from kling_post.signals.sound.signal import Samples, SoundSeries, SoundShape

_WINDOW_SECONDS = 0.34
_AROUND_BINS, _BESIDE_BINS = 24, 3
_LEAST_PROMINENCE_DB, _MOST_SPREAD_DB = 6.0, 4.0
_FLOOR = 1e-14
_LOWEST_DB, _STEP_DB, _STEPS = -140.0, 0.5, 300
_FIELDS = ("hertz", "dbfs", "prominence_db", "quiet_prominence_db", "spread_db", "drop_db")
_DROPPED, _LOW, _TENTH_DEVIATIONS, _QUARTILE_DEVIATIONS = 0.05, 0.1, 1.2816, 0.6745
"""A tenth of a normal distribution lies so many standard deviations below its middle, a quarter so many above."""


class _Lines:
    name = "sound_lines"
    version = 4

    def collector(self, shape: SoundShape) -> "_Collector":
        """A fresh collector."""
        return _Collector(shape)


class _Collector:
    """How often every bin has had which level so far; memory does not grow.

    Lines, one value each: ``hertz`` (by parabola through three bins), ``dbfs`` (level of a sine of that height, both channels together),
    ``prominence_db`` and ``quiet_prominence_db`` (see above), ``spread_db`` (over time, as a standard deviation; see above), ``drop_db``
    (from the middle down to the level that a twentieth of the windows does not pass). And ``windows``, how many there were, one number.
    """

    def __init__(self, shape: SoundShape) -> None:
        self._rate = shape.sample_rate
        self._size = round(_WINDOW_SECONDS * self._rate / 2) * 2
        self._shade = np.hanning(self._size + 1)[:-1].astype(np.float32)
        self._waiting = np.zeros((0, shape.channels), np.float32)
        self._counts = np.zeros((self._size // 2 + 1, _STEPS), np.uint32)
        self._windows = 0

    def add(self, block: Samples) -> None:
        """Take all windows, half overlapping, that are complete with this block."""
        samples = np.concatenate([self._waiting, block])
        hop, start = self._size // 2, 0
        while start + self._size <= len(samples):
            power = power_spectra(samples[start : start + self._size].T * self._shade).sum(axis=0, dtype=np.float64)
            level = 10 * np.log10(power * (2 / self._size) ** 2 * 2 + _FLOOR)
            step = np.clip((level - _LOWEST_DB) / _STEP_DB, 0, _STEPS - 1).astype(np.int64)
            self._counts[np.arange(len(step)), step] += 1
            self._windows += 1
            start += hop
        self._waiting = samples[start:]

    def finish(self) -> SoundSeries:
        """The lines, in order of frequency."""
        if self._windows < 3:
            return {name: np.zeros(0) for name in _FIELDS} | {"windows": np.array([float(self._windows)])}
        dropped, low, usual, high = self._levels(_DROPPED, _LOW, 0.5, 0.75)
        spread = np.maximum((usual - low) / _TENTH_DEVIATIONS, (high - usual) / _QUARTILE_DEVIATIONS)
        inner = slice(1, -1)
        at = np.flatnonzero((usual[inner] > usual[:-2]) & (usual[inner] >= usual[2:]) & (spread[inner] <= _MOST_SPREAD_DB)) + 1
        prominence = usual[at] - _surroundings(usual, at)
        at, prominence = at[prominence >= _LEAST_PROMINENCE_DB], prominence[prominence >= _LEAST_PROMINENCE_DB]
        left, middle, right = usual[at - 1], usual[at], usual[at + 1]
        offset = 0.5 * (left - right) / np.minimum(left - 2 * middle + right, -1e-9)
        return {
            "hertz": (at + offset) * self._rate / self._size,
            "dbfs": usual[at],
            "prominence_db": prominence,
            "quiet_prominence_db": low[at] - _surroundings(low, at),
            "spread_db": spread[at],
            "drop_db": usual[at] - dropped[at],
            "windows": np.array([float(self._windows)]),
        }

    def _levels(self, *shares: float) -> Iterator[NDArray[np.float64]]:
        """The level of every bin that each share of the windows does not pass; windows lie evenly within a step."""
        sums, bins = np.cumsum(self._counts, axis=1, dtype=np.uint32), np.arange(len(self._counts))
        for share in shares:
            wanted = share * self._windows
            step = (sums >= wanted).argmax(axis=1)
            count = self._counts[bins, step]
            yield _LOWEST_DB + _STEP_DB * (step + (wanted - (sums[bins, step] - count)) / count)


def _surroundings(level: NDArray[np.float64], at: NDArray[np.int64]) -> NDArray[np.float64]:
    """The middle level of the bins around each of some, without those right beside it."""
    around = sliding_window_view(np.pad(level, _AROUND_BINS, mode="reflect"), 2 * _AROUND_BINS + 1)[at]
    apart = np.abs(np.arange(-_AROUND_BINS, _AROUND_BINS + 1)) > _BESIDE_BINS
    return np.asarray(np.median(around[:, apart], axis=1), np.float64)


SOUND_SIGNAL = _Lines()
