"""Is the picture as large as it was ordered?"""

from dataclasses import dataclass

from kling_post.checks.check import Answer, Subject
from kling_post.vocabulary import Finding, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestSizeLimits:
    """There is nothing to set: a size is the one ordered, or it is not."""


class RequestSize:
    """Width and height against the request."""

    name = "request_size"
    title = "Picture size as ordered"
    needs = ()
    limits = RequestSizeLimits()

    def judge(self, subject: Subject, limits: RequestSizeLimits) -> Answer:
        """A finding where the size differs."""
        del limits
        wanted, size = subject.plan.size, subject.facts.size
        if wanted is None or wanted == size:
            return Answer()
        finding = Finding(
            check=self.name,
            severity=Severity.FAIL,
            frames=None,
            measured=float(size.width * size.height),
            limit=float(wanted.width * wanted.height),
            unit="pixels",
            message=f"The picture is {size}; {wanted} was ordered.",
            source="the request",
            remedy="Order the take again; scaling it up adds no detail.",
        )
        return Answer(findings=(finding,))


CHECK = RequestSize()
