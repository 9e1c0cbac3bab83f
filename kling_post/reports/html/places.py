"""Frames of a take's file, and the names that they have on the page by the clip that shows them.

``caravan_2@f100`` is frame 100 of the take, seen in the clip ``caravan_2``. The same text after ``#`` opens the page there.
"""

from collections.abc import Sequence
from fractions import Fraction

from kling_post.edit.conform import conform
from kling_post.edit.timeline import Clip
from kling_post.reports.html.wording import slug
from kling_post.reports.material import TakeMaterial


def clips_of(item: TakeMaterial, clips: Sequence[Clip]) -> tuple[Clip, ...]:
    """The clips of the edit that show a take."""
    return tuple(clip for clip in clips if clip.path == item.take.path)


def file_frame(clip: Clip, frame: int, rate: Fraction) -> int:
    """The frame of the file behind a source frame that is counted in the timeline's rate."""
    return conform(clip.facts, rate=rate, size=clip.facts.size, retime=clip.retime).take_frame(frame, clip.facts)


def frame_anchor(item: TakeMaterial, clips: Sequence[Clip], frame: int, rate: Fraction, fallback: str) -> str:
    """``clip@f48`` for a frame of a take's file."""
    for clip in clips_of(item, clips):
        if file_frame(clip, clip.source.start, rate) <= frame <= file_frame(clip, clip.source.stop - 1, rate):
            return f"{slug(clip.clip_id)}@f{frame}"
    return f"{fallback}@f{frame}"
