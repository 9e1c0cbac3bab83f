"""Frames that come twice at a join, are held, or are left out: found by what all frames have in common and not by one difference.

A chained clip begins with the last frame of the one before it, encoded anew. Fresh quantisation makes that frame differ more from its
twin than a slow shot's frames differ from each other; what tells the twin is that it lies from all other frames as its twin does
(``twins``), and that nothing in it has moved. How many frames are missing is read from the time that passes over the join
(``time_step``).
"""

from dataclasses import dataclass
from operator import attrgetter

import numpy as np

from kling_post.seams.motion import Movement
from kling_post.seams.side import Side
from kling_post.seams.time_step import TimeStep, measure_time, usual_speed
from kling_post.seams.twins import Distances, Fit, Floats, distances_of, fits_of

# Fraction of the picture's width. Measured with x264 at CRF 14 to 28 on textures under grain: a pan of 0.3 pixel of 640 a frame, 0.00047
# of the width, still tells time to a fifth of a frame; at half of that the encoder at CRF 23 and above begins to skip movement.
_LEAST_SPEED = 0.00025
"""Slower footage than this, 0.5 pixel at a width of 1920, cannot be told from a held frame."""
_HELD = 0.25
"""A held frame lies nearer to the frame that is held than this share of the calm steps on the other side of the join. Beside the one before
it a frame would pass for held where a thing comes to rest, or a camera creeps: such steps are small, but they add up."""
_CALM_PERCENT = 25
_NEAREST_STEPS = 3
"""Of those steps, next to the join: where the whole shot comes nearly to rest there, they are small as well."""
_LEAST_CALM = 1e-5
"""Smaller steps are the encoder's: nothing moves on the other side either, and a hold would not show."""
_BREAK = 3.0
"""A hold ends at once: the first frame behind it lies this many times as far away as any of it, where what comes to rest goes ever
farther. Of 96 holds in real clips at CRF 14 to 28 all but two have 3.7 or more, most above 100; poses that pass for holds 1.2 to 2.2."""
_LEVEL, _SAME = 4.0, 5e-4
"""A hold to the end of a side shows no such break: its frames lie no farther away than so many times the nearest one, or than that at all.
Held frames of those 96 lie no farther away than 0.001."""
_HELD_OF_OWN = 0.04
"""How another shot moves says nothing about this one: there it is this share of the usual steps of its own side. Distances are squares,
so that is a fifth of the movement, which a camera that eases to rest passes in its last frame or two."""
# Measured on 15 drawn and 5 real and generated takes at CRF 14 to 28. Of 88 joins with two repeated frames and more the true count leaves
# at most 0.17 up to CRF 23 and 0.24 at CRF 28, a wrong one of clean joins at least 0.36. Of 88 with one frame it leaves 0.1 at the most;
# of 508 with none at least 0.12, but for a few of footage that moves unevenly or hardly at all.
_MANY_MISFIT = 0.25
_CLEARLY_WORSE = 1.75
"""Times the misfit of a sure count that all other counts have."""
_MAYBE_MISFIT = 0.35
_ONE_MISFIT = 0.1
_NEAR = 0.2
"""A twin that lies nearer than this share of the footage's own smallest steps is one in any footage."""
_PASSES = 0.5
"""... unless so many frames' time passes: where a thing turns back at the join, the frames beside it are as near."""
_FAR = 1.2
"""A twin that lies further than this is a probable one: noise of the coding is larger than what moves."""
_UNEVEN = 0.5
"""Footage whose smallest steps are less than this share of its usual ones holds frames by nature."""
_SURE = 0.3
"""Time is sure where it lies this near to a whole number of frames."""
_TELLS_TIME = 0.35
"""Movement whose spread (``TimeStep.spread``) is larger is no measure of time."""
_SKIP_LEFT_OVER = 0.6
"""Movement that time does not explain, as a share of the usual movement for each frame that passes."""
_SKIP_LIKENESS = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeats:
    """How many frames come twice, stand still or are left out."""

    repeated_frames: int = 0
    """This many frames at the incoming clip's head repeat the outgoing clip's last ones; 1 is the usual chained twin."""
    certain: bool = True
    """Whether the repeated frames stand clear of what the footage does by itself."""
    held_head_frames: int = 0
    """The incoming clip stands still for this many frames before it moves."""
    held_tail_frames: int = 0
    """The outgoing clip stands still for this many frames before it ends."""
    skipped_frames: int = 0
    """This many frames of the movement are missing between the two clips."""
    time: TimeStep | None = None
    """Time over the join in the shot's own movement; None where the shot does not go on or too little moves."""
    open_question: str = ""
    """Why repeated frames cannot be told here; empty where they can."""

    @property
    def frames_passed(self) -> float:
        """Frames of the shot's time up to the first incoming frame: none from its twin, from the last outgoing one 1 and those missing."""
        return 0.0 if self.repeated_frames else 1.0 + self.skipped_frames


@dataclass(frozen=True, slots=True, kw_only=True)
class Twins:
    """What the distances between the frames of a join say of frames that come twice or stand still."""

    held_head_frames: int
    held_tail_frames: int
    distances: Distances
    fits: tuple[Fit, ...]
    """Of every count of repeated frames, from one on; none for sides of less than three frames."""

    @property
    def clear_repeats(self) -> int:
        """How many frames come twice, where it is two or more and clear; otherwise 0."""
        if not self.fits:
            return 0
        best, *others = sorted(self.fits, key=attrgetter("misfit"))
        clear = best.misfit <= _MANY_MISFIT and all(_CLEARLY_WORSE * best.misfit <= other.misfit for other in others)
        return best.repeated_frames if best.repeated_frames >= 2 and clear else 0


