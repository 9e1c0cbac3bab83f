"""Holes in the sound: stretches that fall away and come back within a millisecond or two, as no room and no gate does it.

The level is followed in steps of one millisecond over all channels together. A hole is a run of steps far below what stood right
before it and right behind it. How far, how long and how steep is measured; natural pauses decay, and their falls are slow.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from kling_post.signals.sound_signal import Samples, SoundSeries, SoundShape

_STEPS_PER_SECOND = 1000
_LONGEST_STEPS = 1000
_BESIDE_STEPS = 3
_LEAST_DEPTH_DB = 24.0
_FLOOR = 1e-6
_FIELDS = ("seconds", "length_seconds", "before_dbfs", "inside_dbfs", "after_dbfs", "fall_db", "rise_db", "before_edge_db", "after_edge_db")


class _Gaps:
    name = "sound_gaps"
    version = 2

    def collector(self, shape: SoundShape) -> "_Collector":
        """A fresh collector."""
        return _Collector(shape)


class _Collector:
    """The level so far, and at the end its holes.

    Events: ``seconds``, ``length_seconds``, ``before_dbfs`` and ``after_dbfs`` (RMS of the 20 ms beside it), ``inside_dbfs``
    (its loudest step), ``fall_db`` and ``rise_db`` (level 3 ms outside over 3 ms inside each edge), ``before_edge_db`` and
    ``after_edge_db`` (level of the 3 ms outside each edge over that of the 20 ms there: far below zero where the sound decays into the
    hole).
    """

    def __init__(self, shape: SoundShape) -> None:
        self._rate = shape.sample_rate
        self._waiting = np.zeros((0, shape.channels), np.float32)
        self._samples = self._steps = 0
        self._powers: list[NDArray[np.float64]] = []

    def add(self, block: Samples) -> None:
        """Follow the level through all complete steps."""
        self._waiting = np.concatenate([self._waiting, block]) if len(self._waiting) else block
        self._samples += len(block)
        complete = self._samples * _STEPS_PER_SECOND // self._rate
        begin = self._samples - len(self._waiting)
        edges = np.arange(self._steps, complete + 1) * self._rate // _STEPS_PER_SECOND - begin
        if len(edges) > 1:
            power = np.square(self._waiting[: edges[-1]]).sum(axis=1)
            self._powers.append(np.add.reduceat(power, edges[:-1]) / np.diff(edges).astype(np.float64))
            self._waiting = self._waiting[edges[-1] :]
            self._steps = complete

    def finish(self) -> SoundSeries:
        """All holes, in order of time."""
        level = 10 * np.log10(np.concatenate([*self._powers, np.zeros(0)]) + _FLOOR**2)
        rows = [_measured(level, first, last) for first, last in _low_runs(level)]
        table = np.array(rows, np.float64).reshape(-1, len(_FIELDS))
        return dict(zip(_FIELDS, table.T.copy(), strict=True))


def _low_runs(level: NDArray[np.float64]) -> list[tuple[int, int]]:
    """First and last step of each run that lies far below the steps right beside it."""
    if len(level) < 3 * _BESIDE_STEPS:
        return []
    reach = _BESIDE_STEPS
    padded = np.pad(level, reach, mode="edge")
    beside = sliding_window_view(padded, reach)[:, :].max(axis=1)
    before = beside[: len(level)]
    after = beside[reach + 1 : reach + 1 + len(level)]
    falls = np.flatnonzero(level < before - _LEAST_DEPTH_DB)
    rises = np.flatnonzero(level < after - _LEAST_DEPTH_DB)
    # A hole begins at the first step of a fall, and again wherever the level drops further by leaps: a decay may lead into it.
    leaps = level[falls] < level[np.maximum(falls - 1, 0)] - _LEAST_DEPTH_DB / 2
    starts = falls[leaps | (np.diff(falls, prepend=-reach) > 1)]
    runs: dict[int, int] = {}
    for first in starts:
        behind = rises[(rises >= first) & (rises <= first + _LONGEST_STEPS)]
        if not len(behind):
            continue
        # The first rise that no lower step follows at once ends the hole.
        last = behind[np.append(np.diff(behind) > 1, True)][0]
        if level[first : last + 1].max() < min(before[first], after[last]) - _LEAST_DEPTH_DB / 2:
            runs[int(last)] = int(first)
    return [(first, last) for last, first in runs.items()]


def _measured(level: NDArray[np.float64], first: int, last: int) -> tuple[float, ...]:
    reach = _BESIDE_STEPS

    def mean_db(begin: int, end: int) -> float:
        stretch = level[max(0, begin) : max(0, end)]
        return float(10 * np.log10(np.mean(10 ** (stretch / 10)))) if len(stretch) else -120.0

    inside = level[first : last + 1]
    before, after = mean_db(first - 20, first), mean_db(last + 1, last + 21)
    edge_before, edge_after = mean_db(first - reach, first), mean_db(last + 1, last + 1 + reach)
    return (
        first / _STEPS_PER_SECOND,
        (last - first + 1) / _STEPS_PER_SECOND,
        before,
        float(inside.max()),
        after,
        edge_before - mean_db(first, min(first + reach, last + 1)),
        edge_after - mean_db(max(first, last + 1 - reach), last + 1),
        edge_before - before,
        edge_after - after,
    )


SOUND_SIGNAL = _Gaps()
