"""What a child is told to generate."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from kling_post.generation.local.job import Json, size_from_json, size_to_json, task_from_json, task_to_json
from kling_post.vocabulary import Size, VideoTask

FRAMES_PER_SECOND = 24
"""What Kling delivers, and a rate that these models were trained at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """All that the child needs to generate a task."""

    task: VideoTask
    model: str
    """The folder of weights."""
    size: Size | None = None
    """Another size than the task's, for a quick rehearsal."""
    generate_at: Size | None = None
    """The size that the model works at, enlarged to the task's afterwards; None lets the engine choose."""
    seed: int | None = None
    """Another seed than the task's."""
    steps: int | None = None
    """Denoising steps; None is the family's own number."""
    guidance: float | None = None
    """Scale of classifier-free guidance; None is the family's own."""
    device: str = "auto"
    results: int = 1
    suffix: str = ".mp4"

    @property
    def seed_used(self) -> int:
        """The seed of the first result; each further one adds 1."""
        return self.task.seed if self.seed is None else self.seed


def order_to_json(order: Order) -> Json:
    """The order as JSON values."""
    written = {each.name: getattr(order, each.name) for each in fields(order)}
    sizes = {"size": size_to_json(order.size), "generate_at": size_to_json(order.generate_at)}
    return written | sizes | {"task": task_to_json(order.task)}


def order_from_json(data: Mapping[str, Any]) -> Order:
    """The order that ``order_to_json`` wrote."""
    sizes = {"size": size_from_json(data["size"]), "generate_at": size_from_json(data["generate_at"])}
    return Order(**{**data, **sizes, "task": task_from_json(data["task"])})
