"""One take, generated: every shot on its exact frames, at the size asked for, with sound of exactly the picture's length."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from importlib import import_module
from math import ceil
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kling_post.generation.local.given import FrameImages, RgbFrame, frame_images, rehearsal_size
from kling_post.generation.local.job import Outcome, video_name
from kling_post.generation.local.worker import Told
from kling_post.generation.open_weights.honours import notes_before
from kling_post.generation.open_weights.job import FRAMES_PER_SECOND, Order
from kling_post.generation.open_weights.model_folder import Family, ModelFolder, model_folder
from kling_post.generation.open_weights.shot import Adapter, GeneratedShot, ShotOrder
from kling_post.generation.request import expected_size
from kling_post.vocabulary import Size

SAMPLE_RATE: Final = 48_000
CARRIED_STRENGTH: Final = 0.35
"""How far a later shot holds to the last frame of the one before: enough for who and where, not enough to hide the cut."""
_LARGEST_LONG_SIDE: Final = 1920
"""The model works at most this wide where it can not double its own size; the rest is enlarged."""
_GENERATING_SHARE: Final = 0.9


@dataclass(slots=True, kw_only=True)
class _Made:
    """What came of the shots, gathered while they are written."""

    sound: list[NDArray[np.float32]] = field(default_factory=list)
    last: RgbFrame | None = None
    """The last frame written, as the model made it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Desk:
    """What the shots of a take share."""

    order: Order
    adapter: Adapter
    family: Family
    images: FrameImages
    asked: Size
    """Of the finished take."""
    worked: Size
    """Of what the model makes."""
    seed: int

    @property
    def frames(self) -> int:
        return self.order.task.duration_seconds * FRAMES_PER_SECOND


def make_takes(order: Order, folder: Path, tell: Told) -> tuple[Outcome, ...]:
    """Generate every result of an order into ``folder``.

    Raises:
        UsageError: the folder of weights is not there any more.
        MediaError: a given image cannot be read.
        InvalidInputError: the model cannot do without something that the task lacks.
        EncodeError: the file cannot be written.
    """
    model = model_folder(Path(order.model))
    adapter: Adapter = import_module(model.family.adapter).ADAPTER(model, order.device)
    images = frame_images(order.task, folder)
    asked = expected_size(order.task, images.size)
    asked = asked if order.size is None else rehearsal_size(asked, order.size)
    worked = working_size(asked, model, order.generate_at)
    notes = (*notes_before(order.task, model, images), *_size_notes(asked, worked, expected_size(order.task, images.size)))
    outcomes = []
    for number in range(order.results):
        desk = _Desk(
            order=order,
            adapter=adapter,
            family=model.family,
            images=images,
            asked=asked,
            worked=worked,
            seed=order.seed_used + number,
        )
        video = _make_take(desk, folder / video_name(number, order.suffix), _part_of(tell, number, order.results))
        outcomes.append(Outcome(video=video.name, seed=desk.seed, notes=notes))
    return tuple(outcomes)


def _part_of(tell: Told, number: int, results: int) -> Told:
    """What tells of one result as a part of all."""

    def told(share: float) -> None:
        tell((number + share) / results)

    return told


def working_size(asked: Size, model: ModelFolder, wanted: Size | None) -> Size:
    """What the model is asked to make: the asked aspect, sides in its own steps, never smaller than one step.

    With an upsampler it reaches the asked size itself; without, its longer side is at most 1920.
    """
    longest = max(asked.width, asked.height)
    limit = max(wanted.width, wanted.height) if wanted else (longest if model.upsampler else min(longest, _LARGEST_LONG_SIDE))
    step = model.family.size_step * (2 if model.upsampler else 1)
    scale = limit / longest
    return Size(*(max(step, ceil(side * scale / step) * step) for side in (asked.width, asked.height)))


def model_frames(frames: int, family: Family) -> int:
    """The shortest length that the model can make and that holds ``frames``: 120 becomes 121 where steps are 8."""
    return ceil((frames - 1) / family.frame_step) * family.frame_step + 1


def _size_notes(asked: Size, worked: Size, ordered: Size) -> Iterator[str]:
    if asked != ordered:
        yield f"Rehearsed at {asked}; the task asks for {ordered}."
    if worked.width < asked.width or worked.height < asked.height:
        yield f"Generated at {worked} and enlarged to {asked}."


