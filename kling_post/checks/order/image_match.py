"""Does the take begin and end on the stills that it was ordered from?"""

from dataclasses import dataclass

from kling_post.checks.check import Answer, Subject
from kling_post.vocabulary import Finding, FrameRange, Severity, Undetermined


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageMatchLimits:
    """How alike frame and still must be, at 96 columns: coding, scaling and a pixel's drift leave correlations above 0.97."""

    review_correlation: float = 0.9
    """Correlation of brightness below which the composition has moved."""
    fail_correlation: float = 0.6
    """Below it the frame shows something else."""
    delta_e_itp: float = 15.0
    """Median difference of the pixels, ITU-R BT.2124, above which the colours are off."""


class ImageMatch:
    """First and last frame against the given images."""

    name = "image_match"
    title = "First and last frame as given"
    needs = ()
    limits = ImageMatchLimits()

    def judge(self, subject: Subject, limits: ImageMatchLimits) -> Answer:
        """A finding for each end that does not look like its still."""
        findings: list[Finding] = []
        undetermined: list[Undetermined] = []
        measured = subject.signals.get("given_images", {})
        for place, still in (("first", subject.plan.first_image), ("last", subject.plan.last_image)):
            if still is None:
                continue
            if place not in measured:
                reason = f"the {place} frame was not compared with {still.name}: the image could not be read or was not looked at."
                undetermined.append(Undetermined(check=self.name, reason=reason))
                continue
            correlation, delta_e, _ = (float(value) for value in measured[place])
            index = 0 if place == "first" else subject.facts.frames - 1
            finding = self._finding(place, still.name, FrameRange(index, index + 1), correlation, delta_e, limits)
            findings += [finding] if finding else []
        return Answer(findings=tuple(findings), undetermined=tuple(undetermined))

    def _finding(
        self, place: str, still: str, frames: FrameRange, correlation: float, delta_e: float, limits: ImageMatchLimits
    ) -> Finding | None:
        if correlation < limits.review_correlation:
            failed = correlation < limits.fail_correlation
            what = "shows something else than" if failed else "is composed differently from"
            severity, measured, limit, unit = (
                (Severity.FAIL, correlation, limits.fail_correlation, "correlation")
                if failed
                else (Severity.REVIEW, correlation, limits.review_correlation, "correlation")
            )
            message = f"The {place} frame {what} {still} (correlation {correlation:.2f})."
        elif delta_e > limits.delta_e_itp:
            severity, measured, limit, unit = Severity.REVIEW, delta_e, limits.delta_e_itp, "Delta E ITP"
            message = f"The {place} frame is off {still} in colour by {delta_e:.0f} Delta E ITP."
        else:
            return None
        return Finding(
            check=self.name,
            severity=severity,
            frames=frames,
            measured=measured,
            limit=limit,
            unit=unit,
            message=message,
            source="the request's frame images",
            remedy="Take the take again." if severity is Severity.FAIL else "Grade it towards the image, or take it again.",
        )


CHECK = ImageMatch()
