"""The shot list as a table for spreadsheets: one line for each clip, with its place, its source, its join and its findings."""

import csv
import io
from pathlib import Path

from kling_post.edit.timeline import Stem, StemClip, Timeline
from kling_post.exports.placing import placed, record_timecode, source_timecode, visible
from kling_post.exports.text_file import write_text
from kling_post.timebase import frames_to_seconds, timecode

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
    "sound shift frames",
    "speed",
    "fit",
    "dialogue",
    "alternates",
    "conform",
    "findings",
    "sha256",
)


def write(timeline: Timeline, path: Path) -> tuple[str, ...]:
    """Write the table as UTF-8 with a byte order mark, which spreadsheet programs need to read other letters than ASCII.

    Behind the clips stand the stems' clips, one line each.

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
                clip.sound_shift_frames,
                str(place.conform.speed),
                clip.fit.value,
                " / ".join(f"{line.speaker}: {line.text}" if line.speaker else line.text for line in clip.dialogue),
                "; ".join(str(alternate.location or alternate.path) for alternate in clip.alternates),
                " ".join(place.conform.notes),
                "; ".join(findings),
                facts.sha256,
            )
        )
    stem_clips = [(stem, clip) for stem in timeline.stems for clip in stem.clips]
    for number, (stem, stem_clip) in enumerate(stem_clips, start=len(timeline.clips) + 1):
        cells = _stem_cells(number, stem, stem_clip, timeline)
        writer.writerow(_harmless(cells.get(column, "")) for column in _COLUMNS)
    write_text(path, table.getvalue(), encoding="utf-8-sig")
    return ()


def _stem_cells(number: int, stem: Stem, clip: StemClip, timeline: Timeline) -> dict[str, object]:
    fades = f"fade in {clip.fade_in_frames}, fade out {clip.fade_out_frames} frames"
    source = (timecode(frame, timeline.rate, drop_frame=timeline.drop_frame) for frame in (clip.source.start, clip.source.stop))
    return {
        "event": number,
        "shot": clip.clip_id,
        "name": f"{stem.name}: {clip.name}",
        "reel": clip.reel,
        "file": str(clip.location or clip.file.path),
        "record in": record_timecode(timeline, clip.record.start),
        "record out": record_timecode(timeline, clip.record.stop),
        **dict(zip(("source in", "source out"), source, strict=True)),
        "frames": clip.record.frames,
        "seconds": f"{float(frames_to_seconds(clip.record.frames, timeline.rate)):.3f}",
        "join": stem.role,
        "sound": f"{clip.file.codec} {clip.file.sample_rate} Hz, {clip.file.channels} channels",
        "gain dB": f"{clip.gain_db:g}",
        "conform": fades,
        "sha256": clip.file.sha256,
    }


def _harmless(value: object) -> object:
    """A text that a spreadsheet would run as a formula is made plain text by an apostrophe; numbers stay."""
    if isinstance(value, str) and value[:1] in {"=", "+", "@", "\t", "\r"}:
        return f"'{value}"
    return value
