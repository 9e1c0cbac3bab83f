"""Frames shown twice or three times while the shot moves, one by one or as a cadence; and movement so slow that it looks like it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from kling_post.calibration.delivered_time import halts_held, judder_held
from kling_post.calibration.injectors.injector import HardNegative, Injected, Material, Random, RgbFrame, instant, run, somewhere
from kling_post.calibration.patterns import grained, moved, pan, texture
from kling_post.vocabulary import Size


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeats:
    """Frames repeated here and there."""

    name: str = "repeated_frames"
    title: str = "A frame repeated, here and there"
    check: str = "duplicate_frames"
    sizes: tuple[float, ...] = (1.0, 2.0, 3.0)
    unit: str = "repeats in a row"
    visible: float = 1.0
    traits: frozenset[str] = frozenset({"moving"})
    grains: tuple[float, ...] = (0.0, 3.0)

    def apply(self, material: Material, size: float) -> Injected:
        """At two places; what follows comes later by as many frames."""
        count, length = len(material.frames), int(size)
        first = somewhere(material.rng, 10, count // 2 - 10)
        second = somewhere(material.rng, count // 2 + 4, count - 14)
        order: list[int] = []
        truth = []
        for index in range(count):
            order.append(index)
            if index in {first, second}:
                truth.append(instant(len(order), length))
                order += [index] * length
        shown = order[:count]
        return Injected(
            frames=(material.frames[index] for index in shown), truth=tuple(truth), picture_left=halts_held(material.frames, shown)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Cadence:
    """One frame in so many repeats the one before: 24 carried at 30 is one in five, 24 at 60 three in five."""

    name: str = "repeat_cadence"
    title: str = "Every n-th frame repeats"
    check: str = "cadence"
    sizes: tuple[float, ...] = (5 / 3, 2.0, 3.0, 5.0, 6.0, 12.0)
    unit: str = "frames for each repeat"
    visible: float = 5 / 3
    traits: frozenset[str] = frozenset({"moving"})
    grains: tuple[float, ...] = (0.0, 3.0)

    def apply(self, material: Material, size: float) -> Injected:
        """From the beginning to the end."""
        count = len(material.frames)
        order = [index - int((index + 1) / size + 1e-9) for index in range(count)]
        places = [index for index in range(1, count) if order[index] == order[index - 1]]
        return Injected(
            frames=(material.frames[index] for index in order),
            truth=(run(places[0], places[-1] + 1),),
            picture_left=judder_held(material.frames, order),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatInMovement:
    """One repeat in an even movement; the dose is the movement."""

    name: str = "repeat_in_slow_pan"
    title: str = "A frame repeated in a slow pan"
    check: str = "duplicate_frames"
    sizes: tuple[float, ...] = (0.1, 0.2, 0.5, 1.0, 4.0)
    unit: str = "pixels a frame at 640 wide"
    visible: float = 0.2
    traits: frozenset[str] = frozenset()
    grains: tuple[float, ...] = (0.0, 3.0)

    def apply(self, material: Material, size: float) -> Injected:
        """A texture of its own goes by."""
        height, width = material.frames[0].shape[:2]
        count = len(material.frames)
        place = somewhere(material.rng, 12, count - 12)
        frames = list(pan(Size(width, height), count, material.rng, pixels=size * width / 640))
        order = [index if index < place else index - 1 for index in range(count)]
        return Injected(frames=(frames[index] for index in order), truth=(instant(place),), picture_left=halts_held(frames, order))


def _object(size: Size, count: int, rng: Random, *, sigma: float) -> Iterator[RgbFrame]:
    """A locked-off shot in which only a thing of 16 by 16 pixels moves."""
    picture = texture(size, rng)
    for index in range(count):
        frame = picture.copy()
        left, top = (40 + 3 * index) % (size.width - 20), size.height // 3
        frame[top : top + 16, left : left + 16] = 230 if frame[top, left].mean() < 128 else 25
        yield grained(frame, sigma, rng)


def _on_twos(size: Size, count: int, rng: Random) -> Iterator[RgbFrame]:
    """Drawn animation: twelve pictures a second, each shown twice."""
    frames = list(pan(size, (count + 1) // 2, rng, pixels=3))
    for index in range(count):
        yield frames[index // 2]


def _grainy_pan(size: Size, count: int, rng: Random, *, pixels: float, sigma: float) -> Iterator[RgbFrame]:
    for frame in pan(size, count, rng, pixels=pixels):
        yield grained(frame, sigma, rng)


def _easing(size: Size, count: int, rng: Random) -> Iterator[RgbFrame]:
    """The camera starts from rest and comes to rest, as a dolly does."""
    picture = texture(Size(size.width + 120, size.height), rng)
    for index in range(count):
        place = index / (count - 1)
        yield moved(picture, size, left=4 + 100 * float(0.5 - 0.5 * np.cos(np.pi * place)), top=0)


def _locked(size: Size, count: int, rng: Random) -> Iterator[RgbFrame]:
    picture = texture(size, rng)
    for _ in range(count):
        yield grained(picture, 2.0, rng)


INJECTORS = (Repeats(), Cadence(), RepeatInMovement())
HARD_NEGATIVES = (
    *(
        HardNegative(
            name=f"slow_pan_{round(100 * pixels):03d}_grain_{sigma:g}",
            title=f"Pan of {pixels:g} pixels a frame, grain {sigma:g}",
            draw=partial(_grainy_pan, pixels=pixels, sigma=sigma),
        )
        for pixels, sigma in ((0.05, 0.0), (0.05, 3.0), (0.1, 0.0), (0.1, 3.0), (0.2, 0.0), (0.2, 3.0))
    ),
    HardNegative(name="small_object", title="Locked off, a thing of 16 pixels moves", draw=partial(_object, sigma=0.0)),
    HardNegative(name="small_object_grain", title="The same under grain 3", draw=partial(_object, sigma=3.0)),
    HardNegative(name="on_twos", title="Animation on twos", draw=_on_twos, allowed=frozenset({"cadence"})),
    HardNegative(name="easing_camera", title="Camera eases in and out", draw=_easing),
    HardNegative(name="locked_off", title="Locked off, grain 2, nothing moves", draw=_locked),
)
