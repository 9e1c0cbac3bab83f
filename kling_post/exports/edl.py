"""CMX 3600 edit decision list: one picture track with its sound, cuts and dissolves, by reel and timecode.

Columns as in the CMX 3600 manual: event, reel, channels, transition, length, source in and out, record in and out. A dissolve is
two lines under one event number: the outgoing reel with no length, then the incoming one with the length of the dissolve. Where
sound leads or trails, picture and sound are events of their own. The first stem stands on channels 3 and 4.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kling_post.edit.timeline import Clip, StemClip, Timeline
from kling_post.errors import InvalidInputError
from kling_post.exports.placing import (
    alternate_notes,
    conform_notes,
    plain_ascii,
    record_timecode,
    retimed,
    source_start_frame,
    subtitle_notes,
)
from kling_post.exports.placing import heard as heard_clips
from kling_post.exports.repairs import cdl_comments, correction_notes
from kling_post.exports.text_file import write_text
from kling_post.timebase import nominal_rate, timecode
from kling_post.vocabulary import FrameRange, JoinKind

SUFFIX = ".edl"
TITLE = "CMX 3600 EDL"

_MOST_EVENTS: Final = 999
_LONGEST_DISSOLVE: Final = 255
_TITLE_LETTERS: Final = 70


@dataclass(frozen=True, slots=True, kw_only=True)
class _Event:
    """One event: what is seen or heard of a clip until the next dissolve begins."""

    clip: Clip
    channels: str
    source: FrameRange
    record: FrameRange
    before: Clip | None
    """What dissolves into it, if anything does."""
    split: bool
    """Whether picture and sound of the clip are events of their own."""
    left: int = 0
    """The frame of ``before``'s take at which the dissolve begins."""


def write(timeline: Timeline, path: Path) -> tuple[str, ...]:
    """Write the edit decision list.

    Returns:
        What the format cannot carry, one sentence each.

    Raises:
        InvalidInputError: more than 999 events, or a dissolve over 255 frames.
    """
    events = _events(timeline)
    stem = timeline.stems[0].clips if timeline.stems else ()
    if len(events) + len(stem) > _MOST_EVENTS:
        raise InvalidInputError(
            f"An EDL holds {_MOST_EVENTS} events, the edit has {len(events) + len(stem)}.",
            remedy="Export OTIO, or split the edit into reels.",
        )
    lines = [
        f"TITLE: {plain_ascii(timeline.name)[:_TITLE_LETTERS]}",
        f"FCM: {'DROP FRAME' if timeline.drop_frame else 'NON-DROP FRAME'}",
        "",
    ]
    for number, event in enumerate(events, start=1):
        lines += _lines(timeline, number, event)
    for number, clip in enumerate(stem, start=len(events) + 1):
        lines += _stem_lines(timeline, number, clip)
    write_text(path, "\r\n".join(lines) + "\r\n", encoding="ascii")
    return _notes(timeline)


def _events(timeline: Timeline) -> list[_Event]:
    """Picture and sound in one event where they are cut at the same frames, else in two."""
    sounds = {each.number: each for each in heard_clips(timeline)}
    events: list[_Event] = []
    for number, clip in enumerate(timeline.clips):
        before = timeline.clips[number - 1] if clip.join is JoinKind.DISSOLVE else None
        after = timeline.clips[number + 1] if number + 1 < len(timeline.clips) else None
        sound = sounds.get(number)
        together = sound is not None and sound.record == clip.record
        seen = clip.source.frames - (after.dissolve_frames if after else 0)
        events.append(
            _Event(
                clip=clip,
                channels="AA/V" if together else "V",
                source=FrameRange(clip.source.start, clip.source.start + seen),
                record=FrameRange(clip.record.start, clip.record.start + seen),
                before=before,
                split=sound is not None and not together,
                left=before.source.stop - clip.dissolve_frames if before else 0,
            )
        )
        if sound is not None and not together:
            audible = sound.record.frames - (after.dissolve_frames if after and sound.closes else 0)
            outgoing = before if sound.opens else None
            events.append(
                _Event(
                    clip=clip,
                    channels="AA",
                    source=FrameRange(sound.source.start, sound.source.start + audible),
                    record=FrameRange(sound.record.start, sound.record.start + audible),
                    before=outgoing,
                    split=True,
                    left=outgoing.source.stop + clip.sound_shift_frames - clip.dissolve_frames if outgoing else 0,
                )
            )
    return events


