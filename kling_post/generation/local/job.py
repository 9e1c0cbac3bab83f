"""A local job's folder: the order, how far it is, and how it ended. Parent and child speak through these files alone.

Every file is written whole or not at all, so that either side may die at any moment.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final

from kling_post.vocabulary import PlannedShot, Size, VideoTask

ORDER: Final = "order.json"
PROGRESS: Final = "progress.json"
RESULT: Final = "result.json"
FAILURE: Final = "failure.json"
LOG: Final = "worker.log"
"""What the child wrote to its standard error: for people who look for a bug."""
LIFE: Final = "alive"
"""Folder of the child's sign of life: a lock that goes out with it."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One result of a finished job."""

    video: str
    """File name in the job's folder."""
    seed: int
    notes: tuple[str, ...]
    sidecars: Mapping[str, str] = field(default_factory=dict)
    """File names in the job's folder, by what they are."""


def video_name(number: int, suffix: str) -> str:
    """File name of a result, counted from 0."""
    return f"take{'' if number == 0 else f'_{number + 1}'}{suffix}"


def write_json(path: Path, value: object) -> None:
    """Write a small file so that it is there whole or not at all."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with part.open("w", encoding="utf-8") as file:
            json.dump(value, file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def read_json(path: Path) -> Json | None:
    """What such a file holds; None where it is not there or is no JSON object."""
    try:
        loaded = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return loaded if isinstance(loaded, dict) else None


def task_to_json(task: VideoTask) -> Json:
    """A task as JSON values."""
    written = {each.name: getattr(task, each.name) for each in fields(task)}
    written["shots"] = [{each.name: getattr(shot, each.name) for each in fields(shot)} for shot in task.shots]
    return written | {"size": size_to_json(task.size)}


def task_from_json(data: Mapping[str, Any]) -> VideoTask:
    """The task that ``task_to_json`` wrote."""
    shots = tuple(PlannedShot(**shot) for shot in data["shots"])
    return VideoTask(**{**data, "shots": shots, "size": size_from_json(data["size"])})


def is_same_order(folder: Path, order: Json, *, besides: frozenset[str]) -> bool:
    """Whether what lies in the folder was made for this very order; keys in ``besides`` make no difference to what is made."""
    written = read_json(folder / ORDER)
    wanted = json.loads(json.dumps(order))
    alike = dict.fromkeys(besides)
    return written is not None and {**written, **alike} == {**wanted, **alike}


def result_to_json(task_uuid: str, outcomes: tuple[Outcome, ...]) -> Json:
    """The end of a job as JSON values."""
    return {
        "task_uuid": task_uuid,
        "videos": [{each.name: getattr(outcome, each.name) for each in fields(outcome)} for outcome in outcomes],
    }


def outcomes_in(folder: Path, task_uuid: str) -> tuple[Outcome, ...] | None:
    """The results that lie in a job's folder, where they are this task's and all their files are there."""
    data = read_json(folder / RESULT)
    if data is None or data.get("task_uuid") != task_uuid:
        return None
    try:
        outcomes = tuple(Outcome(**{**video, "notes": tuple(video["notes"])}) for video in data["videos"])
    except (KeyError, TypeError):
        return None
    return outcomes if outcomes and all((folder / outcome.video).is_file() for outcome in outcomes) else None


def size_to_json(size: Size | None) -> list[int] | None:
    """Width and height."""
    return None if size is None else [size.width, size.height]


def size_from_json(size: list[int] | None) -> Size | None:
    """The size that ``size_to_json`` wrote."""
    return None if size is None else Size(*size)
