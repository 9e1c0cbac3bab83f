"""Does the sound survive being summed to one channel, as telephones and many speakers do?"""

from dataclasses import dataclass

import numpy as np

from kling_post.checks.check import Answer, Subject
from kling_post.checks.evidence.sound_place import STEPS_PER_SECOND, heard, not_measured
from kling_post.vocabulary import Finding, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundPhaseLimits:
    """Correlation of left and right, and what the mono sum loses."""

    inverted_correlation: float = -0.5
    """Below this a half-second counts as inverted; wide stereo keeps above -0.3."""
    inverted_share: float = 0.5
    """Share of the audible half-seconds."""
    mono_loss_db: float = 6.0
    """Loss of the mono sum against either channel in energy; unrelated channels lose 3."""
    audible_dbfs: float = -50.0


class SoundPhase:
    """Inverted channels and mono compatibility."""

    name = "sound_phase"
    title = "Stereo phase"
    needs = ()
    limits = SoundPhaseLimits()

    def judge(self, subject: Subject, limits: SoundPhaseLimits) -> Answer:
        """One finding where the channels cancel each other."""
        levels = heard(subject, "sound_levels")
        if levels is None or "product" not in levels:
            return not_measured(self.name, subject) if levels is None else Answer()
        size = STEPS_PER_SECOND // 2
        usable = len(levels["product"]) // size * size
        if not usable:
            return Answer()
        energy = np.square(levels["rms"][:usable]).reshape(-1, size, 2).mean(axis=1)
        product = levels["product"][:usable].reshape(-1, size).mean(axis=1)
        audible = energy.max(axis=1) > 10 ** (limits.audible_dbfs / 10)
        if not audible.any():
            return Answer()
        correlation = product / np.maximum(np.sqrt(energy.prod(axis=1)), 1e-12)
        inverted = float(np.mean(correlation[audible] < limits.inverted_correlation))
        both, across = energy[audible].sum(), product[audible].sum()
        loss = 10 * float(np.log10(max((both + 2 * across) / 4, 1e-12) / max(both / 2, 1e-12)))
        if inverted < limits.inverted_share and -loss < limits.mono_loss_db:
            return Answer()
        overall = float(np.median(correlation[audible]))
        return Answer(
            findings=(
                Finding(
                    check=self.name,
                    severity=Severity.FAIL if inverted >= limits.inverted_share else Severity.REVIEW,
                    frames=None,
                    measured=overall,
                    limit=limits.inverted_correlation,
                    unit="correlation",
                    message=(
                        f"Left and right cancel each other: correlation {overall:+.2f}, the mono sum loses {-loss:.1f} dB "
                        f"({inverted:.0%} of the sound is inverted)."
                    ),
                    source="correlation of half-seconds",
                    remedy="Invert one channel.",
                ),
            )
        )


CHECK = SoundPhase()
