"""Does the waveform stand off its zero line? Every cut through such sound clicks, and it eats headroom."""

from dataclasses import dataclass

import numpy as np

from kling_post.checks.check import Answer, Subject
from kling_post.checks.evidence.sound_place import heard, not_measured
from kling_post.vocabulary import Finding, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundDcLimits:
    """Offsets as share of full scale."""

    review_percent: float = 0.3
    """-50 dBFS: a cut from it to digital zero is heard as a click in a quiet scene."""
    fail_percent: float = 3.0
    """-30 dBFS: no converter does that by itself."""
    spread: float = 4.0
    """How many times its slowest movements an offset must be: a low note is not an offset."""


_BESIDE = 4
"""The bins beside the offset's, of one to three cycles in the take, tell by how much its mean may stray: sound that falls off below
its lowest note, as all sound does that a microphone took, strays far less than the means of its half seconds do."""


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
            spectrum = np.fft.rfft(means) / len(means)
            offset, wandering = float(spectrum[0].real), float(np.sqrt(np.square(np.abs(spectrum[1:_BESIDE])).sum() / (_BESIDE - 1)))
            percent = abs(offset) * 100
            if percent < limits.review_percent or abs(offset) < limits.spread * wandering:
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
                    source="mean of the whole take, against its slowest movements",
                    remedy="Remove the offset with a high-pass of a few hertz.",
                )
            )
        return Answer(findings=tuple(findings))


CHECK = SoundDc()
