"""Do the first or last frames differ from the shot that they open or close?

Generators often leave a pop of brightness or colour in the first or the last few frames, where the picture's latent has
neighbours on one side only. A flash has the same picture on both sides; here there is nothing on the other side, so the step
into (or out of) the rest of the shot is held against the steps that follow it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kling_post.checks.check import Answer, Subject
from kling_post.checks.evidence.cut_detection import cut_frames
from kling_post.checks.evidence.exposure import exposure_steps
from kling_post.vocabulary import Finding, FrameRange, Severity

Values = NDArray[np.float64]

_STEADY_STEPS = 12
"""Steps further inside that the step is compared with: half a second at 24 frames a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndFramesLimits:
    """What stands out at an end."""

    frames: int = 4
    """How many frames at each end are looked at: one latent step of the usual generators."""
    exposure_percent: float = 2.5
    """Step of exposure of the whole picture."""
    delta_e_itp: float = 4.0
    """Step of mean colour, ITU-R BT.2124."""
    neighbour_ratio: float = 5.0
    """The step against the largest of those further inside."""


class EndFrames:
    """First- and last-frame anomaly."""

    name = "end_frames"
    title = "Odd first or last frames"
    needs = ("colour", "luma", "motion", "structure")
    limits = EndFramesLimits()

    def judge(self, subject: Subject, limits: EndFramesLimits) -> Answer:
        """At most one finding per end, of the larger kind of step."""
        facts, signals = subject.facts, subject.signals
        if facts.frames < 2 * (limits.frames + _STEADY_STEPS):
            return Answer()
        cuts = cut_frames(signals)
        exposure = np.abs(exposure_steps(signals["luma"], full_range=facts.color_range == "full", cuts=cuts))
        ictcp = signals["colour"]["ictcp"] * np.array([720.0, 360.0, 720.0])
        colour = np.concatenate([[0.0], np.linalg.norm(np.diff(ictcp, axis=0), axis=1)])
        colour[list(cuts)] = 0
        kinds = ((exposure, limits.exposure_percent, "%", "in brightness"), (colour, limits.delta_e_itp, "Delta E ITP", "in colour"))
        findings: list[Finding] = []
        for last in (False, True):
            found = [self._end(subject, steps, limit, unit, what, limits, last=last) for steps, limit, unit, what in kinds]
            findings += [finding for finding in found if finding][:1]
        return Answer(findings=tuple(findings))

    def _end(
        self, subject: Subject, steps: Values, limit: float, unit: str, what: str, limits: EndFramesLimits, *, last: bool
    ) -> Finding | None:
        # Steps counted from the end in question: the step to frame 1 first, or the step to the last frame first.
        inward = steps[:0:-1] if last else steps[1:]
        edge, inside = inward[: limits.frames], inward[limits.frames : limits.frames + _STEADY_STEPS]
        place = int(np.argmax(edge))
        step = float(edge[place])
        if step < limit or step < limits.neighbour_ratio * max(float(inside.max()), limit / limits.neighbour_ratio / 2):
            return None
        count, total = place + 1, subject.facts.frames
        frames = FrameRange(total - count, total) if last else FrameRange(0, count)
        which = f"{'last' if last else 'first'} {'frame differs' if count == 1 else f'{count} frames differ'}"
        return Finding(
            check=self.name,
            severity=Severity.REVIEW,
            frames=frames,
            measured=step,
            limit=limit,
            unit=unit,
            message=f"The {which} {what} from the rest of the shot by {step:.1f} {unit}.",
            source="the step against those further inside the shot",
            remedy="Trim these frames away.",
        )


CHECK = EndFrames()
