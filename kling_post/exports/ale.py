"""Avid Log Exchange: the takes as master clips for a Media Composer bin, to go along with the EDL.

Tab-separated, in three parts: heading, column names, data; one line for each file, over its whole length: the takes in use, the other
takes of their shots, the stems.
"""

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

from kling_post.edit.timeline import Alternate, Clip, StemClip, Timeline
from kling_post.exports.placing import source_start_frame
from kling_post.exports.text_file import write_text
from kling_post.timebase import timecode

SUFFIX = ".ale"
TITLE = "Avid Log Exchange"

_COLUMNS = ("Name", "Tracks", "Start", "End", "Tape", "Source File", "FPS", "Image Size", "Comments")
_AVID_SIZES = {720: "720", 1080: "1080"}


def write(timeline: Timeline, path: Path) -> tuple[str, ...]:
    """Write one line for each file.

    Returns:
        What the format cannot carry, one sentence each.
    """
    takes = {clip.path: clip for clip in timeline.clips}
    heading = [
        "Heading",
        "FIELD_DELIM\tTABS",
        f"VIDEO_FORMAT\t{_AVID_SIZES.get(timeline.size.height, 'CUSTOM')}",
        "AUDIO_FORMAT\t48khz",
        f"FPS\t{_rate_name(timeline.rate)}",
    ]
    lines = [*heading, "", "Column", "\t".join(_COLUMNS), "", "Data", *(_line(clip, timeline) for clip in takes.values())]
    others = {other.path: other for clip in timeline.clips for other in clip.alternates if other.path not in takes}
    lines += [_line(other, timeline) for other in others.values()]
    stems = {clip.file.path: clip for stem in timeline.stems for clip in stem.clips}
    lines += [_stem_line(clip, timeline) for clip in stems.values()]
    write_text(path, "\r\n".join(lines) + "\r\n")
    return ("An ALE lists the takes, not the edit: bring the EDL along.",)


def _line(clip: Clip | Alternate, timeline: Timeline) -> str:
    rate = clip.facts.rate
    start = source_start_frame(clip, rate)
    drop_frame = timeline.drop_frame and rate == timeline.rate
    shots = ", ".join(each.clip_id for each in timeline.clips if each.path == clip.path)
    about = f"shots {shots}" if shots else f"not in the edit: {clip.name}"
    fields = (
        clip.path.stem,
        "V" if clip.facts.audio is None else "VA1A2",
        timecode(start, rate, drop_frame=drop_frame),
        timecode(start + clip.facts.frames, rate, drop_frame=drop_frame),
        clip.reel,
        clip.path.name,
        _rate_name(rate),
        str(clip.facts.size),
        about,
    )
    return _tabbed(fields)


def _stem_line(clip: StemClip, timeline: Timeline) -> str:
    frames = int(clip.file.duration_seconds * timeline.rate)
    ends = (timecode(frame, timeline.rate, drop_frame=timeline.drop_frame) for frame in (0, frames))
    tracks = "A1" if clip.file.channels == 1 else "A1A2"
    name = clip.file.path
    return _tabbed((name.stem, tracks, *ends, clip.reel, name.name, _rate_name(timeline.rate), "", "stem"))


def _tabbed(fields: Iterable[str]) -> str:
    return "\t".join(" ".join(field.split()) for field in fields)


def _rate_name(rate: Fraction) -> str:
    """The rate as Avid writes it: 23.976, 24, 29.97."""
    return f"{float(rate):.3f}".rstrip("0").rstrip(".")