def _lines(timeline: Timeline, number: int, event: _Event) -> list[str]:
    clip, before = event.clip, event.before
    file = f"* SOURCE FILE: {plain_ascii(clip.path.name)}"
    level = []
    if clip.gain_db and event.channels != "V":
        moment = record_timecode(timeline, event.record.start)
        level = [f"* AUDIO LEVEL AT {moment} IS {clip.gain_db:+.2f} DB  (REEL {clip.reel} A1 A2)"]
    speed = _speed_lines(timeline, event)
    if before is None:
        return [_line(timeline, number, event), *speed, f"* FROM CLIP NAME: {plain_ascii(clip.name)}", file, *level, *cdl_comments(clip)]
    if clip.dissolve_frames > _LONGEST_DISSOLVE:
        raise InvalidInputError(
            f"The dissolve into {clip.clip_id!r} has {clip.dissolve_frames} frames; an EDL holds {_LONGEST_DISSOLVE}.",
            remedy="Shorten the dissolve, or export OTIO.",
        )
    start = event.record.start
    # What goes out goes with its own sound, unless picture and sound are told apart here.
    channels = event.channels if event.split else "V" if before.facts.audio is None else "AA/V"
    outgoing = _columns(number, before.reel, channels, "C", "")
    left, here = _source_timecode(timeline, before, event.left), record_timecode(timeline, start)
    return [
        f"{outgoing} {left} {left} {here} {here}",
        _line(timeline, number, event),
        *speed,
        f"* FROM CLIP NAME: {plain_ascii(before.name)}",
        f"* TO CLIP NAME: {plain_ascii(clip.name)}",
        file,
        *level,
        *cdl_comments(clip),
    ]


def _line(timeline: Timeline, number: int, event: _Event) -> str:
    clip, source = event.clip, event.source
    transition, length = ("D", f"{clip.dissolve_frames:03d}") if event.before else ("C", "")
    first = _source_timecode(timeline, clip, source.start)
    last = _source_timecode(timeline, clip, source.start, used=source.frames)
    record = (record_timecode(timeline, frame) for frame in (event.record.start, event.record.stop))
    return " ".join([_columns(number, clip.reel, event.channels, transition, length), first, last, *record])


def _columns(number: int, reel: str, channels: str, transition: str, length: str) -> str:
    return f"{number:03d}  {reel:<8} {channels:<5} {transition:<4} {length:>3}"


def _source_timecode(timeline: Timeline, clip: Clip, frame: int, *, used: int = 0) -> str:
    """The source timecode of a frame of the conformed take, or of the end of what ``used`` frames from it on take from the file."""
    speed = retimed(clip, timeline)
    moment = int(frame * speed) + round(used * speed)
    return timecode(source_start_frame(clip, timeline.rate) + moment, timeline.rate, drop_frame=timeline.drop_frame)


def _speed_lines(timeline: Timeline, event: _Event) -> list[str]:
    """The motion memory of a clip at another speed: its frames a second, with the source timecode that it starts from."""
    speed = retimed(event.clip, timeline)
    if speed == 1:
        return []
    frames = float(speed * nominal_rate(timeline.rate))
    start = _source_timecode(timeline, event.clip, event.source.start)
    return [f"M2   {event.clip.reel:<8}       {frames:05.1f}                {start}"]


def _stem_lines(timeline: Timeline, number: int, clip: StemClip) -> list[str]:
    source = (timecode(frame, timeline.rate, drop_frame=timeline.drop_frame) for frame in (clip.source.start, clip.source.stop))
    record = [record_timecode(timeline, frame) for frame in (clip.record.start, clip.record.stop)]
    lines = [" ".join([_columns(number, clip.reel, "NONE", "C", ""), *source, *record]), "AUD   3    4"]
    lines += [f"* FROM CLIP NAME: {plain_ascii(clip.name)}", f"* SOURCE FILE: {plain_ascii(clip.file.path.name)}"]
    if clip.gain_db:
        lines.append(f"* AUDIO LEVEL AT {record[0]} IS {clip.gain_db:+.2f} DB  (REEL {clip.reel} A3 A4)")
    return lines


def _notes(timeline: Timeline) -> tuple[str, ...]:
    notes = ["The frame rate and the paths of the takes are not in an EDL: set the rate by hand and relink by reel or file name."]
    stem_clips = [clip for stem in timeline.stems for clip in stem.clips]
    if any(clip.gain_db for clip in timeline.clips) or any(clip.gain_db for clip in stem_clips):
        notes.append("An EDL has no sound levels of its own: they stand in it as comments, which few programs read.")
    if any(clip.fade_in_frames or clip.fade_out_frames for clip in stem_clips):
        notes.append("An EDL has no fades of sound: the stems begin and end at their level.")
    notes += [f"An EDL has four sound channels: the stem {stem.name!r} is not in it." for stem in timeline.stems[1:]]
    if timeline.markers or any(clip.markers for clip in timeline.clips):
        notes.append("An EDL has no markers: they are in the marker EDL beside it.")
    if plain_ascii(timeline.name) != timeline.name or any(plain_ascii(clip.name) != clip.name for clip in timeline.clips):
        notes.append("An EDL is ASCII: other letters of the names were replaced.")
    for clip in timeline.clips:
        speed = retimed(clip, timeline)
        if speed != 1:
            told = float(speed * nominal_rate(timeline.rate))
            notes.append(f"{clip.clip_id}: its speed stands as M2 with {told:05.1f} frames a second, its source in whole frames.")
    if any(clip.facts.size != timeline.size for clip in timeline.clips):
        notes.append("An EDL does not say how a take of another size fits the frame.")
    kept = (*alternate_notes(timeline, format_name="An EDL"), *subtitle_notes(timeline, format_name="An EDL"))
    kept += correction_notes(timeline, format_name="The EDL", carries_cdl=True)
    return (*notes, *kept, *conform_notes(timeline, format_name="The EDL"))
