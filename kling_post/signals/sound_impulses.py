"""Samples that nothing before them predicts: clicks, and the attacks of percussion, told apart by what follows.

Each frame of 2048 samples gets a linear predictor of order 32 (autocorrelation method). What it leaves over is compared with its
own robust spread in the frame. A click is over within two milliseconds and leaves the sound as it was; a struck object rings on,
so that the residual stays raised after it. Both are measured, and nothing is decided here.

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
_GATHER_SECONDS = 0.002
_NEAR_SECONDS, _FAR_SECONDS = 0.003, 0.025
_FIELDS = ("seconds", "width_seconds", "sigmas", "level", "ringing_db", "channel")


class _Impulses:
    name = "sound_impulses"
    version = 1

    def collector(self, shape: SoundShape) -> "_Collector":
        """A fresh collector."""
        return _Collector(shape)


class _Collector:
    """What stood out so far, and both ends of the sound.

    Events: ``seconds``, ``width_seconds``, ``sigmas`` (height of the residual over its robust spread), ``level`` (height of the
    residual, full scale 1), ``ringing_db`` (residual 3 to 25 ms after over the same before), ``channel``. Ends: ``first`` and
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
                self._events.append(self._measured(start, channel, found, height, spread))

    def _measured(
        self, start: int, channel: int, found: NDArray[np.int64], height: NDArray[np.float64], spread: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """One row of ``_FIELDS`` for each group of samples that stand out together."""
        groups = np.flatnonzero(np.diff(found, prepend=-_MARGIN * 9) > _GATHER_SECONDS * self._rate)
        first, last = found[groups], found[np.append(groups[1:], len(found)) - 1]
        peak = np.maximum.reduceat(height[found], groups)
        sigmas = np.maximum.reduceat((height / spread)[found], groups)
        energy = np.concatenate([[0.0], np.cumsum(height**2)])
        near, far = round(_NEAR_SECONDS * self._rate), round(_FAR_SECONDS * self._rate)

        def power(begin: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.float64]:
            begin, end = np.clip(begin, 0, len(height)), np.clip(end, 0, len(height))
            return np.asarray((energy[end] - energy[begin]) / np.maximum(end - begin, 1) + _FLOOR**2, np.float64)

        ringing = 10 * np.log10(power(last + near, last + far) / power(first - far, first - near))
        seconds, width = (first - _MARGIN + start) / self._rate, (last - first + 1) / self._rate
        return np.stack([seconds, width, sigmas, peak, ringing, np.full(len(first), float(channel))], axis=1)


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
