"""One take, drawn: prompts read as one scene, every shot on its exact frames, label, sound, file and sidecars."""

import base64
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import accumulate
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from kling_post.errors import InvalidInputError
from kling_post.generation.images import ImageKind, image_kind
from kling_post.generation.previz.burn_in import BurnIn
from kling_post.generation.previz.contract import Picture, PictureRequest, Reading, RgbFrame, ShotSound
from kling_post.generation.previz.job import FRAMES_PER_SECOND, Order, Outcome, write_json
from kling_post.generation.previz.reading import place_chain, read_shots
from kling_post.generation.previz.reading_camera import describe_moves
from kling_post.generation.previz.words import vocabulary
from kling_post.generation.request import expected_size
from kling_post.media.decode import read_image_rgb
from kling_post.media.encode import FrameWriter, Planes, rgb_to_ycbcr420
from kling_post.timebase import frames_to_samples
from kling_post.vocabulary import Size

COMMENT: Final = "kling_post previz - procedural, not generated footage"
"""What the file says of itself in its container's comment."""

SAMPLE_RATE: Final = 48_000
_RATE: Final = Fraction(FRAMES_PER_SECOND)
_JOIN_SECONDS: Final = 0.03
"""Cross-fade of the sound at planned cuts inside a task, centred on the cut."""
_MEANS_BY_COLOUR: Final = ("garment", "body", "material")
"""Kinds of element that a figure shows by its colour, if at all; their absence is not worth a note."""

Told = Callable[[float], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scene:
    """What the shots of a take share."""

    order: Order
    seed: int
    size: Size
    readings: tuple[Reading, ...]
    first: RgbFrame | None
    last: RgbFrame | None
    shot_frames: tuple[int, ...]
    notes: tuple[str, ...]

    @property
    def starts(self) -> tuple[int, ...]:
        return tuple(accumulate((0, *self.shot_frames[:-1])))


@dataclass(slots=True, kw_only=True)
class _Drawn:
    """What came of the shots, gathered while they are drawn."""

    keys: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)
    events: list[Mapping[str, tuple[float, ...]]] = field(default_factory=list)
    ends: dict[str, RgbFrame] = field(default_factory=dict)
    """The take's first and last frame without the label."""


def draw_take(order: Order, folder: Path, number: int, tell: Told) -> Outcome:
    """Draw one result of an order into ``folder``.

    Args:
        order: What to draw.
        folder: The job's own; the files get the names that the outcome gives.
        number: Which result, from 0; each has a seed of its own.
        tell: Told the fraction of the whole order that is done.

    Raises:
        InvalidInputError: a given image cannot be read.
        EncodeError: the file cannot be written.
    """
    scene = _scene(order, folder, number)
    video = folder / order.video(number)
    silent = video.with_stem(video.stem + "_picture") if order.task.sound else video

    def told(fraction: float) -> None:
        tell((number + 0.97 * fraction) / order.results)

    drawn = _draw_picture(scene, silent, told)
    if order.task.sound:
        _add_sound(scene, drawn.events, silent, video)
    sidecars = _write_sidecars(scene, drawn, folder, number)
    notes = tuple(dict.fromkeys((*scene.notes, *drawn.notes, *_missed(scene, drawn.keys))))
    tell((number + 1) / order.results)
    return Outcome(video=video.name, seed=scene.seed, notes=notes, sidecars=sidecars)


# ------------------------------------------------------------------------------------------------------- before drawing


def _scene(order: Order, folder: Path, number: int) -> _Scene:
    task = order.task
    readings = read_shots([shot.prompt for shot in task.shots], task.negative_prompt)
    seed = order.seed_used + number
    notes: list[str] = []
    if order.task.wire.get("inputs") and "elements" in dict(_mapping(order.task.wire["inputs"])):
        notes.append("inputs.elements is read but not drawn: previz has its own stand-ins.")
    given = {"first": _given_image(task.first_image, "first", folder), "last": _given_image(task.last_image, "last", folder)}
    known = next((image for image in given.values() if image is not None), None)
    asked = expected_size(task, None if known is None else Size(known.shape[1], known.shape[0]))
    size = asked if order.size is None else rehearsal_size(asked, order.size)
    if size != asked:
        notes.append(f"Rehearsed at {size}; the task asks for {asked}.")
    shot_frames = tuple(shot.duration_seconds * FRAMES_PER_SECOND for shot in task.shots)
    for place, named in (("first", task.first_image), ("last", task.last_image)):
        if named is not None and given[place] is None:
            given[place] = _drawn_image(readings[0], size, seed, order.threads, last=place == "last")
            notes.append(f"The {place} frame image {_short(named)} cannot be read offline; a still drawn from the prompt stands in for it.")
    return _Scene(
        order=order,
        seed=seed,
        size=size,
        readings=readings,
        first=given["first"],
        last=given["last"],
        shot_frames=shot_frames,
        notes=tuple(notes),
    )


