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
    """Touches of one highest value, ..."""
    long_touches_share: float = 0.2
    """... so many of which last two samples or more, where clipped drums and rain keep a third: a limiter that brings all peaks to one
    value, like any other sound, rests there for a single sample; ..."""
    uneven: float = 0.3
    """... at distances whose standard deviation over their mean is this: a tone made by formula touches its peak evenly."""
    fail_tops_per_second: float = 20.0
    """Clipping that often is heard as distortion, not as single ticks."""
    beside_peak_db: float = 0.5
    """A top that is cut off is the highest thing around it: this near to the peak of the tenth of a second around."""
    piled_flat: int = 8
    """Behind a codec no two tops are equal. But so many flat half-waves within 1 dB, and ..."""
    piled_flat_ratio: float = 6.0
    """... so many times as many as in the decibels beneath; hot mixes and noise stay below 1.5, bird calls reach 5.5."""
    crowd_waves: int = 12
    """Or so many half-waves of any form, and ..."""
    crowd_ratio: float = 0.75
    """... so many times as much of the waveform within 1 dB as in each decibel beneath: sound thins out towards its greatest height, ..."""
    crowd_blunter: float = 0.055
    """... and the half-waves that end there are blunter: of the samples above seven tenths of their peaks, so much more of all lies above
    nine tenths than in the half-waves beneath. What a limiter turned down, and tones of one loudness, crowd as much but keep their form."""
    square_share: float = 0.82
    """Of their length, no more lies above seven tenths of their peak: a synthesizer's pulse waves leap from rail to rail."""
    highest_share: float = 0.3
    """Of what lies there, so much may lie higher: hardly anything passes a clipping level."""


_NEAR_TOP, _OVER_TOP = 2, 7
"""Bins of height on either side of the level that something was cut off at, behind a codec, and up to which its ripple lifts the peaks,
..."""
_CHANCE_FLAT, _CHANCE_SAMPLES = 1.5, 100.0
"""... and what lies there by chance: flat half-waves and samples."""
_BENEATH, _BENEATH_FORM = 20, 15
"""Bins right beneath, of which the number is asked, and the form of the tops."""
_SINE_TOP = 0.567
"""Of the samples of a sine above seven tenths of its peak, so many lie above nine tenths: the form of a top where nothing is beneath."""
_SINE_WEIGHT = 0.1


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
                return Answer(findings=(self._tops(subject, tops, seconds, int(samples), level, limits),))
        piled = _piled(heard(subject, "sound_half_waves"), limits)
        return Answer() if piled is None else Answer(findings=(self._pile(piled),))

    def _pile(self, pile: "_Pile") -> Finding:
        return Finding(
            check=self.name,
            severity=Severity.REVIEW,
            frames=None,
            measured=pile.ratio,
            limit=pile.limit,
            unit="times",
            message=(
                f"The waveform was cut off near {pile.level_dbfs:.1f} dBFS before it was coded: "
                f"{pile.what.format(ratio=pile.ratio)}; hardly anything reaches higher."
            ),
            source="heights and tops of half-waves",
            remedy="Order the take again, or have it restored; turning it down does not mend it.",
        )

    def _tops(
        self, subject: Subject, tops: Series, seconds: NDArray[np.float64], samples: int, level: float, limits: SoundClippingLimits
    ) -> Finding:
        often = len(seconds) / max(float(seconds[-1] - seconds[0]), 0.1)
        begin, end = _place(tops, level, limits)
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
    """The same of sound too restless for flat tops (drums, rain): touches of one highest value that often last."""
    found = np.zeros(0)
    longest, level = 0.0, 0.0
    for rail in np.unique(tops["touch_rail"]):
        at_rail = tops["touch_rail"] == rail
        seconds, samples = tops["touch_seconds"][at_rail], tops["touch_samples"][at_rail]
        if len(seconds) < limits.touches or np.mean(samples >= 2) < limits.long_touches_share:
            continue
        apart = np.diff(seconds)
        if apart.std() > limits.uneven * apart.mean() and len(seconds) > len(found):
            found, longest, level = seconds, float(samples.max()), 20 * float(np.log10(tops["touch_level"][at_rail][0]))
    return found, longest, level


