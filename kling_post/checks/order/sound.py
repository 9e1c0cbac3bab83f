"""Is there sound where sound was ordered, and none where none was?"""

from dataclasses import dataclass

from kling_post.checks.check import Answer, Subject
from kling_post.vocabulary import Finding, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestSoundLimits:
    """There is nothing to set: sound is there, or it is not."""


class RequestSound:
    """Presence of sound against the request."""

    name = "request_sound"
    title = "Sound as ordered"
    needs = ()
    limits = RequestSoundLimits()

    def judge(self, subject: Subject, limits: RequestSoundLimits) -> Answer:
        """A finding where sound is missing or was not asked for."""
        del limits
        wanted, there = subject.plan.sound, subject.facts.audio is not None
        if wanted is None or wanted == there:
            return Answer()
        finding = Finding(
            check=self.name,
            severity=Severity.FAIL if wanted else Severity.REVIEW,
            frames=None,
            measured=float(there),
            limit=float(wanted),
            unit="sound streams",
            message="Sound was ordered; the file has none." if wanted else "The file has sound that was not ordered.",
            source="the request",
            remedy="Order the take again." if wanted else "Leave the sound out of the edit if it is not wanted.",
        )
        return Answer(findings=(finding,))


CHECK = RequestSound()
