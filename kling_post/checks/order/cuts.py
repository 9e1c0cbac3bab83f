"""Are the cuts where the shot plan has them, and nowhere else?"""

from dataclasses import dataclass
from fractions import Fraction

from kling_post.checks.check import Answer, Subject
from kling_post.checks.evidence.cut_detection import CutLimits, transitions
from kling_post.checks.evidence.runs import at, stretch
from kling_post.timebase import seconds_to_frames
from kling_post.vocabulary import Finding, FrameRange, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class CutsLimits(CutLimits):
    """How far a cut may lie from its plan."""

    tolerance_seconds: float = 0.2
    """A cut this near to its plan is the planned one, five frames at 24 a second."""
    search_seconds: float = 1.0
    """A cut this near is the planned one, but early or late."""


class Cuts:
    """Planned cuts present, in time and hard; no others."""

    name = "cuts"
    title = "Cuts as planned"
    needs = ("motion", "structure")
    limits = CutsLimits()

    def judge(self, subject: Subject, limits: CutsLimits) -> Answer:
        """A finding per missing, early, late, melting and unplanned cut; without a plan each is only noted."""
        facts, planned_seconds = subject.facts, subject.plan.cut_seconds
        # A melt stands for a cut in its middle; a hard cut for itself.
        found = {(frames.start + frames.stop) // 2: frames for frames in transitions(subject.signals, limits)}
        if planned_seconds is None:
            return Answer(findings=tuple(self._noted(subject, cut, found[cut]) for cut in sorted(found)))
        planned = [seconds_to_frames(seconds, facts.rate) for seconds in planned_seconds]
        reach = seconds_to_frames(Fraction(limits.search_seconds), facts.rate)
        tolerance = seconds_to_frames(Fraction(limits.tolerance_seconds).limit_denominator(1000), facts.rate)
        findings = []
        for plan, cut in _matched(planned, sorted(found), reach).items():
            if cut is None:
                findings.append(self._missing(subject, plan, tolerance))
                continue
            frames = found.pop(cut)
            if abs(cut - plan) > tolerance:
                findings.append(self._late(subject, plan, cut, tolerance))
            elif frames.frames > 1:
                findings.append(self._melting(subject, plan, cut, frames))
        findings += [self._unplanned(subject, cut, found[cut]) for cut in sorted(found)]
        return Answer(findings=tuple(findings))

    def _noted(self, subject: Subject, cut: int, frames: FrameRange) -> Finding:
        melts_here = f"One shot melts into another: {stretch(frames, subject.facts)}."
        message = f"A cut at {at(cut, subject.facts)}." if frames.frames == 1 else melts_here
        return self._cut(cut, Severity.INFO, float(cut), float(cut), message, frames=frames)

    def _unplanned(self, subject: Subject, cut: int, frames: FrameRange) -> Finding:
        message = f"A cut that nobody planned, at {at(cut, subject.facts)}."
        if frames.frames > 1:
            message = f"One shot melts into another, which nobody planned: {stretch(frames, subject.facts)}."
        severity, remedy = Severity.FAIL, "Use the take up to there or from there on, or take it again."
        if subject.plan.may_cut:
            severity, remedy = Severity.REVIEW, f"The request lets the model choose its shots (shotType: intelligence). {remedy}"
        return self._cut(cut, severity, 1, 0, message, unit="cuts", remedy=remedy, frames=frames)

    def _melting(self, subject: Subject, plan: int, cut: int, frames: FrameRange) -> Finding:
        message = f"The cut planned at {at(plan, subject.facts)} is a melt from one shot into the other: {stretch(frames, subject.facts)}."
        remedy = "Cut the melting frames out in the edit."
        return self._cut(cut, Severity.REVIEW, frames.frames, 1, message, unit="frames", remedy=remedy, frames=frames)

    def _late(self, subject: Subject, plan: int, cut: int, tolerance: int) -> Finding:
        word = "late" if cut > plan else "early"
        message = f"The cut planned at {at(plan, subject.facts)} comes {abs(cut - plan)} frames {word}, at frame {cut}."
        remedy = "Move the cut in the edit to where the take has it."
        return self._cut(cut, Severity.REVIEW, abs(cut - plan), tolerance, message, unit="frames", remedy=remedy)

    def _missing(self, subject: Subject, plan: int, tolerance: int) -> Finding:
        message = f"The cut planned at {at(plan, subject.facts)} is not there."
        last = min(subject.facts.frames, plan + tolerance + 1)
        frames = FrameRange(max(0, min(plan - tolerance, last - 1)), last)
        return self._cut(
            plan, Severity.FAIL, 0, 1, message, unit="cuts", remedy="Take it again, or order the shots one by one.", frames=frames
        )

    def _cut(
        self,
        cut: int,
        severity: Severity,
        measured: float,
        limit: float,
        message: str,
        *,
        unit: str = "frame",
        remedy: str = "",
        frames: FrameRange | None = None,
    ) -> Finding:
        return Finding(
            check=self.name,
            severity=severity,
            frames=frames or FrameRange(cut, cut + 1),
            measured=float(measured),
            limit=float(limit),
            unit=unit,
            message=message,
            code="" if severity is Severity.INFO else "MovieLabs PICTURE-INSERT/EDIT-ERROR",
            source="the request's shot plan" if severity is not Severity.INFO else "difference, motion residual and correlation",
            remedy=remedy,
        )


def _matched(planned: list[int], found: list[int], reach: int) -> dict[int, int | None]:
    """The nearest cut for each planned one within reach, nearest pairs first; no cut serves two plans."""
    pairs = sorted((abs(cut - plan), plan, cut) for plan in planned for cut in found if abs(cut - plan) <= reach)
    matched: dict[int, int | None] = dict.fromkeys(planned)
    for _, plan, cut in pairs:
        if matched[plan] is None and cut not in matched.values():
            matched[plan] = cut
    return matched


CHECK = Cuts()
