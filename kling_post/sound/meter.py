"""Loudness after ITU-R BS.1770-5 and EBU R128: momentary, short-term, integrated, loudness range and true peak, as a stream.

Windows: momentary 400 ms and short-term 3 s, ungated. Both slide in steps of 10 ms in the search for their maxima (EBU Tech 3341
cases 10 and 13 cannot be met in steps of 100 ms) and are noted every 100 ms. Before its start a programme counts as silence, so
that both curves exist from the first tenth of a second on.
Integrated: complete 400 ms blocks every 100 ms, gated at -70 LUFS and then at 10 LU below what remains.
Loudness range (EBU Tech 3342): complete 3 s windows every 100 ms, gated at -70 LUFS and then at 20 LU below what remains, from the
10th to the 95th percentile. No silence is appended to the end: on clips of a few seconds that would invent a range of its own.
"""

from functools import cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from kling_post.sound.k_weighting import KWeighting
from kling_post.sound.true_peak import TruePeakMeter
from kling_post.vocabulary import Loudness

Samples = NDArray[np.float32]
Energies = NDArray[np.float64]

_STEPS_PER_SECOND = 100
_STEPS_PER_NOTE = 10
_MOMENTARY_STEPS = 40
_SHORT_TERM_STEPS = 300
_CHUNK_SAMPLES = 32_768
_SURROUND_WEIGHT = 1.41
_WEIGHTS = {
    "3.0(back)": (1, 1, _SURROUND_WEIGHT),
    "2.1": (1, 1, 0),
    "3.1": (1, 1, 1, 0),
    "4.0": (1, 1, 1, _SURROUND_WEIGHT),
    "quad": (1, 1, _SURROUND_WEIGHT, _SURROUND_WEIGHT),
    "quad(side)": (1, 1, _SURROUND_WEIGHT, _SURROUND_WEIGHT),
    "4.1": (1, 1, 1, 0, _SURROUND_WEIGHT),
    "7.1": (1, 1, 1, 0, 1, 1, _SURROUND_WEIGHT, _SURROUND_WEIGHT),
}
_WEIGHTS_BY_COUNT = {
    4: (1, 1, _SURROUND_WEIGHT, _SURROUND_WEIGHT),
    5: (1, 1, 1, _SURROUND_WEIGHT, _SURROUND_WEIGHT),
    6: (1, 1, 1, 0, _SURROUND_WEIGHT, _SURROUND_WEIGHT),
    8: _WEIGHTS["7.1"],
}


def channel_weights(channels: int, layout: str = "") -> tuple[float, ...]:
    """BS.1770-5 Annex 3 weight of each channel: 1 in front and behind, 1.41 at the sides, 0 for the low-frequency channel.

    Args:
        channels: How many there are.
        layout: FFmpeg's name of the layout. Without it, 4, 5, 6 and 8 channels are taken as quad, 5.0, 5.1 and 7.1.
    """
    weights: tuple[float, ...] = _WEIGHTS.get(layout, ())
    if len(weights) != channels:
        weights = _WEIGHTS_BY_COUNT.get(channels, (1,) * channels)
    return tuple(float(weight) for weight in weights)


def as_lufs(energy: Energies | float) -> Energies:
    """Loudness of a weighted mean square; minus infinity for silence."""
    with np.errstate(divide="ignore"):
        return np.asarray(-0.691 + 10 * np.log10(energy), np.float64)


def gated_lufs(block_energies: Energies) -> float:
    """Integrated loudness of 400 ms block energies: the mean behind both gates of BS.1770-5."""
    heard = block_energies[as_lufs(block_energies) >= -70]
    if not len(heard):
        return -np.inf
    heard = heard[as_lufs(heard) > as_lufs(float(heard.mean())) - 10]
    return float(as_lufs(float(heard.mean())))


def loudness_range_lu(window_energies: Energies) -> float:
    """Loudness range of 3 s window energies (EBU Tech 3342); 0 where fewer than two windows pass the gates."""
    heard = window_energies[as_lufs(window_energies) >= -70]
    if len(heard) < 2:
        return 0.0
    levels = np.sort(as_lufs(heard))
    levels = levels[levels >= as_lufs(float(heard.mean())) - 20]
    low, high = (levels[round((len(levels) - 1) * share)] for share in (0.10, 0.95))
    return float(high - low)