def find_twins(outgoing: Side, incoming: Side) -> Twins:
    """Compare all frames of both sides."""
    distances = distances_of(outgoing.luma, incoming.luma)
    return Twins(
        held_head_frames=_held(distances.after[0, 1:], beside=distances.steps_before[::-1]),
        held_tail_frames=_held(distances.before[-1, -2::-1], beside=distances.steps_after),
        distances=distances,
        fits=fits_of(distances),
    )


def find_repeats(movement: Movement, outgoing: Side, incoming: Side, twins: Twins, *, goes_on: bool) -> Repeats:
    """Count repeated, held and skipped frames; those across the join only where the shot ``goes_on``."""
    if not goes_on:
        before, after = twins.distances.steps_before[::-1], twins.distances.steps_after
        held_head, held_tail = (_standing(steps, _HELD_OF_OWN * float(np.median(steps))) if len(steps) else 0 for steps in (after, before))
        return Repeats(held_head_frames=held_head, held_tail_frames=held_tail)
    held_head, held_tail = twins.held_head_frames, twins.held_tail_frames
    if min(outgoing.frames, incoming.frames) < 3:
        return Repeats(held_head_frames=held_head, held_tail_frames=held_tail)
    if held_head == len(movement.after) or held_tail == len(movement.before):
        question = "One side stands still to its end: a repeated frame cannot be told from a held one."
        return Repeats(held_head_frames=held_head, held_tail_frames=held_tail, open_question=question)
    repeated = twins.clear_repeats
    time = measure_time(outgoing, incoming, movement, held_head=held_head, repeated=repeated)
    certain, question = True, ""
    if not repeated:
        repeated, certain, question = _one_or_none(twins, movement, time)
    return Repeats(
        repeated_frames=repeated,
        certain=certain,
        held_head_frames=held_head,
        held_tail_frames=held_tail,
        skipped_frames=0 if repeated or question else _skipped(time),
        time=time,
        open_question=question,
    )


def _one_or_none(twins: Twins, movement: Movement, time: TimeStep) -> tuple[int, bool, str]:
    """Whether one frame comes twice, whether that is certain, and the open question."""
    best = min(twins.fits, key=attrgetter("misfit"))
    if best.repeated_frames >= 2 and best.misfit <= _MAYBE_MISFIT:
        return 0, True, "Frames may come twice here, but how many cannot be told."
    one, certain = _one_fits(twins, time)
    if one is None:
        return 0, True, "The footage moves too little or too unevenly, as on twos: a repeated frame cannot be told from one of its own."
    if not one and max(usual_speed(movement.before), usual_speed(movement.after)) < _LEAST_SPEED:
        return 0, True, "Too little moves beside the join to tell a repeated frame."
    return int(one), certain, ""


def _one_fits(twins: Twins, time: TimeStep) -> tuple[bool | None, bool]:
    """Whether the first incoming frame is the last outgoing one again, None where it cannot be told, and whether that is certain."""
    # A single twin is not sure enough to be asked in two ways.
    misfit = twins.fits[0].misfit_anew
    if misfit > _ONE_MISFIT:
        # Grain that differs from side to side spoils the fit, but not a movement that tells time well.
        return misfit <= 1.5 * _ONE_MISFIT and abs(time.frames) <= _SURE / 2 and time.spread <= _TELLS_TIME / 2, True
    steps = np.concatenate([twins.distances.steps_before, twins.distances.steps_after])
    away, smallest = float(twins.distances.across[-1, 0]), float(np.percentile(steps, 10))
    if away <= _NEAR * smallest and not (time.frames > _PASSES and time.spread <= _TELLS_TIME):
        return True, True
    if smallest < _UNEVEN * float(np.median(steps)):
        return None, True
    near = away <= _FAR * smallest
    if abs(time.frames) <= _SURE or (near and misfit <= _ONE_MISFIT / 2):
        return True, near
    return (False, True) if time.frames >= 1 - _SURE else (None, True)


def _skipped(time: TimeStep) -> int:
    """Frames that are left out, read from the time that passes."""
    nearest = round(time.frames)
    tells = time.likeness >= _SKIP_LIKENESS and time.spread <= _TELLS_TIME / 2 and abs(time.frames - nearest) <= _SURE
    return nearest - 1 if nearest >= 2 and tells and time.left_over <= _SKIP_LEFT_OVER * nearest / 2 else 0


def _held(away: Floats, *, beside: Floats) -> int:
    """How many frames from the join on show the frame at it again, by their distances from it; the other side's steps from the join on."""
    if not len(beside):
        return _standing(away, 0.0)
    calm = min(float(np.percentile(beside, _CALM_PERCENT)), float(np.median(beside[:_NEAREST_STEPS])))
    held = _standing(away, _HELD * calm) if calm >= _LEAST_CALM else 0
    while held and not _is_level(away[:held], away[held:]):
        held -= 1
    return held


def _is_level(held: Floats, behind: Floats) -> bool:
    """Whether frames all lie about as near to the held one, beside those behind them."""
    farthest = float(held.max())
    return farthest <= max(_LEVEL * float(held[0]), _SAME) if not len(behind) else float(behind[0]) >= _BREAK * farthest


def _standing(distances: Floats, most: float) -> int:
    """How many of them from the first on are no longer than that."""
    moving = np.flatnonzero(distances > most)
    return int(moving[0]) if len(moving) else len(distances)
