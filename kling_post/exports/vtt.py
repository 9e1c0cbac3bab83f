"""WebVTT subtitles from the dialogue lines of the shots, for browsers and platforms (W3C WebVTT)."""

from html import escape
from pathlib import Path

from kling_post.edit.timeline import Timeline
from kling_post.exports.placing import Subtitle, subtitles
from kling_post.exports.srt import clock
from kling_post.exports.text_file import write_text

SUFFIX = ".vtt"
TITLE = "WebVTT subtitles"


def has_content(timeline: Timeline) -> bool:
    """Whether anything is said."""
    return bool(subtitles(timeline))


def write(timeline: Timeline, path: Path) -> tuple[str, ...]:
    """Write one cue for each line, its speaker as a voice; times count from the programme's first frame.

    Returns:
        What the format cannot carry, one sentence each.
    """
    write_text(path, to_vtt(timeline))
    if not subtitles(timeline):
        return ("There are no dialogue lines: the file holds none.",)
    return ("WebVTT counts milliseconds, not frames.",)


def to_vtt(timeline: Timeline) -> str:
    """The file's text."""
    cues = []
    for number, line in enumerate(subtitles(timeline), start=1):
        times = f"{clock(line.frames.start, timeline.rate, '.')} --> {clock(line.frames.stop, timeline.rate, '.')}"
        cues.append(f"{number}\n{times}\n{_said(line)}\n")
    return "\n".join(["WEBVTT\n", *cues])


def _said(line: Subtitle) -> str:
    text = "\n".join(escape(part, quote=False) for part in line.text.splitlines() if part.strip())
    speaker = escape(" ".join(line.speaker.split()), quote=False)
    return f"<v {speaker}>{text}" if speaker else text
