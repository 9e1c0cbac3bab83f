"""One take, drawn: every shot on its exact frames, label, sound, file and sidecars."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from kling_post.generation.local.files import join_sound
from kling_post.generation.local.job import Outcome, write_json
from kling_post.generation.previz.beside.depth import Codes
from kling_post.generation.previz.beside.gathered import COMMENT, Gathered, TakeShape
from kling_post.generation.previz.burn_in import BurnIn
from kling_post.generation.previz.contract import Picture
from kling_post.generation.previz.foley import take_sound
from kling_post.generation.previz.job import Order
from kling_post.generation.previz.reading_camera import describe_moves
from kling_post.generation.previz.scene import RATE, Scene, make_scene, missed, picture_of_shot
from kling_post.generation.previz.sounds.material import RATE as SAMPLE_RATE
from kling_post.media.encode import FrameWriter, Planes, rgb_to_ycbcr420

_PICTURE_SHARE: Final = 0.97
"""How much of the work is the picture; the rest is sound and files."""

Told = Callable[[float], None]


@dataclass(slots=True, kw_only=True)
class _Drawn:
    """What came of the shots, gathered while they are drawn."""

    keys: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)
    events: list[Mapping[str, tuple[float, ...]]] = field(default_factory=list)
    sound: Future[Path] | None = None
    """Being made meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Desk:
    """Where a take is made: what it is of, where its files go, the thread for its sound, and what lies beside it."""

    scene: Scene
    folder: Path
    suffix: str
    """Tells the files of one result from those of another."""
    pool: ThreadPoolExecutor
    beside: Gathered


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
    scene = make_scene(order, folder, number)
    video = folder / order.video(number)
    silent = video.with_stem(video.stem + "_picture") if order.task.sound else video

    def told(fraction: float) -> None:
        tell((number + _PICTURE_SHARE * fraction) / order.results)

    suffix = "" if number == 0 else f"_{number + 1}"
    ids = tuple(shot.shot_id for shot in order.task.shots)
    shape = TakeShape(size=scene.size, rate=RATE, shot_ids=ids, shot_frames=scene.shot_frames)
    # The sound is made while frames are still being drawn: nothing is left to wait for at the end.
    with ThreadPoolExecutor(1, thread_name_prefix="sound") as pool:
        with Gathered(shape=shape, folder=folder, suffix=suffix, wants_depth=order.depth) as beside:
            desk = _Desk(scene=scene, folder=folder, suffix=suffix, pool=pool, beside=beside)
            drawn = _draw_picture(desk, silent, told)
        sound = drawn.sound.result() if drawn.sound is not None else None
    if sound is not None:
        join_sound(silent, sound, video, sample_rate=SAMPLE_RATE)
    sidecars = {name: path.name for name, path in beside.files.items()} | {"reading": _write_reading(desk, drawn).name}
    notes = tuple(dict.fromkeys((*scene.notes, *drawn.notes, *beside.notes, *missed(scene, frozenset(drawn.keys)))))
    tell((number + 1) / order.results)
    return Outcome(video=video.name, seed=scene.seed, notes=notes, sidecars=sidecars)


def _draw_picture(desk: _Desk, path: Path, tell: Told) -> _Drawn:
    """All shots into one file without sound, cuts on their exact frames."""
    import cv2

    scene, drawn, done = desk.scene, _Drawn(), 0
    threads_before = cv2.getNumThreads()
    try:
        with FrameWriter(path, size=scene.size, rate=RATE, metadata={"comment": COMMENT}, cut_frames=scene.starts[1:]) as writer:
            for index in range(len(scene.readings)):
                cv2.setNumThreads(scene.order.threads)
                picture, notes = picture_of_shot(scene, index)
                drawn.notes += [*notes, *picture.notes]
                drawn.keys |= picture.drawn
                drawn.events.append(picture.events)
                if len(drawn.events) == len(scene.readings) and scene.order.task.sound:
                    drawn.sound = desk.pool.submit(_write_sound, desk, drawn.events)
                desk.beside.begin_shot(index, picture)
                # Whole frames are drawn side by side: that keeps all cores busy where a single operation cannot.
                cv2.setNumThreads(1)
                for planes, depth in _frames(desk, index, picture):
                    writer.write_planes(*planes)
                    desk.beside.append_depth(depth)
                    done += 1
                    tell(done / scene.frames)
    finally:
        cv2.setNumThreads(threads_before)
    return drawn


def _frames(desk: _Desk, index: int, picture: Picture) -> Iterator[tuple[Planes, Codes | None]]:
    """The shot's frames in order, labelled and converted, with their depth, drawn a few ahead by several threads."""
    scene = desk.scene
    frames, threads = scene.shot_frames[index], scene.order.threads
    label = _label(scene, index)

    def one(frame: int) -> tuple[Planes, Codes | None]:
        rgb = picture.frame(frame)
        desk.beside.see(index, frame, rgb)
        if not scene.order.clean:
            rgb = rgb.copy()  # a picture may hand out a frame that it keeps
            label.draw(rgb, frame)
        return rgb_to_ycbcr420(rgb), desk.beside.depth_of(index, frame, picture)

    label.prepare()
    with ThreadPoolExecutor(threads, thread_name_prefix="draw") as pool:
        waiting: list[Future[tuple[Planes, Codes | None]]] = []
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


def _label(scene: Scene, index: int) -> BurnIn:
    return BurnIn(
        size=scene.size,
        rate=RATE,
        shot_id=scene.order.task.shots[index].shot_id,
        camera=" + ".join(describe_moves(scene.readings[index].camera)),
        seed=scene.seed,
        first_frame=scene.starts[index],
        take_frames=scene.frames,
    )


def _write_sound(desk: _Desk, events: Sequence[Mapping[str, tuple[float, ...]]]) -> Path:
    from kling_post.media.wav import write_wav

    scene = desk.scene
    samples = take_sound(scene.readings, events, scene.shot_frames, RATE, scene.seed)
    return write_wav(desk.folder / f"sound{desk.suffix}.wav", samples, SAMPLE_RATE)


def _write_reading(desk: _Desk, drawn: _Drawn) -> Path:
    """What was understood of the prompts, and what of it is to be seen."""
    scene = desk.scene
    shots = [_as_json(each) for each in scene.readings]
    path = desk.folder / f"reading{desk.suffix}.json"
    write_json(path, {"seed": scene.seed, "size": str(scene.size), "drawn": sorted(drawn.keys), "shots": shots})
    return path


def _as_json(value: Any) -> Any:
    """A frozen value as JSON: dataclasses as objects, tuples as lists."""
    if hasattr(value, "__dataclass_fields__"):
        return {name: _as_json(getattr(value, name)) for name in value.__dataclass_fields__}
    return [_as_json(item) for item in value] if isinstance(value, tuple) else value
