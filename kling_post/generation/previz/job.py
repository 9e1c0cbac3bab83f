"""A previz job's folder: the order, how far it is, and how it ended. Parent and child speak through these files alone.

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

FRAMES_PER_SECOND: Final = 24
"""What Kling delivers, and so what previz draws."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """All that the child needs to draw a task."""

    task: VideoTask
    size: Size | None = None
    """Another size than the task's, for a quick rehearsal."""
    seed: int | None = None
    """Another seed than the task's."""
    clean: bool = False
    """Whether the label is left off the frames; the file still says in its metadata what it is."""
    threads: int = 2
    results: int = 1
    suffix: str = ".mp4"

    @property
    def seed_used(self) -> int:
        """The seed of the first result; each further one adds 1."""
        return self.task.seed if self.seed is None else self.seed

    def video(self, number: int) -> str:
        """File name of a result, counted from 0."""
        return f"take{'' if number == 0 else f'_{number + 1}'}{self.suffix}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One result of a finished job."""

    video: str
    """File name in the job's folder."""
    seed: int
    notes: tuple[str, ...]
    sidecars: Mapping[str, str] = field(default_factory=dict)
    """File names in the job's folder, by what they are."""


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


def read_json(path: Path) -> dict[str, Any] | None:
    """What such a file holds; None where it is not there or is no JSON object."""
    try:
        loaded = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return loaded if isinstance(loaded, dict) else None


def order_to_json(order: Order) -> dict[str, Any]:
    """The order as JSON values."""
    task = {each.name: getattr(order.task, each.name) for each in fields(order.task)}
    task["shots"] = [{each.name: getattr(shot, each.name) for each in fields(shot)} for shot in order.task.shots]
    task["size"] = _size_to_json(order.task.size)
    written = {each.name: getattr(order, each.name) for each in fields(order)}
    return written | {"task": task, "size": _size_to_json(order.size)}


def order_from_json(data: Mapping[str, Any]) -> Order:
    """The order that ``order_to_json`` wrote."""
    task = dict(data["task"])
    task["shots"] = tuple(PlannedShot(**shot) for shot in task["shots"])
    task["size"] = _size_from_json(task["size"])
    return Order(**{**data, "task": VideoTask(**task), "size": _size_from_json(data["size"])})


def is_same_order(folder: Path, order: Order) -> bool:
    """Whether what lies in the folder was drawn for this very order; the number of threads makes no difference."""
    written = read_json(folder / ORDER)
    wanted = json.loads(json.dumps(order_to_json(order)))
    return written is not None and {**written, "threads": 0} == {**wanted, "threads": 0}


def result_to_json(task_uuid: str, outcomes: tuple[Outcome, ...]) -> dict[str, Any]:
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


def _size_to_json(size: Size | None) -> list[int] | None:
    return None if size is None else [size.width, size.height]


def _size_from_json(size: list[int] | None) -> Size | None:
    return None if size is None else Size(*size)
