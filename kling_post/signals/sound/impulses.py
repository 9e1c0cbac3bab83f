"""What stands out of the sound for a millisecond or two: clicks, and the attacks of percussion, told apart by what stands around them.

The sound is followed in steps of one millisecond, in six bands from 1 to 16 kHz (lower where the rate is). An impulse is a step that
stands, in two bands at least or in one by far, over all that is heard within 30 ms before it and 15 ms after: a sound hides what
follows it for longer than what precedes it. Bands, because a click beside a voice or in wind is heard above them, where a measure of
the whole waveform sees the voice.

A click is gone at once and leaves everything as it was; a struck object rings on and its room answers, a voice gives one pulse after
the other, and a note goes on. All of that is measured, and nothing decided: what has changed in bands from 250 Hz on, what the sound
around does not foretell (``linear_prediction.py``), where chords and voices are quiet and a click is short, how it rises and fades and
between which channels it lies (``impulse_shape.py``), and whether the lines of the spectrum go on behind it (``impulse_lines.py``). A
codec smears a click over some three milliseconds on both sides; what is nearer is its own.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from kling_post.signals.sound.decibels import mean_db
from kling_post.signals.sound.impulse_lines import LINES, impulse_lines
from kling_post.signals.sound.impulse_shape import EDGES_HZ, SHAPE, impulse_shapes
from kling_post.signals.sound.linear_prediction import prediction_residual
from kling_post.signals.sound.power_spectra import band_edges, power_spectra
from kling_post.signals.sound.signal import Samples, SoundSeries, SoundShape
from kling_post.signals.sound.window import MarginWindow

_STEPS_PER_SECOND = 1000
_WINDOW_SECONDS = 0.00267
_MARGIN_STEPS = 48
_NEAR, _BEFORE, _AFTER = 4, 30, 15
"""In steps: nearer is the impulse's own, and so far reaches what may hide it."""
_LEAST_PROMINENCE_DB, _ALONE_DB = 6.0, 6.0
"""In two bands, or in one by so much more."""
_APART_STEPS = 5
_FLOOR_DB = -100.0
_STRETCH_SECONDS, _ASIDE_SECONDS, _CORE_SECONDS = 0.04, 0.004, 0.0005
_LEFT_EDGES_HZ = (250, 700, 1300, 2500, 5000, 9000, 15_000)
_LEFT_SECONDS = 0.008
_LEFT_BEFORE_SECONDS, _LEFT_AFTER_SECONDS = (-0.032, -0.024, -0.016, -0.0125), (0.0045,)
"""Where the windows begin that show what an impulse leaves: before it and right after it."""
_LEFT_FLOOR_DB = -90.0
_PREDICTED = ("residual_over_db", "residual_core", "residual_tail_db", "residual_growth_db", "prediction_gain_db")
_FIELDS = (
    *("seconds", "channel", "level_db", "best_db", "second_db", "rise_db"),
    *("over_before_db", "over_sound_db", "band_over_sound_db", "tilt_db", "onset_db", "growth_db"),
    "change_db",
    *_PREDICTED,
    *SHAPE,
    *LINES,
)

Levels = NDArray[np.float64]
"""In decibels, (bands, steps) or (steps,)."""
Places = NDArray[np.int64]


class _Impulses:
    name = "sound_impulses"
    version = 6

    def collector(self, shape: SoundShape) -> "_Collector":
        """A fresh collector."""
        return _Collector(shape)


