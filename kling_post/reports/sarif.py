"""Findings as SARIF 2.1.0 (OASIS), which code hosts show beside the changed lines: each finding points at its shot's line in the shot list.

Frames, timecode and figures stand in each result's ``properties``. Where the shot list or the shot's line in it is not known, the result
points at the take's file.
"""

import json
import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from kling_post.reports.check_json import ExaminedClip
from kling_post.reports.json_report import relative_path
from kling_post.reports.json_values import finding_json
from kling_post.reports.material import ReportMaterial, TakeMaterial
from kling_post.version import __version__
from kling_post.vocabulary import Finding, Severity
from kling_post.whole_files import write_whole

_LEVELS = {Severity.FAIL: "error", Severity.REVIEW: "warning", Severity.INFO: "note"}

Json = dict[str, Any]


def write_sarif(material: ReportMaterial, path: Path, *, shot_list: Path | None = None) -> Path:
    """Write the report; ``shot_list`` is the project file whose lines the findings point at."""
    write_whole(path, json.dumps(sarif(material, path.parent, shot_list=shot_list), ensure_ascii=False, indent=2) + "\n")
    return path


def sarif(material: ReportMaterial, folder: Path, *, shot_list: Path | None = None) -> Json:
    """The report as one SARIF log of one run; paths are relative to ``folder``."""
    lines = _shot_lines(shot_list)
    results = list(_results(material, folder, shot_list, lines))
    return _log(results)


def write_clips_sarif(examined: Sequence[ExaminedClip], path: Path) -> Path:
    """Write the findings of clips that belong to no project; each points at its file."""
    results = [
        _result(finding, one.facts.rate, [_location(relative_path(one.path, path.parent), None, one.path.name)])
        for one in examined
        for finding in one.judgement.findings
    ]
    write_whole(path, json.dumps(_log(results), ensure_ascii=False, indent=2) + "\n")
    return path


def _log(results: list[Json]) -> Json:
    rules = sorted({result["ruleId"] for result in results})
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "kling-post", "version": __version__, "rules": [{"id": rule} for rule in rules]}},
                "columnKind": "unicodeCodePoints",
                "results": results,
            }
        ],
    }


def _shot_lines(shot_list: Path | None) -> dict[str, int]:
    """The line, from 1, on which each shot id stands in the shot list."""
    if shot_list is None or not shot_list.is_file():
        return {}
    found: dict[str, int] = {}
    for number, line in enumerate(shot_list.read_text(encoding="utf-8").splitlines(), start=1):
        match = re.match(r"""^\s*(?:-\s+)?["']?(?:id|shot|shot_id)["']?\s*:\s*["']?([^"',#\s]+)""", line)
        if match:
            found.setdefault(match[1], number)
    return found


def _results(material: ReportMaterial, folder: Path, shot_list: Path | None, lines: dict[str, int]) -> Iterator[Json]:
    rate, first = material.timeline.rate, material.timeline.start_frame
    takes = {item.take.path: item for item in material.takes}
    clips = {clip.clip_id: clip for clip in material.timeline.clips}

    def place(item: TakeMaterial | None, finding: Finding | None = None) -> list[Json]:
        if item is None:
            return []
        names = _shots_at(item, finding)
        line = next((lines[name] for name in names if name in lines), None)
        if shot_list is not None and line is not None:
            return [_location(relative_path(shot_list, folder), line, names[0])]
        return [_location(relative_path(item.take.path, folder), None, names[0])]

    for item in material.takes:
        for finding in item.judgement.findings:
            yield _result(finding, item.take.facts.rate, place(item, finding))
    for seam in material.seams:
        item_after = takes.get(clips[seam.incoming].path)
        for finding in seam.judgement.findings:
            yield _result(finding, rate, place(item_after), first=first)
    if material.master is not None:
        for finding in material.master.judgement.findings:
            yield _result(finding, rate, [_location(relative_path(material.master.facts.path, folder), None, "programme")], first=first)


def _shots_at(item: TakeMaterial, finding: Finding | None) -> list[str]:
    """Names to look for in the shot list: the shot on whose frames the finding lies first, then the take's others."""
    names = [shot.shot_id for shot in item.take.task.shots]
    if finding is not None and finding.frames is not None:
        seconds = Fraction(finding.frames.start) / item.take.facts.rate
        ends = [sum(shot.duration_seconds for shot in item.take.task.shots[: place + 1]) for place in range(len(names))]
        at = next((place for place, end in enumerate(ends) if seconds < end), len(names) - 1)
        names = [names[at], *names[:at], *names[at + 1 :]]
    # A shot of several pictures is listed once, its parts carry a number behind its name.
    return [*names, *(re.sub(r"_\d+$", "", name) for name in names)]


def _location(path: str, line: int | None, name: str) -> Json:
    physical: Json = {"artifactLocation": {"uri": path.replace(" ", "%20")}}
    if line is not None:
        physical["region"] = {"startLine": line}
    return {"physicalLocation": physical, "logicalLocations": [{"name": name, "kind": "resource"}]}


def _result(finding: Finding, rate: Fraction, locations: list[Json], *, first: int = 0) -> Json:
    return {
        "ruleId": finding.check,
        "level": _LEVELS[finding.severity],
        "message": {"text": f"{finding.message} {finding.remedy}".strip()},
        "locations": locations,
        "properties": {
            key: value for key, value in finding_json(finding, rate, first=first).items() if key not in ("check", "severity", "message")
        },
    }
