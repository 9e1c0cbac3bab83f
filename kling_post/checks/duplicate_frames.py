"""Are single frames shown twice while everything around them moves?"""

from dataclasses import dataclass

import numpy as np

from kling_post.checks.cadence import CadenceLimits, cadences
from kling_post.checks.check import Answer, Subject
from kling_post.checks.held import HeldLimits, Steps, goes_on, movement_beside, steps_of
from kling_post.checks.runs import at, runs, stretch
from kling_post.checks.smeared import smeared_repeats
from kling_post.vocabulary import Finding, FrameRange, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateLimits(HeldLimits):
    """A repeat is a short run of held steps with movement on both sides."""

    longest_seconds: float = 0.2
    """Longer runs are freezes."""
    neighbour_share: float = 0.25
    """The held step must be at most this share of the steps right beside it."""
    certain_share: float = 0.08
    """Up to this share it is a repeat; above, the frame hardly moves, which some generators do every few frames."""
    even_share: float = 0.5
    """The steps right beside it must be this share of the faster side's movement."""
    same_way: float = 0.2
    """Likeness of the steps on both sides, from -1 to 1: where a hand turns back it stands still for a moment."""


class DuplicateFrames:
    """Repeated frames that come at no regular distance."""

    name = "duplicate_frames"
    title = "Repeated frames"
    needs = ("displacement", "luma", "motion", "structure")
    limits = DuplicateLimits()

    def judge(self, subject: Subject, limits: DuplicateLimits) -> Answer:
        """A finding per repeat; those of a cadence are left to that check."""
        facts, signals = subject.facts, subject.signals
        if facts.frames < 4:
            return Answer()
        steps = steps_of(signals, limits)
        found = [(run, share) for run in runs(steps.held) if (share := _share(subject, steps, run, limits)) is not None]
        taken = np.zeros(facts.frames + 2, bool)
        for run in runs(steps.held):
            taken[run.start - 1 : run.stop + 1] = True
        # A smeared repeat never lies under the limit of certainty, whatever its pace.
        found += [(run, max(pace, 2 * limits.certain_share)) for run, pace in smeared_repeats(signals) if not taken[run.start]]
        regular = cadences(steps, CadenceLimits())
        kept = sorted((run.start, run, share) for run, share in found if not any(each.holds(run) for each in regular))
        return Answer(findings=tuple(self._one(subject, run, share, limits) for _, run, share in kept))

    def _one(self, subject: Subject, steps: FrameRange, share: float, limits: DuplicateLimits) -> Finding:
        exact = bool(np.all(subject.signals["luma"]["identical"][steps.start : steps.stop] == 1))
        certain = exact or share <= limits.certain_share
        which = at(steps.start, subject.facts) if steps.frames == 1 else stretch(steps, subject.facts)
        if certain:
            told = (
                f"repeat{'s' if steps.frames == 1 else ''} frame {steps.start - 1}{' bit for bit' if exact else ''} while the shot moves."
            )
        else:
            verb = "moves" if steps.frames == 1 else "move"
            told = f"hardly {verb} on from frame {steps.start - 1}: a hitch, or a repeat that an encoder smeared."
        return Finding(
            check=self.name,
            severity=Severity.FAIL if certain else Severity.REVIEW,
            frames=steps,
            measured=share,
            limit=limits.certain_share if certain else limits.neighbour_share,
            unit="of the movement beside it",
            message=f"{which[0].upper()}{which[1:]} {told}",
            code="MovieLabs PICTURE-INSERT/EDIT-ERROR",
            source="displacement by least squares, proof against grain and re-encoding",
            remedy="Leave the repeat out, or interpolate a frame in its place.",
        )


def _share(subject: Subject, steps: Steps, run: FrameRange, limits: DuplicateLimits) -> float | None:
    """What is left of the movement in a run of held steps, as a share of it; None where it is no repeat."""
    if run.frames >= limits.longest_seconds * subject.facts.rate:
        return None
    before, after = movement_beside(steps, run, limits)
    if not (before and after) or goes_on(subject.signals, run) < limits.same_way:
        return None
    # Against the very steps beside it: a hand that turns back slows down before it stops.
    beside = float(min(steps.lengths[run.start - 1], steps.lengths[run.stop]))
    longest = float(steps.lengths[run.start : run.stop].max())
    if beside < limits.even_share * max(before, after) or longest > limits.neighbour_share * beside:
        return None
    return longest / beside


CHECK = DuplicateFrames()