def _place(tops: Series, level: float, limits: SoundClippingLimits) -> tuple[float, float]:
    """Between which seconds nine tenths of what is cut off at a level lie: single tops far from the rest do not stretch the place."""
    seconds, samples = (np.concatenate([tops[name], tops[f"touch_{name}"]]) for name in ("seconds", "samples"))
    levels = 20 * np.log10(np.maximum(np.concatenate([tops["level"], tops["touch_level"]]), 1e-6))
    here = np.abs(levels - level) <= limits.same_level_db
    order = np.argsort(seconds[here])
    until = np.cumsum(samples[here][order])
    begin, end = seconds[here][order][np.searchsorted(until, until[-1] * np.array([0.05, 0.95]))]
    return float(begin), float(end)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pile:
    """A height at which something was cut off."""

    ratio: float
    limit: float
    what: str
    """In words, with ``{ratio}``."""
    level_dbfs: float


_BLUNT_TOPS = "its tops are blunter there than beneath, and it lies there {ratio:.1f} times as often, where sound thins out"
_FLAT_TOPS = "{ratio:.1f} times as many flat tops end there as beneath"


def _piled(waves: Series | None, limits: SoundClippingLimits) -> _Pile | None:
    """The plainest of the heights at which something was cut off behind a codec; None where nothing was."""
    if waves is None:
        return None
    channels = range(waves["all"].shape[1])
    piles = [pile for channel in channels for pile in _Heights({name: each[:, channel] for name, each in waves.items()}).piles(limits)]
    return max(piles, key=lambda pile: pile.ratio / pile.limit, default=None)


class _Heights:
    """The series ``sound_half_waves`` of one channel, asked around every height at once."""

    def __init__(self, counts: Series) -> None:
        self._until = {name: np.concatenate([[0.0], np.cumsum(each)]) for name, each in counts.items()}
        reached = np.flatnonzero(counts["samples"])
        top = int(reached[-1]) if len(reached) else 0
        self._places = np.arange(max(_BENEATH + 2 * _NEAR_TOP, top - 44), min(top + 1, len(counts["samples"]) - 6))

    def piles(self, limits: SoundClippingLimits) -> list[_Pile]:
        """The most crowded of the heights at which blunt tops end, and of those at which flat ones do."""
        samples, wide = self._here("samples"), self._tops("wide")
        possible = self._sum("samples", _NEAR_TOP + 2, len(self._until["samples"])) <= limits.highest_share * samples
        possible &= wide <= limits.square_share * self._tops("length")
        blunt = (self._tops("all") >= limits.crowd_waves) & (self._blunter() >= limits.crowd_blunter)
        flat = self._here("flat") >= limits.piled_flat
        found = []
        for what, name, chance, fitting, limit in (
            (_BLUNT_TOPS, "samples", _CHANCE_SAMPLES, blunt, limits.crowd_ratio),
            (_FLAT_TOPS, "flat", _CHANCE_FLAT, flat, limits.piled_flat_ratio),
        ):
            ratio = np.where(possible & fitting, self._here(name) / (self._beneath(name) + chance), 0.0)
            most = int(ratio.argmax()) if len(ratio) else 0
            if len(ratio) and ratio[most] >= limit:
                level = LOWEST_DBFS + BIN_DB * (float(self._places[most]) + 0.5)
                found.append(_Pile(ratio=float(ratio[most]), limit=limit, what=what, level_dbfs=level))
        return found

    def _sum(self, name: str, first: int, stop: int) -> NDArray[np.float64]:
        """Of the bins from one distance to another from every height."""
        until = self._until[name]
        return np.asarray(until[np.clip(self._places + stop, 0, len(until) - 1)] - until[np.clip(self._places + first, 0, len(until) - 1)])

    def _here(self, name: str) -> NDArray[np.float64]:
        return self._sum(name, -_NEAR_TOP, _NEAR_TOP + 1)

    def _tops(self, name: str) -> NDArray[np.float64]:
        """Of the half-waves that end at the height."""
        return self._sum(name, -_NEAR_TOP - 1, _OVER_TOP + 1)

    def _beneath(self, name: str) -> NDArray[np.float64]:
        """What as many bins beneath hold as lie around the height."""
        return self._sum(name, -_NEAR_TOP - 1 - _BENEATH, -_NEAR_TOP - 1) * (2 * _NEAR_TOP + 1) / _BENEATH

    def _blunter(self) -> NDArray[np.float64]:
        """By how much more of the tops is near the peak than beneath, of half-waves."""
        wide = self._tops("wide")
        form = self._tops("near") / np.maximum(wide, 1)
        near, broad = (self._sum(name, -_NEAR_TOP - 1 - _BENEATH_FORM, -_NEAR_TOP - 1) for name in ("near", "wide"))
        usual = (near + _SINE_TOP * _SINE_WEIGHT * wide) / np.maximum(broad + _SINE_WEIGHT * wide, 1)
        return np.asarray(form - usual)


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
