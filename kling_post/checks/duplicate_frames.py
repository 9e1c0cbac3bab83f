"""Are single frames shown twice while everything around them moves?"""

from dataclasses import dataclass

import numpy as np

from kling_post.checks.check import Answer, Subject
from kling_post.checks.held import HeldLimits, goes_on, movement_beside, steps_of
from kling_post.checks.runs import at, runs, stretch
from kling_post.vocabulary import Finding, FrameRange, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateLimits(HeldLimits):
    """A repeat is a short run of held steps with movement on both sides."""

    longest_seconds: float = 0.2
    """Longer runs are freezes."""
    neighbour_share: float = 0.2
    """The held step must be at most this share of the steps right beside it."""
    even_share: float = 0.5
    """The steps right beside it must be this share of the faster side's movement."""
    same_way: float = 0.2
    """Likeness of the steps on both sides, from -1 to 1: where a hand turns back it stands still for a moment."""
    pattern_count: int = 4
    """From this many repeats at one distance they are reported as one cadence, such as 24 frames carried at 30."""


_LONGEST_CADENCE = 12
"""Frames: 24 carried at 25 repeats one frame in 25, which is left to the single findings."""


class DuplicateFrames:
    """Repeated frames, one by one or as a cadence."""

    name = "duplicate_frames"
    title = "Repeated frames"
    needs = ("displacement", "luma", "motion", "structure")
    limits = DuplicateLimits()

    def judge(self, subject: Subject, limits: DuplicateLimits) -> Answer:
        """A finding per repeat, or one for all of them where they come at a regular distance."""
        facts, signals = subject.facts, subject.signals
        if facts.frames < 4:
            return Answer()
        steps = steps_of(signals, limits)
        found: list[tuple[FrameRange, float]] = []
        for run in runs(steps.held):
            if run.frames >= limits.longest_seconds * facts.rate:
                continue
            before, after = movement_beside(steps, run, limits)
            if not (before and after) or goes_on(signals, run) < limits.same_way:
                continue
            # Against the very steps beside it: a hand that turns back slows down before it stops.
            beside = float(min(steps.lengths[run.start - 1], steps.lengths[run.stop]))
            longest = float(steps.lengths[run.start : run.stop].max())
            if beside >= limits.even_share * max(before, after) and longest <= limits.neighbour_share * beside:
                found.append((run, longest / beside))
        cadence = _cadence([steps.start for steps, _ in found], limits.pattern_count)
        if cadence:
            return Answer(findings=(self._pattern(subject, [steps for steps, _ in found], cadence, limits),))
        return Answer(findings=tuple(self._one(subject, steps, share, limits) for steps, share in found))

    def _one(self, subject: Subject, steps: FrameRange, share: float, limits: DuplicateLimits) -> Finding:
        exact = bool(np.all(subject.signals["luma"]["identical"][steps.start : steps.stop] == 1))
        what = "repeats" if steps.frames == 1 else "repeat"
        which = at(steps.start, subject.facts) if steps.frames == 1 else stretch(steps, subject.facts)
        return Finding(
            check=self.name,
            severity=Severity.FAIL,
            frames=steps,
            measured=share,
            limit=limits.neighbour_share,
            unit="of the movement beside it",
            message=f"{which[0].upper()}{which[1:]} {what} frame {steps.start - 1}{' bit for bit' if exact else ''} while the shot moves.",
            code="MovieLabs PICTURE-INSERT/EDIT-ERROR",
            source="displacement by least squares, proof against grain and re-encoding",
            remedy="Leave the repeat out, or interpolate a frame in its place.",
        )

    def _pattern(self, subject: Subject, found: list[FrameRange], cadence: int, limits: DuplicateLimits) -> Finding:
        rate = subject.facts.rate
        return Finding(
            check=self.name,
            severity=Severity.REVIEW if cadence == 2 else Severity.FAIL,
            frames=FrameRange(found[0].start, found[-1].stop),
            measured=float(len(found)),
            limit=float(limits.pattern_count),
            unit="repeats",
            message=(
                f"One frame in {cadence} repeats the one before ({len(found)} times): "
                f"{float(rate * (cadence - 1) / cadence):.3f} pictures a second carried at {float(rate):.3f}"
                f"{', as drawn animation does.' if cadence == 2 else '.'}"
            ),
            code="MovieLabs PICTURE-INSERT/EDIT-ERROR",
            source="displacement by least squares, proof against grain and re-encoding",
            remedy="Drop the repeats and play at the lower rate.",
        )


def _cadence(starts: list[int], least: int) -> int | None:
    """The longest period of which nine repeats of ten, or more, share one phase; None without such a pattern.

    >>> _cadence([3, 6, 12, 18, 21], 4), _cadence([3, 4, 9, 23, 31], 4)
    (3, None)
    """
    if len(starts) < least:
        return None
    for period in range(_LONGEST_CADENCE, 1, -1):
        phases = np.bincount(np.asarray(starts) % period)
        span = (starts[-1] - starts[0]) // period + 1
        # A pattern also uses its places: single repeats far apart fall on one phase by chance alone.
        if phases.max() >= 0.9 * len(starts) and phases.max() >= 0.3 * span:
            return period
    return None


CHECK = DuplicateFrames()
