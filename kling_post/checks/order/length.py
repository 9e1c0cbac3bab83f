"""Is the take as long as it was ordered, to the frame?"""

from dataclasses import dataclass

from kling_post.checks.check import Answer, Subject
from kling_post.timebase import seconds_to_frames
from kling_post.vocabulary import Finding, FrameRange, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestLengthLimits:
    """How far the frame count may be off."""

    short_frames: int = 0
    """Missing frames that pass; an edit has nothing to fill them with."""
    long_frames: int = 12
    """Surplus frames that are only noted: generators round up to their latent length, and the edit trims them."""


class RequestLength:
    """Frame count against the ordered duration."""

    name = "request_length"
    title = "Length as ordered"
    needs = ()
    limits = RequestLengthLimits()

    def judge(self, subject: Subject, limits: RequestLengthLimits) -> Answer:
        """A finding where frames are missing or left over."""
        facts, seconds = subject.facts, subject.plan.duration_seconds
        if seconds is None:
            return Answer()
        wanted = seconds_to_frames(seconds, facts.rate)
        surplus = facts.frames - wanted
        if surplus == 0 or -limits.short_frames <= surplus < 0:
            return Answer()
        if surplus < 0:
            severity, limit = Severity.FAIL, limits.short_frames
            message = f"{facts.frames} frames; {wanted} were ordered ({float(seconds):g} s): {-surplus} are missing."
        else:
            severity, limit = (Severity.INFO if surplus <= limits.long_frames else Severity.REVIEW), limits.long_frames
            message = f"{facts.frames} frames; {wanted} were ordered ({float(seconds):g} s): {surplus} more than that."
        finding = Finding(
            check=self.name,
            severity=severity,
            frames=FrameRange(wanted, facts.frames) if surplus > 0 else None,
            measured=float(facts.frames),
            limit=float(wanted + (limit if surplus > 0 else -limit)),
            unit="frames",
            message=message,
            code="EBU QC 0081X Frame Count",
            source="the request",
            remedy="Trim to the ordered length." if surplus > 0 else "Order the take again, or shorten the shot in the edit.",
        )
        return Answer(findings=(finding,))


CHECK = RequestLength()
