"""Do the first or last frames stand still although the shot moves?

Image-to-video generators often hold the given still for a few frames before they move, and some hold the last frame to fill
their frame count. Longer holds are freezes; a shot in which nothing moves, or that eases, holds nothing.
"""

from dataclasses import dataclass

import numpy as np

from kling_post.checks.check import Answer, Subject
from kling_post.checks.evidence.held import HeldLimits, movement_beside, steps_of
from kling_post.checks.evidence.runs import runs, stretch
from kling_post.checks.picture.cadence import CadenceLimits, cadences
from kling_post.vocabulary import Finding, FrameRange, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class EndHoldLimits(HeldLimits):
    """A hold is a run of steps that stand still, by pace where it is known, that begins with the clip or ends with it, next to movement."""

    frames: int = 2
    """Steps that stand still, at least: a single one is often the encoder's."""
    freeze_seconds: float = 0.2
    """Holds of this length are freezes."""
    still_pace: float = 0.4
    """Pace of each of its steps, at most, in either direction: an encoder leaves the first and the last of them some movement."""
    certain_share: float = 0.25
    """Their mean, at most: a start or a stop within a frame or two is none."""
    habit: int = 2
    """Other stretches that stand still as long, from which holding is the encoder's habit: of slow movement it leaves out the last frames
    before each key frame, the clip's last ones among them."""
    longest_share: float = 0.7
    """Length of each of its steps over that movement, at most: before a stop, the pace of a step that still moves is uncertain;"""
    length_share: float = 0.5
    """and of all of them on average, at most: a step of pace 0 may go another way."""


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
        steps = steps_of(subject, limits)
        regular = cadences(steps, CadenceLimits())
        known = np.isfinite(steps.paced.pace)
        pace = np.where(known, np.abs(steps.paced.pace), np.where(steps.held, 0.0, 1.0))
        length = np.where(known, steps.paced.length, 0.0)
        findings = []
        stands = runs((pace <= limits.still_pace) & (length <= limits.longest_share))
        for run in stands:
            if not (run.start == 1 or run.stop == facts.frames) or any(each.holds(run) for each in regular):
                continue
            share = float(pace[run.start : run.stop].mean())
            still = share <= limits.certain_share and length[run.start : run.stop].mean() <= limits.length_share
            habitual = sum(other.frames >= run.frames for other in stands) > limits.habit
            counts = limits.frames <= run.frames < limits.freeze_seconds * facts.rate
            if counts and still and not habitual and any(movement_beside(steps, run, limits)):
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
            source="pace of the steps along the movement beside them, proof against grain and re-encoding",
            remedy=f"Trim the {'head' if head else 'tail'}.",
        )


CHECK = EndHolds()
