"""Are single frames shown twice while everything around them moves?"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from kling_post.checks.check import Answer, Subject
from kling_post.checks.evidence.halts import even_beside, in_part
from kling_post.checks.evidence.held import HeldLimits, Steps, expected_length, movement_beside, shot_of, steps_of
from kling_post.checks.evidence.missing_movement import SHORT, missing_movement
from kling_post.checks.evidence.path import loss_at
from kling_post.checks.evidence.runs import at, runs, stretch
from kling_post.checks.picture.cadence import CadenceLimits, cadences
from kling_post.vocabulary import Finding, FrameRange, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateLimits(HeldLimits):
    """A repeat is a short run of held steps with movement on both sides."""

    longest_seconds: float = 0.2
    """Longer runs are freezes."""
    neighbour_share: float = 0.25
    """The held step must be at most this share of the one that is to be expected between the two right beside it."""
    certain_share: float = 0.08
    """Up to this share it is a repeat; above, the frame hardly moves, which some generators do every few frames."""
    lost_share: float = 0.5
    """Of the frames of a run that moves a little, by which the picture must stay behind: encoders make good for what they set back."""
    even_share: float = 0.5
    """The step to be expected there must be this share of the faster side's movement: where a hand turns back it is short anyway."""
    skipped_pixels: float = 0.3
    """Up to this movement beside it an encoder may have skipped a frame that hardly differs: told for review only."""
    sagging_pace: float = 0.7
    """And where it sags to this pace on both sides,"""
    skipped_length: float = 0.2
    """or the frame itself is longer than this share of the movement: some of it moves on, another way."""


class DuplicateFrames:
    """Repeated frames that come at no regular distance."""

    name = "duplicate_frames"
    title = "Repeated frames"
    needs = ("displacement", "luma", "motion", "structure")
    limits = DuplicateLimits()

    def judge(self, subject: Subject, limits: DuplicateLimits) -> Answer:
        """A finding per repeat; those of a cadence are left to that check."""
        facts = subject.facts
        if facts.frames < 4:
            return Answer()
        steps = steps_of(subject, limits)
        longest = float(limits.longest_seconds * facts.rate)
        late = missing_movement(steps.paced, steps.shots, longest=longest)
        missing = {each.frames: each.pace for each in late if _goes_on(subject, steps, each.short, limits)}
        short = [run for run in runs(steps.held) if run.frames < longest]
        held = [(run, share) for run in short if (share := _share(subject, steps, run, limits)) is not None]
        # Grain lengthens a held step but adds nothing to its pace.
        found = [
            (run, min(share, missing.get(run, share))) for run, share in held if share <= limits.certain_share or _lost(steps, run, limits)
        ]
        found += _apart(missing.items(), found, facts.frames)
        stops = [(run, share) for run in short if (share := _interruption(subject, steps, run, limits)) is not None]
        found += _apart(stops, found, facts.frames)
        regular = cadences(steps, CadenceLimits())
        kept = sorted((run.start, run, share) for run, share in found if not any(each.holds(run) for each in regular))
        return Answer(findings=tuple(self._one(subject, steps, run, share, limits) for _, run, share in kept))

    def _one(self, subject: Subject, steps: Steps, run: FrameRange, share: float, limits: DuplicateLimits) -> Finding:
        exact = bool(np.all(subject.signals["luma"]["identical"][run.start : run.stop] == 1))
        part = in_part(steps, run, limits) and not steps.paced.everywhere[run.start : run.stop].any()
        certain = (exact or share <= limits.certain_share) and not part and not _skipped(steps, run, limits)
        repeats = f"repeat{'s' if run.frames == 1 else ''} frame {run.start - 1}"
        which = at(run.start, subject.facts) if run.frames == 1 else stretch(run, subject.facts)
        if certain:
            told = f"{repeats}{' bit for bit' if exact else ''} while the shot moves."
        elif part and share <= limits.certain_share:
            told = f"{repeats}{' bit for bit' if exact else ''} while a part of the picture moves: a repeat, or a drawing that is held."
        elif exact:
            told = f"{repeats} bit for bit where the shot hardly moves: a repeat, or a frame that an encoder skipped."
        else:
            move = "moves" if run.frames == 1 else "move"
            told = f"hardly {move} on from frame {run.start - 1}: a hitch, or a repeat that an encoder smeared."
        return Finding(
            check=self.name,
            severity=Severity.FAIL if certain else Severity.REVIEW,
            frames=run,
            measured=share,
            limit=limits.certain_share if certain else limits.neighbour_share if share <= limits.neighbour_share else SHORT,
            unit="of the movement beside it",
            message=f"{which[0].upper()}{which[1:]} {told}",
            code="MovieLabs PICTURE-INSERT/EDIT-ERROR",
            source="displacement by least squares, proof against grain and re-encoding",
            remedy="Leave the repeat out, or interpolate a frame in its place.",
        )


