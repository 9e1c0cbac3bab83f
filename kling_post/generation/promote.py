"""The same shot by another model of the family: drafts on a cheap one, finals on the one that was asked for."""

from pathlib import Path

from kling_post.generation.models import nearest_size, video_model
from kling_post.generation.request import parse_request
from kling_post.vocabulary import Size, VideoTask


def by_model(task: VideoTask, air: str, *, name: str, source: Path | None = None) -> VideoTask:
    """The task as another model would make it: the same words and lengths, the size of the same shape. Another task, with its own UUID.

    Raises:
        RequestError: no such model, or it would refuse the task.
    """
    if task.model == air:
        return task
    model = video_model(air)
    wire = {key: value for key, value in task.wire.items() if key != "taskUUID"} | {"model": air}
    width, height = wire.get("width"), wire.get("height")
    if isinstance(width, int) and isinstance(height, int):
        size = nearest_size(model, Size(width, height))
        wire |= {"width": size.width, "height": size.height}
    return parse_request(wire, name=name, source=source, take_number=task.take_number)
