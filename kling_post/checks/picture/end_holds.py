"""Do the first or last frames stand still although the shot moves?

Image-to-video generators often hold the given still for a few frames before they move, and some hold the last frame to fill
their frame count. Longer holds are freezes; a shot in which nothing moves, or that eases, holds nothing.
"""

from dataclasses import dataclass

import numpy as np

from kling_post.checks.check import Answer, Subject
from kling_post.checks.evidence.held import HeldLimits, Steps, at_rest, movement_beside, steps_of
from kling_post.checks.evidence.runs import runs, stretch
from kling_post.checks.picture.cadence import CadenceLimits, cadences
from kling_post.vocabulary import Finding, FrameRange, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class EndHoldLimits(HeldLimits):
    """A hold is a run of held steps that begins with the clip or ends with it, next to movement."""

    frames: int = 2
    """Steps that stand still, at least: a single one is often the encoder's."""
    freeze_seconds: float = 0.2
    """Holds of this length are freezes."""
    certain_share: float = 0.15
    """Share of the movement beside them that its steps stay under: a start or a stop within a frame or two is none."""


class EndHolds:
    """Head and tail holds."""

    name = "end_holds"
    title = "Head and tail holds"
    needs = ("displacement", "luma", "motion", "structure")
    limits = EndHoldLimits()

    def judge(self, subject: Subject, limits: EndHoldLimits) -> Answer:
        """A finding per end; for review, since a handle is often trimmed anyway."""
        facts = subject.facts
        if facts.frames < 4:
            return Answer()
        steps = steps_of(subject.signals, limits)
        regular = cadences(steps, CadenceLimits())
        findings = []
        for run in runs(steps.held):
            if not (run.start == 1 or run.stop == facts.frames) or any(each.holds(run) for each in regular):
                continue
            if not limits.frames <= run.frames < limits.freeze_seconds * facts.rate:
                continue
            share = _share(steps, run, limits)
            if share is not None and share <= limits.certain_share:
                findings.append(self._finding(subject, FrameRange(run.start - 1, run.stop), share, limits))
        return Answer(findings=tuple(findings))

    def _finding(self, subject: Subject, shown: FrameRange, share: float, limits: EndHoldLimits) -> Finding:
        head = shown.start == 0
        return Finding(
            check=self.name,
            severity=Severity.REVIEW,
            frames=shown,
            measured=share,
            limit=limits.certain_share,
            unit="of the movement beside it",
            message=f"The shot {'starts' if head else 'ends'} on a picture that stands still: {stretch(shown, subject.facts)}.",
            source="displacement by least squares, proof against grain and re-encoding",
            remedy=f"Trim the {'head' if head else 'tail'}.",
        )


def _share(steps: Steps, run: FrameRange, limits: EndHoldLimits) -> float | None:
    """Median movement of the run over that beside it; None where it is no stop."""
    movement = max(movement_beside(steps, run, limits))
    if not movement or not at_rest(steps, run, limits):
        return None
    return float(np.median(steps.lengths[run.start : run.stop])) / movement


CHECK = EndHolds()
