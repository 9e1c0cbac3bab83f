"""The shot list as a table for spreadsheets: one line for each clip, with its place, its source, its join and its findings."""

import csv
import io
from pathlib import Path

from kling_post.edit.timeline import Timeline
from kling_post.exports.placing import placed, record_timecode, source_timecode, visible
from kling_post.exports.text_file import write_text
from kling_post.timebase import frames_to_seconds

SUFFIX = ".csv"
TITLE = "Shot list"

_COLUMNS = (
    "event",
    "shot",
    "name",
    "reel",
    "file",
    "record in",
    "record out",
    "source in",
    "source out",
    "frames",
    "seconds",
    "join",
    "dissolve frames",
    "size",
    "rate",
    "sound",
    "gain dB",
    "conform",
    "findings",
    "sha256",
)


def write(timeline: Timeline, path: Path) -> tuple[str, ...]:
    """Write the table as UTF-8 with a byte order mark, which spreadsheet programs need to read other letters than ASCII.

    Returns:
        Nothing is lost that a table of clips can hold.
    """
    table = io.StringIO(newline="")
    writer = csv.writer(table)
    writer.writerow(_COLUMNS)
    for number, place in enumerate(placed(timeline), start=1):
        clip, facts = place.clip, place.clip.facts
        findings = [f"{marker.severity.value}: {marker.name}" for marker in clip.markers if visible(marker, clip) is not None]
        writer.writerow(
            _harmless(value)
            for value in (
                number,
                clip.clip_id,
                clip.name,
                clip.reel,
                str(clip.location or clip.path),
                record_timecode(timeline, clip.record.start),
                record_timecode(timeline, clip.record.stop),
                source_timecode(timeline, clip, clip.source.start),
                source_timecode(timeline, clip, clip.source.stop),
                clip.source.frames,
                f"{float(frames_to_seconds(clip.source.frames, timeline.rate)):.3f}",
                clip.join.value,
                clip.dissolve_frames,
                str(facts.size),
                f"{float(facts.rate):.6g}",
                "" if facts.audio is None else f"{facts.audio.codec} {facts.audio.sample_rate} Hz {facts.audio.layout}",
                f"{clip.gain_db:g}",
                " ".join(place.conform.notes),
                "; ".join(findings),
                facts.sha256,
            )
        )
    write_text(path, table.getvalue(), encoding="utf-8-sig")
    return ()


def _harmless(value: object) -> object:
    """A text that a spreadsheet would run as a formula is made plain text by an apostrophe; numbers stay."""
    if isinstance(value, str) and value[:1] in {"=", "+", "@", "\t", "\r"}:
        return f"'{value}"
    return value
