"""Is one of two channels missing?"""

from dataclasses import dataclass

import numpy as np

from kling_post.checks.check import Answer, Subject
from kling_post.checks.evidence.sound_place import heard, not_measured
from kling_post.vocabulary import Finding, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundOneSidedLimits:
    """Level difference over the whole take."""

    difference_db: float = 20.0
    """A source panned hard aside still leaves room sound on the other side."""
    audible_dbfs: float = -55.0


class SoundOneSided:
    """A channel that is silent, or nearly so, while the other sounds."""

    name = "sound_one_sided"
    title = "One-sided sound"
    needs = ()
    limits = SoundOneSidedLimits()

    def judge(self, subject: Subject, limits: SoundOneSidedLimits) -> Answer:
        """A finding where one channel is missing; information where both are the same."""
        levels = heard(subject, "sound_levels")
        if levels is None or "difference" not in levels:
            return not_measured(self.name, subject) if levels is None else Answer()
        left, right = (10 * float(np.log10(max(np.square(channel).mean(), 1e-12))) for channel in levels["rms"].T)
        if max(left, right) < limits.audible_dbfs:
            return Answer()
        difference = 10 * float(np.log10(max(np.square(levels["difference"]).mean(), 1e-14)))
        if difference < max(left, right) - 90:
            return Answer(findings=(self._same(max(left, right) - difference),))
        if abs(left - right) < limits.difference_db:
            return Answer()
        quiet = "left" if left < right else "right"
        level = min(left, right)
        said = "is silent" if level < -100 else f"is {abs(left - right):.0f} dB under the other"
        return Answer(
            findings=(
                Finding(
                    check=self.name,
                    severity=Severity.REVIEW,
                    frames=None,
                    measured=abs(left - right),
                    limit=limits.difference_db,
                    unit="dB",
                    message=f"The sound is on one side: the {quiet} channel {said}.",
                    source="RMS of the whole take",
                    remedy="Put the sounding channel on both sides.",
                ),
            )
        )

    def _same(self, ratio_db: float) -> Finding:
        return Finding(
            check=self.name,
            severity=Severity.INFO,
            frames=None,
            measured=ratio_db,
            limit=None,
            unit="dB",
            message="Both channels carry the same sound: mono on two channels.",
            source="RMS of left minus right",
        )


CHECK = SoundOneSided()
