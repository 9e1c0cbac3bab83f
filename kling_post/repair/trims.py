"""How many frames to leave out at a join: the measured number of repeated and held ones, and none where it was not measured exactly."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kling_post.edit.conform import conform_clip
from kling_post.edit.timeline import Clip, Timeline
from kling_post.repair.compare import measured
from kling_post.repair.window import head_window, tail_window
from kling_post.seams.motion import steps_of
from kling_post.vocabulary import SeamReport, Severity

_STILL = 0.4
"""As the seams' room counts: a held frame moves by less than this share of what moves around it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trims:
    """Frames of the edit to leave out, and what was found."""

    repeated_frames: int = 0
    """Of the incoming clip's head: those that the outgoing clip ended with; 0 where the two run at different speeds."""
    head_frames: int = 0
    """In all, of the incoming clip's head."""
    head_reason: str = ""
    tail_frames: int = 0
    tail_reason: str = ""
    open_question: str = ""
    """Why nothing is trimmed although something was found."""


def trims_of(report: SeamReport, before: Clip, after: Clip, timeline: Timeline) -> Trims:
    """The trims of a join where the shot goes on.

    Raises:
        MediaError: held frames were found, and the frames to count them cannot be decoded.
    """
    repeated, held = measured(report, "repeated frames"), measured(report, "held frames")
    if repeated is not None and repeated.severity is not None:
        counted = round(abs(repeated.measured))
        if repeated.severity is not Severity.FAIL:
            return Trims(open_question=f"Probably {counted} repeated frames, but the count is not certain: nothing is trimmed.")
        count = _shown_frames(counted, after, timeline)
        if count is None:
            return Trims(
                open_question=f"{counted} repeated frames of the take are no whole frames of the edit at this speed: trim by hand."
            )
        if count >= after.source.frames:
            return Trims(open_question=f"All of {after.clip_id} repeats what was there before: leave it out by hand.")
        same_pace = conform_clip(before, timeline).step == conform_clip(after, timeline).step
        return Trims(repeated_frames=count if same_pace else 0, head_frames=count, head_reason=repeated.message)
    if held is None or held.severity is None:
        return Trims()
    return _held(round(abs(held.measured)), held.message, before, after, timeline)


def _shown_frames(counted: int, clip: Clip, timeline: Timeline) -> int | None:
    """So many of the take's own frames as frames of the edit: twice as many at half the speed; None where they are no whole number."""
    shown = counted / conform_clip(clip, timeline).step
    return int(shown) if shown.denominator == 1 else None


def _held(count: int, message: str, before: Clip, after: Clip, timeline: Timeline) -> Trims:
    """Tell at which of the two edges the frames stand still, by counting once more; both counts must agree."""
    head = _still_steps(head_window(after, timeline).side().luma)
    tail = _still_steps(tail_window(before, timeline).side().luma[::-1])
    if head == _shown_frames(count, after, timeline) and head < after.source.frames:
        return Trims(head_frames=head, head_reason=message)
    if tail == _shown_frames(count, before, timeline) and tail < before.source.frames:
        return Trims(tail_frames=tail, tail_reason=message)
    return Trims(open_question=f"{count} held frames were found, but a second count did not agree: nothing is trimmed.")


def _still_steps(luma: NDArray[np.float32]) -> int:
    """How many steps from the first frame on do not move, against the upper quartile of all; 0 where nothing moves at all."""
    movements = np.array([step.movement for step in steps_of(luma)])
    moving = np.flatnonzero(movements >= _STILL * np.percentile(movements, 75)) if len(movements) else np.array([])
    return int(moving[0]) if len(moving) else 0