def rehearsal_size(asked: Size, wanted: Size) -> Size:
    """The wanted size turned to the aspect asked for: its longer side stays, both sides even.

    >>> rehearsal_size(Size(2160, 3840), Size(1280, 720))
    Size(width=720, height=1280)
    """
    scale = max(wanted.width, wanted.height) / max(asked.width, asked.height)
    return Size(max(2, round(asked.width * scale / 2) * 2), max(2, round(asked.height * scale / 2) * 2))


def _given_image(value: str | None, place: str, folder: Path) -> RgbFrame | None:
    """The pixels of a frame image that lies on this machine or in the request itself; None for one that lies elsewhere."""
    if value is None:
        return None
    kind = image_kind(value)
    if kind is ImageKind.FILE:
        return read_image_rgb(Path(value))
    if kind is not ImageKind.DATA:
        return None
    path = folder / f"given_{place}"
    path.write_bytes(base64.b64decode(value.partition(",")[2] if value.startswith("data:") else value))
    return read_image_rgb(path)


def _drawn_image(reading: Reading, size: Size, seed: int, threads: int, *, last: bool) -> RgbFrame:
    from kling_post.generation.previz.stills import render_still

    return render_still(reading, size=size, seed=seed, threads=threads, last=last)


# ------------------------------------------------------------------------------------------------------------ the picture


def _draw_picture(scene: _Scene, path: Path, tell: Told) -> _Drawn:
    """All shots into one file without sound, cuts on their exact frames."""
    import cv2

    drawn = _Drawn()
    total, done = sum(scene.shot_frames), 0
    threads_before = cv2.getNumThreads()
    try:
        with FrameWriter(
            path, size=scene.size, rate=_RATE, metadata={"comment": COMMENT, "title": _title(scene)}, cut_frames=scene.starts[1:]
        ) as writer:
            for index, reading in enumerate(scene.readings):
                cv2.setNumThreads(scene.order.threads)
                picture, notes = _picture(scene, index)
                drawn.notes += [*notes, *picture.notes]
                drawn.keys |= picture.drawn
                drawn.events.append(picture.events)
                # Whole frames are drawn side by side: that keeps all cores busy where a single operation cannot.
                cv2.setNumThreads(1)
                for planes in _frames(scene, index, reading, picture, drawn):
                    writer.write_planes(*planes)
                    done += 1
                    tell(done / total)
    finally:
        cv2.setNumThreads(threads_before)
    return drawn


def _frames(scene: _Scene, index: int, reading: Reading, picture: Picture, drawn: _Drawn) -> Iterator[Planes]:
    """The shot's frames in order, labelled and converted, drawn a few ahead by several threads."""
    frames, threads = scene.shot_frames[index], scene.order.threads
    label = BurnIn(
        size=scene.size,
        rate=_RATE,
        shot_id=scene.order.task.shots[index].shot_id,
        camera=" + ".join(describe_moves(reading.camera)),
        seed=scene.seed,
        first_frame=scene.starts[index],
        take_frames=sum(scene.shot_frames),
    )
    kept = {}
    if index == 0:
        kept[0] = "first_frame"
    if index == len(scene.readings) - 1:
        kept[frames - 1] = "last_frame"

    def one(frame: int) -> Planes:
        rgb = picture.frame(frame)
        if frame in kept:
            drawn.ends[kept[frame]] = rgb.copy()
        if not scene.order.clean:
            rgb = rgb.copy()  # a picture may hand out a frame that it keeps
            label.draw(rgb, frame)
        return rgb_to_ycbcr420(rgb)

    label.prepare()
    with ThreadPoolExecutor(threads, thread_name_prefix="draw") as pool:
        waiting: list[Future[Planes]] = []
        try:
            for frame in range(frames):
                waiting.append(pool.submit(one, frame))
                if len(waiting) > threads:
                    yield waiting.pop(0).result()
            while waiting:
                yield waiting.pop(0).result()
        finally:
            for future in waiting:
                future.cancel()


def _picture(scene: _Scene, index: int) -> tuple[Picture, list[str]]:
    """The shot as a picture: between two images, over one, or of a place."""
    request = PictureRequest(
        reading=scene.readings[index],
        seed=scene.seed,
        shot_index=index,
        shot_count=len(scene.readings),
        size=scene.size,
        frames=scene.shot_frames[index],
        rate=_RATE,
        threads=scene.order.threads,
    )
    if index == 0 and scene.first is not None and scene.last is not None and len(scene.readings) == 1:
        from kling_post.generation.previz.between import go_between

        return go_between(scene.first, scene.last, request), []
    still = scene.first if scene.first is not None else scene.last
    if index == 0 and still is not None:
        from kling_post.generation.previz.still import move_over_still

        notes = [] if scene.first is not None else ["Only a last frame is given: the move is over that image, from its start."]
        return move_over_still(still, request), notes
    return _picture_of_place(request)


def _picture_of_place(request: PictureRequest) -> tuple[Picture, list[str]]:
    """The nearest place that somebody draws, with a note where it is not the one named."""
    from kling_post.generation.previz.places import place

    wanted = request.reading.place
    for name in place_chain(wanted):
        found = place(name)
        if found.name == name:
            break
    notes = [] if found.name == wanted else [f"There is no picture of a {wanted}; it is drawn as a {found.name}."]
    return found.picture(replace(request, reading=replace(request.reading, place=found.name))), notes


