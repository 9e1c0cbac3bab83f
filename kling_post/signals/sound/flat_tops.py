"""Runs of equal samples at the top of the waveform: what a clipped converter, or a clipped mix turned down later, leaves behind.

The top of a low note is nearly flat too, but its slope comes and goes gradually. A clipped top ends in a corner: the step out of
the run is many times any step inside it, and leads back towards zero, not to the opposite rail as in a synthesizer's square wave.
"""

import numpy as np
from numpy.typing import NDArray

from kling_post.signals.sound.signal import Samples, SoundSeries, SoundShape
from kling_post.signals.sound.window import MarginWindow

_MARGIN = 1024
_LEAST_RUN = 3
_LEAST_LEVEL = 0.1
_FLAT = 1.5 / 32_768
"""Steps up to one and a half codes of 16 bits count as flat."""
_CORNER = 6.0
"""How many times steeper than inside the run the way out must be, ..."""
_MOST_TOUCHES = 20_000
_FAR = 0.005
_STEEP = 0.001
"""... and how steep against its level: the noise on a synthesizer's flat top is less."""


class _FlatTops:
    name = "sound_flat_tops"
    version = 3

    def collector(self, shape: SoundShape) -> "_Collector":
        """A fresh collector."""
        return _Collector(shape)


class _Collector:
    """The runs so far, and where the sound touches its own highest value.

    Events, one value each per run: ``seconds``, ``samples`` (length), ``level`` (absolute, full scale 1), ``channel``. And, one value
    each per touch, of every channel and polarity: ``touch_seconds``, ``touch_samples`` (length), ``touch_level``, ``touch_rail``
    (2 * channel, + 1 below zero).
    """

    def __init__(self, shape: SoundShape) -> None:
        self._shape = shape
        self._window = MarginWindow(shape.channels, _MARGIN)
        self._events: list[NDArray[np.float64]] = []
        self._rails = [_Rail() for _ in range(2 * shape.channels)]

    def add(self, block: Samples) -> None:
        """Look through the stretches that are complete with this block."""
        for start, planes in self._window.add(block):
            self._look(start, planes)

    def finish(self) -> SoundSeries:
        """All runs, in order of time."""
        for start, planes in self._window.rest():
            self._look(start, planes)
        events = np.concatenate([*self._events, np.zeros((0, 4))])
        events = events[np.argsort(events[:, 0], kind="stable")]
        series = dict(zip(("seconds", "samples", "level", "channel"), events.T.copy(), strict=True))
        table = np.concatenate([rail.table(index, self._shape.sample_rate) for index, rail in enumerate(self._rails)])
        return {**series, **dict(zip(_TOUCHES, table.T.copy(), strict=True))}

    def _look(self, start: int, planes: NDArray[np.float32]) -> None:
        for channel, plane in enumerate(planes):
            own_samples = plane[_MARGIN : len(plane) - _MARGIN]
            self._rails[2 * channel].touch(own_samples, start)
            self._rails[2 * channel + 1].touch(-own_samples, start)
            first, length = _flat_runs(plane)
            own = (first >= _MARGIN) & (first < len(plane) - _MARGIN)
            first, length = first[own], length[own]
            if len(first):
                seconds = (first - _MARGIN + start) / self._shape.sample_rate
                level = np.abs(plane[first])
                self._events.append(np.stack([seconds, length, level, np.full(len(first), channel)], axis=1).astype(np.float64))


_TOUCHES = ("touch_seconds", "touch_samples", "touch_level", "touch_rail")


class _Rail:
    """The highest value so far, and the first sample and length of each time that the sound touched it."""

    def __init__(self) -> None:
        self.level = 0.0
        self._touches: list[NDArray[np.int64]] = []
        self._count = 0

    def touch(self, samples: NDArray[np.float32], start: int) -> None:
        highest = float(samples.max(initial=0.0))
        if highest > self.level + _FLAT:
            self._touches, self._count = [], 0
        self.level = max(self.level, highest)
        if highest < max(self.level - _FLAT, _LEAST_LEVEL):
            return
        first, last = _runs(samples >= self.level - _FLAT)
        way_in = samples[first] - samples[np.maximum(first - 1, 0)]
        way_out = samples[last] - samples[np.minimum(last + 1, len(samples) - 1)]
        # A noisy flat top touches its highest value by chance, from close by; a square wave comes from the opposite rail.
        sharp = (np.maximum(way_in, way_out) > _FAR * self.level) & (np.minimum(way_in, way_out) <= self.level)
        first, last = first[sharp], last[sharp]
        found = np.stack([first + start, last - first + 1], axis=1)[: _MOST_TOUCHES - self._count]
        self._touches.append(found)
        self._count += len(found)

    def table(self, index: int, sample_rate: int) -> NDArray[np.float64]:
        """What ``_TOUCHES`` names, (touches, 4)."""
        first, size = np.concatenate([*self._touches, np.zeros((0, 2), np.int64)]).T
        return np.stack([first / sample_rate, size, np.full(len(first), self.level), np.full(len(first), index)], axis=1)


def _runs(chosen: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Index of the first and of the last in every run of what is chosen."""
    change = np.flatnonzero(np.diff(np.concatenate([[False], chosen, [False]]).astype(np.int8)))
    return change[::2], change[1::2] - 1


def _flat_runs(plane: NDArray[np.float32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Index of the first sample and length of every run that is a clipped top."""
    steps = np.diff(plane)
    flat = (np.abs(steps) <= _FLAT) & (np.abs(plane[1:]) > _LEAST_LEVEL)
    if not flat.any():
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    first, last = _runs(flat)
    last = last + 1
    inside = (last - first + 1 >= _LEAST_RUN) & (first > 0) & (last < len(plane) - 1)
    first, last = first[inside], last[inside]
    sign = np.sign(plane[first])
    way_in = (plane[first] - plane[first - 1]) * sign
    way_out = (plane[last] - plane[last + 1]) * sign
    level = np.abs(plane[first])
    bounds = np.stack([first, last], axis=1).ravel()
    roughest = np.maximum.reduceat(np.abs(steps), bounds)[::2] if len(bounds) else np.zeros(0)
    corner = np.minimum(way_in, way_out) > _CORNER * np.maximum(roughest, _FLAT / 3)
    steep = np.minimum(way_in, way_out) > _STEEP * level
    rail_to_rail = np.minimum(way_in, way_out) > level
    clipped = corner & steep & ~rail_to_rail
    return first[clipped], (last - first + 1)[clipped]


SOUND_SIGNAL = _FlatTops()
