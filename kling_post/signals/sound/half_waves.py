"""How high the half-waves of the sound reach and how blunt their tops are: what is left of clipping behind a codec or a resampler.

Between two zero crossings the waveform is one half-wave. Sound thins out towards its greatest height, and half-waves that reach
higher have tops of much the same form. What was cut off does neither: its samples crowd under one height, and the tops that end
there are blunter than those beneath. A limiter makes sound crowd as well, but turns whole waves down, and leaves their form. All
counts are kept by height, so that memory does not grow with the sound.
"""

import numpy as np
from numpy.typing import NDArray

from kling_post.signals.sound.signal import Samples, SoundSeries, SoundShape

LOWEST_DBFS, HIGHEST_DBFS, BIN_DB = -40.0, 8.0, 0.2
_BINS = round((HIGHEST_DBFS - LOWEST_DBFS) / BIN_DB)
_LEAST_SAMPLES = 6
_NEAR_PEAK, _WIDE = 0.9, 0.7
_FLAT_SHARE, _SQUARE_SHARE = 0.42, 0.93
"""Share of a half-wave near its peak from which it counts as flat, and from which it is the square wave of a synthesizer; of a sine
29 % lies there."""


class _HalfWaves:
    name = "sound_half_waves"
    version = 2

    def collector(self, shape: SoundShape) -> "_Collector":
        """A fresh collector."""
        return _Collector(shape)


class _Collector:
    """Counts by height, (bins, channels), of bins of 0.2 dB from ``LOWEST_DBFS`` on.

    ``samples`` of that height themselves. Of half-waves of six samples or more, by the height of their peak: ``all``, ``flat`` ones
    among them, the sum of their ``length`` in samples, and how many of their samples are ``near`` the peak (nine tenths of it or
    more) and in the ``wide`` top (seven tenths or more).
    """

    def __init__(self, shape: SoundShape) -> None:
        self._table = {name: np.zeros((_BINS, shape.channels)) for name in _SERIES}
        self._waiting = np.zeros((0, shape.channels), np.float32)

    def add(self, block: Samples) -> None:
        """Count the half-waves that end in this block."""
        samples = np.concatenate([self._waiting, block]) if len(self._waiting) else block
        self._waiting = samples[-1:]
        for channel in range(samples.shape[1]):
            self._count(np.ascontiguousarray(samples[:, channel]), channel)

    def finish(self) -> SoundSeries:
        """The counts."""
        return {name: counts.copy() for name, counts in self._table.items()}

    def _count(self, wave: NDArray[np.float32], channel: int) -> None:
        negative = np.signbit(wave)
        edges = np.flatnonzero(negative[1:] != negative[:-1]) + 1
        if len(edges) < 2:
            return
        height = np.abs(wave[edges[0] : edges[-1]])
        starts, lengths = edges[:-1] - edges[0], np.diff(edges)
        peaks = np.maximum.reduceat(height, starts)
        ends_at = np.repeat(peaks, lengths)
        near, wide = (np.add.reduceat((height >= np.float32(share) * ends_at).astype(np.int32), starts) for share in (_NEAR_PEAK, _WIDE))
        place, height_place = _bins(peaks), _bins(height)
        self._table["samples"][:, channel] += np.bincount(height_place[_inside(height_place)], minlength=_BINS)
        counted = _inside(place) & (lengths >= _LEAST_SAMPLES)
        share = near / lengths
        flat = (share >= _FLAT_SHARE) & (share <= _SQUARE_SHARE)
        for name, weights in (("all", np.ones(len(place))), ("flat", flat), ("near", near), ("wide", wide), ("length", lengths)):
            self._table[name][:, channel] += np.bincount(place[counted], weights[counted], _BINS)


_SERIES = ("samples", "all", "flat", "near", "wide", "length")


def _bins(height: NDArray[np.float32]) -> NDArray[np.int64]:
    with np.errstate(divide="ignore"):
        decibels = 20 * np.log10(height)
    return np.asarray(np.floor((np.maximum(decibels, LOWEST_DBFS - BIN_DB) - LOWEST_DBFS) / BIN_DB), np.int64)


def _inside(place: NDArray[np.int64]) -> NDArray[np.bool_]:
    return np.asarray((place >= 0) & (place < _BINS))


SOUND_SIGNAL = _HalfWaves()
