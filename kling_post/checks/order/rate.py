"""Does every frame last as long as the next, at the rate that was ordered?"""

from dataclasses import dataclass

from kling_post.checks.check import Answer, Subject
from kling_post.vocabulary import Finding, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRateLimits:
    """Rates are exact fractions: 23.976 is not 24."""


class RequestRate:
    """Constant frame rate, as ordered."""

    name = "request_rate"
    title = "Frame rate as ordered, and constant"
    needs = ()
    limits = RequestRateLimits()

    def judge(self, subject: Subject, limits: RequestRateLimits) -> Answer:
        """A finding each for a variable rate and for another rate than ordered."""
        del limits
        facts, wanted = subject.facts, subject.plan.rate
        findings = []
        if not facts.constant_rate:
            findings.append(
                Finding(
                    check=self.name,
                    severity=Severity.FAIL,
                    frames=None,
                    measured=float(facts.rate),
                    limit=float(wanted or facts.rate),
                    unit="frames/s",
                    message=f"Frames do not last equally long: about {float(facts.rate):.3f} frames a second by their timestamps.",
                    source="an edit counts frames, so each must last one frame",
                    remedy="Conform the file to a constant rate before editing.",
                )
            )
        if wanted is not None and wanted != facts.rate:
            findings.append(
                Finding(
                    check=self.name,
                    severity=Severity.FAIL,
                    frames=None,
                    measured=float(facts.rate),
                    limit=float(wanted),
                    unit="frames/s",
                    message=f"The rate is {float(facts.rate):.3f} frames a second; {float(wanted):.3f} was asked for.",
                    source="the request",
                )
            )
        return Answer(findings=tuple(findings))


CHECK = RequestRate()
