"""Markers as an EDL that DaVinci Resolve reads (Timelines > Import > Timeline Markers from EDL): one event for each finding.

Behind each event stands ``comment |C:colour |M:name |D:frames``; the bars are the format's own separators.
"""

from pathlib import Path
from typing import Final

from kling_post.edit.timeline import Marker, Timeline
from kling_post.errors import InvalidInputError
from kling_post.exports.placing import plain_ascii, record_markers, record_timecode
from kling_post.exports.text_file import write_text
from kling_post.vocabulary import Severity

SUFFIX = ".markers.edl"
TITLE = "Marker EDL"

_COLOURS: Final = {Severity.FAIL: "ResolveColorRed", Severity.REVIEW: "ResolveColorYellow", Severity.INFO: "ResolveColorCyan"}
_MOST_EVENTS: Final = 999


def write(timeline: Timeline, path: Path) -> tuple[str, ...]:
    """Write all markers, the programme's and the clips', at their record timecode.

    Returns:
        What the format cannot carry, one sentence each.

    Raises:
        InvalidInputError: more than 999 markers.
    """
    markers = record_markers(timeline)
    if len(markers) > _MOST_EVENTS:
        raise InvalidInputError(f"An EDL holds {_MOST_EVENTS} events, the edit has {len(markers)} markers.", remedy="Export OTIO.")
    lines = [f"TITLE: {plain_ascii(timeline.name)[:70]}", f"FCM: {'DROP FRAME' if timeline.drop_frame else 'NON-DROP FRAME'}", ""]
    for number, marker in enumerate(markers, start=1):
        lines += _event(timeline, number, marker)
    write_text(path, "\r\n".join(lines) + "\r\n", encoding="ascii")
    return ()


def _event(timeline: Timeline, number: int, marker: Marker) -> list[str]:
    start, stop = record_timecode(timeline, marker.frames.start), record_timecode(timeline, marker.frames.start + 1)
    length = max(1, marker.frames.frames)
    comment, name = (plain_ascii(text).replace("|", "/") for text in (marker.comment, marker.name))
    return [
        f"{number:03d}  001      V     C        {start} {stop} {start} {stop}",
        f"{comment} |C:{_COLOURS[marker.severity]} |M:{name} |D:{length}",
        "",
    ]