def _make_take(desk: _Desk, video: Path, tell: Told) -> Path:
    """All shots into one file, cuts on their exact frames."""
    from kling_post.generation.local.files import join_sound
    from kling_post.media.encode import FrameWriter
    from kling_post.media.wav import write_wav

    task, made = desk.order.task, _Made()
    starts = np.cumsum([shot.duration_seconds * FRAMES_PER_SECOND for shot in task.shots])[:-1]
    heard = task.sound and desk.family.sound
    silent = video.with_stem(video.stem + "_picture") if heard else video
    comment = f"kling_post {desk.family.name} - generated by open weights"
    with FrameWriter(
        silent,
        size=desk.asked,
        rate=Fraction(FRAMES_PER_SECOND),
        metadata={"comment": comment},
        cut_frames=tuple(int(start) for start in starts),
    ) as writer:
        for index in range(len(task.shots)):
            for frame in _shot(desk, index, made, tell):
                writer.write(frame)
    if heard:
        sound = write_wav(video.with_name(f"{video.stem}_sound.wav"), np.concatenate(made.sound), SAMPLE_RATE)
        join_sound(silent, sound, video, sample_rate=SAMPLE_RATE)
    tell(1.0)
    return video


def _shot(desk: _Desk, index: int, made: _Made, tell: Told) -> Iterator[RgbFrame]:
    """One shot's frames at the asked size; its sound and its last frame go to ``made``."""
    task = desk.order.task
    shot = task.shots[index]
    before = sum(earlier.duration_seconds for earlier in task.shots[:index]) / task.duration_seconds
    share = shot.duration_seconds / task.duration_seconds
    frames = shot.duration_seconds * FRAMES_PER_SECOND
    generated = desk.adapter.generate(
        ShotOrder(
            prompt=shot.prompt,
            negative_prompt=task.negative_prompt,
            size=desk.worked,
            frames=model_frames(frames, desk.family),
            seed=desk.seed + 1000 * index,
            steps=desk.order.steps,
            guidance=desk.order.guidance,
            first=desk.images.first if index == 0 else made.last,
            first_strength=1.0 if index == 0 else CARRIED_STRENGTH,
            last=desk.images.last if index == len(task.shots) - 1 else None,
            tell=lambda done: tell(before + share * _GENERATING_SHARE * done),
        )
    )
    if task.sound and desk.family.sound:
        made.sound.append(exact_sound(generated, shot.duration_seconds * SAMPLE_RATE))
    for place, frame in enumerate(generated.frames):
        if place == frames:
            return
        made.last = frame
        tell(before + share * (_GENERATING_SHARE + (1 - _GENERATING_SHARE) * (place + 1) / frames))
        yield fitted(frame, desk.asked)


def fitted(frame: RgbFrame, size: Size) -> RgbFrame:
    """The frame at the asked size: enlarged or reduced to cover it, then cut evenly at both sides."""
    import cv2

    rows, columns = frame.shape[:2]
    scale = max(size.width / columns, size.height / rows)
    if scale != 1:
        covering = (max(size.width, round(columns * scale)), max(size.height, round(rows * scale)))
        method = cv2.INTER_LANCZOS4 if scale > 1 else cv2.INTER_AREA
        frame = np.asarray(cv2.resize(frame, covering, interpolation=method), np.uint8)
    top, left = (frame.shape[0] - size.height) // 2, (frame.shape[1] - size.width) // 2
    return np.ascontiguousarray(frame[top : top + size.height, left : left + size.width])


def exact_sound(generated: GeneratedShot, samples: int) -> NDArray[np.float32]:
    """The model's sound as 48 kHz stereo of exactly ``samples``, (samples, 2): cut at the end, or ended in silence."""
    if generated.sound is None:
        return np.zeros((samples, 2), np.float32)
    from scipy.signal import resample_poly

    common = np.gcd(SAMPLE_RATE, generated.sample_rate)
    sound = resample_poly(generated.sound, SAMPLE_RATE // common, generated.sample_rate // common, axis=0)[:samples]
    stereo = np.repeat(sound, 2, axis=1) if sound.shape[1] == 1 else sound[:, :2]
    exact = np.zeros((samples, 2), np.float32)
    exact[: len(stereo)] = np.clip(stereo, -1, 1)
    return exact
