"""Is a frame missing, so that an even movement makes one double step?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kling_post.checks.check import Answer, Subject
from kling_post.checks.cut_detection import cut_frames
from kling_post.checks.runs import at
from kling_post.vocabulary import Finding, FrameRange, Severity

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class DroppedFramesLimits:
    """What a double step is: direction and length twice those of the steps on both sides, which agree with each other."""

    least_percent_of_width: float = 0.2
    """Movement of the whole picture per frame from which a missing frame is told for certain."""
    textured_share: float = 0.1
    """Share of tiles with enough gradient to follow; dark and flat pictures are not asked."""
    step_error: float = 0.25
    """How far the step may be from twice its neighbours' mean, as a share of that mean."""
    neighbour_error: float = 0.25
    """How far the three steps on either side may lie from their mean, as a share of it: uneven movement tells nothing."""


class DroppedFrames:
    """Missing frames in even movement."""

    name = "dropped_frames"
    title = "Missing frames"
    needs = ("displacement", "motion", "structure")
    limits = DroppedFramesLimits()

    def judge(self, subject: Subject, limits: DroppedFramesLimits) -> Answer:
        """A finding per double step; for review, since only the camera's movement is followed."""
        facts, motion = subject.facts, subject.signals["motion"]
        steps = np.stack([motion["across"], motion["down"]], axis=1) * (100 / facts.size.width)
        cuts = np.array(cut_frames(subject.signals), int)
        textured = subject.signals["displacement"]["textured"]
        findings = []
        for frame in range(4, facts.frames - 3):
            if np.any(np.abs(cuts - frame) <= 3) or np.median(textured[frame - 3 : frame + 4]) < limits.textured_share:
                continue
            times = _double(steps, frame, limits)
            if times:
                findings.append(self._finding(subject, frame, times, limits))
        return Answer(findings=tuple(findings))

    def _finding(self, subject: Subject, frame: int, times: float, limits: DroppedFramesLimits) -> Finding:
        return Finding(
            check=self.name,
            severity=Severity.REVIEW,
            frames=FrameRange(frame - 1, frame + 1),
            measured=times,
            limit=2 - limits.step_error,
            unit="times the steps beside it",
            message=f"The movement makes a double step into {at(frame, subject.facts)}: a frame is missing before it.",
            code="MovieLabs PICTURE-INSERT/EDIT-ERROR",
            source="median displacement against the three steps on each side",
            remedy="Interpolate a frame in between, or take the take again.",
        )


def _double(steps: Values, frame: int, limits: DroppedFramesLimits) -> float | None:
    """How many times the usual step the step to ``frame`` is, if it is a double one."""
    beside = steps[[frame - 3, frame - 2, frame - 1, frame + 1, frame + 2, frame + 3]]
    usual = beside.mean(axis=0)
    length = float(np.hypot(*usual))
    if not length >= limits.least_percent_of_width:
        return None
    if np.hypot(*(beside - usual).T).max() > limits.neighbour_error * length:
        return None
    if float(np.hypot(*(steps[frame] - 2 * usual))) > limits.step_error * length:
        return None
    return float(np.hypot(*steps[frame])) / length


CHECK = DroppedFrames()
