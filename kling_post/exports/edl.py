"""CMX 3600 edit decision list: one picture track with its sound, cuts and dissolves, by reel and timecode.

Columns as in the CMX 3600 manual: event, reel, channels, transition, length, source in and out, record in and out. A dissolve is
two lines under one event number: the outgoing reel with no length, then the incoming one with the length of the dissolve.
"""

from pathlib import Path
from typing import Final

from kling_post.edit.timeline import Clip, Timeline
from kling_post.errors import InvalidInputError
from kling_post.exports.placing import conform_notes, plain_ascii, record_timecode, source_timecode
from kling_post.exports.text_file import write_text
from kling_post.vocabulary import JoinKind

SUFFIX = ".edl"
TITLE = "CMX 3600 EDL"

_MOST_EVENTS: Final = 999
_LONGEST_DISSOLVE: Final = 255
_TITLE_LETTERS: Final = 70


def write(timeline: Timeline, path: Path) -> tuple[str, ...]:
    """Write the edit decision list.

    Returns:
        What the format cannot carry, one sentence each.

    Raises:
        InvalidInputError: more than 999 events, or a dissolve over 255 frames.
    """
    if len(timeline.clips) > _MOST_EVENTS:
        raise InvalidInputError(
            f"An EDL holds {_MOST_EVENTS} events, the edit has {len(timeline.clips)}.", remedy="Export OTIO, or split the edit into reels."
        )
    lines = [
        f"TITLE: {plain_ascii(timeline.name)[:_TITLE_LETTERS]}",
        f"FCM: {'DROP FRAME' if timeline.drop_frame else 'NON-DROP FRAME'}",
        "",
    ]
    for number, clip in enumerate(timeline.clips, start=1):
        before = timeline.clips[number - 2] if number > 1 else None
        after = timeline.clips[number] if number < len(timeline.clips) else None
        lines += _event(timeline, number, before, clip, after)
    write_text(path, "\r\n".join(lines) + "\r\n", encoding="ascii")
    return _notes(timeline)


def _event(timeline: Timeline, number: int, before: Clip | None, clip: Clip, after: Clip | None) -> list[str]:
    # A clip's event ends where the dissolve to the next one begins: the rest of it is told in the next event.
    seen = clip.source.frames - (after.dissolve_frames if after else 0)
    source = (clip.source.start, clip.source.start + seen)
    record = (clip.record.start, clip.record.start + seen)
    file = f"* SOURCE FILE: {plain_ascii(clip.path.name)}"
    if clip.join is not JoinKind.DISSOLVE or before is None:
        return [_line(timeline, number, clip, "C", "", source, record), f"* FROM CLIP NAME: {plain_ascii(clip.name)}", file]
    if clip.dissolve_frames > _LONGEST_DISSOLVE:
        raise InvalidInputError(
            f"The dissolve into {clip.clip_id!r} has {clip.dissolve_frames} frames; an EDL holds {_LONGEST_DISSOLVE}.",
            remedy="Shorten the dissolve, or export OTIO.",
        )
    left = before.source.stop - clip.dissolve_frames
    return [
        _line(timeline, number, before, "C", "", (left, left), (clip.record.start, clip.record.start)),
        _line(timeline, number, clip, "D", f"{clip.dissolve_frames:03d}", source, record),
        f"* FROM CLIP NAME: {plain_ascii(before.name)}",
        f"* TO CLIP NAME: {plain_ascii(clip.name)}",
        file,
    ]


def _line(
    timeline: Timeline, number: int, clip: Clip, transition: str, length: str, source: tuple[int, int], record: tuple[int, int]
) -> str:
    channels = "V" if clip.facts.audio is None else "AA/V"
    times = [source_timecode(timeline, clip, frame) for frame in source] + [record_timecode(timeline, frame) for frame in record]
    return f"{number:03d}  {clip.reel:<8} {channels:<5} {transition:<4} {length:>3} {' '.join(times)}"


def _notes(timeline: Timeline) -> tuple[str, ...]:
    notes = ["The frame rate and the paths of the takes are not in an EDL: set the rate by hand and relink by reel or file name."]
    if any(clip.gain_db for clip in timeline.clips):
        notes.append("An EDL has no sound levels: the clips come at their recorded level.")
    if timeline.markers or any(clip.markers for clip in timeline.clips):
        notes.append("An EDL has no markers: they are in the marker EDL beside it.")
    if plain_ascii(timeline.name) != timeline.name or any(plain_ascii(clip.name) != clip.name for clip in timeline.clips):
        notes.append("An EDL is ASCII: other letters of the names were replaced.")
    return (*notes, *conform_notes(timeline, format_name="The EDL"))
