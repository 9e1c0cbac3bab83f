"""Samples that nothing before them predicts: clicks, and the attacks of percussion, told apart by what stands around them.

Each frame of 2048 samples gets a linear predictor of order 32 (autocorrelation method). What it leaves over is compared with its
own robust spread in the frame. A click is the one thing that stands out within tens of milliseconds and leaves the sound as it was;
a struck object rings on and its room answers, a voice gives one pulse after the other, and a note goes on. All of that is measured,
and nothing is decided here. A codec smears a click over some three milliseconds on both sides; what is nearer is its own.

The approach is that of S. Godsill and P. Rayner, "Digital Audio Restoration" (1998), chapter 5, without the matched filter.
"""

import numpy as np
from numpy.typing import NDArray

from kling_post.signals.sound_signal import Samples, SoundSeries, SoundShape
from kling_post.signals.sound_window import MarginWindow

_FRAME = 2048
_ORDER = 32
_MARGIN = 2 * _FRAME
_LEAST_SIGMA = 10.0
_FLOOR = 2e-5
"""Residual below this (-94 dBFS) is the last bit of 16; a click in digital silence is measured against it."""
_NEAR_SECONDS, _FAR_SECONDS = 0.004, 0.03
_FIELDS = ("seconds", "sigmas", "level", "over_before_db", "over_after_db", "rise_db", "over_sound_db", "channel")


class _Impulses:
    name = "sound_impulses"
    version = 2

    def collector(self, shape: SoundShape) -> "_Collector":
        """A fresh collector."""
        return _Collector(shape)


class _Collector:
    """What stood out so far, and both ends of the sound.

    Events: ``seconds``; ``sigmas`` (height of the residual over its robust spread); ``level`` (height of the residual, full scale 1);
    ``over_before_db`` and ``over_after_db`` (that height over the residual's highest from 3 to 30 ms before and after); ``rise_db``
    (RMS of the sound itself from 3 to 30 ms after, over the same before); ``over_sound_db`` (height over the RMS after); ``channel``.
    No two events of one channel lie within 3 ms. Ends: ``first`` and
    ``last`` (channels,), the absolute first and last sample, and ``first_step``, ``last_step``, the RMS of the steps between
    samples in the 10 ms there.
    """

    def __init__(self, shape: SoundShape) -> None:
        self._rate = shape.sample_rate
        self._window = MarginWindow(shape.channels, _MARGIN)
        self._events: list[NDArray[np.float64]] = []
        self._head: Samples | None = None
        self._tail = np.zeros((0, shape.channels), np.float32)

    def add(self, block: Samples) -> None:
        """Look through the stretches that are complete with this block."""
        size = max(2, self._rate // 100)
        if self._head is None or len(self._head) < size:
            self._head = block[:size] if self._head is None else np.concatenate([self._head, block])[:size]
        self._tail = np.concatenate([self._tail, block[-size:]])[-size:].copy()
        for start, planes in self._window.add(block):
            self._look(start, planes)

    def finish(self) -> SoundSeries:
        """All events, in order of time, and the ends."""
        for start, planes in self._window.rest():
            self._look(start, planes)
        events = np.concatenate([*self._events, np.zeros((0, len(_FIELDS)))])
        events = events[np.argsort(events[:, 0], kind="stable")]
        series = dict(zip(_FIELDS, events.T.copy(), strict=True))
        head = self._tail if self._head is None else self._head
        for name, stretch, end in (("first", head, 0), ("last", self._tail, -1)):
            series[name] = np.abs(stretch[end]).astype(np.float64) if len(stretch) else np.zeros(stretch.shape[1])
            steps = np.diff(stretch.astype(np.float64), axis=0)
            series[f"{name}_step"] = np.sqrt(np.mean(steps**2, axis=0)) if len(steps) else np.zeros(stretch.shape[1])
        return series

    def _look(self, start: int, planes: NDArray[np.float32]) -> None:
        size = planes.shape[1] - 2 * _MARGIN
        for channel, plane in enumerate(planes):
            residual, spread = _unpredicted(plane)
            height = np.abs(residual)
            centre = slice(_MARGIN, _MARGIN + size)
            found = np.flatnonzero(height[centre] > _LEAST_SIGMA * spread[centre]) + _MARGIN
            if len(found):
                self._events.append(self._measured(start, channel, found, height, spread, plane))

    def _measured(
        self,
        start: int,
        channel: int,
        found: NDArray[np.int64],
        height: NDArray[np.float64],
        spread: NDArray[np.float64],
        plane: NDArray[np.float32],
    ) -> NDArray[np.float64]:
        """One row of ``_FIELDS`` for each sample that stands out and is the highest within 3 ms."""
        near, far = round(_NEAR_SECONDS * self._rate), round(_FAR_SECONDS * self._rate)
        at = found[height[found] >= _highest(height, found - near, found + near + 1)]
        at = at[np.diff(at, prepend=-near) >= near]
        energy = np.concatenate([[0.0], np.cumsum(np.square(plane, dtype=np.float64))])

        def level(begin: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.float64]:
            begin, end = np.clip(begin, 0, len(plane)), np.clip(end, 0, len(plane))
            return np.asarray(np.sqrt((energy[end] - energy[begin]) / np.maximum(end - begin, 1) + _FLOOR**2))

        peak, after = height[at], level(at + near, at + far)
        columns = (
            (at - _MARGIN + start) / self._rate,
            peak / spread[at],
            peak,
            _decibels(peak, _highest(height, at - far, at - near)),
            _decibels(peak, _highest(height, at + near, at + far)),
            _decibels(after, level(at - far, at - near)),
            _decibels(peak, after),
            np.full(len(at), float(channel)),
        )
        return np.stack(columns, axis=1)


def _highest(values: NDArray[np.float64], begin: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.float64]:
    """The largest value of each stretch."""
    bounds = np.clip(np.stack([begin, end], axis=1), 0, len(values) - 1).ravel()
    return np.asarray(np.maximum.reduceat(values, bounds)[::2], np.float64)


def _decibels(value: NDArray[np.float64], reference: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(20 * np.log10(value / np.maximum(reference, _FLOOR)))


def _unpredicted(plane: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What the predictor of each frame leaves over, and its robust spread there; both as long as the plane."""
    frames = -(-len(plane) // _FRAME)
    padded = np.pad(plane, (_ORDER, frames * _FRAME - len(plane))).astype(np.float64)
    body = padded[_ORDER:].reshape(frames, _FRAME)
    spectrum = np.fft.rfft(body * np.hanning(_FRAME + 2)[1:-1], 2 * _FRAME, axis=1)
    correlation = np.fft.irfft(np.abs(spectrum) ** 2, axis=1)[:, : _ORDER + 1]
    # White noise far below the signal keeps the equations solvable on tones and on digital silence.
    correlation[:, 0] += correlation[:, 0] * 1e-7 + _FRAME * _FLOOR**2 / 16
    lags = np.abs(np.arange(_ORDER)[:, None] - np.arange(_ORDER)[None, :])
    predictor = np.linalg.solve(correlation[:, lags], correlation[:, 1:, None])[:, :, 0]
    residual = body.copy()
    for lag in range(1, _ORDER + 1):
        residual -= predictor[:, lag - 1, None] * padded[_ORDER - lag : _ORDER - lag + frames * _FRAME].reshape(frames, _FRAME)
    spread = np.maximum(np.median(np.abs(residual), axis=1) / 0.6745, _FLOOR)
    return residual.ravel()[: len(plane)], np.repeat(spread, _FRAME)[: len(plane)]


SOUND_SIGNAL = _Impulses()
