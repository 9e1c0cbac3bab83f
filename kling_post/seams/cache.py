"""Reports of joins on disk, named by what was looked at: a join of the same two files at the same places is never inspected twice.

A report is stored as if its join stood at a fixed place of the timeline between clips without names; both are put in when it is read, so
that a join keeps its report when an earlier clip becomes longer. The name is a hash over both files' SHA-256, the places in them, what
the join is meant to be, the limits, and this room's version.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from kling_post.edit.timeline import Clip, Timeline
from kling_post.seams.limits import LIMITS
from kling_post.vocabulary import (
    Finding,
    FrameRange,
    JoinKind,
    Judgement,
    SeamProperty,
    SeamReport,
    Severity,
    SideLooks,
    Undetermined,
)
from kling_post.whole_files import write_whole

SEAMS_VERSION = 19
"""Raise when the report on an old join would change."""
_PLACE = 1000


def seam_key(before: Clip, after: Clip, timeline: Timeline, *, as_seen: bool = False) -> str:
    """What the report on a join depends on, as a hash."""
    parts = (
        SEAMS_VERSION,
        *(clip.facts.sha256 for clip in (before, after)),
        *(place for clip in (before, after) for place in (clip.source.start, clip.source.stop)),
        "as seen" if as_seen else after.join,
        after.dissolve_frames,
        timeline.rate,
        timeline.sample_rate,
        before.gain_db,
        after.gain_db,
        *LIMITS.values(),
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def read_report(folder: Path, key: str, *, outgoing: str, incoming: str, record_frame: int) -> SeamReport | None:
    """The stored report, set between these clips at this place; None where there is none that can be read."""
    try:
        report = _report(json.loads(_file(folder, key).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
    return _placed(report, record_frame - _PLACE, outgoing=outgoing, incoming=incoming, record_frame=record_frame)


def write_report(folder: Path, key: str, report: SeamReport) -> None:
    """Store a report."""
    stored = _placed(report, _PLACE - report.record_frame, outgoing="", incoming="", record_frame=_PLACE)
    place = _file(folder, key)
    place.parent.mkdir(parents=True, exist_ok=True)
    write_whole(place, json.dumps(asdict(stored)))


def _file(folder: Path, key: str) -> Path:
    return folder / key[:2] / f"{key}.seam.json"


def _placed(report: SeamReport, frames: int, *, outgoing: str, incoming: str, record_frame: int) -> SeamReport:
    findings = tuple(_moved(finding, frames) for finding in report.judgement.findings)
    return replace(
        report,
        outgoing=outgoing,
        incoming=incoming,
        record_frame=record_frame,
        judgement=replace(report.judgement, findings=findings),
    )


def _moved(finding: Finding, frames: int) -> Finding:
    if finding.frames is None:
        return finding
    return replace(finding, frames=FrameRange(max(finding.frames.start + frames, 0), max(finding.frames.stop + frames, 0)))


def _report(stored: Mapping[str, Any]) -> SeamReport:
    judgement = stored["judgement"]
    return SeamReport(
        outgoing=stored["outgoing"],
        incoming=stored["incoming"],
        record_frame=stored["record_frame"],
        planned=_kind(stored["planned"]),
        properties=tuple(SeamProperty(**{**row, "severity": _severity(row["severity"])}) for row in stored["properties"]),
        judgement=Judgement(
            findings=tuple(_finding(finding) for finding in judgement["findings"]),
            undetermined=tuple(Undetermined(**question) for question in judgement["undetermined"]),
        ),
        seen=_kind(stored["seen"]),
        looks_before=_looks(stored["looks_before"]),
        looks_after=_looks(stored["looks_after"]),
    )


def _finding(stored: Mapping[str, Any]) -> Finding:
    frames = stored["frames"]
    # Findings of a join lie in time, never in one part of the picture.
    return Finding(
        **{**stored, "severity": Severity(stored["severity"]), "frames": None if frames is None else FrameRange(**frames), "area": None}
    )


def _kind(stored: str | None) -> JoinKind | None:
    return None if stored is None else JoinKind(stored)


def _severity(stored: str | None) -> Severity | None:
    return None if stored is None else Severity(stored)


def _looks(stored: Mapping[str, Any] | None) -> SideLooks | None:
    return None if stored is None else SideLooks(**{**stored, "ictcp": tuple(stored["ictcp"])})
