"""What the shots of a take share, and which picture each shot is: between two images, over one, or of a place."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import accumulate
from pathlib import Path
from typing import Final

from kling_post.generation.backend import NOT_DRAWN, NOT_HEARD, PHRASE_SEPARATOR
from kling_post.generation.local.given import FrameImages, frame_images, rehearsal_size
from kling_post.generation.previz.contract import Picture, PictureRequest, Reading
from kling_post.generation.previz.foley import not_made
from kling_post.generation.previz.job import FRAMES_PER_SECOND, Order
from kling_post.generation.previz.reading import place_chain, read_shots
from kling_post.generation.previz.words import vocabulary
from kling_post.generation.request import expected_size
from kling_post.vocabulary import Size, VideoTask

RATE: Final = Fraction(FRAMES_PER_SECOND)
_MEANS_BY_COLOUR: Final = ("garment", "material")
"""Kinds of element that a figure shows by its colour, if at all; their absence is not worth a note."""

_UNSEEN_WEATHER: Final = ("wind", "clear")
"""Weather that is heard, or that is there where nothing else is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What the shots of a take share."""

    order: Order
    seed: int
    size: Size
    readings: tuple[Reading, ...]
    images: FrameImages
    shot_frames: tuple[int, ...]
    notes: tuple[str, ...]

    @property
    def starts(self) -> tuple[int, ...]:
        """The first frame of each shot in the take."""
        return tuple(accumulate((0, *self.shot_frames[:-1])))

    @property
    def frames(self) -> int:
        """Length of the take."""
        return sum(self.shot_frames)


def make_scene(order: Order, folder: Path, number: int) -> Scene:
    """Read the prompts and the images of an order's result ``number``; ``folder`` takes what has to be unpacked.

    Raises:
        MediaError: a given image cannot be read.
    """
    task = order.task
    images = frame_images(task, folder)
    asked = expected_size(task, images.size)
    size = asked if order.size is None else rehearsal_size(asked, order.size)
    return Scene(
        order=order,
        seed=order.seed_used + number,
        size=size,
        readings=read_shots([shot.prompt for shot in task.shots], task.negative_prompt),
        images=images,
        shot_frames=tuple(shot.duration_seconds * FRAMES_PER_SECOND for shot in task.shots),
        notes=tuple(_notes_before(task, images, asked, size)),
    )


def _notes_before(task: VideoTask, images: FrameImages, asked: Size, size: Size) -> Iterator[str]:
    if size != asked:
        yield f"Rehearsed at {size}; the task asks for {asked}."
    for place, value in (("first", task.first_image), ("last", task.last_image)):
        if place in images.unreadable and value is not None:
            yield f"The {place} frame image {_short(value)} cannot be read offline; the prompt's own picture stands in for it."
    inputs = task.wire.get("inputs")
    if isinstance(inputs, Mapping) and inputs.get("elements"):
        yield "inputs.elements is not drawn: previz has stand-ins of its own."


def _short(image: str) -> str:
    return image if len(image) <= 120 else f"{image[:117]}..."


def picture_of_shot(scene: Scene, index: int) -> tuple[Picture, tuple[str, ...]]:
    """The shot's picture, and what a person should know of how it was chosen."""
    request = PictureRequest(
        reading=scene.readings[index],
        seed=scene.seed,
        shot_index=index,
        shot_count=len(scene.readings),
        size=scene.size,
        frames=scene.shot_frames[index],
        rate=RATE,
        threads=scene.order.threads,
    )
    images = scene.images
    still = images.first if images.first is not None else images.last
    if index > 0 or still is None:
        # Where no image can be read, the place itself is drawn: it knows its own depth, and how it turns from first to last.
        return _picture_of_place(request)
    if scene.order.task.first_image is None or scene.order.task.last_image is None:
        from kling_post.generation.previz.geometry.given_depth import depth_beside
        from kling_post.generation.previz.still import move_over_still

        only_last = ("Only a last frame is given: the move is over that image, from its start.",) if images.first is None else ()
        given = scene.order.task.first_image if images.first is not None else scene.order.task.last_image
        return move_over_still(still, request, depth=depth_beside(given)), only_last
    from kling_post.generation.previz.between import go_between

    drawn, notes = (None, ()) if not images.unreadable else _picture_of_place(request)
    first = images.first if images.first is not None or drawn is None else drawn.frame(0)
    last = images.last if images.last is not None or drawn is None else drawn.frame(request.frames - 1)
    assert first is not None
    assert last is not None
    return go_between(first, last, request), notes


def _picture_of_place(request: PictureRequest) -> tuple[Picture, tuple[str, ...]]:
    """The nearest place that somebody draws, with a note where it is not the one named."""
    from kling_post.generation.previz.places import place

    wanted = request.reading.place
    for name in place_chain(wanted):
        found = place(name)
        if found.name == name:
            break
    notes = () if found.name == wanted else (f'There is no picture of the place "{wanted}"; it is drawn as "{found.name}".',)
    return found.picture(replace(request, reading=replace(request.reading, place=found.name))), notes


def missed(scene: Scene, drawn: frozenset[str]) -> Iterator[str]:
    """What the prompts ask for and the picture does not show, in their own words."""
    kinds = vocabulary("elements")
    named = [element for reading in scene.readings for element in reading.elements]
    missing = [element.phrase for element in named if element.key not in drawn and kinds[element.key]["kind"] not in _MEANS_BY_COLOUR]
    weather = [key for reading in scene.readings for key in reading.weather if key not in (*_UNSEEN_WEATHER, *drawn, *kinds)]
    if missing + weather and scene.images.size is None:
        yield f"{NOT_DRAWN}{PHRASE_SEPARATOR.join(dict.fromkeys(missing + weather))}."
    unread = [phrase for reading in scene.readings for phrase in reading.not_understood]
    if unread:
        yield f"Not understood: {'; '.join(dict.fromkeys(unread))}."
    silent = [key for reading in scene.readings for key in not_made(reading.sounds)]
    if silent and scene.order.task.sound:
        yield f"{NOT_HEARD}{PHRASE_SEPARATOR.join(dict.fromkeys(silent))}."