# ---------------------------------------------------------------------------------------------------- sound and sidecars


def _add_sound(scene: _Scene, events: Sequence[Mapping[str, tuple[float, ...]]], picture: Path, video: Path) -> None:
    """Make the take's sound and join it to the picture, which is copied, not encoded again."""
    from kling_post.media.ffmpeg import run_ffmpeg
    from kling_post.media.wav import write_wav

    sound = video.with_suffix(".wav")
    write_wav(sound, take_sound(scene.readings, events, scene.shot_frames, scene.seed), SAMPLE_RATE)
    run_ffmpeg(
        [
            *("-i", f"file:{picture}", "-i", f"file:{sound}", "-map", "0:v", "-map", "1:a", "-c:v", "copy"),
            *("-c:a", "aac", "-b:a", "256k", "-ar", str(SAMPLE_RATE), "-ac", "2", "-movflags", "+faststart+use_metadata_tags"),
        ],
        output=video,
        label="sound",
    )
    picture.unlink()
    sound.unlink()


def take_sound(
    readings: Sequence[Reading], events: Sequence[Mapping[str, tuple[float, ...]]], shot_frames: Sequence[int], seed: int
) -> NDArray[np.float32]:
    """The sound of all shots, (samples, 2) at 48 kHz: exactly as long as the frames, cross-faded with equal power at the cuts."""
    from kling_post.generation.previz.foley import finished, mixed

    bounds = [frames_to_samples(frames, _RATE, SAMPLE_RATE) for frames in accumulate((0, *shot_frames))]
    half = round(_JOIN_SECONDS * SAMPLE_RATE / 2)
    whole = np.zeros((bounds[-1], 2))
    for index, (reading, seen) in enumerate(zip(readings, events, strict=True)):
        head, tail = (half if index else 0), (half if index + 1 < len(readings) else 0)
        start, stop = bounds[index] - head, bounds[index + 1] + tail
        shifted = {key: tuple(second + head / SAMPLE_RATE for second in seconds) for key, seconds in seen.items()}
        # A seed of its own per shot: the same gust must not blow again after each cut.
        samples = mixed(ShotSound(reading=reading, seed=seed + 7919 * index, samples=stop - start, events=shifted))
        rise = np.sin(np.linspace(0, np.pi / 2, 2 * half))[:, None]
        if head:
            samples[: 2 * half] *= rise
        if tail:
            samples[-2 * half :] *= rise[::-1]
        whole[start:stop] += samples
    return finished(whole)


def _write_sidecars(scene: _Scene, drawn: _Drawn, folder: Path, number: int) -> dict[str, str]:
    """The take's two ends as clean stills, and what was understood of the prompts."""
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    suffix = "" if number == 0 else f"_{number + 1}"
    names = {}
    for name, frame in drawn.ends.items():
        about = PngInfo()
        about.add_text("Comment", COMMENT)
        path = folder / f"{name}{suffix}.png"
        part = path.with_name(path.name + ".part")
        Image.fromarray(frame).save(part, format="PNG", pnginfo=about, compress_level=3)
        part.replace(path)
        names[name] = path.name
    reading = folder / f"reading{suffix}.json"
    write_json(
        reading,
        {"seed": scene.seed, "size": str(scene.size), "drawn": sorted(drawn.keys), "shots": [_as_json(each) for each in scene.readings]},
    )
    shutil.rmtree(folder / "given", ignore_errors=True)
    return names | {"reading": reading.name}


def _as_json(value: Any) -> Any:
    """A frozen value as JSON: dataclasses as objects, tuples as lists."""
    if hasattr(value, "__dataclass_fields__"):
        return {name: _as_json(getattr(value, name)) for name in value.__dataclass_fields__}
    return [_as_json(item) for item in value] if isinstance(value, tuple) else value


def _missed(scene: _Scene, drawn: set[str]) -> Iterator[str]:
    """What the prompts ask for and the picture does not show, in their own words."""
    kinds = vocabulary("elements")
    named = [element for reading in scene.readings for element in reading.elements]
    missing = [element.phrase for element in named if element.key not in drawn and kinds[element.key]["kind"] not in _MEANS_BY_COLOUR]
    from_image = scene.first is not None or scene.last is not None
    if missing and not from_image:
        yield f"Not drawn: {'; '.join(dict.fromkeys(missing))}."
    unread = [phrase for reading in scene.readings for phrase in reading.not_understood]
    if unread:
        yield f"Not understood: {'; '.join(dict.fromkeys(unread))}."


def _title(scene: _Scene) -> str:
    return " ".join(shot.shot_id for shot in scene.order.task.shots)


def _short(image: str) -> str:
    return image if len(image) <= 120 else f"{image[:117]}..."


def _mapping(value: object) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise InvalidInputError("inputs must be an object.")
    return value