def _share(subject: Subject, steps: Steps, run: FrameRange, limits: DuplicateLimits) -> float | None:
    """What is left of the movement in a short run of held steps, as a share of it; None where it is no repeat."""
    before, after = movement_beside(steps, run, limits)
    if not (before and after):
        return None
    expected = expected_length(subject.signals, steps, run)
    longest = float(steps.lengths[run.start : run.stop].max())
    if expected < limits.even_share * max(before, after) or longest > limits.neighbour_share * expected:
        return None
    return longest / expected


def _interruption(subject: Subject, steps: Steps, run: FrameRange, limits: DuplicateLimits) -> float | None:
    """The same of a run that certainly holds all that moves, in whatever part of the picture."""
    if not all(even_beside(steps, run, limits)):
        return None
    expected = expected_length(subject.signals, steps, run)
    longest = float(steps.lengths[run.start : run.stop].max())
    return longest / expected if expected and longest <= limits.certain_share * expected else None


def _goes_on(subject: Subject, steps: Steps, run: FrameRange, limits: DuplicateLimits) -> bool:
    """Whether the movement behind a run of short steps is the one before it."""
    expected = expected_length(subject.signals, steps, run)
    return expected > 0 and expected >= limits.even_share * max(steps.lengths[run.start - 1], steps.lengths[run.stop])


def _lost(steps: Steps, run: FrameRange, limits: DuplicateLimits) -> bool:
    """Whether the movement that a run lacks is lost for good, or nobody knows: encoders set frames a little back and make good beside."""
    shot = shot_of(run.start, steps.shots)
    loss = loss_at(steps.paced.speed[shot.start : shot.stop], run.start - 1 - shot.start, run.stop + 1 - shot.start)
    return loss is None or loss.frames >= limits.lost_share * run.frames


def _skipped(steps: Steps, run: FrameRange, limits: DuplicateLimits) -> bool:
    """Whether an encoder may have skipped the frame: the movement is slow, and sags on both sides, as where a hand turns back."""
    after = min(run.stop, len(steps.lengths) - 1)
    beside = np.nan_to_num(steps.paced.pace[[run.start - 1, after]], nan=1.0)
    slow = max(steps.lengths[run.start - 1], steps.lengths[after]) < limits.skipped_pixels
    moves_on = np.nan_to_num(steps.paced.length[run.start : run.stop]).max() > limits.skipped_length
    return bool(slow and (beside.max() < limits.sagging_pace or moves_on))


def _apart(more: Iterable[tuple[FrameRange, float]], found: list[tuple[FrameRange, float]], frames: int) -> list[tuple[FrameRange, float]]:
    """Those of ``more`` that are neither found nor next to one that is."""
    taken = np.zeros(frames + 2, bool)
    for run, _ in found:
        taken[run.start - 1 : run.stop + 1] = True
    return [(run, share) for run, share in more if not taken[run.start : run.stop].any()]


CHECK = DuplicateFrames()
