"""What several interchange formats need to know of a clip: its file, its source timecode, where it is cut when a dissolve overlaps."""

import unicodedata
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import Final

from kling_post.edit.conform import Conform, conform_clip
from kling_post.edit.timeline import Alternate, Clip, Marker, Timeline
from kling_post.timebase import nominal_rate, parse_timecode, timecode
from kling_post.vocabulary import DialogueLine, FrameRange, JoinKind

_A_THOUSANDTH: Final = Fraction(2, 1000)
"""23.976 as 24 needs no word of speed: an NLE plays it frame for frame itself."""


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


def placed(timeline: Timeline, *, sound: bool = False) -> tuple[Placed, ...]:
    """The timeline's clips from cut to cut, of the picture or of the native sound, which may lead or trail.

    A dissolve of an odd length has its longer half behind the cut. Where only one side of a dissolve has sound, the whole of that side
    is kept.
    """
    shifts = [clip.sound_shift_frames if sound else 0 for clip in timeline.clips]
    cuts = [clip.record.start + shift for clip, shift in zip(timeline.clips, shifts, strict=True)]
    for number, clip in enumerate(timeline.clips):
        silent = [each.facts.audio is None for each in timeline.clips[max(0, number - 1) : number + 1]]
        alone = sound and any(silent) and not all(silent)
        cuts[number] += (clip.dissolve_frames if silent[-1] else 0) if alone else clip.dissolve_frames // 2
    cuts.append(timeline.frames)
    found = []
    for clip, shift, (start, stop) in zip(timeline.clips, shifts, pairwise(cuts), strict=True):
        into = start - clip.record.start - shift
        found.append(
            Placed(
                clip=clip,
                conform=conform_clip(clip, timeline),
                record=FrameRange(start, stop),
                source=FrameRange(clip.source.start + start - clip.record.start, clip.source.start + stop - clip.record.start),
                before_cut_frames=into,
                after_cut_frames=clip.dissolve_frames - into,
                source_start_frame=source_start_frame(clip, timeline.rate),
            )
        )
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """The native sound of a clip as the formats see it whose crossfades overlap."""

    number: int
    """Position of the clip in the timeline."""
    clip: Clip
    record: FrameRange
    source: FrameRange
    opens: bool
    """Whether it crosses over from the sound before."""
    closes: bool
    """Whether it crosses over into the sound behind."""


def heard(timeline: Timeline) -> tuple[Heard, ...]:
    """The sound of every clip that has some; a crossfade needs sound on both sides of it."""

    def crosses(position: int) -> bool:
        if not 0 < position < len(timeline.clips):
            return False
        before, after = timeline.clips[position - 1], timeline.clips[position]
        return after.join is JoinKind.DISSOLVE and before.facts.audio is not None and after.facts.audio is not None

    found = []
    for number, clip in enumerate(timeline.clips):
        if clip.facts.audio is None:
            continue
        record = timeline.heard(number)
        start = clip.source.start + record.start - clip.record.start
        source = FrameRange(start, start + record.frames)
        found.append(Heard(number=number, clip=clip, record=record, source=source, opens=crosses(number), closes=crosses(number + 1)))
    return tuple(found)


def has_split_edits(timeline: Timeline) -> bool:
    """Whether sound leads or trails its picture anywhere."""
    return any(clip.sound_shift_frames for clip in timeline.clips)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subtitle:
    """A line of dialogue where it is heard on the record."""

    frames: FrameRange
    text: str
    speaker: str


def subtitles(timeline: Timeline) -> tuple[Subtitle, ...]:
    """All lines in order, cut to what is heard of them; a line that runs on into the take's next clip comes once."""
    found: list[Subtitle] = []
    open_until: dict[DialogueLine, int] = {}
    for number, clip in enumerate(timeline.clips):
        shift, seen = clip.record.start - clip.source.start, timeline.heard(number)
        for line in clip.dialogue:
            start, stop = max(line.frames.start + shift, seen.start), min(line.frames.stop + shift, seen.stop)
            if start >= stop:
                continue
            earlier = open_until.get(line)
            if earlier is not None and found[earlier].frames.stop == start:
                found[earlier] = replace(found[earlier], frames=FrameRange(found[earlier].frames.start, stop))
                continue
            open_until[line] = len(found)
            found.append(Subtitle(frames=FrameRange(start, stop), text=line.text, speaker=line.speaker))
    return tuple(sorted(found, key=lambda each: (each.frames.start, each.frames.stop)))


def alternate_notes(timeline: Timeline, *, format_name: str) -> tuple[str, ...]:
    """One sentence where a format has no place for the other takes."""
    count = sum(len(clip.alternates) for clip in timeline.clips)
    others = "one other take is" if count == 1 else f"{count} other takes are"
    return (f"{format_name} has no alternates: {others} not in it.",) if count else ()


def subtitle_notes(timeline: Timeline, *, format_name: str) -> tuple[str, ...]:
    """One sentence where a format has no place for dialogue lines."""
    if not any(clip.dialogue for clip in timeline.clips):
        return ()
    return (f"{format_name} has no subtitles: the dialogue lines are in the SRT and VTT files beside it.",)


def retimed(clip: Clip, timeline: Timeline) -> Fraction:
    """How many times its own speed a clip runs, where that is more than the thousandth between 23.976 and 24; else 1."""
    speed = conform_clip(clip, timeline).speed
    return speed if abs(speed - 1) > _A_THOUSANDTH else Fraction(1)


def source_start_frame(clip: Clip | Alternate, rate: Fraction) -> int:
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
    notes = [
        f"{place.clip.clip_id} {place.conform.notes[0]} {format_name} counts its source at the timeline's rate."
        for place in placed(timeline)
        if place.clip.facts.rate != timeline.rate or not place.clip.facts.constant_rate
    ]
    made = [place.clip.clip_id for place in placed(timeline) if place.conform.rate == "optical flow"]
    return (*notes, *(f"{clip_id}: its synthetic frames are not files; the NLE has to make its own." for clip_id in made))
