"""Holes in the sound: stretches that fall away and come back within a millisecond or two, as no room and no gate does it.

The level is followed in steps of one millisecond over all channels together. A hole begins where a step lies far below what stood
right before it, and ends where the level is back. How far it falls and rises in each of six bands, how sharp its edges are, whether
the first of them clicks, and whether the same sound goes on behind it: all that is measured, and nothing decided. What ends by
itself ends in one band after the other and begins over some wavelengths; what is cut out is gone from all of them in a sample. A
codec fills a hole's ends with a few milliseconds of its own noise, 20 dB and more below the sound, so that edges and depth outlast
it; what is longer than its blocks is digital silence in the middle.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from kling_post.signals.sound.decibels import mean_db
from kling_post.signals.sound.power_spectra import band_edges
from kling_post.signals.sound.signal import Samples, SoundSeries, SoundShape
from kling_post.signals.sound.window import MarginWindow

_STEPS_PER_SECOND = 1000
_LEAST_STEPS, _LONGEST_STEPS = 3, 600
_BESIDE_STEPS = 10
_MARGIN_SECONDS = 0.65
_LEAST_DEPTH_DB = 15.0
_LEAST_RETURN_DB = 20.0
"""What a codec leaves in a hole lies lower than this under the sound before it; what follows the hole need not reach all of it."""
_RETURNS_DB = (12.0, 20.0)
"""Under the sound before it, what follows: as loud again, or else quieter but well over a codec's noise."""
_EDGE_DB = 6.0
_LONGEST_EDGE = 15
_SILENT_DBFS = -105.0
_CODED_STEPS = 8
"""So far from its ends a codec fills a hole with noise; deeper inside it is silent."""
_FLOOR = 1e-6
_EDGE_BANDS_HZ = (0, 750, 1500, 3000, 6000, 12_000, 20_000)
_WINDOW_SECONDS, _AROUND_STEPS = 0.00267, 16
_LOUD_DB = 25.0
"""A band that lies so far under the loudest, on the quieter side of the hole, falls little: whether it goes on is asked apart."""
_QUIET_DBFS = -95.0
"""What is quieter in a band is nothing that could go on."""
_UNKNOWN_CHANGE_DB = 20.0
_SHARP_SECONDS, _SHARP_WITHIN_SECONDS = 0.0005, 0.003
_LEVELS = ("before_dbfs", "inside_dbfs", "after_dbfs", "fall_db", "rise_steps", "silent_share")
_EDGES = ("least_fall_db", "bands_apart_db", "edge_prominence_db", "sharp_rise_db", "loud_bands", "quiet_change_db")
_FIELDS = ("seconds", "length_seconds", *_LEVELS, *_EDGES)

Levels = NDArray[np.float64]


class _Gaps:
    name = "sound_gaps"
    version = 6

    def collector(self, shape: SoundShape) -> "_Collector":
        """A fresh collector."""
        return _Collector(shape)


