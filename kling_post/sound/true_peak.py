"""True peak level: the highest value of the waveform between the samples (ITU-R BS.1770-5 Annex 2, with a longer filter).

The standard interpolates four times with twelve coefficients per phase and accepts what that misses. Here every phase has 64,
the stretches that come out highest are interpolated sixteen times, and stretches that provably cannot hold the peak are not
interpolated at all. The proof: an interpolated value is a line between two samples plus a weighted sum of second differences,
so it exceeds the samples by at most the weights' absolute sum times the largest second difference nearby.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

_TAPS = 64
"""Coefficients per phase; flat within 0.01 dB up to 0.45 of the sample rate."""
_REACH = _TAPS // 2
_KAISER_BETA = 8.0
_BLOCK = 32
"""Samples that one row of a matrix product interpolates."""
_ROWS = 8
"""Rows that are kept or left out together; products this small also stay on the caller's thread."""
_STRETCH = _BLOCK * _ROWS
_COARSE, _FINE = 4, 16
"""Times of oversampling: of every stretch that may matter, and of the highest ones. 16 leaves under 0.05 dB at any frequency."""
_FINE_STRETCHES = 8


def interpolation_taps(times: int) -> NDArray[np.float64]:
    """Coefficients (times, 64) of a windowed sinc whose phase 0 gives back the samples; phase p is p/times of a sample later.

    The window is Kaiser's with beta 8. Constants and straight lines come out exactly.
    """
    position = np.arange(-_REACH + 1, _REACH + 1)[None, :] - np.arange(times)[:, None] / times
    window = np.i0(_KAISER_BETA * np.sqrt(np.maximum(1 - (position / _REACH) ** 2, 0)))
    taps = np.sinc(position) * window
    taps /= taps.sum(axis=1, keepdims=True)
    lean = (taps * position).sum(axis=1)
    taps[:, _REACH - 1] += lean
    taps[:, _REACH] -= lean
    return np.asarray(taps, np.float64)


@lru_cache(maxsize=2)
def _interpolator(times: int) -> NDArray[np.float32]:
    """Matrix (block + taps - 1, block * (times - 1)): a stretch with its surroundings to all values between its samples."""
    taps = interpolation_taps(times)[1:]
    matrix = np.zeros((_BLOCK + _TAPS - 1, _BLOCK, times - 1))
    for sample in range(_BLOCK):
        matrix[sample : sample + _TAPS, sample] = taps.T
    return matrix.reshape(_BLOCK + _TAPS - 1, -1).astype(np.float32)


@lru_cache(maxsize=1)
def _curvature_bound() -> float:
    """The most by which an interpolated value can pass its two samples, per unit of second difference nearby."""
    fraction = np.arange(_FINE) / _FINE
    taps = interpolation_taps(_FINE)
    taps[:, _REACH - 1] -= 1 - fraction
    taps[:, _REACH] -= fraction
    # Coefficients that sum to zero and have no slope are second differences of their own double sums.
    weights = np.cumsum(np.cumsum(taps, axis=1), axis=1)
    return float(np.abs(weights).sum(axis=1).max())


