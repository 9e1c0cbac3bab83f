"""Are frames missing, so that an even or easing movement makes one step of two, three or four?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kling_post.checks.check import Answer, Subject
from kling_post.checks.evidence.cut_detection import cut_frames
from kling_post.checks.evidence.pace import Pace, pace_of
from kling_post.checks.evidence.runs import at
from kling_post.vocabulary import Finding, FrameRange, Severity

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class DroppedFramesLimits:
    """What a step across missing frames is: a whole multiple of what the steps on both sides lead to expect of it."""

    least_percent_of_width: float = 0.15
    """Movement per frame, root mean square over the picture, from which a missing frame is told for certain."""
    gradient: float = 0.5
    """Mean squared gradient of the working picture, codes squared per pixel squared: dark and flat pictures are not asked."""
    step_error: float = 0.15
    """How far the step may be from a whole multiple, as a share of it."""
    neighbour_error: float = 0.3
    """How far the three steps on either side may lie from a straight line through them, in usual steps: uneven movement tells nothing."""
    coherence: float = 0.6
    """Share of the movement around that its steps have in common, 0 to 1."""
    most_missing: int = 4
    """Frames; after more of them the movement is another one, or it is a cut."""


class DroppedFrames:
    """Missing frames in even movement."""

    name = "dropped_frames"
    title = "Missing frames"
    needs = ("displacement", "motion", "structure")
    limits = DroppedFramesLimits()

    def judge(self, subject: Subject, limits: DroppedFramesLimits) -> Answer:
        """A finding per hole; for review, since a thing that is pushed also makes one long step."""
        facts, signals = subject.facts, subject.signals
        cuts = cut_frames(signals)
        steps = pace_of(signals["motion"]["accord"], cuts)
        gradient = signals["displacement"]["gradient"]
        least = (limits.least_percent_of_width / 100 * facts.size.width) ** 2
        findings = []
        for frame in range(_BESIDE + 1, facts.frames - _BESIDE):
            if not (steps.movement[frame] >= least and steps.coherence[frame] >= limits.coherence) or not steps.pace[frame] >= _LEAST_PACE:
                continue
            if any(abs(cut - frame) <= _BESIDE for cut in cuts) or gradient[frame] < limits.gradient:
                continue
            times = _times(steps, frame, limits)
            if times:
                findings.append(self._finding(subject, frame, times, limits))
        return Answer(findings=tuple(findings))

    def _finding(self, subject: Subject, frame: int, times: float, limits: DroppedFramesLimits) -> Finding:
        missing = round(times) - 1
        what = "a frame is" if missing == 1 else f"{missing} frames are"
        return Finding(
            check=self.name,
            severity=Severity.REVIEW,
            frames=FrameRange(frame - 1, frame + 1),
            measured=times,
            limit=2 * (1 - limits.step_error),
            unit="times the steps beside it",
            message=f"The movement makes {missing + 1} steps at once into {at(frame, subject.facts)}: {what} missing before it.",
            code="MovieLabs PICTURE-INSERT/EDIT-ERROR",
            source="pace along the dense flow against a line through the three steps on each side",
            remedy="Interpolate in between, or take the take again.",
        )


_BESIDE = 3
_LEAST_PACE = 1.5
"""Steps below this need no closer look."""


def _times(steps: Pace, frame: int, limits: DroppedFramesLimits) -> float | None:
    """How many times the expected step the step to ``frame`` is, if it is a whole multiple in steady company."""
    places = np.array([place for place in range(-_BESIDE, _BESIDE + 1) if place])
    beside = steps.pace[frame + places]
    if not np.all(np.isfinite(beside)):
        return None
    one, other = np.triu_indices(places.size, 1)
    slope = float(np.median((beside[other] - beside[one]) / (places[other] - places[one])))
    expected = float(np.median(beside - slope * places))
    if expected <= 0 or np.abs(beside - slope * places - expected).max() > limits.neighbour_error * expected:
        return None
    times = float(steps.pace[frame]) / expected
    whole = round(times)
    near = abs(times - whole) <= limits.step_error * whole
    return times if near and 2 <= whole <= limits.most_missing + 1 else None


CHECK = DroppedFrames()
