"""A Runware ``videoInference`` body read as a ``VideoTask``: everything that the model would refuse is refused here, for nothing.

The rules are those of the provider's model page: size or first image but not both, one prompt or a list of shots but not
both, sizes and lengths of the model, shots that sum to the whole.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from kling_post.errors import RequestError
from kling_post.generation.identity import content_key, task_seed, task_uuid
from kling_post.generation.images import ImageFacts, ImageKind, data_image, image_kind, local_image
from kling_post.generation.models import VideoModel, nearest_size, video_model
from kling_post.generation.refusals import parameter_name, refusal, shown
from kling_post.generation.wire import FrameImage, Inputs, VideoInference
from kling_post.vocabulary import PlannedShot, Size, VideoTask

_UUID_V4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.IGNORECASE)
_DRAWN_RATES = (24, 30)
"""Frame rates at which a frame number may name the last frame."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Images:
    first: str | None = None
    last: str | None = None
    hashes: Mapping[str, str] = field(default_factory=dict)
    """Content hash by the wire's value, for local files."""
    files: Mapping[str, str] = field(default_factory=dict)
    """Absolute path by the wire's value, for local files."""


def parse_request(data: object, *, name: str, source: Path | None = None, take_number: int = 1) -> VideoTask:
    """Read one request.

    Args:
        data: The body as JSON gives it: an object, or a list with one object in it.
        name: Name of the shot; the shots of a ``multiPrompt`` list are ``name_1``, ``name_2`` …
        source: The file it stands in; local image paths are looked for beside it.
        take_number: Counts takes of the same request from 1; each is a task of its own.

    Raises:
        RequestError: anything the model would refuse, with the field, what was found and what is allowed.
    """
    body = read_body(data)
    model = video_model(body.model)
    duration = body.duration if body.duration is not None else model.default_seconds
    _check_identity(body)
    _check_prompts(body, model, duration)
    size = _check_size(body, model)
    images = _images(body, duration, source.parent if source else None)
    wire = body.to_wire()
    key = content_key(wire, take_number, images.hashes)
    wire = with_images(wire, lambda value: images.files.get(value, value))
    given_uuid = body.task_uuid if take_number == 1 else None
    uuid = given_uuid or task_uuid(key)
    return VideoTask(
        task_uuid=uuid,
        model=model.air,
        shots=_shots(body, name, duration),
        negative_prompt=body.negative_prompt,
        size=size,
        duration_seconds=duration,
        sound=bool(body.kling.sound),
        first_image=images.first,
        last_image=images.last,
        seed=task_seed(key),
        take_number=take_number,
        wire=_with_uuid(wire, uuid),
    )


def read_body(data: object) -> VideoInference:
    """The body as a pydantic model, its own fields checked one by one; ``to_wire`` gives back the very same body.

    Raises:
        RequestError: an unknown or missing field, or a value of the wrong kind.
    """
    if isinstance(data, list):
        if len(data) != 1:
            raise RequestError(f"the request is a list of {len(data)}, allowed is one task.", code="invalidRequest", parameter="request")
        data = data[0]
    if not isinstance(data, Mapping):
        raise RequestError(f"the request is {shown(data)}, allowed is a JSON object.", code="invalidRequest", parameter="request")
    _refuse_nulls(data, ())
    try:
        return VideoInference.model_validate(dict(data))
    except ValidationError as error:
        raise refusal(error, VideoInference) from None


def with_take(task: VideoTask, take_number: int, *, name: str, source: Path | None = None) -> VideoTask:
    """The same request as another take: a task of its own, whatever UUID the request came with."""
    body = {key: value for key, value in task.wire.items() if key != "taskUUID"}
    return parse_request(body, name=name, source=source, take_number=take_number)


def task_name(task: VideoTask) -> str:
    """The name of the shot that a task was planned for: ``caravan`` for shots ``caravan_1`` and ``caravan_2``."""
    first = task.shots[0].shot_id
    return first.removesuffix("_1") if len(task.shots) > 1 else first


def expected_size(task: VideoTask, first_image: Size | None) -> Size:
    """The size in which the task will be delivered; by the image's aspect where the request names none.

    ``first_image`` is the size of the first frame image; without it the model's landscape size is meant.
    """
    if task.size is not None:
        return task.size
    model = video_model(task.model)
    return nearest_size(model, first_image) if first_image is not None else model.sizes[0]


# ------------------------------------------------------------------------------------------------------------ the rules


