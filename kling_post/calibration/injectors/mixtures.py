"""Frames that are mixes of their neighbours, one by one or through a whole clip whose rate was converted; and blur that is meant."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from kling_post.calibration.delivered_time import mixture_left
from kling_post.calibration.injectors.injector import PLAIN, HardNegative, Injected, Material, Random, RgbFrame, instant, somewhere, whole
from kling_post.calibration.patterns import moved, pan, texture
from kling_post.vocabulary import Size


@dataclass(frozen=True, slots=True, kw_only=True)
class MixedFrame:
    """One frame of a pan is the mean of the two beside it."""

    name: str = "mixed_frame"
    title: str = "A frame that mixes its neighbours"
    check: str = "blended_frames"
    sizes: tuple[float, ...] = (0.5, 1.0, 2.0, 4.0, 8.0)
    unit: str = "pixels a frame at 640 wide"
    visible: float = 2.0
    traits: frozenset[str] = frozenset()
    grains: tuple[float, ...] = (0.0, 3.0)

    def apply(self, material: Material, size: float) -> Injected:
        """The pan is drawn anew; the dose is its speed, by which the doubled edges lie apart."""
        clean = _panned(material, size)
        place = somewhere(material.rng, 8, len(clean) - 8)
        frames = [*clean[:place], _mixed(clean[place - 1], clean[place + 1], 0.5), *clean[place + 1 :]]
        left = partial(mixture_left, clean=clean, place=place)
        return Injected(frames=iter(frames), truth=(instant(place),), picture_left=left)


@dataclass(frozen=True, slots=True, kw_only=True)
class BlendedRate:
    """A pan is sampled at another rate, each new frame the mix of the two it lies between."""

    name: str = "blended_rate"
    title: str = "A rate converted by blending"
    check: str = "blended_frames"
    sizes: tuple[float, ...] = (30.0, 48.0, 60.0)
    unit: str = "frames a second made of 24"
    visible: float = 30.0
    traits: frozenset[str] = frozenset()
    grains: tuple[float, ...] = PLAIN

    def apply(self, material: Material, size: float) -> Injected:
        """From end to end; the pan is drawn anew, five pixels at 640 wide between true frames."""
        true = _panned(material, 5.0)

        def frames() -> Iterator[RgbFrame]:
            for index in range(len(true)):
                before, share = divmod(index * 24 / size, 1)
                yield _mixed(true[int(before)], true[min(int(before) + 1, len(true) - 1)], share)

        return Injected(frames=frames(), truth=(whole(len(true)),))


def _panned(material: Material, pixels: float) -> list[RgbFrame]:
    height, width = material.frames[0].shape[:2]
    return list(pan(Size(width, height), len(material.frames), material.rng, pixels=pixels * width / 640))


def _mixed(one: RgbFrame, other: RgbFrame, share: float) -> RgbFrame:
    return np.rint(one * np.float32(1 - share) + other * np.float32(share)).astype(np.uint8)


def _shutter(size: Size, count: int, rng: Random) -> Iterator[RgbFrame]:
    """A pan that speeds up and slows down, with the blur of an open shutter of 360 degrees."""
    speed = 4 + 3 * np.sin(2 * np.pi * np.arange(count) / 24)
    left = 4 + np.cumsum(speed)
    wide = int(left[-1]) + size.width + 16
    picture = texture(Size(wide + wide % 2, size.height), rng)
    for index in range(count):
        steps = [moved(picture, size, left=left[index] - speed[index] * k / 8, top=0) for k in range(8)]
        yield np.rint(np.mean(steps, axis=0)).astype(np.uint8)


def _fog(size: Size, count: int, rng: Random) -> Iterator[RgbFrame]:
    """Fog that drifts over a scene: two soft layers at different speeds, one through the other."""
    wide = Size(size.width + 4 * count // 2 * 2, size.height)
    scene, fog = texture(size, rng), texture(wide, rng, exponent=1.8)
    for index in range(count):
        veil = moved(fog, size, left=2 + 3.0 * index, top=0).astype(np.float32)
        yield np.rint(moved(scene, size, left=0.5 * index, top=0) * np.float32(0.5) + veil * np.float32(0.5)).astype(np.uint8)


INJECTORS = (MixedFrame(), BlendedRate())
HARD_NEGATIVES = (
    HardNegative(name="open_shutter", title="A pan of changing speed with full motion blur", draw=_shutter),
    HardNegative(name="drifting_fog", title="Fog that drifts over a scene", draw=_fog),
)
