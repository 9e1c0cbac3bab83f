"""Are frames missing, so that an even or easing movement makes one step of two, three or four?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kling_post.checks.check import Answer, Subject
from kling_post.checks.evidence.cut_detection import cut_frames
from kling_post.checks.evidence.held import HeldLimits, steps_of
from kling_post.checks.evidence.pace import Pace, pace_of
from kling_post.checks.evidence.runs import at
from kling_post.checks.evidence.trend import steady_line
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
    change_rise: float = 0.15
    """Certain is a step where the difference of the pictures rises by this share over what those beside it lead to expect, ..."""
    pace_change: float = 0.05
    """... its pace by least squares, which cannot follow long steps, is so far out of line, ..."""
    standing_out: float = 1.5
    """... both are so many times as far out of it as those beside, ..."""
    even_error: float = 0.15
    """... and these lie no farther from their line, by least squares."""
    sure_step_error: float = 0.2
    """How far such a step may be from a whole multiple, ..."""
    noisy_error: float = 0.6
    """... and the flow's steps beside it from their line: fine ground that passes by makes the flow uneven, not the movement."""
    several_error: float = 0.5
    """And where three steps and more are made at once, ..."""
    several_rise: float = 0.3
    """... over which the pictures differ by so much more than over those beside it, and out of line by least squares (``likely_pace``)."""
    likely_rise: float = 0.05
    """The first of these everywhere, ..."""
    likely_pace: float = 0.1
    """... or the second."""
    coherence: float = 0.6
    """Share of the movement around that its steps have in common, 0 to 1."""
    most_missing: int = 4
    """Frames; after more of them the movement is another one, or it is a cut."""


class DroppedFrames:
    """Missing frames in even movement."""

    name = "dropped_frames"
    title = "Missing frames"
    needs = ("displacement", "luma", "motion", "structure")
    limits = DroppedFramesLimits()

    def judge(self, subject: Subject, limits: DroppedFramesLimits) -> Answer:
        """A finding per hole; for review, since a thing that is pushed also makes one long step."""
        facts, signals = subject.facts, subject.signals
        cuts = cut_frames(signals)
        steps = _Steps(
            flow=pace_of(signals["motion"]["accord"], cuts),
            pace=steps_of(subject, HeldLimits()).paced.pace,
            change=signals["displacement"]["difference"],
        )
        gradient = signals["displacement"]["gradient"]
        least = (limits.least_percent_of_width / 100 * facts.size.width) ** 2
        flow, findings = steps.flow, []
        for frame in range(_BESIDE + 1, facts.frames - _BESIDE):
            if not (flow.movement[frame] >= least and flow.coherence[frame] >= limits.coherence) or not flow.pace[frame] >= _LEAST_PACE:
                continue
            if any(abs(cut - frame) <= _BESIDE for cut in cuts) or gradient[frame] < limits.gradient:
                continue
            told = _told(steps, frame, limits)
            if told:
                findings.append(self._finding(subject, frame, told))
        return Answer(findings=tuple(findings))

    def _finding(self, subject: Subject, frame: int, told: "_Told") -> Finding:
        missing = round(told.times) - 1
        what = "a frame is" if missing == 1 else f"{missing} frames are"
        return Finding(
            check=self.name,
            severity=Severity.REVIEW,
            frames=FrameRange(frame - 1, frame + 1),
            measured=told.times,
            limit=told.least,
            unit="times the steps beside it",
            message=f"The movement makes {missing + 1} steps at once into {at(frame, subject.facts)}: {what} missing before it.",
            code="MovieLabs PICTURE-INSERT/EDIT-ERROR",
            source="pace along the dense flow against a line through the three steps on each side",
            remedy="Interpolate in between, or take the take again.",
        )


_BESIDE, _AROUND = 3, 6
"""Steps on either side that a line is drawn through, and those whose middle is taken where the flow is noisy."""
_LEAST_PACE, _SEVERAL = 1.5, 2.5
"""Steps below the first need no closer look; those from the second on are three and more, which stand out of steps less even."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Steps:
    """Every step of a clip, seen in three ways."""

    flow: Pace
    pace: Values
    """By least squares."""
    change: Values
    """Mean absolute difference of the pictures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Expected:
    """What the steps beside one lead to expect of it."""

    times: float
    """How many times that it is; NaN where too little is known."""
    error: float
    """How far those steps lie from their own line, as a share of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """A step across missing frames."""

    times: float
    """How many times the expected one it is."""
    least: float
    """How many times that would have done."""


def _told(steps: _Steps, frame: int, limits: DroppedFramesLimits) -> _Told | None:
    """The step to ``frame``, if it is a whole multiple of the expected one in steady company."""
    flow, change, pace = (_expected(series, frame) for series in (steps.flow.pace, steps.change, steps.pace))
    if not (change.times - 1 >= limits.likely_rise or abs(pace.times - 1) >= limits.likely_pace):
        return None
    sure = _stand_out(change, pace, limits)
    times, error = flow.times, limits.sure_step_error if sure else limits.step_error
    if not flow.error <= limits.neighbour_error:
        several = times >= _SEVERAL and flow.error <= limits.several_error
        several &= change.times - 1 >= limits.several_rise and abs(pace.times - 1) >= limits.likely_pace
        if not ((sure and flow.error <= limits.noisy_error) or several):
            return None
        times = float(steps.flow.pace[frame] / np.nanmedian(steps.flow.pace[max(0, frame - _AROUND) : frame + _AROUND + 1]))
    whole = round(times)
    near = abs(times - whole) <= error * whole
    return _Told(times=times, least=2 * (1 - error)) if near and 2 <= whole <= limits.most_missing + 1 else None


def _stand_out(change: _Expected, pace: _Expected, limits: DroppedFramesLimits) -> bool:
    """Whether the pictures themselves say that a step is none like those beside it, which are even."""
    rises = change.times - 1 >= max(limits.change_rise, limits.standing_out * change.error)
    out_of_line = abs(pace.times - 1) >= max(limits.pace_change, limits.standing_out * pace.error)
    return rises and out_of_line and pace.error <= limits.even_error


def _expected(steps: Values, frame: int) -> _Expected:
    """A step against the line through those beside it."""
    places = np.array([place for place in range(-_BESIDE, _BESIDE + 1) if place])
    beside = steps[frame + places]
    expected, slope = steady_line(places, beside)
    if not expected > 0:
        return _Expected(times=np.nan, error=np.inf)
    return _Expected(times=float(steps[frame]) / expected, error=float(np.abs(beside - slope * places - expected).max()) / expected)


CHECK = DroppedFrames()
