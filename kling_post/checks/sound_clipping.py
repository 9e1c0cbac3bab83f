"""Is the waveform cut off at the top, at full scale or below it?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kling_post.checks.check import Answer, Subject
from kling_post.checks.sound_place import STEPS_PER_SECOND, Series, frames_of, heard, listed, not_measured
from kling_post.vocabulary import Finding, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundClippingLimits:
    """How many cut-off tops make a fault."""

    least_tops: int = 3
    """One or two flat tops happen by chance in 16 bits."""
    same_level_db: float = 0.2
    """Tops of one clipping stage lie at one level."""
    fail_tops_per_second: float = 20.0
    """Clipping that often is heard as distortion, not as single ticks."""
    beside_peak_db: float = 0.5
    """A top that is cut off is the highest thing around it: this near to the peak of the tenth of a second around."""


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
        at_peak = _at_peak(tops, levels["peak"], limits) if "peak" in levels else np.zeros(0, bool)
        level = 20 * np.log10(np.maximum(tops["level"][at_peak], 1e-6))
        if len(level) < limits.least_tops:
            return Answer()
        # The level that most tops share: the one with the most others within the tolerance above it.
        ordered = np.sort(level)
        together = np.searchsorted(ordered, ordered + limits.same_level_db, side="right") - np.arange(len(ordered))
        lowest = ordered[together.argmax()]
        crowd = (level >= lowest) & (level <= lowest + limits.same_level_db)
        if crowd.sum() < limits.least_tops:
            return Answer()
        seconds, samples = tops["seconds"][at_peak][crowd], tops["samples"][at_peak][crowd]
        return Answer(findings=(self._tops(subject, seconds, samples, float(np.median(level[crowd])), limits),))

    def _tops(
        self, subject: Subject, seconds: NDArray[np.float64], samples: NDArray[np.float64], level: float, limits: SoundClippingLimits
    ) -> Finding:
        span = max(float(seconds[-1] - seconds[0]), 0.1)
        often = len(seconds) / span
        return Finding(
            check=self.name,
            severity=Severity.FAIL if often >= limits.fail_tops_per_second and len(seconds) >= 20 else Severity.REVIEW,
            frames=frames_of(float(seconds[0]), span, subject.facts),
            measured=float(len(seconds)),
            limit=float(limits.least_tops),
            unit="tops",
            message=(
                f"The waveform is cut off at {level:.1f} dBFS {len(seconds)} times, for up to {int(samples.max())} samples: "
                f"at {listed(seconds)}."
            ),
            source="runs of equal samples that end in a corner",
            remedy="Order the take again, or have it restored; turning it down does not mend it.",
        )


def _at_peak(tops: Series, peaks: NDArray[np.float64], limits: SoundClippingLimits) -> NDArray[np.bool_]:
    """Which tops are the highest thing around them."""
    step = (tops["seconds"] * STEPS_PER_SECOND).astype(int)
    channel = tops["channel"].astype(int)
    around = np.stack([peaks[np.clip(step + shift, 0, len(peaks) - 1), channel] for shift in range(-5, 6)])
    return np.asarray(tops["level"] >= around.max(axis=0) * 10 ** (-limits.beside_peak_db / 20), bool)


CHECK = SoundClipping()
