"""What a child is told to draw."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

from kling_post.generation.local.job import Json, size_from_json, size_to_json, task_from_json, task_to_json, video_name
from kling_post.vocabulary import Size, VideoTask

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
    depth: bool = False
    """Whether depth is written beside the take; it costs about half as much as drawing."""
    threads: int = 2
    results: int = 1
    suffix: str = ".mp4"

    @property
    def seed_used(self) -> int:
        """The seed of the first result; each further one adds 1."""
        return self.task.seed if self.seed is None else self.seed

    def video(self, number: int) -> str:
        """File name of a result, counted from 0."""
        return video_name(number, self.suffix)


def order_to_json(order: Order) -> Json:
    """The order as JSON values."""
    written = {each.name: getattr(order, each.name) for each in fields(order)}
    return written | {"task": task_to_json(order.task), "size": size_to_json(order.size)}


def order_from_json(data: Mapping[str, Any]) -> Order:
    """The order that ``order_to_json`` wrote."""
    return Order(**{**data, "task": task_from_json(data["task"]), "size": size_from_json(data["size"])})
