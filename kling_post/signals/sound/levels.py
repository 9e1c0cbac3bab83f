"""Level, peak, offset, stereo relation and octave bands of every 10 ms."""

from itertools import pairwise

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from kling_post.signals.sound.power_spectra import power_spectra
from kling_post.signals.sound.signal import Samples, SoundSeries, SoundShape

STEPS_PER_SECOND = 100
BANDS_HZ = (50, 150, 350, 750, 1550, 3150, 6350, 12_750)
"""Edges of about an octave each."""


class _Levels:
    name = "sound_levels"
    version = 2

    def collector(self, shape: SoundShape) -> "_Collector":
        """A fresh collector."""
        return _Collector(shape)


class _Collector:
    """The steps so far.

    Series: ``rms``, ``peak``, ``mean`` (steps, channels), full scale 1; ``product`` (steps,) the mean of left times right, of
    stereo only; ``difference`` (steps,) the RMS of left minus right; ``bands`` (steps, 7) power between ``BANDS_HZ``, of all channels
    together, a sine at full scale about 0.25; ``samples`` and ``sample_rate``, one number each.
    """

    def __init__(self, shape: SoundShape) -> None:
        self._shape = shape
        self._waiting = np.zeros((0, shape.channels), np.float32)
        self._samples = self._steps = 0
        self._parts: dict[str, list[NDArray[np.float64]]] = {name: [] for name in ("rms", "peak", "mean", "product", "difference", "bands")}

    def add(self, block: Samples) -> None:
        """Measure all steps that are complete with this block."""
        self._waiting = np.concatenate([self._waiting, block]) if len(self._waiting) else block
        self._samples += len(block)
        complete = self._samples * STEPS_PER_SECOND // self._shape.sample_rate
        edges = np.arange(self._steps, complete + 1) * self._shape.sample_rate // STEPS_PER_SECOND
        if len(edges) > 1:
            begin = self._samples - len(self._waiting)
            self._measure(self._waiting[: edges[-1] - begin], edges - begin)
            self._waiting = self._waiting[edges[-1] - begin :]
            self._steps = complete

    def finish(self) -> SoundSeries:
        """All steps; the last one may be shorter."""
        if len(self._waiting):
            self._measure(self._waiting, np.array([0, len(self._waiting)]))
        series = {name: np.concatenate(parts) for name, parts in self._parts.items() if parts}
        series["samples"] = np.array([float(self._samples)])
        series["sample_rate"] = np.array([float(self._shape.sample_rate)])
        return series

    def _measure(self, samples: Samples, edges: NDArray[np.int64]) -> None:
        starts, lengths = edges[:-1], np.diff(edges).astype(np.float64)

        def means(values: NDArray[np.float32]) -> NDArray[np.float64]:
            sums = np.add.reduceat(values, starts, axis=0).astype(np.float64)
            return sums / (lengths if sums.ndim == 1 else lengths[:, None])

        self._parts["rms"].append(np.sqrt(means(np.square(samples))))
        self._parts["mean"].append(means(samples))
        self._parts["peak"].append(np.maximum.reduceat(np.abs(samples), starts, axis=0).astype(np.float64))
        self._parts["bands"].append(self._bands(samples, starts))
        if self._shape.channels == 2:
            left, right = samples[:, 0], samples[:, 1]
            self._parts["product"].append(means(left * right))
            self._parts["difference"].append(np.sqrt(means(np.square(left - right))))

    def _bands(self, samples: Samples, starts: NDArray[np.int64]) -> NDArray[np.float64]:
        size = self._shape.sample_rate // STEPS_PER_SECOND
        planes, shade = np.pad(samples.T, ((0, 0), (0, size))), (np.hanning(size) * 2 / size).astype(np.float32)
        power = np.sum([power_spectra(sliding_window_view(plane, size)[starts] * shade) for plane in planes], axis=0)
        edges = np.searchsorted(np.fft.rfftfreq(size, 1 / self._shape.sample_rate), BANDS_HZ)
        return np.stack([power[:, low:high].sum(axis=1) for low, high in pairwise(edges)], axis=1).astype(np.float64)


SOUND_SIGNAL = _Levels()