def _refuse_nulls(value: object, steps: tuple[int | str, ...]) -> None:
    """The wire has no null: what is not meant is left out."""
    if value is None:
        parameter = parameter_name(steps)
        raise RequestError(f"{parameter} is null, allowed is a value, or no such key.", code="unsupportedParameter", parameter=parameter)
    if isinstance(value, Mapping):
        for key, item in value.items():
            _refuse_nulls(item, (*steps, str(key)))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _refuse_nulls(item, (*steps, index))


def _check_identity(body: VideoInference) -> None:
    if body.task_uuid is not None and not _UUID_V4.fullmatch(body.task_uuid):
        raise RequestError(
            f"taskUUID is {shown(body.task_uuid)}, allowed are version 4 UUIDs.",
            code="invalidTaskUUID",
            parameter="taskUUID",
            remedy="Leave it out to have one made from the request's content.",
        )


def _check_prompts(body: VideoInference, model: VideoModel, duration: int) -> None:
    shots = body.kling.multi_prompt
    where = "providerSettings.klingai.multiPrompt"
    if body.positive_prompt is None and shots is None:
        raise RequestError(f"positivePrompt is missing, allowed is it or {where}.", code="missingParameter", parameter="positivePrompt")
    if body.positive_prompt is not None and shots is not None:
        raise RequestError(
            f"positivePrompt and {where} are both given, allowed is exactly one of them.",
            code="incompatibleParameters",
            parameter="positivePrompt",
        )
    for parameter, text in (("positivePrompt", body.positive_prompt), ("negativePrompt", body.negative_prompt)):
        _check_length(parameter, text, model.prompt_characters)
    for index, shot in enumerate(shots or ()):
        _check_length(f"{where}[{index}].prompt", shot.prompt, model.shot_prompt_characters)
    if not model.shortest_seconds <= duration <= model.longest_seconds:
        raise RequestError(
            f"duration is {duration}, allowed are {model.shortest_seconds} to {model.longest_seconds} whole seconds.",
            code="unsupportedDuration",
            parameter="duration",
        )
    if shots is None:
        return
    if len(shots) > model.most_shots:
        raise RequestError(
            f"{where} has {len(shots)} shots, allowed are 1 to {model.most_shots}.", code="invalidMultiPrompt", parameter=where
        )
    total = sum(shot.duration for shot in shots)
    if total != duration:
        sums = " + ".join(str(shot.duration) for shot in shots)
        raise RequestError(
            f"{where} durations sum to {total} ({sums}), allowed is the duration {duration}{'' if body.duration else ' (the default)'}.",
            code="invalidDuration",
            parameter="duration",
        )


def _check_length(parameter: str, text: str | None, most: int) -> None:
    if text is not None and len(text) > most:
        raise RequestError(
            f"{parameter} has {len(text)} characters, allowed are {most}.",
            code=f"invalid{parameter[:1].upper()}{parameter[1:]}" if "." not in parameter else "invalidMultiPrompt",
            parameter=parameter,
        )


def _check_size(body: VideoInference, model: VideoModel) -> Size | None:
    sizes = ", ".join(map(str, model.sizes))
    has_images = body.inputs is not None and body.inputs.frame_images is not None
    if (body.width is None) != (body.height is None):
        missing, given = ("height", body.width) if body.height is None else ("width", body.height)
        raise RequestError(
            f"{missing} is missing beside {'width' if missing == 'height' else 'height'} {given}, allowed are both together: {sizes}.",
            code="missingParameter",
            parameter=missing,
        )
    if body.width is None or body.height is None:
        if not has_images:
            raise RequestError(
                f"width and height are missing, allowed are {sizes}, or inputs.frameImages instead.",
                code="missingParameter",
                parameter="width/height",
            )
        return None
    if has_images:
        raise RequestError(
            "inputs.frameImages and width/height are both given, allowed is exactly one of them.",
            code="incompatibleParameters",
            parameter="width",
            remedy="Leave out width and height: the size follows the first image.",
        )
    size = Size(body.width, body.height)
    if size not in model.sizes:
        raise RequestError(f"width/height is {size}, allowed are {sizes}.", code="unsupportedParameter", parameter="width")
    return size