class _Collector:
    """The holes so far.

    Events: ``seconds``, ``length_seconds``, ``before_dbfs`` and ``after_dbfs`` (level that half of the 10 ms beside it hold: a click
    alone is no sound that breaks off), ``inside_dbfs`` (level that three quarters of its steps do not pass), ``fall_db`` (from 2 ms
    before to 2 ms inside), ``rise_steps`` (milliseconds until the level comes within 6 dB of the level behind), ``silent_share`` (of
    its steps, digital silence). In those bands of ``_EDGE_BANDS_HZ`` that are heard on both sides, ``loud_bands`` many:
    ``least_fall_db`` (of the band that falls or rises least, from 3 ms on one side of an edge to 3 ms on the other) and
    ``bands_apart_db`` (mean difference of before and behind). ``edge_prominence_db`` (height of the first edge over the 13 ms beside
    it, in the second most prominent band: a cut wave clicks) and ``sharp_rise_db`` (the greatest rise from half a millisecond to the
    next, around the end). Of the quieter bands, ``quiet_change_db``: how far their level inside is from that beside, or how far they
    click at an edge, whichever is more; under a low note's way through zero, and under a rest, the noise of the room goes on.
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
        table = np.array(self._rows, np.float64).reshape(-1, len(_FIELDS))
        return dict(zip(_FIELDS, table.T.copy(), strict=True))

    def _look(self, start: int, planes: NDArray[np.float32]) -> None:
        level, edges = self._levels(planes)
        steps = len(level)
        own_steps = int((planes.shape[1] - 2 * round(self._margin * self._step)) / self._step)
        for first, end in _holes(level, self._margin, min(self._margin + own_steps, steps)):
            seconds = (start + float(edges[first])) / self._rate - self._margin * self._step / self._rate
            # The stretches overlap by a step or so where the rate is no multiple of 1000.
            if not self._rows or seconds > self._rows[-1][0] + self._rows[-1][1]:
                begin, stop = int(edges[first]), int(edges[end])
                measured = (*_measured(level, first, end), *_edges(planes, begin, stop, self._rate))
                self._rows.append((seconds, (end - first) / _STEPS_PER_SECOND, *measured))

    def _levels(self, planes: NDArray[np.float32]) -> tuple[Levels, NDArray[np.int64]]:
        """Level of every step in dB, and where the steps begin."""
        count = int(planes.shape[1] / self._step)
        edges = np.asarray(np.arange(count + 1) * self._step, np.int64)
        power = np.square(planes).sum(axis=0)[: edges[-1]]
        means = np.add.reduceat(power, edges[:-1]) / np.diff(edges)
        return 10 * np.log10(means.astype(np.float64) + _FLOOR**2), edges


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
        inside = level[step : step + _LONGEST_STEPS]
        end = _silence_end(level, int(step), float(standing) - _LEAST_DEPTH_DB)
        if end is None:
            back = next((found_at for drop in _RETURNS_DB if len(found_at := np.flatnonzero(inside > standing - drop))), None)
            if back is None or not back[0]:
                continue
            end = _true_end(level, int(step), int(step + back[0]), float(standing))
        if end - step >= _LEAST_STEPS and end + reach + 2 < len(level):
            found.append((int(step), end))
    return found


def _silence_end(level: Levels, first: int, low: float) -> int | None:
    """First step behind a hole that is digital silence inside, whatever follows: a stroke that was cut may have died away."""
    silent = level[first : first + _LONGEST_STEPS] < _SILENT_DBFS
    begin = int(np.argmax(silent))
    sound = np.flatnonzero(~silent[begin:])
    if not silent[begin] or begin > _CODED_STEPS or not len(sound) or sound[0] < _LEAST_STEPS:
        return None
    if (level[first : first + begin] > low).any():
        return None
    end = first + begin + int(sound[0])
    again = np.median(level[end + _CODED_STEPS : end + _CODED_STEPS + _BESIDE_STEPS]) - _LEAST_RETURN_DB
    return end + int(np.argmax(np.append(level[end : end + _CODED_STEPS] >= again, True)))


def _true_end(level: Levels, first: int, end: int, standing: float) -> int:
    """The hole ends where the level leaves its floor, though what comes back may be quieter than what stood before."""
    floor = max(float(np.median(level[first:end])) + _LEAST_DEPTH_DB, standing - _LEAST_RETURN_DB)
    while end - 1 > first and level[end - 1] > floor:
        end -= 1
    return end


def _measured(level: Levels, first: int, end: int) -> tuple[float, ...]:
    """What ``_LEVELS`` names."""

    def mean_of(begin: int, stop: int) -> float:
        return float(mean_db(level[max(0, begin) : max(stop, 1)]))

    # The step in which an edge falls belongs half to either side: it is left out.
    before, after = np.median(level[max(0, first - 1 - _BESIDE_STEPS) : first - 1]), np.median(level[end + 1 : end + 1 + _BESIDE_STEPS])
    edge_before, inside = mean_of(first - 3, first - 1), min(first + 1, end - 1)
    standing_again = level[end : end + _LONGEST_EDGE] >= after - _EDGE_DB
    return (
        float(before),
        float(np.percentile(level[first:end], 75)),
        float(after),
        edge_before - mean_of(inside, inside + 2),
        float(np.argmax(np.append(standing_again, True))),
        float(np.mean(level[first:end] < _SILENT_DBFS)),
    )


def _edges(planes: NDArray[np.float32], begin: int, stop: int, rate: int) -> tuple[float, ...]:
    """What ``_EDGES`` names, of a hole from one sample to another."""
    bands = _band_levels(planes, begin, stop, rate)
    first, end = _AROUND_STEPS, bands.shape[1] - _AROUND_STEPS
    before, after = mean_db(bands[:, first - 11 : first - 1]), mean_db(bands[:, end + 1 : end + 11])
    quieter = np.minimum(before, after)
    loud = quieter >= quieter.max() - _LOUD_DB
    inside, last = min(first + 4, max(first + 2, end - 1)), max(first + 2, end - 1)
    fall = (mean_db(bands[:, first - 4 : first - 1]) - mean_db(bands[:, first + 1 : inside]))[loud]
    rise = (mean_db(bands[:, end + 1 : end + 4]) - mean_db(bands[:, max(first + 1, end - 4) : last]))[loud]
    clicks = [_over_beside(bands, edge) for edge in (first, end)]
    least, apart = min(fall.min(), rise.min()), np.abs(before - after)[loud].mean()
    quiet = ~loud & (quieter >= _QUIET_DBFS)
    change = np.abs((before + after) / 2 - mean_db(bands[:, first + 1 : max(first + 2, end - 1)]))
    changes = max(change[quiet].mean(), np.maximum(*clicks)[quiet].mean()) if quiet.any() else _UNKNOWN_CHANGE_DB
    levels = (least, apart, np.sort(clicks[0])[-2], _sharp_rise(planes, stop, rate), loud.sum(), changes)
    return tuple(float(each) for each in levels)


def _over_beside(bands: Levels, edge: int) -> Levels:
    """Height of each band at an edge over the 13 ms on either side of it."""
    beside = np.maximum(bands[:, edge - 14 : edge - 3].max(axis=1), bands[:, edge + 4 : edge + 15].max(axis=1))
    return np.asarray(bands[:, edge - 1 : edge + 2].max(axis=1) - beside, np.float64)


def _band_levels(planes: NDArray[np.float32], begin: int, stop: int, rate: int) -> Levels:
    """Level of each band in the steps from ``_AROUND_STEPS`` before the hole to as many behind it, (bands, steps)."""
    size, step = 2 * round(_WINDOW_SECONDS * rate / 2), rate / _STEPS_PER_SECOND
    steps = np.arange(-_AROUND_STEPS, round((stop - begin) / step) + _AROUND_STEPS)
    starts = np.clip(begin + np.asarray((steps + 0.5) * step, np.int64) - size // 2, 0, planes.shape[1] - size)
    windows = sliding_window_view(planes, size, axis=1)[:, starts] * np.hanning(size + 1)[:-1].astype(np.float32)
    power = np.square(np.abs(np.fft.rfft(windows, axis=2))).sum(axis=0) * (2 / size) ** 2
    places = band_edges(_EDGE_BANDS_HZ, size, rate)
    return np.asarray(10 * np.log10(np.add.reduceat(power, places[:-1], axis=1).T + 1e-10), np.float64)


def _sharp_rise(planes: NDArray[np.float32], stop: int, rate: int) -> float:
    size, within = round(_SHARP_SECONDS * rate), round(_SHARP_WITHIN_SECONDS * rate)
    power = np.square(planes[:, stop - within - size : stop + within + size]).sum(axis=0, dtype=np.float64) + _FLOOR**2
    halves = np.convolve(power, np.ones(size), "valid")
    return float(10 * np.log10((halves[size:] / halves[:-size]).max()))


SOUND_SIGNAL = _Gaps()