class LoudnessMeter:
    """Measures one programme; memory does not grow with it but for the curves it returns (160 bytes a second).

    ``momentary_lufs`` and ``short_term_lufs`` can be read at any time and are at most 20 ms old. Blocks of a second are measured ten
    times as fast as blocks of a hundredth.
    """

    LOWEST_SAMPLE_RATE = 8000

    def __init__(self, sample_rate: int, channels: int, layout: str = "") -> None:
        """Start a programme.

        Args:
            sample_rate: 8000 Hz or more.
            channels: Columns of the blocks to come.
            layout: FFmpeg's name of the channel layout, see ``channel_weights``.

        Raises:
            ValueError: a sample rate under 8 kHz, or no channel.
        """
        if sample_rate < self.LOWEST_SAMPLE_RATE or channels < 1:
            raise ValueError(f"loudness is defined for one channel or more at 8 kHz or more, not {channels} at {sample_rate} Hz")
        _keep_freed_pages()
        self._sample_rate, self._channels = sample_rate, channels
        self._weights = np.array(channel_weights(channels, layout), np.float32)
        self._filter = KWeighting(sample_rate, channels)
        self._peak = TruePeakMeter(channels)
        self._waiting: list[Samples] = []
        self._waiting_samples = 0
        self._powers = np.zeros(0, np.float32)
        self._samples = 0
        self._steps = 0
        self._recent = np.zeros(_SHORT_TERM_STEPS)
        self._momentary: list[Energies] = []
        self._short_term: list[Energies] = []
        self._highest = [0.0, 0.0]
        self._now = [0.0, 0.0]

    @property
    def momentary_lufs(self) -> float:
        """Loudness of the last 400 ms that were measured."""
        return float(as_lufs(self._now[0]))

    @property
    def short_term_lufs(self) -> float:
        """Loudness of the last 3 s that were measured."""
        return float(as_lufs(self._now[1]))

    @property
    def max_momentary_lufs(self) -> float:
        """Highest momentary loudness so far."""
        return float(as_lufs(self._highest[0]))

    @property
    def max_short_term_lufs(self) -> float:
        """Highest short-term loudness so far."""
        return float(as_lufs(self._highest[1]))

    def add(self, block: Samples) -> None:
        """Take the next samples, (samples, channels), full scale at 1.0.

        Raises:
            ValueError: another channel count than announced, or samples that are not finite.
        """
        if block.ndim != 2 or block.shape[1] != self._channels:
            raise ValueError(f"the meter was set up for {self._channels} channels, the block is {block.shape}")
        self._waiting.append(block)
        self._waiting_samples += len(block)
        if self._waiting_samples * _STEPS_PER_SECOND >= self._sample_rate:
            planes = np.concatenate(self._waiting).T
            usable = planes.shape[1] // self._filter.block_samples * self._filter.block_samples
            for start in range(0, usable, _CHUNK_SAMPLES):
                self._measure(planes[:, start : min(usable, start + _CHUNK_SAMPLES)])
            self._waiting = [planes[:, usable:].T.copy()]
            self._waiting_samples = planes.shape[1] - usable

    def result(self) -> Loudness:
        """The programme's figures. Further blocks cannot be added after this."""
        self._finish()
        notes, windows = np.concatenate([*self._momentary, np.zeros(0)]), np.concatenate([*self._short_term, np.zeros(0)])
        return Loudness(
            integrated_lufs=gated_lufs(notes[_MOMENTARY_STEPS // _STEPS_PER_NOTE - 1 :]),
            loudness_range_lu=loudness_range_lu(windows[_SHORT_TERM_STEPS // _STEPS_PER_NOTE - 1 :]),
            max_momentary_lufs=self.max_momentary_lufs,
            max_short_term_lufs=self.max_short_term_lufs,
            true_peak_dbtp=_decibels(self._peak.true_peak),
            sample_peak_dbfs=_decibels(self._peak.sample_peak),
            sample_rate=self._sample_rate,
            channels=self._channels,
            duration_seconds=self._samples / self._sample_rate,
            momentary_lufs=tuple(as_lufs(notes).tolist()),
            short_term_lufs=tuple(as_lufs(windows).tolist()),
        )

    def _finish(self) -> None:
        rest = np.concatenate([*self._waiting, np.zeros((0, self._channels), np.float32)]).T
        self._waiting, self._waiting_samples = [], 0
        if rest.shape[1]:
            self._measure(np.asarray(rest, np.float32))
        self._peak.finish()

    def _measure(self, planes: NDArray[np.float32]) -> None:
        planes = np.ascontiguousarray(planes, np.float32)
        self._peak.add(planes)
        samples = planes.shape[1]
        # Whole filter blocks only; silence after the end changes nothing before it.
        missing = -samples % self._filter.block_samples
        weighted = self._filter.apply(np.pad(planes, ((0, 0), (0, missing))) if missing else planes)[:, :samples]
        np.square(weighted, out=weighted)
        self._powers = np.concatenate([self._powers, self._weights @ weighted])
        self._samples += samples
        self._close_steps()

    def _close_steps(self) -> None:
        """Sum what has arrived into steps of 10 ms, and slide the windows over the complete ones."""
        complete = self._samples * _STEPS_PER_SECOND // self._sample_rate
        steps = np.arange(self._steps, complete + 1)
        edges = self._edge(steps)
        if len(steps) < 2:
            return
        arrived = self._samples - len(self._powers)
        sums = np.add.reduceat(self._powers[: edges[-1] - arrived], edges[:-1] - arrived).astype(np.float64)
        self._powers = self._powers[edges[-1] - arrived :].copy()
        history = np.concatenate([self._recent, sums])
        self._recent = history[-_SHORT_TERM_STEPS:].copy()
        self._steps = complete
        closed = steps[1:]
        for which, (width, notes) in enumerate(((_MOMENTARY_STEPS, self._momentary), (_SHORT_TERM_STEPS, self._short_term))):
            windows = sliding_window_view(history, width)[-len(sums) :].sum(axis=1)
            means = windows / (self._edge(closed) - self._edge(closed - width))
            self._highest[which] = max(self._highest[which], float(means.max()))
            self._now[which] = float(means[-1])
            notes.append(means[closed % _STEPS_PER_NOTE == 0])

    def _edge(self, steps: NDArray[np.int64]) -> NDArray[np.int64]:
        """The sample where a step begins; rates that 100 does not divide have steps of two lengths."""
        return steps * self._sample_rate // _STEPS_PER_SECOND


@cache
def _keep_freed_pages() -> None:
    """Have the C library keep the pages of freed blocks instead of giving each back to the kernel, which clears it every time anew.

    glibc raises the size from which it does so to that of the largest block freed yet (mallopt(3), M_MMAP_THRESHOLD). Nothing of
    this one is ever touched, so it costs no memory; measuring costs a quarter less time.
    """
    np.empty(1 << 22, np.float32)


def _decibels(amplitude: float) -> float:
    return 20 * float(np.log10(amplitude)) if amplitude > 0 else -np.inf
