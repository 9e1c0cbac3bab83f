"""Ends that stand still or slow down while the shot moves, and cameras that were meant to start or to pause."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from kling_post.calibration.delivered_time import halts_held
from kling_post.calibration.injectors.injector import HardNegative, Injected, Material, Random, RgbFrame, instant, within
from kling_post.calibration.patterns import moved, texture
from kling_post.vocabulary import Size


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldEnd:
    """The first or the last picture stands for some frames more."""

    name: str
    title: str
    head: bool
    check: str = "end_holds"
    sizes: tuple[float, ...] = (1.0, 2.0, 3.0, 4.0)
    unit: str = "frames more"
    visible: float = 2.0
    traits: frozenset[str] = frozenset({"moving"})
    grains: tuple[float, ...] = (0.0, 3.0)

    def apply(self, material: Material, size: float) -> Injected:
        """The clip keeps its length."""
        count, length = len(material.frames), int(size)
        if self.head:
            order, first = [max(0, index - length) for index in range(count)], 0
        else:
            order, first = [min(count - 1 - length, index) for index in range(count)], count - 1 - length
        frames = (material.frames[index] for index in order)
        return Injected(frames=frames, truth=(instant(first, length + 1),), picture_left=halts_held(material.frames, order))


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowingEnd:
    """An even pan loses speed over its last second."""

    name: str = "slowing_end"
    title: str = "The last second slows down"
    check: str = "end_slowdown"
    sizes: tuple[float, ...] = (30.0, 50.0, 75.0, 90.0, 100.0)
    unit: str = "% of the speed lost"
    visible: float = 75.0
    traits: frozenset[str] = frozenset()
    grains: tuple[float, ...] = (0.0, 3.0)

    def apply(self, material: Material, size: float) -> Injected:
        """A texture of its own goes by, 2 pixels a frame at 640 wide."""
        height, width = material.frames[0].shape[:2]
        count, last = len(material.frames), round(material.rate)
        speed = np.full(count, 2 * width / 640)
        speed[count - last :] *= np.linspace(1, 1 - size / 100, last)
        frames = _along(Size(width, height), np.cumsum(speed), material.rng)
        return Injected(frames=frames, truth=(within(count - last - 2, count),))


def _along(size: Size, places: np.ndarray, rng: Random) -> Iterator[RgbFrame]:
    picture = texture(Size(size.width + 2 * int(places.max() / 2 + 8), size.height), rng)
    for place in places:
        yield moved(picture, size, left=4 + float(place), top=0)


def _paced(size: Size, count: int, rng: Random, *, speed: Callable[[float], float]) -> Iterator[RgbFrame]:
    """A pan of 2 pixels a frame at 640 wide, times a share that depends on the place in the clip, 0 to 1."""
    return _along(size, np.cumsum([2 * size.width / 640 * speed(index / (count - 1)) for index in range(count)]), rng)


def _from_rest(place: float) -> float:
    return min(1.0, place / 0.4)


def _with_a_pause(place: float) -> float:
    return float(np.clip(abs(place - 0.5) / 0.25 - 0.3, 0, 1))


INJECTORS = (
    HeldEnd(name="held_head", title="The first frame is held", head=True),
    HeldEnd(name="held_tail", title="The last frame is held", head=False),
    SlowingEnd(),
)
HARD_NEGATIVES = (
    HardNegative(name="from_rest", title="The camera starts from rest", draw=partial(_paced, speed=_from_rest)),
    HardNegative(name="pause", title="The camera eases to a pause and goes on", draw=partial(_paced, speed=_with_a_pause)),
)