class _Collector:
    """What stood out so far, and both ends of the sound.

    Events, in decibels but for the first two: ``seconds``; ``channel``; ``level_db`` (mean of its two most prominent bands);
    ``best_db`` and ``second_db`` (height over all around, of the most prominent band and the second);
    ``rise_db`` (height over 3 ms before, in the two most prominent bands); ``over_before_db`` (height over 21 to 30 ms before, mean of
    all bands); ``over_sound_db`` (height of the whole waveform, in steps of a millisecond, over the louder side) and
    ``band_over_sound_db`` (the loudest band over the same); ``tilt_db`` (lower three bands over the upper three); ``onset_db`` and
    ``growth_db`` (whole waveform after it over before: 3 to 8 ms away, 4 to 30); ``change_db`` (of six bands from 250 Hz to 15 kHz,
    mean difference of 4.5 to 12.5 ms after from before). What ``impulse_shapes`` and ``impulse_lines`` say. Of the prediction residual:
    ``residual_over_db`` (its peak over all from 30 ms before to 15 after), ``residual_core`` (share of its energy within 3 ms that
    lies within half a millisecond of the peak), ``residual_tail_db`` (1.5 to 6 ms after the peak over as long before),
    ``residual_growth_db`` (4 to 30 ms after over before) and ``prediction_gain_db`` (sound over residual: high in chords, low in
    noise). No two events of one channel lie within 4 ms. Ends: ``first`` and ``last`` (channels,), the absolute first and last
    sample, and ``first_step``, ``last_step``, the RMS of the steps between samples in the 10 ms there.
    """

    def __init__(self, shape: SoundShape) -> None:
        self._rate = shape.sample_rate
        self._margin = _MARGIN_STEPS * shape.sample_rate // _STEPS_PER_SECOND
        self._window = MarginWindow(shape.channels, self._margin)
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
        own = (planes.shape[1] - 2 * self._margin) / self._rate
        for channel, plane in enumerate(planes):
            bands, whole = _levels(plane, self._rate)
            over = _over_around(bands)
            found = _standing_out(over)
            loudest = _loudest(bands, found)
            seconds = (loudest * self._rate // _STEPS_PER_SECOND - self._margin) / self._rate
            inside = (seconds >= 0) & (seconds < own)
            if inside.any():
                found, loudest, seconds = found[inside], loudest[inside], seconds[inside]
                samples = (loudest * 2 + 1) * self._rate // (2 * _STEPS_PER_SECOND)
                around = (_change(plane, samples, self._rate), *_predicted(plane, samples, self._rate))
                around += (*impulse_shapes(planes, channel, samples, self._rate), *impulse_lines(planes, channel, samples, self._rate))
                sums = _sums(whole)
                measured = (*_measured(bands, over, whole, sums, found), *_growth(sums, loudest), *around)
                rows = (seconds + start / self._rate, np.full(len(found), float(channel)), *measured)
                self._events.append(np.stack(rows, axis=1))


def _levels(plane: NDArray[np.float32], rate: int) -> tuple[Levels, Levels]:
    """Level of every step in each band, of a sine at full scale about 0, and of the whole waveform."""
    size = 2 * round(_WINDOW_SECONDS * rate / 2)
    count = len(plane) * _STEPS_PER_SECOND // rate
    starts = np.arange(count) * rate // _STEPS_PER_SECOND
    padded = np.pad(plane, (size // 2, size))
    power = power_spectra(sliding_window_view(padded, size)[starts] * (np.hanning(size) * 2 / size).astype(np.float32))
    edges = band_edges(EDGES_HZ, size, rate)
    bands = np.add.reduceat(power[:, : edges[-1]], edges[:-1], axis=1).T
    whole = np.add.reduceat(np.square(plane), starts) / np.diff(np.append(starts, len(plane)))
    return _decibels(bands.astype(np.float64)), _decibels(whole.astype(np.float64))


def _standing_out(over: Levels) -> Places:
    """Steps that stand over what is around them, the highest of each few; ``over`` is how far, in each band."""
    count = over.shape[1]
    if count <= 2 * _MARGIN_STEPS:
        return np.zeros(0, np.int64)
    second, best = np.partition(over, (-2, -1), axis=0)[-2:]
    prominence = np.maximum(second, best - _ALONE_DB)
    highest = _highest(prominence[None], 1 - _APART_STEPS, _APART_STEPS - 1)[0]
    found = np.flatnonzero((prominence >= _LEAST_PROMINENCE_DB) & (prominence >= highest))
    found = found[(found > _BEFORE + _NEAR) & (found < count - _BEFORE - _NEAR)]
    return np.asarray(found[np.diff(found, prepend=-_APART_STEPS) >= _APART_STEPS], np.int64)


def _loudest(bands: Levels, found: Places) -> Places:
    """The step in which each impulse lies: three steps' windows hold it, and the first of them was found."""
    level = bands.mean(axis=0)
    return np.asarray(found + np.argmax(np.stack([level[found], level[found + 1], level[found + 2]]), axis=0), np.int64)


def _over_around(bands: Levels) -> Levels:
    """Height of each band in each step over the highest around it; the step's own is the highest of three."""
    return _highest(bands, -1, 1) - np.maximum(_highest(bands, -_BEFORE, -_NEAR), _highest(bands, _NEAR, _AFTER))


def _highest(levels: Levels, first: int, last: int) -> Levels:
    """The highest from so many steps away to so many, for every step."""
    padded = np.pad(levels, ((0, 0), (_BEFORE, _BEFORE)), constant_values=_FLOOR_DB)[:, _BEFORE + first :]
    reach, size, count = 1, last - first + 1, levels.shape[1]
    while 2 * reach <= size:
        padded = np.maximum(padded[:, :-reach], padded[:, reach:])
        reach *= 2
    return np.maximum(padded[:, :count], padded[:, size - reach :][:, :count])


def _measured(bands: Levels, over: Levels, whole: Levels, sums: Levels, at: Places) -> tuple[NDArray[np.float64], ...]:
    """What ``_FIELDS`` names, from the level to the tilt."""
    prominence, own = over[:, at], np.maximum(np.maximum(bands[:, at - 1], bands[:, at]), bands[:, at + 1])
    ranked = np.argsort(prominence, axis=0)
    heights = np.take_along_axis(prominence, ranked, 0)

    def in_two(levels: Levels) -> Levels:
        return np.asarray(np.take_along_axis(levels, ranked[-2:], 0).mean(axis=0))

    def beside(first: int, last: int) -> Levels:
        return _mean(_sums(bands), at + first, at + last + 1)

    sides = np.maximum(_mean(sums, at - _BEFORE, at - _NEAR + 1), _mean(sums, at + _NEAR, at + _BEFORE + 1))
    peak = np.maximum(np.maximum(whole[at - 1], whole[at]), whole[at + 1])
    return (
        in_two(own),
        heights[-1],
        heights[-2],
        in_two(own - bands[:, at - 3]),
        (own - beside(-_BEFORE, -_BEFORE + 9)).mean(axis=0),
        peak - sides,
        own.max(axis=0) - sides,
        own[:3].mean(axis=0) - own[3:].mean(axis=0),
    )


def _growth(sums: Levels, at: Places) -> tuple[NDArray[np.float64], ...]:
    """The waveform after each place over before it, near by and further on."""

    def after_over_before(near: int, far: int) -> NDArray[np.float64]:
        return _mean(sums, at + near, at + far + 1) - _mean(sums, at - far, at - near + 1)

    return after_over_before(3, 8), after_over_before(_NEAR, _BEFORE)


def _change(plane: NDArray[np.float32], at: Places, rate: int) -> NDArray[np.float64]:
    """The mean difference of six bands after samples from before."""
    size = 2 * round(_LEFT_SECONDS * rate / 2)
    edges = band_edges(_LEFT_EDGES_HZ, size, rate, highest_hz=EDGES_HZ[-1])
    shade = (np.hanning(size) * 2 / size).astype(np.float32)

    def levels(begins: tuple[float, ...]) -> Levels:
        """(places, windows, bands)."""
        starts = at[:, None] + np.rint(np.array(begins) * rate).astype(np.int64)
        power = power_spectra(sliding_window_view(plane, size)[starts.ravel()] * shade)
        means = np.add.reduceat(power[:, : edges[-1]], edges[:-1], axis=1) / np.diff(edges)
        return np.asarray(10 * np.log10(means.reshape(*starts.shape, -1) + 10 ** (_LEFT_FLOOR_DB / 10)), np.float64)

    before, after = (levels(begins) for begins in (_LEFT_BEFORE_SECONDS, _LEFT_AFTER_SECONDS))
    return np.asarray(np.abs(after[:, 0] - mean_db(before, axis=1)).mean(axis=1), np.float64)


def _predicted(plane: NDArray[np.float32], at: Places, rate: int) -> tuple[NDArray[np.float64], ...]:
    """What ``_PREDICTED`` names, of the stretches around samples."""
    reach, aside, core = (round(seconds * rate) for seconds in (_STRETCH_SECONDS, _ASIDE_SECONDS, _CORE_SECONDS))
    step = rate // _STEPS_PER_SECOND
    stretches = plane[at[:, None] + np.arange(-reach, reach)]
    energy = np.square(prediction_residual(stretches, aside)) + 1e-14
    before, after = energy[:, reach - _BEFORE * step : reach - aside], energy[:, reach + aside : reach + _BEFORE * step]
    near = energy[:, reach - 3 * step : reach + 3 * step + 1]
    peak = reach - 3 * step + near.argmax(axis=1)
    sums = np.cumsum(energy, axis=1)

    def within(first: int, stop: int) -> NDArray[np.float64]:
        rows = np.arange(len(at))
        return np.asarray(sums[rows, peak + stop - 1] - sums[rows, peak + first - 1], np.float64)

    beside = np.maximum(before.max(axis=1), after[:, : _AFTER * step - aside].max(axis=1))
    return (
        10 * np.log10(near.max(axis=1) / (beside + 1e-13)),
        within(-core, core + 1) / near.sum(axis=1),
        10 * np.log10(within(3 * step // 2, 6 * step) / within(-6 * step, -3 * step // 2)),
        10 * np.log10(after.mean(axis=1) / before.mean(axis=1)),
        10 * np.log10(np.square(stretches).mean(axis=1, dtype=np.float64) / energy.mean(axis=1) + 1e-9),
    )


def _sums(levels: Levels) -> Levels:
    """Power of all steps up to each one."""
    return np.asarray(np.cumsum(10 ** (levels / 10), axis=-1), np.float64)


def _mean(sums: Levels, first: Places, stop: Places) -> Levels:
    """Level of the mean power from one step up to another, for each place."""
    return _decibels((sums[..., stop - 1] - sums[..., first - 1]) / (stop - first))


def _decibels(power: NDArray[np.float64]) -> Levels:
    return np.asarray(10 * np.log10(np.maximum(power, 0) + 10 ** (_FLOOR_DB / 10)), np.float64)


SOUND_SIGNAL = _Impulses()
