"""Is the waveform cut off at the top, at full scale or below it?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kling_post.checks.check import Answer, Subject
from kling_post.checks.evidence.sound_place import STEPS_PER_SECOND, Series, frames_of, heard, listed, not_measured
from kling_post.vocabulary import Finding, Severity

LOWEST_DBFS, BIN_DB = -40.0, 0.2
"""Of the heights in the series ``sound_half_waves``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundClippingLimits:
    """How many cut-off tops make a fault."""

    least_tops: int = 3
    """One or two flat tops happen by chance in 16 bits."""
    under_peak_db: float = 12.0
    """A clipping stage works on the loudest; far below the take's own peak, flat tops are chance."""
    least_samples: int = 3
    """Of each top, at any rate up to 48 kHz."""
    share: float = 0.3
    """Of the stretches of 10 ms that reach the level, so many must be cut off there: by chance it is a few in a hundred."""
    same_level_db: float = 0.2
    """Tops of one clipping stage lie at one level."""
    touches: int = 5
    """Touches of one highest value, and ..."""
    crowded_touches: int = 3
    """... so many of them within 50 ms, at uneven distances: a steady tone touches its peak evenly, other sound but once."""
    uneven: float = 0.3
    """Standard deviation of the distances over their mean."""
    fail_tops_per_second: float = 20.0
    """Clipping that often is heard as distortion, not as single ticks."""
    beside_peak_db: float = 0.5
    """A top that is cut off is the highest thing around it: this near to the peak of the tenth of a second around."""
    piled_flat: int = 8
    """Behind a codec no two tops are equal. But so many flat half-waves within 1 dB, and ..."""
    piled_flat_ratio: float = 6.0
    """... so many times as many as in the decibels beneath; hot mixes and noise stay below 1.5, bird calls reach 5.5."""
    piled_all: int = 150
    """The same of all half-waves, flat or not, within 0.6 dB, ..."""
    piled_all_ratio: float = 3.0
    """... so many times as many as right beneath, where clean speech, whose loud vowels are of one height, reaches 1.8, and ..."""
    uneven_lengths: float = 0.25
    """... their lengths differ by this (standard deviation over mean): the half-waves of a tone are all of one height by nature."""
    uneven_flat_lengths: float = 0.05
    """The same for flat ones; a synthesizer's are all alike."""
    highest_share: float = 0.3
    """Of the half-waves there, so many may reach higher, flat or not: hardly anything passes a clipping level."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pile:
    """Where half-waves crowd: so many bins of height on either side of the middle, over so many beneath them."""

    counts: str
    reach: int
    beneath: int
    chance: float
    """Half-waves that lie there by chance."""


_FLAT_PILE = _Pile(counts="flat", reach=2, beneath=15, chance=1.5)
_ANY_PILE = _Pile(counts="all", reach=1, beneath=7, chance=3.0)


class SoundClipping:
    """Flat tops at one level; peaks beyond full scale are the business of sound_loudness."""

    name = "sound_clipping"
    title = "Clipping"
    needs = ()
    limits = SoundClippingLimits()

    def judge(self, subject: Subject, limits: SoundClippingLimits) -> Answer:
        """At most one finding, for the level at which most tops are cut off."""
        tops, levels = heard(subject, "sound_flat_tops"), heard(subject, "sound_levels")
        if tops is None or levels is None:
            return not_measured(self.name, subject)
        if "peak" not in levels:
            return Answer()
        for seconds, samples, level in (_flat(tops, levels["peak"], limits), _touching(tops, limits)):
            if len(seconds) >= limits.least_tops:
                return Answer(findings=(self._tops(subject, seconds, int(samples), level, limits),))
        piled = _piled(heard(subject, "sound_half_waves"), limits)
        return Answer() if piled is None else Answer(findings=(self._pile(*piled, limits),))

    def _pile(self, count: int, ratio: float, level: float, limits: SoundClippingLimits) -> Finding:
        return Finding(
            check=self.name,
            severity=Severity.REVIEW,
            frames=None,
            measured=ratio,
            limit=limits.piled_all_ratio,
            unit="times",
            message=(
                f"The waveform was cut off near {level:.1f} dBFS before it was coded: {count} half-waves end within half a decibel of it, "
                f"{ratio:.1f} times as many as beneath, and hardly any higher."
            ),
            source="heights of half-waves",
            remedy="Order the take again, or have it restored; turning it down does not mend it.",
        )

    def _tops(self, subject: Subject, seconds: NDArray[np.float64], samples: int, level: float, limits: SoundClippingLimits) -> Finding:
        often = len(seconds) / max(float(seconds[-1] - seconds[0]), 0.1)
        # Nine tenths of the tops: single ones far from the rest are listed, and do not stretch the place.
        begin, end = (float(each) for each in np.quantile(seconds, (0.05, 0.95)))
        return Finding(
            check=self.name,
            severity=Severity.FAIL if often >= limits.fail_tops_per_second and len(seconds) >= 20 else Severity.REVIEW,
            frames=frames_of(begin, max(end - begin, 0.1), subject.facts),
            measured=float(len(seconds)),
            limit=float(limits.least_tops),
            unit="tops",
            message=(
                f"The waveform is cut off at {level:.1f} dBFS {len(seconds)} times, for up to {samples} samples: at {listed(seconds)}."
            ),
            source="runs of equal samples that end in a corner",
            remedy="Order the take again, or have it restored; turning it down does not mend it.",
        )


def _flat(tops: Series, peaks: NDArray[np.float64], limits: SoundClippingLimits) -> tuple[NDArray[np.float64], float, float]:
    """Seconds, greatest length and level of the flat tops at the level that most of them share; none where it may be chance."""
    at_peak = _at_peak(tops, peaks, limits) & (tops["samples"] >= limits.least_samples)
    level = 20 * np.log10(np.maximum(tops["level"][at_peak], 1e-6))
    if not len(level):
        return np.zeros(0), 0.0, 0.0
    ordered = np.sort(level)
    together = np.searchsorted(ordered, ordered + limits.same_level_db, side="right") - np.arange(len(ordered))
    lowest = float(ordered[together.argmax()])
    crowd = (level >= lowest) & (level <= lowest + limits.same_level_db)
    if _share(tops, at_peak, peaks, lowest, limits) < limits.share:
        return np.zeros(0), 0.0, 0.0
    return tops["seconds"][at_peak][crowd], float(tops["samples"][at_peak][crowd].max()), float(np.median(level[crowd]))


def _touching(tops: Series, limits: SoundClippingLimits) -> tuple[NDArray[np.float64], float, float]:
    """The same of sound too restless for flat tops (drums, rain): touches of one highest value, crowded and uneven."""
    found = np.zeros(0)
    level = 0.0
    for rail in np.unique(tops["touch_rail"]):
        at_rail = tops["touch_rail"] == rail
        seconds = tops["touch_seconds"][at_rail]
        if len(seconds) < limits.touches:
            continue
        apart = np.diff(seconds)
        crowded = seconds[limits.crowded_touches - 1 :] - seconds[: 1 - limits.crowded_touches]
        if crowded.min() <= 0.05 and apart.std() > limits.uneven * apart.mean() and len(seconds) > len(found):
            found, level = seconds, 20 * float(np.log10(max(float(tops["touch_level"][at_rail][0]), 1e-6)))
    return found, 2.0, level


def _piled(waves: Series | None, limits: SoundClippingLimits) -> tuple[int, float, float] | None:
    """Count, ratio and level in dBFS of the most crowded height, where that is one at which something was cut off."""
    if waves is None:
        return None
    found: list[tuple[float, int, float, float]] = []
    for channel in range(waves["all"].shape[1]):
        every, length, squared = (waves[name][:, channel] for name in ("all", "length", "length_squared"))
        for form, least, ratio, uneven in (
            (_FLAT_PILE, limits.piled_flat, limits.piled_flat_ratio, limits.uneven_flat_lengths),
            (_ANY_PILE, limits.piled_all, limits.piled_all_ratio, limits.uneven_lengths),
        ):
            counts = waves[form.counts][:, channel]
            for place, times in _crowded(counts, every, form, least, limits.highest_share):
                near = slice(place - 3 * form.reach, place + 3 * form.reach + 1)
                total = max(every[near].sum(), 1.0)
                average = length[near].sum() / total
                spread = np.sqrt(max(squared[near].sum() / total - average**2, 0.0)) / max(average, 1.0)
                if spread >= uneven and times >= ratio:
                    here = round(float(counts[place - form.reach : place + form.reach + 1].sum()))
                    found.append((times / ratio, here, times, LOWEST_DBFS + BIN_DB * (place + 0.5)))
    if not found:
        return None
    _, count, times, level = max(found)
    return count, times, level


def _crowded(
    counts: NDArray[np.float64], every: NDArray[np.float64], form: _Pile, least: int, highest_share: float
) -> list[tuple[int, float]]:
    """Heights, as numbers of bins, above which hardly anything reaches, and how many times as many are there as beneath."""
    if not every.any():
        return []
    top = int(np.flatnonzero(every)[-1])
    places = []
    for place in range(max(18, top - 44), min(top + 1, len(counts) - 6)):
        pile = float(counts[place - form.reach : place + form.reach + 1].sum())
        beneath = counts[place - form.reach - 1 - form.beneath : place - form.reach - 1]
        higher, here = every[place + 3 * form.reach :].sum(), every[place - form.reach : place + form.reach + 1].sum()
        if pile >= least and higher <= highest_share * here:
            places.append((place, pile / ((2 * form.reach + 1) * float(beneath.mean()) + form.chance)))
    return places


def _share(tops: Series, at_peak: NDArray[np.bool_], peaks: NDArray[np.float64], lowest_db: float, limits: SoundClippingLimits) -> float:
    """Of the stretches of 10 ms whose peak lies at the level, how many hold a top that is cut off."""
    low, high = 10 ** (lowest_db / 20) * 0.9999, 10 ** ((lowest_db + limits.same_level_db) / 20) * 1.0001
    reach = np.count_nonzero((peaks >= low) & (peaks <= high))
    step = (tops["seconds"][at_peak] * STEPS_PER_SECOND).astype(int) * peaks.shape[1] + tops["channel"][at_peak].astype(int)
    return len(np.unique(step)) / max(int(reach), 1)


def _at_peak(tops: Series, peaks: NDArray[np.float64], limits: SoundClippingLimits) -> NDArray[np.bool_]:
    """Which tops are the highest thing around them."""
    step = (tops["seconds"] * STEPS_PER_SECOND).astype(int)
    channel = tops["channel"].astype(int)
    loudest = peaks.max(axis=0)[channel] * 10 ** (-limits.under_peak_db / 20)
    around = np.stack([peaks[np.clip(step + shift, 0, len(peaks) - 1), channel] for shift in range(-5, 6)])
    nearby = around.max(axis=0) * 10 ** (-limits.beside_peak_db / 20)
    return np.asarray(tops["level"] >= np.maximum(nearby, loudest), bool)


CHECK = SoundClipping()
