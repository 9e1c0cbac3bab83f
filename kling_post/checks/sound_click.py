"""Are there clicks: at the head, at the tail, or inside?"""

from dataclasses import dataclass

import numpy as np

from kling_post.checks.check import Answer, Subject
from kling_post.checks.sound_place import Series, dbfs, frames_of, heard, not_measured
from kling_post.vocabulary import Finding, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundClickLimits:
    """What makes an impulse a click."""

    sigmas: float = 50.0
    """Height of the prediction residual over its robust spread; footsteps and wings in a dense scene reach 40."""
    level_dbfs: float = -42.0
    """Height of the residual; quieter ones drown in what they sit in."""
    width_seconds: float = 0.0015
    ringing_db: float = 8.0
    """Residual after it over before: what is struck rings on, by 20 dB and more."""
    alone_seconds: float = 0.5
    """Within this, ..."""
    alone_most: int = 5
    """... more attacks or impulses are a texture: fire, rain, castanets, handling noise."""
    alone_impulses: int = 12
    """The same counted one by one, for the edges of a synthesizer's square wave."""
    together_seconds: float = 0.03
    """Impulses this near to each other are one attack."""
    ends_seconds: float = 0.02
    """At head and tail, the first and last sample are judged instead."""
    end_dbfs: float = -40.0
    """First or last sample of the file."""
    end_steps: float = 4.0
    """How many times the sound's own steps the jump from silence must be."""


class SoundClick:
    """Isolated impulses, and jumps at the ends of the file."""

    name = "sound_click"
    title = "Clicks"
    needs = ()
    limits = SoundClickLimits()

    def judge(self, subject: Subject, limits: SoundClickLimits) -> Answer:
        """A finding per click."""
        impulses = heard(subject, "sound_impulses")
        if impulses is None:
            return not_measured(self.name, subject)
        findings = self._ends(subject, impulses, limits)
        for seconds, sigmas, level in _clicks(impulses, float(subject.facts.duration_seconds), limits):
            findings.append(
                Finding(
                    check=self.name,
                    severity=Severity.REVIEW,
                    frames=frames_of(seconds, 0.0, subject.facts),
                    measured=sigmas,
                    limit=limits.sigmas,
                    unit="sigma",
                    message=f"A click at {seconds:.3f} s, {dbfs(level):.0f} dBFS high.",
                    source="residual of linear prediction, order 32",
                    remedy="Interpolate the few samples over, or cut around them.",
                )
            )
        return Answer(findings=tuple(findings))

    def _ends(self, subject: Subject, impulses: Series, limits: SoundClickLimits) -> list[Finding]:
        findings = []
        for end, place, seconds in (("first", "begins", 0.0), ("last", "ends", float(subject.facts.duration_seconds))):
            height = impulses[end]
            channel = int(np.argmax(height))
            if dbfs(float(height[channel])) < limits.end_dbfs:
                continue
            if height[channel] < limits.end_steps * impulses[f"{end}_step"][channel]:
                continue
            findings.append(
                Finding(
                    check=self.name,
                    severity=Severity.REVIEW,
                    frames=frames_of(seconds, 0.0, subject.facts),
                    measured=dbfs(float(height[channel])),
                    limit=limits.end_dbfs,
                    unit="dBFS",
                    message=f"The sound {place} away from zero, at {dbfs(float(height[channel])):.0f} dBFS: it clicks against silence.",
                    source="first and last sample",
                    remedy="Fade it over 5 ms.",
                )
            )
        return findings


def _clicks(impulses: Series, duration_seconds: float, limits: SoundClickLimits) -> list[tuple[float, float, float]]:
    """Seconds, sigmas and height of every click; one that is in both channels counts once."""
    seconds = impulses["seconds"]
    strong = (impulses["sigmas"] >= limits.sigmas) & (impulses["level"] >= 10 ** (limits.level_dbfs / 20))
    short = (impulses["width_seconds"] <= limits.width_seconds) & (impulses["ringing_db"] <= limits.ringing_db)
    inside = (seconds > limits.ends_seconds) & (seconds < duration_seconds - limits.ends_seconds)
    notable = impulses["sigmas"] >= limits.sigmas / 4
    clicks: list[tuple[float, float, float]] = []
    for index in np.flatnonzero(strong & short & inside):
        same = impulses["channel"] == impulses["channel"][index]
        near = np.abs(seconds - seconds[index]) <= limits.alone_seconds
        others = seconds[same & near & notable]
        attacks = np.count_nonzero(np.diff(others) > limits.together_seconds)
        if attacks > limits.alone_most or len(others) > limits.alone_impulses:
            continue
        if clicks and seconds[index] - clicks[-1][0] < 0.005:
            continue
        clicks.append((float(seconds[index]), float(impulses["sigmas"][index]), float(impulses["level"][index])))
    return clicks


CHECK = SoundClick()
