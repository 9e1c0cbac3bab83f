"""Does the picture stop?

A locked-off shot of a still scene holds for its whole length and is no fault. A freeze is a picture that was moving and stops
from one frame to the next, or starts moving so, or a file that repeats one and the same picture bit for bit throughout.
"""

from dataclasses import dataclass, replace

import numpy as np

from kling_post.checks.check import Answer, Subject
from kling_post.checks.evidence.halts import stops_at_once
from kling_post.checks.evidence.held import HeldLimits, Steps, at_rest, movement_beside, shot_of, steps_of
from kling_post.checks.evidence.runs import runs, stretch
from kling_post.vocabulary import Finding, FrameRange, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class FreezeLimits(HeldLimits):
    """A freeze is a run of held steps at least this long, next to movement."""

    seconds: float = 0.2
    """Shorter runs are repeated frames (see duplicate_frames); people notice a stop from about a fifth of a second."""
    spread_steps: int = 4
    """Over which an encoder may spread the stop: three frames that it predicts from both sides, and the one that it predicts first."""
    lasting_pixels: float = 0.05
    """Movement that the steps of the run share: from here on it is a slow move, however fast the one beside it."""


_SETTLING_STEPS = 1
"""In which an encoder refines the first picture of a shot."""


class Freeze:
    """Frozen picture, in the middle, at the head and to the end."""

    name = "freeze"
    title = "Frozen picture"
    needs = ("displacement", "luma", "motion", "structure")
    limits = FreezeLimits()

    def judge(self, subject: Subject, limits: FreezeLimits) -> Answer:
        """A finding per freeze; the frames of the run include the first, still live one."""
        facts, signals = subject.facts, subject.signals
        if facts.frames < 3:
            return Answer()
        if np.all(signals["luma"]["identical"][1:] == 1):
            return Answer(findings=(self._whole(subject),))
        steps = steps_of(subject, limits)
        flow = np.sqrt(np.maximum(np.nan_to_num(signals["motion"]["accord"][:, 0]), 0))
        findings = []
        for run in _joined(steps, limits):
            if run.frames < limits.seconds * facts.rate:
                continue
            before, after = _moving_beside(steps, run, limits)
            part = not (before or after)
            if part:
                before, after = stops_at_once(steps, flow, run, limits)
            rest = _without_spread(run, limits.spread_steps, before=before > 0, after=after > 0)
            slow = np.median(steps.lasting[rest.start : rest.stop]) >= limits.lasting_pixels
            if not (before or after) or slow or not at_rest(steps, rest, limits):
                continue
            shown = FrameRange(run.start - 1, run.stop)
            finding = self._finding(subject, shown, shot_of(run.start, steps.shots), max(before, after), limits)
            findings.append(_of_a_part(finding) if part else finding)
        return Answer(findings=tuple(findings))

    def _finding(self, subject: Subject, shown: FrameRange, shot: FrameRange, movement: float, limits: FreezeLimits) -> Finding:
        place, remedy, severity = "The picture freezes", "Take the take again.", Severity.FAIL
        if shown.stop >= shot.stop:
            place = "The picture freezes to the end" if shot.stop == subject.facts.frames else "The picture freezes up to the cut"
            remedy = "Trim it away, or take the take again."
        elif shown.start <= shot.start + _SETTLING_STEPS:
            place, remedy = "The picture stands still before it starts to move", "Trim it away, or take the take again."
            # Nothing moved before it: a shot that waits for its action looks the same.
            severity = Severity.REVIEW
        return Finding(
            check=self.name,
            severity=severity,
            frames=shown,
            measured=float(shown.frames / subject.facts.rate),
            limit=limits.seconds,
            unit="s",
            message=f"{place}: {stretch(shown, subject.facts)} beside movement of {movement:.2f} px at 480 pixels' width.",
            source="displacement by least squares, proof against grain and re-encoding",
            remedy=remedy,
        )

    def _whole(self, subject: Subject) -> Finding:
        return Finding(
            check=self.name,
            severity=Severity.FAIL,
            frames=FrameRange(0, subject.facts.frames),
            measured=float(subject.facts.duration_seconds),
            limit=0.0,
            unit="s",
            message="The whole take is one and the same picture, bit for bit.",
            source="comparison of all samples",
        )


def _of_a_part(finding: Finding) -> Finding:
    """The finding where the rest of the picture stands still anyway: a drawn figure may be held, and a thing that lands lies still."""
    told = finding.message.removesuffix(".") + " in a part of the picture: a freeze, or all that moves comes to rest at once."
    return replace(finding, severity=Severity.REVIEW, message=told)


def _moving_beside(steps: Steps, run: FrameRange, limits: FreezeLimits) -> tuple[float, float]:
    """``movement_beside``, also where an encoder has spread the stop over some steps."""
    beside = [movement_beside(steps, run, limits, left_out=left_out) for left_out in range(limits.spread_steps + 1)]
    before, after = (max(side) for side in zip(*beside, strict=True))
    return before, after


def _without_spread(run: FrameRange, spread_steps: int, *, before: bool, after: bool) -> FrameRange:
    """A run without the steps beside movement over which an encoder may spread the stop; the run itself where one or none is left."""
    start, stop = run.start + before * spread_steps, run.stop - after * spread_steps
    return FrameRange(start, stop) if start + 1 < stop else run


def _joined(steps: Steps, limits: FreezeLimits) -> list[FrameRange]:
    """Runs of held steps, over single steps between them: an encoder that starts anew redraws a held picture from scratch."""
    found: list[FrameRange] = []
    for run in runs(steps.held):
        if found and run.start - found[-1].stop == 1 and shot_of(run.start, steps.shots) == shot_of(found[-1].start, steps.shots):
            before, after = _moving_beside(steps, FrameRange(found[-1].start, run.stop), limits)
            if steps.lengths[found[-1].stop] < 0.6 * max(before, after) and min(run.frames, found[-1].frames) > 1:
                found[-1] = FrameRange(found[-1].start, run.stop)
                continue
        found.append(run)
    return found


CHECK = Freeze()