def _images(body: VideoInference, duration: int, folder: Path | None) -> _Images:
    where = "inputs.frameImages"
    inputs = body.inputs if body.inputs is not None else Inputs()
    if inputs.elements is not None and inputs.frame_images is None:
        raise RequestError(
            "inputs.elements is given without inputs.frameImages, allowed are both together.", code="missingParameter", parameter=where
        )
    items = inputs.frame_images or []
    places = frame_places(items, duration)
    if "last" in places and body.kling.multi_prompt is not None:
        raise RequestError(
            f"{where} gives a last frame beside providerSettings.klingai.multiPrompt, allowed is a first frame only.",
            code="incompatibleParameters",
            parameter=where,
        )
    values = [(item.image if isinstance(item, FrameImage) else item, f"{where}[{index}]") for index, item in enumerate(items)]
    for index, element in enumerate(inputs.elements or ()):
        parameter = f"inputs.elements[{index}]"
        values += [(element.frontal_image, f"{parameter}.frontalImage")] if element.frontal_image is not None else []
        values += [(value, f"{parameter}.images[{number}]") for number, value in enumerate(element.images or ())]
    found = {value: image for value, parameter in values if (image := _local_or_none(value, parameter, folder)) is not None}
    files = {value: str(image.path) for value, image in found.items()}
    by_place = {place: files.get(value, value) for place, (value, _) in zip(places, values, strict=False)}
    return _Images(
        first=by_place.get("first"),
        last=by_place.get("last"),
        hashes={value: image.sha256 for value, image in found.items()},
        files=files,
    )


def _local_or_none(value: str, parameter: str, folder: Path | None) -> ImageFacts | None:
    """The local image behind a value; None where the value is no path. Data is checked on the way."""
    kind = image_kind(value)
    if kind is ImageKind.DATA:
        data_image(value, parameter=parameter)
    return local_image(value, folder=folder, parameter=parameter) if kind is ImageKind.FILE else None


def frame_places(items: list[str | FrameImage], duration: int) -> tuple[str, ...]:
    """Which frame each image fixes; an unlabelled one takes what the labels leave: first, then last."""
    labels = [_label(item.frame, index, duration) if isinstance(item, FrameImage) else None for index, item in enumerate(items)]
    free = [place for place in ("first", "last") if place not in labels]
    places = tuple(label if label is not None else free.pop(0) for label in labels)
    if len(set(places)) < len(places):
        raise RequestError(
            f"inputs.frameImages fixes the {places[0]} frame twice, allowed are one first and one last image.",
            code="invalidFrameImages",
            parameter="inputs.frameImages",
        )
    return places


def _label(frame: str | int | None, index: int, duration: int) -> str | None:
    if frame is None or isinstance(frame, str):
        return frame
    if frame == 0:
        return "first"
    if frame in {duration * rate - from_end for rate in _DRAWN_RATES for from_end in (0, 1)}:
        return "last"
    parameter = f"inputs.frameImages[{index}].frame"
    raise RequestError(f"{parameter} is {frame}, allowed are 'first' and 'last'.", code="invalidFrame", parameter=parameter)


def with_images(wire: Mapping[str, object], change: Callable[[str], str]) -> dict[str, object]:
    """The body with every image value of its ``inputs`` changed by a function."""

    def changed(value: object, *, is_image: bool) -> object:
        if isinstance(value, str):
            return change(value) if is_image else value
        if isinstance(value, Mapping):
            return {key: changed(item, is_image=key in {"image", "frontalImage", "images"}) for key, item in value.items()}
        return [changed(item, is_image=is_image) for item in value] if isinstance(value, list) else value

    inputs = wire.get("inputs")
    if not isinstance(inputs, Mapping):
        return dict(wire)
    frames = {key: changed(value, is_image=key == "frameImages") for key, value in inputs.items()}
    return {key: frames if key == "inputs" else value for key, value in wire.items()}


# ----------------------------------------------------------------------------------------------------------- the result


def _shots(body: VideoInference, name: str, duration: int) -> tuple[PlannedShot, ...]:
    listed = body.kling.multi_prompt
    if listed is None:
        return (PlannedShot(shot_id=name, prompt=body.positive_prompt or "", duration_seconds=duration),)
    numbered = [f"{name}_{number}" for number in range(1, len(listed) + 1)] if len(listed) > 1 else [name]
    return tuple(
        PlannedShot(shot_id=shot_id, prompt=shot.prompt, duration_seconds=shot.duration)
        for shot_id, shot in zip(numbered, listed, strict=True)
    )


def _with_uuid(wire: dict[str, object], uuid: str) -> dict[str, object]:
    """The body with its UUID, in the place it had, or behind ``taskType``."""
    if "taskUUID" in wire:
        return {**wire, "taskUUID": uuid}
    return {"taskType": wire["taskType"], "taskUUID": uuid, **{key: value for key, value in wire.items() if key != "taskType"}}
