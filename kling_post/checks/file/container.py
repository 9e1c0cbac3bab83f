"""Will the file sit in an edit as it is: does picture start at zero with its sound, and are they equally long?"""

from dataclasses import dataclass

from kling_post.checks.check import Answer, Subject
from kling_post.vocabulary import AudioFacts, Finding, MediaFacts, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerLimits:
    """Tolerances in frames of the picture and in seconds."""

    start_frames: float = 1.0
    """Sound may start this much before or after the picture. EBU R37 allows 40 ms early and 60 ms late over the whole chain."""
    short_frames: float = 2.0
    """Sound may end this much before the picture: file QC of stream lengths (Telestream FC-108) alerts from two frames."""
    short_fail_seconds: float = 0.5
    """Sound that ends this much before the picture leaves a hole that everybody hears."""
    long_seconds: float = 2.0
    """Sound may outlast the picture by this much (FC-108)."""


class Container:
    """Start times, stream lengths, pixel shape, fields."""

    name = "container"
    title = "Container and stream lengths"
    needs = ()
    limits = ContainerLimits()

    def judge(self, subject: Subject, limits: ContainerLimits) -> Answer:
        """A finding for each thing that an edit would stumble over."""
        facts = subject.facts
        findings = self._picture(facts)
        if facts.audio is not None:
            findings += self._sound(facts, facts.audio, limits)
        return Answer(findings=tuple(findings))

    def _picture(self, facts: MediaFacts) -> list[Finding]:
        findings = []
        if facts.start_seconds * facts.rate >= 1:
            message = f"The picture starts at {float(facts.start_seconds):.3f} s, not at 0: some editors show black before it."
            findings.append(self._finding(Severity.INFO, float(facts.start_seconds), 0.0, "s", message))
        if facts.sample_aspect != 1:
            message = f"Pixels are not square ({facts.sample_aspect.numerator}:{facts.sample_aspect.denominator})."
            findings.append(self._finding(Severity.REVIEW, float(facts.sample_aspect), 1.0, "width to height", message))
        if facts.interlaced:
            findings.append(
                self._finding(Severity.REVIEW, 1.0, 0.0, "interlaced", "The picture is interlaced.", "Deinterlace it before editing.")
            )
        if facts.rotation_degrees:
            message = f"The picture is stored turned by {facts.rotation_degrees} degrees; not every editor turns it back."
            findings.append(self._finding(Severity.INFO, float(facts.rotation_degrees), 0.0, "degrees", message))
        return findings

    def _sound(self, facts: MediaFacts, audio: AudioFacts, limits: ContainerLimits) -> list[Finding]:
        findings = []
        apart = (audio.start_seconds - facts.start_seconds) * facts.rate
        if abs(apart) > limits.start_frames:
            word = "after" if apart > 0 else "before"
            message = f"Sound starts {abs(float(apart)):.1f} frames {word} the picture."
            findings.append(self._finding(Severity.REVIEW, abs(float(apart)), limits.start_frames, "frames", message))
        if audio.duration_seconds is None:
            return findings
        picture_end = facts.start_seconds + facts.duration_seconds
        longer = audio.start_seconds + audio.duration_seconds - picture_end
        if -longer * facts.rate > limits.short_frames:
            severity = Severity.FAIL if -longer > limits.short_fail_seconds else Severity.REVIEW
            message = f"Sound ends {float(-longer):.3f} s ({float(-longer * facts.rate):.1f} frames) before the picture."
            remedy = "Fill the end with room tone or trim the picture."
            findings.append(self._finding(severity, float(-longer * facts.rate), limits.short_frames, "frames", message, remedy))
        elif longer > limits.long_seconds:
            message = f"Sound outlasts the picture by {float(longer):.2f} s."
            findings.append(self._finding(Severity.REVIEW, float(longer), limits.long_seconds, "s", message, "Trim the sound."))
        elif longer * facts.rate > 1:
            message = f"Sound outlasts the picture by {float(longer * facts.rate):.1f} frames; the edit trims it."
            findings.append(self._finding(Severity.INFO, float(longer), limits.long_seconds, "s", message))
        return findings

    def _finding(self, severity: Severity, measured: float, limit: float, unit: str, message: str, remedy: str = "") -> Finding:
        return Finding(
            check=self.name,
            severity=severity,
            frames=None,
            measured=measured,
            limit=limit,
            unit=unit,
            message=message,
            source="the container's timestamps",
            remedy=remedy,
        )


CHECK = Container()
