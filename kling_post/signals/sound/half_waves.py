"""How high the half-waves of the sound reach, and how many of them are flat: what is left of clipping behind a codec or a resampler.

Between two zero crossings the waveform is one half-wave. Of a sine, 29 % of it lies within a tenth of its peak, of a clipped one
half and more. Flat half-waves occur in any sound, at any height; in clipped sound they crowd at one, and hardly anything reaches
higher. Both counts are kept by height, so that memory does not grow with the sound.
"""

import numpy as np
from numpy.typing import NDArray

from kling_post.signals.sound.signal import Samples, SoundSeries, SoundShape

LOWEST_DBFS, HIGHEST_DBFS, BIN_DB = -40.0, 8.0, 0.2
_BINS = round((HIGHEST_DBFS - LOWEST_DBFS) / BIN_DB)
_LEAST_SAMPLES = 6
_NEAR_PEAK = 0.9
_FLAT_SHARE, _SQUARE_SHARE = 0.42, 0.93
"""Share of a half-wave near its peak from which it counts as flat, and from which it is the square wave of a synthesizer."""


class _HalfWaves:
    name = "sound_half_waves"
    version = 1

    def collector(self, shape: SoundShape) -> "_Collector":
        """A fresh collector."""
        return _Collector(shape)


class _Collector:
    """Counts by height, (bins, channels), of bins of 0.2 dB from ``LOWEST_DBFS`` on.

    ``all`` half-waves of six samples or more, ``flat`` ones among them, and the sums of the ``length`` and ``length_squared`` of all.
    """

    def __init__(self, shape: SoundShape) -> None:
        self._table = np.zeros((4, _BINS, shape.channels))
        self._waiting = np.zeros((0, shape.channels), np.float32)

    def add(self, block: Samples) -> None:
        """Count the half-waves that end in this block."""
        samples = np.concatenate([self._waiting, block]) if len(self._waiting) else block
        self._waiting = samples[-1:]
        for channel in range(samples.shape[1]):
            self._count(np.ascontiguousarray(samples[:, channel]), channel)

    def finish(self) -> SoundSeries:
        """The counts."""
        return dict(zip(("all", "flat", "length", "length_squared"), self._table.copy(), strict=True))

    def _count(self, wave: NDArray[np.float32], channel: int) -> None:
        negative = np.signbit(wave)
        edges = np.flatnonzero(negative[1:] != negative[:-1]) + 1
        if len(edges) < 2:
            return
        height = np.abs(wave[edges[0] : edges[-1]])
        starts, lengths = edges[:-1] - edges[0], np.diff(edges)
        peaks = np.maximum.reduceat(height, starts)
        near = np.add.reduceat((height >= np.repeat(np.float32(_NEAR_PEAK) * peaks, lengths)).astype(np.int32), starts)
        with np.errstate(divide="ignore"):
            place = np.floor((20 * np.log10(peaks) - LOWEST_DBFS) / BIN_DB)
        counted = (place >= 0) & (place < _BINS) & (lengths >= _LEAST_SAMPLES)
        place, share, size = place[counted].astype(np.int64), (near / lengths)[counted], lengths[counted].astype(np.float64)
        flat = (share >= _FLAT_SHARE) & (share <= _SQUARE_SHARE)
        for row, weights in enumerate((None, flat.astype(np.float64), size, size**2)):
            self._table[row, :, channel] += np.bincount(place, weights, _BINS)


SOUND_SIGNAL = _HalfWaves()
