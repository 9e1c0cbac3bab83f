"""SubRip subtitles from the dialogue lines of the shots, each where it is heard in the finished programme."""

from fractions import Fraction
from pathlib import Path

from kling_post.edit.timeline import Timeline
from kling_post.exports.placing import Subtitle, subtitles
from kling_post.exports.text_file import write_text

SUFFIX = ".srt"
TITLE = "SubRip subtitles"


def has_content(timeline: Timeline) -> bool:
    """Whether anything is said."""
    return bool(subtitles(timeline))


def write(timeline: Timeline, path: Path) -> tuple[str, ...]:
    """Write one cue for each line; times count from the programme's first frame.

    Returns:
        What the format cannot carry, one sentence each.
    """
    write_text(path, to_srt(timeline))
    if not subtitles(timeline):
        return ("There are no dialogue lines: the file is empty.",)
    return ("SubRip counts milliseconds, not frames, and knows no speakers: a name stands before its line.",)


def to_srt(timeline: Timeline) -> str:
    """The file's text."""
    return "\n".join(_cue(number, line, timeline.rate) for number, line in enumerate(subtitles(timeline), start=1))


def _cue(number: int, line: Subtitle, rate: Fraction) -> str:
    text = "\n".join(part for part in line.text.splitlines() if part.strip())
    said = f"{line.speaker}: {text}" if line.speaker else text
    return f"{number}\n{clock(line.frames.start, rate, ',')} --> {clock(line.frames.stop, rate, ',')}\n{said}\n"


def clock(frame: int, rate: Fraction, point: str) -> str:
    """A frame's beginning as hours, minutes, seconds and milliseconds, rounded to the nearest.

    >>> clock(36, Fraction(24), ",")
    '00:00:01,500'
    """
    milliseconds = int((Fraction(frame) / rate * 2000 + 1) // 2)
    seconds, milliseconds = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{point}{milliseconds:03d}"
