"""``report.json``: everything that the report page shows, for programs.

Keys are stable: what a version of the schema names stays, and a change that could break a reader raises ``SCHEMA_VERSION``. The schema
itself lies beside this file and is given by ``json_schema``.
"""

import json
import os
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from kling_post.edit.conform import conform_clip, take_frames
from kling_post.edit.timeline import Clip, Timeline
from kling_post.reports.json_repairs import repaired_seam_json, repairs_json
from kling_post.reports.json_values import (
    Json,
    chain_json,
    dollars,
    facts_json,
    judgement_json,
    loudness_json,
    number,
    plan_json,
    rate_json,
    seam_json,
    size_json,
    target_json,
)
from kling_post.reports.material import ExportMaterial, MasterMaterial, ReportMaterial, TakeMaterial
from kling_post.seams.chain_drift import chain_drifts
from kling_post.timebase import timecode
from kling_post.version import __version__
from kling_post.whole_files import write_whole

SCHEMA_VERSION = 1


def json_schema() -> Mapping[str, Any]:
    """The JSON Schema (2020-12) that every ``report.json`` keeps."""
    schema: Mapping[str, Any] = json.loads(files("kling_post.reports").joinpath("report.schema.json").read_text(encoding="utf-8"))
    return schema


def report_as_json(material: ReportMaterial, folder: Path) -> Json:
    """The whole report as one JSON object; paths in it are relative to ``folder``."""
    timeline = material.timeline
    quoted = [item.quoted_usd for item in material.takes if item.quoted_usd is not None]
    return {
        "schema_version": SCHEMA_VERSION,
        "generator": {"name": "kling-post", "version": __version__},
        "created": None if material.created is None else material.created.isoformat(timespec="seconds"),
        "project": material.project_name,
        "backend": material.backend_title,
        "verdict": str(material.verdict),
        "money": {
            "quoted_usd": dollars(sum(quoted[1:], quoted[0])) if quoted else None,
            "cost_usd": dollars(material.cost_usd),
            "budget_usd": dollars(material.budget_usd),
        },
        "timeline": _timeline_json(timeline, folder),
        "takes": [_take_json(item, folder) for item in material.takes],
        "seams": [
            repaired_seam_json(seam_json(seam, timeline.rate, first=timeline.start_frame), material.mending) for seam in material.seams
        ],
        "chains": [chain_json(chain, timeline.rate, first=timeline.start_frame) for chain in chain_drifts(material.seams)],
        "repairs": [] if material.mending is None else repairs_json(material.mending),
        "programme": None if material.master is None else _master_json(material.master, material, folder),
        "exports": [_export_json(item, folder) for item in material.exports],
        "timings_seconds": {step: number(seconds, digits=2) for step, seconds in material.timings_seconds.items()},
        "versions": dict(material.versions),
    }


def write_json_report(material: ReportMaterial, path: Path) -> Path:
    """Write ``report.json``; it appears under its name only when it is whole."""
    document = json.dumps(report_as_json(material, path.parent), ensure_ascii=False, indent=2, allow_nan=False)
    write_whole(path, document + "\n")
    return path


def relative_path(path: Path, folder: Path) -> str:
    """The way from the report's folder to a file, with forward slashes; absolute where there is none (another drive)."""
    try:
        return Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:
        return path.as_posix()


def _timeline_json(timeline: Timeline, folder: Path) -> Json:
    return {
        "name": timeline.name,
        "rate": rate_json(timeline.rate),
        "size": size_json(timeline.size),
        "frames": timeline.frames,
        "start_timecode": timecode(timeline.start_frame, timeline.rate),
        "duration_seconds": number(float(timeline.frames / timeline.rate)),
        "clips": [_clip_json(clip, timeline, folder) for clip in timeline.clips],
    }


def _clip_json(clip: Clip, timeline: Timeline, folder: Path) -> Json:
    shown = take_frames(clip, timeline)
    return {
        "id": clip.clip_id,
        "name": clip.name,
        "reel": clip.reel,
        "file": relative_path(clip.path, folder),
        "source": {"start": clip.source.start, "stop": clip.source.stop},
        "take_frames": {"start": shown.start, "stop": shown.stop},
        "speed": number(float(conform_clip(clip, timeline).speed)),
        "record": {"start": clip.record.start, "stop": clip.record.stop},
        "join": str(clip.join),
        "dissolve_frames": clip.dissolve_frames,
        "gain_db": number(clip.gain_db, digits=2),
    }


def _take_json(item: TakeMaterial, folder: Path) -> Json:
    task = item.take.task
    return {
        "file": relative_path(item.take.path, folder),
        "task_uuid": task.task_uuid,
        "model": task.model,
        "backend": item.take.backend,
        "take": task.take_number,
        "seed": task.seed,
        "shots": [{"id": shot.shot_id, "prompt": shot.prompt, "duration_seconds": shot.duration_seconds} for shot in task.shots],
        "facts": facts_json(item.take.facts),
        "plan": plan_json(item.plan),
        **judgement_json(item.judgement, item.take.facts.rate),
        "loudness": loudness_json(item.loudness),
        "quoted_usd": dollars(item.quoted_usd),
        "cost_usd": dollars(item.take.cost_usd),
        "reused": item.reused,
        "notes": list(item.take.notes),
        "not_drawn": list(item.not_drawn),
        "not_heard": list(item.not_heard),
    }


def _master_json(master: MasterMaterial, material: ReportMaterial, folder: Path) -> Json:
    rate, first = material.timeline.rate, material.timeline.start_frame
    return {
        "file": relative_path(master.facts.path, folder),
        "facts": facts_json(master.facts),
        **judgement_json(master.judgement, rate, first=first),
        "loudness": loudness_json(master.loudness),
        "loudness_before": loudness_json(master.loudness_before),
        "target": target_json(material.target),
        "gain_db": number(master.gain_db, digits=3),
        "notes": list(master.notes),
    }


def _export_json(item: ExportMaterial, folder: Path) -> Json:
    return {"title": item.title, "file": relative_path(item.path, folder), "sha256": item.sha256, "notes": list(item.notes)}
