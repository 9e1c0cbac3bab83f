"""Local stills in place of a request's frame images, for engines on this machine that cannot reach a URL.

A still is looked for by the image's own file name (the end of its URL, or its UUID), then by the shot's: ``caravan_first.png``,
``caravan_last.jpg``. What is not found stays as it was given; the local engine then draws the image from the prompt and says so.
"""

from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from kling_post.errors import RequestError
from kling_post.generation.images import SUFFIXES, ImageKind, image_kind
from kling_post.generation.request import frame_places, parse_request, read_body
from kling_post.generation.wire import FrameImage
from kling_post.vocabulary import VideoTask


def with_local_stills(
    task: VideoTask, *, names: Sequence[str], folders: Sequence[Path], given: Sequence[str] = (), source: Path | None = None
) -> VideoTask:
    """The task for a local engine: remote frame images replaced by local stills where there are any.

    It is another task than the paid one, with a UUID of its own, unless nothing was replaced.

    Args:
        task: As read from the request.
        names: The shot's name, then others that stills may be named after: its request file's.
        folders: Where stills may lie, most particular first.
        given: Stills named outright, one for each frame image of the request, in its order.
        source: The file in which ``given`` stands: its paths are relative to it.

    Raises:
        RequestError: another number of stills than frame images, or a still that is not a readable image.
    """
    body = read_body(dict(task.wire))
    items = (body.inputs.frame_images if body.inputs is not None else None) or []
    if given and len(given) != len(items):
        raise RequestError(
            f"{len(given)} local stills are given, allowed is one for each of the request's {len(items)} frame images.",
            code="invalidFrameImages",
            parameter="inputs.frameImages",
        )
    places = frame_places(items, task.duration_seconds)
    replaced = list(given) if given else [_local(item, place, names, folders) for item, place in zip(items, places, strict=True)]
    if not any(replaced):
        return task
    wire = {key: value for key, value in task.wire.items() if key != "taskUUID"}
    inputs = wire["inputs"]
    assert isinstance(inputs, dict)
    frames = [_replace(item, still) for item, still in zip(inputs["frameImages"], replaced, strict=True)]
    wire["inputs"] = {**inputs, "frameImages": frames}
    return parse_request(wire, name=names[0], source=source, take_number=task.take_number)


def _local(item: str | FrameImage, place: str, names: Sequence[str], folders: Sequence[Path]) -> str | None:
    value = item.image if isinstance(item, FrameImage) else item
    kind = image_kind(value)
    if kind not in {ImageKind.URL, ImageKind.UUID}:
        return None
    own_name = PurePosixPath(urlsplit(value).path).stem if kind is ImageKind.URL else value
    stems = (own_name, *(f"{name}_{place}" for name in names))
    candidates = (folder / f"{stem}{suffix}" for folder in folders for stem in stems if stem for suffix in SUFFIXES)
    return next((str(path.resolve()) for path in candidates if path.is_file()), None)


def _replace(item: object, still: str | None) -> object:
    if still is None:
        return item
    return {**item, "image": still} if isinstance(item, dict) else still
