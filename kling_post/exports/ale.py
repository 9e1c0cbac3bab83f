"""Avid Log Exchange: the takes as master clips for a Media Composer bin, to go along with the EDL.

Tab-separated, in three parts: heading, column names, data; one line for each take file, over its whole length.
"""

from fractions import Fraction
from pathlib import Path

from kling_post.edit.timeline import Clip, Timeline
from kling_post.exports.placing import source_start_frame
from kling_post.exports.text_file import write_text
from kling_post.timebase import timecode

SUFFIX = ".ale"
TITLE = "Avid Log Exchange"

_COLUMNS = ("Name", "Tracks", "Start", "End", "Tape", "Source File", "FPS", "Image Size", "Comments")
_AVID_SIZES = {720: "720", 1080: "1080"}


def write(timeline: Timeline, path: Path) -> tuple[str, ...]:
    """Write one line for each take.

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
    write_text(path, "\r\n".join(lines) + "\r\n")
    return ("An ALE lists the takes, not the edit: bring the EDL along.",)


def _line(clip: Clip, timeline: Timeline) -> str:
    rate = clip.facts.rate
    start = source_start_frame(clip, rate)
    drop_frame = timeline.drop_frame and rate == timeline.rate
    shots = ", ".join(each.clip_id for each in timeline.clips if each.path == clip.path)
    fields = (
        clip.path.stem,
        "V" if clip.facts.audio is None else "VA1A2",
        timecode(start, rate, drop_frame=drop_frame),
        timecode(start + clip.facts.frames, rate, drop_frame=drop_frame),
        clip.reel,
        clip.path.name,
        _rate_name(rate),
        str(clip.facts.size),
        f"shots {shots}",
    )
    return "\t".join(" ".join(field.split()) for field in fields)


def _rate_name(rate: Fraction) -> str:
    """The rate as Avid writes it: 23.976, 24, 29.97."""
    return f"{float(rate):.3f}".rstrip("0").rstrip(".")
