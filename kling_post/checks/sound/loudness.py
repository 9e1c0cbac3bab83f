"""How loud is it, and does its waveform pass full scale between the samples?"""

from dataclasses import dataclass
from math import isfinite

from kling_post.checks.check import Answer, Subject
from kling_post.checks.evidence.sound_place import not_measured
from kling_post.vocabulary import Finding, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundLoudnessLimits:
    """A take's loudness is set by the edit, so only its true peak has a limit; the rest is told."""

    true_peak_dbtp: float = 0.0
    """A higher one is clipped by most players and by every fixed-point chain (EBU R128 allows -1 in what is delivered)."""
    integrated_low_lufs: float = -45.0
    """Raising a quieter take to any delivery target brings its noise floor up by more than 20 dB."""


class SoundLoudness:
    """Integrated loudness and true peak."""

    name = "sound_loudness"
    title = "Loudness"
    needs = ()
    limits = SoundLoudnessLimits()

    def judge(self, subject: Subject, limits: SoundLoudnessLimits) -> Answer:
        """The figures as information, and a finding where a figure is out of hand."""
        loudness = subject.loudness
        if loudness is None:
            return not_measured(self.name, subject)
        if not isfinite(loudness.integrated_lufs):
            return Answer()
        findings = [
            Finding(
                check=self.name,
                severity=Severity.INFO,
                frames=None,
                measured=loudness.integrated_lufs,
                limit=None,
                unit="LUFS",
                message=(
                    f"The sound measures {loudness.integrated_lufs:.1f} LUFS, range {loudness.loudness_range_lu:.1f} LU, "
                    f"true peak {loudness.true_peak_dbtp:.1f} dBTP."
                ),
                source="ITU-R BS.1770-5, EBU Tech 3342",
            )
        ]
        if loudness.true_peak_dbtp > limits.true_peak_dbtp:
            findings.append(
                Finding(
                    check=self.name,
                    severity=Severity.REVIEW,
                    frames=None,
                    measured=loudness.true_peak_dbtp,
                    limit=limits.true_peak_dbtp,
                    unit="dBTP",
                    message=f"The true peak reaches {loudness.true_peak_dbtp:.1f} dBTP, beyond full scale.",
                    source="EBU R128, ITU-R BS.1770-5 Annex 2",
                    remedy="Turn it down before any fixed-point step; the master's normalising does.",
                )
            )
        if loudness.integrated_lufs < limits.integrated_low_lufs:
            findings.append(
                Finding(
                    check=self.name,
                    severity=Severity.REVIEW,
                    frames=None,
                    measured=loudness.integrated_lufs,
                    limit=limits.integrated_low_lufs,
                    unit="LUFS",
                    message=f"The sound is very quiet: {loudness.integrated_lufs:.1f} LUFS.",
                    source="distance to the delivery targets",
                    remedy="Listen for noise once it is raised to its target.",
                )
            )
        return Answer(findings=tuple(findings))


CHECK = SoundLoudness()
