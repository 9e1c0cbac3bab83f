"""What several interchange formats need to know of a clip: its file, its source timecode, where it is cut when a dissolve overlaps."""

import unicodedata
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

from kling_post.edit.conform import Conform, conform_clip
from kling_post.edit.timeline import Clip, Marker, Timeline
from kling_post.timebase import nominal_rate, parse_timecode, timecode
from kling_post.vocabulary import FrameRange


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A clip as the formats see it whose clips stand end to end, the dissolve lying across the cut between them."""

    clip: Clip
    conform: Conform
    record: FrameRange
    """From cut to cut: half of each dissolve lies inside, the other half in the handles."""
    source: FrameRange
    """The take's frames between the cuts, counted from the take's first frame."""
    before_cut_frames: int
    """Of the dissolve into this clip, the frames before the cut."""
    after_cut_frames: int
    """Of the dissolve into this clip, the frames after the cut."""
    source_start_frame: int
    """Frame count of the take's own first timecode; 0 where the file carries none."""


def placed(timeline: Timeline) -> tuple[Placed, ...]:
    """The timeline's clips from cut to cut. A dissolve of an odd length has its longer half behind the cut."""
    cuts = [clip.record.start + clip.dissolve_frames // 2 for clip in timeline.clips] + [timeline.frames]
    found = []
    for clip, (start, stop) in zip(timeline.clips, pairwise(cuts), strict=True):
        into = start - clip.record.start
        found.append(
            Placed(
                clip=clip,
                conform=conform_clip(clip, timeline),
                record=FrameRange(start, stop),
                source=FrameRange(clip.source.start + into, clip.source.start + stop - clip.record.start),
                before_cut_frames=into,
                after_cut_frames=clip.dissolve_frames - into,
                source_start_frame=source_start_frame(clip, timeline.rate),
            )
        )
    return tuple(found)


def source_start_frame(clip: Clip, rate: Fraction) -> int:
    """The take's first timecode as a count of the timeline's frames; 0 where the file has none, as every NLE assumes."""
    if clip.facts.start_timecode is None:
        return 0
    try:
        start = parse_timecode(clip.facts.start_timecode, clip.facts.rate)
    except ValueError:
        return 0
    return start * nominal_rate(rate) // nominal_rate(clip.facts.rate)


def record_timecode(timeline: Timeline, frame: int) -> str:
    """The record timecode of a frame of the programme."""
    return timecode(timeline.start_frame + frame, timeline.rate, drop_frame=timeline.drop_frame)


def source_timecode(timeline: Timeline, clip: Clip, frame: int) -> str:
    """The source timecode of a frame of the take, in the timeline's kind of timecode."""
    return timecode(source_start_frame(clip, timeline.rate) + frame, timeline.rate, drop_frame=timeline.drop_frame)


def record_markers(timeline: Timeline) -> tuple[Marker, ...]:
    """The programme's and the clips' markers where they fall on the record, in order, cut to what is seen of them.

    A marker that runs on from one clip of a take into the next comes once, over all that is seen of it.
    """
    found = list(timeline.markers)
    open_until: dict[Marker, int] = {}
    for clip in timeline.clips:
        shift = clip.record.start - clip.source.start
        for marker in clip.markers:
            seen = visible(marker, clip)
            if seen is None:
                continue
            frames = FrameRange(seen.start + shift, seen.stop + shift)
            earlier = open_until.get(marker)
            if earlier is not None and found[earlier].frames.stop == frames.start:
                found[earlier] = replace(found[earlier], frames=FrameRange(found[earlier].frames.start, frames.stop))
                continue
            open_until[marker] = len(found)
            found.append(replace(marker, frames=frames))
    return tuple(sorted(found, key=lambda marker: (marker.frames.start, marker.frames.stop, marker.name)))


def visible(marker: Marker, clip: Clip) -> FrameRange | None:
    """The part of a clip's marker that lies in the frames that are seen; None where nothing of it does."""
    start = max(marker.frames.start, clip.source.start)
    stop = min(max(marker.frames.stop, marker.frames.start + 1), clip.source.stop)
    return FrameRange(start, stop) if start < stop else None


def plain_ascii(text: str) -> str:
    """Text for formats that know ASCII only: accents are dropped, other letters become question marks, lines become one."""
    decomposed = unicodedata.normalize("NFKD", " ".join(text.split()))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter)).encode("ascii", "replace").decode("ascii")


def conform_notes(timeline: Timeline, *, format_name: str) -> tuple[str, ...]:
    """What an NLE has to do itself, because a cut list names the take's own file: one sentence for each conformed clip."""
    return tuple(
        f"{place.clip.clip_id} {place.conform.notes[0]} {format_name} counts its source at the timeline's rate."
        for place in placed(timeline)
        if place.conform.rate != "same"
    )
