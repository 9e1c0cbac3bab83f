"""Does the sound begin and end with the picture?"""

from dataclasses import dataclass

from kling_post.checks.check import Answer, Subject
from kling_post.checks.evidence.sound_place import frames_of, heard, not_measured
from kling_post.vocabulary import Finding, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundLengthLimits:
    """Differences in frames of the picture."""

    shorter_frames: float = 1.0
    """Longer holes are heard at a join as silence."""
    fail_shorter_seconds: float = 0.5
    longer_seconds: float = 2.0
    """Sound behind the picture is cut off by the edit; much of it means that picture is missing (Qualify FC-108: 2 s)."""
    late_frames: float = 1.0
    """Sound that begins this much after the picture; less is encoder delay that the container states."""


class SoundLength:
    """Start and end of the sound against the picture."""

    name = "sound_length"
    title = "Sound length"
    needs = ()
    limits = SoundLengthLimits()

    def judge(self, subject: Subject, limits: SoundLengthLimits) -> Answer:
        """A finding for each end that does not fit."""
        facts, levels = subject.facts, heard(subject, "sound_levels")
        if levels is None or facts.audio is None:
            return not_measured(self.name, subject)
        sound = float(levels["samples"][0] / levels["sample_rate"][0])
        picture, frame = float(facts.duration_seconds), 1 / float(facts.rate)
        findings = []
        late = float(facts.audio.start_seconds - facts.start_seconds)
        if late > limits.late_frames * frame:
            findings.append(
                self._finding(
                    subject,
                    late,
                    limits.late_frames * frame,
                    f"The sound begins {late * 1000:.0f} ms after the picture.",
                    0.0,
                    Severity.REVIEW,
                )
            )
        if picture - sound > limits.shorter_frames * frame:
            message = f"The sound ends {(picture - sound) * 1000:.0f} ms before the picture."
            severity = Severity.FAIL if picture - sound >= limits.fail_shorter_seconds else Severity.REVIEW
            findings.append(self._finding(subject, picture - sound, limits.shorter_frames * frame, message, sound, severity))
        if sound - picture > limits.longer_seconds:
            message = f"The sound goes on for {sound - picture:.2f} s after the picture."
            findings.append(self._finding(subject, sound - picture, limits.longer_seconds, message, picture, Severity.REVIEW))
        return Answer(findings=tuple(findings))

    def _finding(self, subject: Subject, seconds: float, limit: float, message: str, start: float, severity: Severity) -> Finding:
        return Finding(
            check=self.name,
            severity=severity,
            frames=frames_of(start, seconds, subject.facts),
            measured=seconds * 1000,
            limit=limit * 1000,
            unit="ms",
            message=message,
            source="samples decoded against frames counted",
            remedy="Fill with room tone or trim to the picture's exact length.",
        )


CHECK = SoundLength()
