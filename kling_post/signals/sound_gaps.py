"""Holes in the sound: stretches that fall away and come back within a millisecond or two, as no room and no gate does it.

The level is followed in steps of one millisecond over all channels together. A hole begins where a step lies far below what stood
right before it, and ends where the level is back. How deep it is, how fast it falls and rises, whether the sound was already fading
before it, and whether the same sound goes on behind it: all that is measured, and nothing decided. A codec fills a hole's ends with
a few milliseconds of its own noise, 20 dB and more below the sound, so that edges and depth outlast it; what is longer than its
blocks is digital silence in the middle.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from kling_post.signals.sound_signal import Samples, SoundSeries, SoundShape
from kling_post.signals.sound_window import MarginWindow

_STEPS_PER_SECOND = 1000
_LEAST_STEPS, _LONGEST_STEPS = 3, 600
_BESIDE_STEPS, _FAR_STEPS = 10, 40
_MARGIN_SECONDS = 0.65
_LEAST_DEPTH_DB = 15.0
_LEAST_RETURN_DB = 20.0
"""What a codec leaves in a hole lies lower than this under the sound before it; what follows the hole need not reach all of it."""
_EDGE_DB = 6.0
_LONGEST_EDGE = 15
_SILENT_DBFS = -105.0
_FLOOR = 1e-6
_BANDS_HZ = (100, 200, 400, 700, 1100, 1700, 2500, 3600, 5000, 7000, 10_000)
_SPECTRUM_SECONDS = 0.02
_FIELDS = (
    *("seconds", "length_seconds", "before_dbfs", "inside_dbfs", "after_dbfs", "fall_db", "rise_db", "fall_steps", "rise_steps"),
    *("before_edge_db", "after_edge_db", "fading_db", "growing_db", "slope_db", "silent_share"),
)

Levels = NDArray[np.float64]


class _Gaps:
    name = "sound_gaps"
    version = 4

    def collector(self, shape: SoundShape) -> "_Collector":
        """A fresh collector."""
        return _Collector(shape)


class _Collector:
    """The holes so far.

    Events: ``seconds``, ``length_seconds``, ``before_dbfs`` and ``after_dbfs`` (RMS of the 10 ms beside it), ``inside_dbfs`` (level
    that three quarters of its steps do not pass), ``fall_db`` and ``rise_db`` (from 2 ms outside to 2 ms inside each edge),
    ``fall_steps`` and ``rise_steps`` (milliseconds from 6 dB under the level beside to the hole, and back), ``before_edge_db`` and
    ``after_edge_db`` (level of the last 2 ms before it over ``before_dbfs``, of the first 2 behind it over ``after_dbfs``: far below
    zero where the sound fades into the hole or out of it), ``fading_db`` and ``growing_db`` (level of 11 to 40 ms before over
    ``before_dbfs``, and the same behind), ``slope_db`` (first quarter of the hole over its last), ``silent_share`` (of its steps,
    digital silence) and ``spectrum_db`` (mean difference of ten band levels between the 20 ms before and the 20 ms after).
    """

    def __init__(self, shape: SoundShape) -> None:
        self._rate, self._step = shape.sample_rate, shape.sample_rate / _STEPS_PER_SECOND
        self._margin = round(_MARGIN_SECONDS * _STEPS_PER_SECOND)
        self._window = MarginWindow(shape.channels, round(self._margin * self._step))
        self._rows: list[tuple[float, ...]] = []

    def add(self, block: Samples) -> None:
        """Look through the stretches that are complete with this block."""
        for start, planes in self._window.add(block):
            self._look(start, planes)

    def finish(self) -> SoundSeries:
        """All holes, in order of time."""
        for start, planes in self._window.rest():
            self._look(start, planes)
        fields = (*_FIELDS, "spectrum_db")
        table = np.array(self._rows, np.float64).reshape(-1, len(fields))
        return dict(zip(fields, table.T.copy(), strict=True))

    def _look(self, start: int, planes: NDArray[np.float32]) -> None:
        level, edges = self._levels(planes)
        steps = len(level)
        own_steps = int((planes.shape[1] - 2 * round(self._margin * self._step)) / self._step)
        for first, end in _holes(level, self._margin, min(self._margin + own_steps, steps)):
            seconds = (start + float(edges[first])) / self._rate - self._margin * self._step / self._rate
            # The stretches overlap by a step or so where the rate is no multiple of 1000.
            if not self._rows or seconds > self._rows[-1][0] + self._rows[-1][1]:
                spectrum = self._changed(planes, int(edges[first]), int(edges[end]))
                self._rows.append((seconds, (end - first) / _STEPS_PER_SECOND, *_measured(level, first, end), spectrum))

    def _levels(self, planes: NDArray[np.float32]) -> tuple[Levels, NDArray[np.int64]]:
        """Level of every step in dB, and where the steps begin."""
        count = int(planes.shape[1] / self._step)
        edges = np.asarray(np.arange(count + 1) * self._step, np.int64)
        power = np.square(planes).sum(axis=0)[: edges[-1]]
        means = np.add.reduceat(power, edges[:-1]) / np.diff(edges)
        return 10 * np.log10(means.astype(np.float64) + _FLOOR**2), edges

    def _changed(self, planes: NDArray[np.float32], first: int, end: int) -> float:
        size = round(_SPECTRUM_SECONDS * self._rate)
        guard = round(self._step)
        before, after = (self._bands(planes[:, max(0, at) : max(0, at) + size]) for at in (first - guard - size, end + guard))
        return float(np.abs(before - after).mean())

    def _bands(self, planes: NDArray[np.float32]) -> Levels:
        spectrum = np.square(np.abs(np.fft.rfft(planes * np.hanning(planes.shape[1]), axis=1))).sum(axis=0)
        edges = np.searchsorted(np.fft.rfftfreq(planes.shape[1], 1 / self._rate), _BANDS_HZ)
        sums = np.add.reduceat(spectrum, np.minimum(edges, len(spectrum) - 1))[:-1]
        # A quiet band says little: 60 dB under the loudest is its floor.
        return np.asarray(10 * np.log10(np.maximum(sums, sums.max() * 1e-6) + 1e-20), np.float64)


def _holes(level: Levels, first_step: int, stop_step: int) -> list[tuple[int, int]]:
    """First step of each hole, and the first behind it."""
    reach = _BESIDE_STEPS
    if len(level) < 3 * reach:
        return []
    means = 10 * np.log10(sliding_window_view(10 ** (level / 10), reach).mean(axis=1))
    at = np.arange(max(first_step, reach + 2), min(stop_step, len(level) - reach))
    before = means[at - reach - 1]
    low = level[at] < before - _LEAST_DEPTH_DB
    falls = low & ~np.append(False, low[:-1])
    found: list[tuple[int, int]] = []
    for step, standing in zip(at[falls], before[falls], strict=True):
        if found and step < found[-1][1]:
            continue
        back = np.flatnonzero(level[step : step + _LONGEST_STEPS] > standing - 0.8 * _LEAST_DEPTH_DB)
        if not len(back) or step + back[0] + reach + 2 >= len(level):
            continue
        end = _true_end(level, int(step), int(step + back[0]), float(standing))
        if end - step >= _LEAST_STEPS:
            found.append((int(step), end))
    return found


def _true_end(level: Levels, first: int, end: int, standing: float) -> int:
    """The hole ends where the level leaves its floor, though what comes back may be quieter than what stood before."""
    floor = max(float(np.median(level[first:end])) + _LEAST_DEPTH_DB, standing - _LEAST_RETURN_DB)
    while end - 1 > first and level[end - 1] > floor:
        end -= 1
    return end


def _measured(level: Levels, first: int, end: int) -> tuple[float, ...]:
    """What ``_FIELDS`` names, from the level before on."""

    def mean_db(begin: int, stop: int) -> float:
        stretch = level[max(0, begin) : max(stop, 1)]
        return float(10 * np.log10(np.mean(10 ** (stretch / 10)))) if len(stretch) else -120.0

    # The step in which an edge falls belongs half to either side: it is left out.
    before, after = mean_db(first - 1 - _BESIDE_STEPS, first - 1), mean_db(end + 1, end + 1 + _BESIDE_STEPS)
    edge_before, edge_after = mean_db(first - 3, first - 1), mean_db(end + 1, end + 3)
    inside_begin, inside_end = min(first + 1, end - 1), max(end - 1, first + 1)
    standing = level[max(0, first - _LONGEST_EDGE) : first][::-1] >= before - _EDGE_DB
    standing_again = level[end : end + _LONGEST_EDGE] >= after - _EDGE_DB
    quarter = max(1, (end - first) // 4)
    return (
        before,
        float(np.percentile(level[first:end], 75)),
        after,
        edge_before - mean_db(inside_begin, inside_begin + 2),
        edge_after - mean_db(max(first, inside_end - 2), inside_end),
        float(np.argmax(np.append(standing, True))),
        float(np.argmax(np.append(standing_again, True))),
        edge_before - before,
        edge_after - after,
        mean_db(first - 1 - _FAR_STEPS, first - 1 - _BESIDE_STEPS) - before,
        mean_db(end + 1 + _BESIDE_STEPS, end + 1 + _FAR_STEPS) - after,
        mean_db(first, first + quarter) - mean_db(end - quarter, end),
        float(np.mean(level[first:end] < _SILENT_DBFS)),
    )


SOUND_SIGNAL = _Gaps()
