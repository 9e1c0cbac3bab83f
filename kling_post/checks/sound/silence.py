"""Is there anything to hear? A track that is there but silent is as good as none."""

from dataclasses import dataclass

import numpy as np

from kling_post.checks.check import Answer, Subject
from kling_post.checks.evidence.runs import runs
from kling_post.checks.evidence.sound_place import STEPS_PER_SECOND, dbfs, frames_of, heard, not_measured
from kling_post.vocabulary import Finding, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundSilenceLimits:
    """What counts as silent, and for how long."""

    silent_dbfs: float = -60.0
    """RMS of 10 ms; under the noise of a quiet room at any programme level (EBU QC "silence" uses -60)."""
    stretch_seconds: float = 2.0
    """A silent stretch inside a take that otherwise sounds; pauses of speech are shorter."""


class SoundSilence:
    """Silent tracks, and long silent stretches."""

    name = "sound_silence"
    title = "Silence"
    needs = ()
    limits = SoundSilenceLimits()

    def judge(self, subject: Subject, limits: SoundSilenceLimits) -> Answer:
        """A finding for a silent track, or for each long silent stretch of one that sounds."""
        levels = heard(subject, "sound_levels")
        if levels is None:
            return not_measured(self.name, subject)
        if "rms" not in levels or not levels["rms"].size:
            return self._silent(subject, -120.0, limits)
        loudest = levels["rms"].max(axis=1)
        if dbfs(float(loudest.max())) < limits.silent_dbfs:
            return self._silent(subject, dbfs(float(loudest.max())), limits)
        silent = loudest < 10 ** (limits.silent_dbfs / 20)
        findings = []
        for run in runs(silent):
            seconds = run.frames / STEPS_PER_SECOND
            if seconds >= limits.stretch_seconds:
                findings.append(
                    Finding(
                        check=self.name,
                        severity=Severity.REVIEW,
                        frames=frames_of(run.start / STEPS_PER_SECOND, seconds, subject.facts),
                        measured=seconds,
                        limit=limits.stretch_seconds,
                        unit="s",
                        message=(
                            f"Nothing is heard for {seconds:.2f} s from {run.start / STEPS_PER_SECOND:.2f} s on "
                            f"(under {limits.silent_dbfs:g} dBFS)."
                        ),
                        source="RMS of 10 ms",
                        remedy="Fill it with room tone, or cut around it.",
                    )
                )
        return Answer(findings=tuple(findings))

    def _silent(self, subject: Subject, level_dbfs: float, limits: SoundSilenceLimits) -> Answer:
        wanted = subject.plan.sound
        if wanted is False:
            return Answer()
        said = "digital silence" if level_dbfs <= -120 else f"never above {level_dbfs:.0f} dBFS"
        return Answer(
            findings=(
                Finding(
                    check=self.name,
                    severity=Severity.FAIL if wanted else Severity.REVIEW,
                    frames=None,
                    measured=float(np.round(level_dbfs, 1)),
                    limit=limits.silent_dbfs,
                    unit="dBFS",
                    message=f"{'Sound was ordered; the' if wanted else 'The'} track is silent: {said}.",
                    source="RMS of 10 ms",
                    remedy="Order the take again." if wanted else "Leave the track out.",
                ),
            )
        )


CHECK = SoundSilence()