class TruePeakMeter:
    """Finds the true peak of a stream, in constant memory."""

    def __init__(self, channels: int) -> None:
        self._before = np.zeros((channels, _REACH - 1), np.float32)
        # A sound that begins at full level swings before its first sample: the search starts in the silence before it.
        self._waiting = np.zeros((channels, _REACH), np.float32)
        self.sample_peak = 0.0
        """Highest absolute sample so far, 1.0 being full scale."""
        self._between = 0.0

    @property
    def true_peak(self) -> float:
        """Highest absolute value so far, on or between samples; 1.0 is full scale."""
        return max(self.sample_peak, self._between)

    def add(self, planes: NDArray[np.float32]) -> None:
        """Take the next stretch, (channels, samples) float32.

        Raises:
            ValueError: samples that are not finite.
        """
        if planes.shape[1]:
            highest = max(float(planes.max()), -float(planes.min()))
            if not np.isfinite(planes.max() - planes.min()):
                raise ValueError("the sound holds samples that are not numbers")
            self.sample_peak = max(self.sample_peak, highest)
        self._waiting = np.concatenate([self._waiting, planes], axis=1)
        stretches = (self._waiting.shape[1] - _REACH) // _STRETCH
        if stretches > 0:
            self._search(stretches)

    def finish(self) -> float:
        """Take what is still waiting, as if silence followed, and return the true peak."""
        tail = self._waiting.shape[1]
        stretches = -(-(tail + _REACH) // _STRETCH)
        self._waiting = np.pad(self._waiting, ((0, 0), (0, stretches * _STRETCH + _REACH - tail)))
        self._search(stretches)
        return self.true_peak

    def _search(self, stretches: int) -> None:
        """Look between the samples of the first ``stretches`` of what is waiting, then let go of them."""
        around = np.concatenate([self._before, self._waiting], axis=1)
        consumed = stretches * _STRETCH
        stored, candidates = self._candidates(around, stretches)
        if candidates.any():
            windows = sliding_window_view(around, _BLOCK + _TAPS - 1, axis=1)[:, :consumed:_BLOCK]
            self._interpolate(windows.reshape(len(around), stretches, _ROWS, -1)[candidates], stored[candidates])
        self._before = around[:, consumed : consumed + _REACH - 1].copy()
        self._waiting = self._waiting[:, consumed:].copy()

    def _interpolate(self, windows: NDArray[np.float32], stored: NDArray[np.float32]) -> None:
        """Raise the peak to what lies between the samples of these stretches, (stretches, rows, window); ``stored`` is their own."""
        between = (windows @ _interpolator(_COARSE)).reshape(len(windows), -1)
        peaks = np.maximum(stored, np.maximum(between.max(axis=1), -between.min(axis=1)))
        self._between = max(self._between, float(peaks.max()))
        # At any frequency below Nyquist the coarse grid, samples included, misses less than 0.7 dB of a peak.
        worth = self.true_peak * np.cos(np.pi / (2 * _COARSE))
        near = np.flatnonzero(peaks > worth)
        if len(near) > _FINE_STRETCHES:
            near = near[np.argpartition(peaks[near], -_FINE_STRETCHES)[-_FINE_STRETCHES:]]
        if len(near):
            self._between = max(self._between, float(np.abs(windows[near] @ _interpolator(_FINE)).max()))

    def _candidates(self, around: NDArray[np.float32], stretches: int) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """The highest sample of each stretch, (channels, stretches), and whether a value above the peak so far may lie there."""
        span = (stretches + 1) * _STRETCH
        highest = _per_stretch(np.abs(around[:, _REACH - 1 : _REACH - 1 + span]), stretches + 1)
        bend = np.abs(np.diff(around[:, : span + 2], n=2, axis=1))
        nearby = _per_stretch(bend, stretches + 1)
        either = np.maximum(highest[:, :-1], highest[:, 1:])
        sharpest = np.maximum(nearby[:, :-1], nearby[:, 1:])
        return either, either + np.float32(_curvature_bound()) * sharpest > self.true_peak


def segment_peaks(blocks: Iterable[NDArray[np.float32]]) -> Iterator[NDArray[np.float32]]:
    """The true peak of each 32 samples, all channels together, interpolated four times.

    Args:
        blocks: A programme as (samples, channels) float32.

    Yields:
        Stretches of the curve, one value per started segment of 32 samples; 1.0 is full scale.
    """
    before: NDArray[np.float32] | None = None
    waiting = np.zeros((0, 0), np.float32)
    for block in blocks:
        if before is None:
            before, waiting = np.zeros((block.shape[1], _REACH - 1), np.float32), np.zeros((block.shape[1], 0), np.float32)
        waiting = np.concatenate([waiting, block.T], axis=1)
        segments = max(0, waiting.shape[1] - _REACH) // _BLOCK
        if segments:
            around = np.concatenate([before, waiting], axis=1)
            yield _segment_peaks(around, segments)
            before, waiting = around[:, segments * _BLOCK :][:, : _REACH - 1], waiting[:, segments * _BLOCK :]
    if before is not None and waiting.shape[1]:
        segments = -(-waiting.shape[1] // _BLOCK)
        around = np.pad(np.concatenate([before, waiting], axis=1), ((0, 0), (0, segments * _BLOCK + _REACH - waiting.shape[1])))
        yield _segment_peaks(around, segments)


def _segment_peaks(around: NDArray[np.float32], segments: int) -> NDArray[np.float32]:
    channels = len(around)
    own = around[:, _REACH - 1 : _REACH + segments * _BLOCK]
    stored = np.abs(own[:, :-1]).reshape(channels, segments, _BLOCK).max(axis=2)
    windows = sliding_window_view(around, _BLOCK + _TAPS - 1, axis=1)[:, : segments * _BLOCK : _BLOCK]
    between = np.abs(_in_small_products(windows, _interpolator(_COARSE))).max(axis=2)
    peaks: NDArray[np.float32] = np.maximum(stored, between).max(axis=0)
    return peaks


def _in_small_products(windows: NDArray[np.float32], matrix: NDArray[np.float32]) -> NDArray[np.float32]:
    """``windows @ matrix`` in products of few rows each."""
    channels, rows, width = windows.shape
    padded = np.zeros((channels, -(-rows // _ROWS) * _ROWS, width), np.float32)
    padded[:, :rows] = windows
    between = padded.reshape(-1, _ROWS, width) @ matrix
    return between.reshape(channels, -1, matrix.shape[1])[:, :rows]


def _per_stretch(values: NDArray[np.float32], stretches: int) -> NDArray[np.float32]:
    """Largest value in each stretch; past the end it counts as 0."""
    whole = min(stretches, values.shape[1] // _STRETCH)
    largest = np.zeros((len(values), stretches), np.float32)
    values[:, : whole * _STRETCH].reshape(len(values), whole, _STRETCH).max(axis=2, out=largest[:, :whole])
    rest = values[:, whole * _STRETCH : stretches * _STRETCH]
    if rest.shape[1]:
        largest[:, whole] = rest.max(axis=1)
    return largest
