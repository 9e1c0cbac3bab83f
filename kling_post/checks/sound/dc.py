"""Does the waveform stand off its zero line? Every cut through such sound clicks, and it eats headroom."""

from dataclasses import dataclass

import numpy as np

from kling_post.checks.check import Answer, Subject
from kling_post.checks.evidence.sound_place import STEPS_PER_SECOND, heard, not_measured
from kling_post.vocabulary import Finding, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundDcLimits:
    """Offsets as share of full scale."""

    review_percent: float = 0.3
    """-50 dBFS: a cut from it to digital zero is heard as a click in a quiet scene."""
    fail_percent: float = 3.0
    """-30 dBFS: no converter does that by itself."""
    spread: float = 3.0
    """How many standard errors of the half-second means an offset must stand above: a low note is not an offset."""


class SoundDc:
    """Constant offset of each channel."""

    name = "sound_dc"
    title = "DC offset"
    needs = ()
    limits = SoundDcLimits()

    def judge(self, subject: Subject, limits: SoundDcLimits) -> Answer:
        """A finding per channel that stands off zero."""
        levels = heard(subject, "sound_levels")
        if levels is None or "mean" not in levels:
            return not_measured(self.name, subject) if levels is None else Answer()
        findings = []
        for channel, means in enumerate(levels["mean"].T):
            blocks = [part.mean() for part in np.array_split(means, max(1, len(means) * 2 // STEPS_PER_SECOND))]
            offset = float(np.mean(blocks))
            error = float(np.std(blocks)) / max(1.0, len(blocks) ** 0.5)
            percent = abs(offset) * 100
            if percent < limits.review_percent or abs(offset) < limits.spread * error:
                continue
            findings.append(
                Finding(
                    check=self.name,
                    severity=Severity.FAIL if percent >= limits.fail_percent else Severity.REVIEW,
                    frames=None,
                    measured=percent,
                    limit=limits.review_percent,
                    unit="% of full scale",
                    message=f"Channel {channel + 1} stands {offset * 100:+.2f} % of full scale off its zero line.",
                    source="mean of half-second means",
                    remedy="Remove the offset with a high-pass of a few hertz.",
                )
            )
        return Answer(findings=tuple(findings))


CHECK = SoundDc()
