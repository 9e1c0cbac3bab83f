"""Frames that come twice at a join, are held, or are left out: found by displacement and not by difference.

A chained clip begins with the last frame of the one before it, encoded anew. Fresh quantisation makes that frame differ more from its
twin than a slow shot's frames differ from each other; what tells the twin is that nothing in it has moved. How many frames come twice
or are missing is read from the time that passes over the join (``time_step``); where the shot's movement is no measure of time, as with
water, from the pair of frames between which least moves.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kling_post.seams.motion import Movement, Step
from kling_post.seams.side import Side
from kling_post.seams.time_step import TimeStep, measure_time, speed_of

# Fraction of the picture's width. Measured with x264 at CRF 14 to 28 on textures under grain: a pan of 0.3 pixel of 640 a frame, 0.00047
# of the width, still tells time to a fifth of a frame; at half of that the encoder at CRF 23 and above begins to skip movement.
_LEAST_SPEED = 0.00025
"""Slower footage than this, 0.5 pixel at a width of 1920, cannot be told from a held frame."""
_STILL = 0.3
"""A held frame moves by less than this share of what moves next to it; codecs leave a held frame at nearly 0."""
_STEPS_LIKE_HOLDS = 0.2
"""Footage of which more than this share of the frames are holds, as on twos, repeats frames by its nature."""
_SURE = 0.3
"""A count of frames is sure where the time lies this near to it."""
_TELLS_TIME = 0.35
"""Movement whose spread (``TimeStep.spread``) is larger is no measure of time."""
_TWIN_LEFT_OVER = 0.6
"""A twin shows less movement than this share of the usual one beyond what time explains."""
_SKIP_LEFT_OVER = 0.6
"""The same for frames left out, as a share of the usual movement for each frame that passes."""
_TWIN_LIKENESS = 0.9


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
        """Frames of the shot's time from the last outgoing to the first incoming frame: 1 unless frames come twice or are missing."""
        return 1.0 - self.repeated_frames + self.skipped_frames


def find_repeats(movement: Movement, outgoing: Side, incoming: Side, *, goes_on: bool) -> Repeats:
    """Count repeated, held and skipped frames; those across the join only where the shot ``goes_on``."""
    usual_before, usual_after = _usual(movement.before), _usual(movement.after)
    held_head = _held(movement.after, max(usual_after, usual_before) if goes_on else usual_after)
    held_tail = _held(movement.before[::-1], max(usual_before, usual_after) if goes_on else usual_before)
    if not goes_on:
        return Repeats(held_head_frames=held_head, held_tail_frames=held_tail)
    # A side that is still to its end beside one that moves is held throughout.
    question = _open_question(movement, usual_before, usual_after)
    if question or outgoing.frames < 3 or incoming.frames < 3:
        return Repeats(held_head_frames=held_head, held_tail_frames=held_tail, open_question=question)
    if held_head >= len(movement.after) or held_tail >= len(movement.before):
        question = "One side stands still to its end: a repeated frame cannot be told from a held one."
        return Repeats(held_head_frames=held_head, held_tail_frames=held_tail, open_question=question)
    time = measure_time(outgoing, incoming, movement, held_head=held_head)
    repeated, skipped, certain, question = _counted(time, incoming.frames)
    return Repeats(
        repeated_frames=repeated,
        certain=certain,
        held_head_frames=held_head,
        held_tail_frames=held_tail,
        skipped_frames=skipped,
        time=time,
        open_question=question,
    )


def _counted(time: TimeStep, most: int) -> tuple[int, int, bool, str]:
    """Repeated frames, skipped frames, whether they are certain, and the open question."""
    nearest = round(time.frames)
    away = abs(time.frames - nearest)
    if time.likeness < _TWIN_LIKENESS:
        return 0, 0, True, ""
    if nearest <= 0:
        if time.left_over >= _TWIN_LEFT_OVER and not time.same_detail:
            # Least moves there, but something does: the likeliest is a shot that comes to rest.
            return 0, 0, True, ""
        if away > _SURE + 0.1 and time.spread > _TELLS_TIME:
            return 0, 0, True, "The movement beside the join is too uneven to count repeated frames."
        return min(1 - nearest, most), 0, away <= _SURE, ""
    skips = nearest >= 2 and away <= _SURE and time.spread <= _TELLS_TIME / 2 and time.left_over <= _SKIP_LEFT_OVER * nearest / 2
    return 0, nearest - 1 if skips else 0, True, ""


def _usual(steps: Sequence[Step]) -> float:
    """How far the picture usually moves in a step, so that a stretch of held frames does not pass for the usual; 0 where too little."""
    if not steps:
        return 0.0
    usual = float(np.percentile([speed_of(step.tiles) for step in steps], 85))
    return usual if usual >= _LEAST_SPEED else 0.0


def _by_holds(steps: Sequence[Step], usual: float) -> bool:
    """Whether footage repeats frames by its nature: scattered holds are a habit, one stretch of them is a hold."""
    holds = np.array([speed_of(step.tiles) < _STILL * usual for step in steps])
    if not len(holds):
        return False
    scattered = int(np.count_nonzero(np.diff(holds.astype(int)) == 1)) + int(holds[0])
    return float(holds.mean()) > _STEPS_LIKE_HOLDS and scattered >= 3


def _open_question(movement: Movement, usual_before: float, usual_after: float) -> str:
    if not (usual_before or usual_after):
        return "Too little moves beside the join to tell a repeated frame."
    if _by_holds((*movement.before, *movement.after), max(usual_before, usual_after)):
        return "The footage holds frames by itself, as on twos: a repeated one cannot be told."
    return ""


def _held(steps: Sequence[Step], usual: float) -> int:
    """How many steps from the join on do not move, beside what usually moves. Holds further on are a habit."""
    if not usual:
        return 0
    moving = [place for place, step in enumerate(steps) if speed_of(step.tiles) >= _STILL * usual]
    if not moving:
        return len(steps)
    return 0 if _by_holds(steps[moving[0] :], usual) else moving[0]
