"""A part of the scene that slowly turns into something else under a camera that may move; and what turns, enters or is covered."""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.calibration.injectors.injector import HardNegative, Injected, Material, Random, RgbFrame, somewhere, within
from kling_post.calibration.patterns import grained, moved, round_part, texture
from kling_post.vocabulary import Size

Floats = NDArray[np.float32]

_LENGTHS = (24, 36, 48)
"""Frames that the change takes: one to two seconds."""
_LOOK = 48
"""A slow change is named by the two seconds whose ends are compared, not by its own first and last frame."""
_MARGIN = 160
"""Of the scene around the picture, for cameras that move."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowMorph:
    """In a still scene a round part flows and mixes into other things; the camera rests, pans or goes nearer."""

    name: str = "slow_morph"
    title: str = "A part slowly turns into something else"
    check: str = "slow_morph"
    sizes: tuple[float, ...] = (2.0, 6.0, 12.0, 25.0)
    unit: str = "% of the area"
    visible: float = 6.0
    traits: frozenset[str] = frozenset()
    grains: tuple[float, ...] = (0.0, 3.0)

    def apply(self, material: Material, size: float) -> Injected:
        """The scene is drawn anew."""
        rng, count = material.rng, len(material.frames)
        height, width = material.frames[0].shape[:2]
        picture, wide = Size(width, height), Size(width + 2 * _MARGIN, height + 2 * _MARGIN)
        length = int(rng.choice(_LENGTHS))
        start = somewhere(rng, 6, count - length - 6)
        scene, other = (texture(wide, rng).astype(np.float32) for _ in range(2))
        middle = wide.height * rng.uniform(0.45, 0.55), wide.width * rng.uniform(0.42, 0.58)
        inside = round_part(wide, middle=middle, radius=np.sqrt(size / 100 * width * height / np.pi), edge=8)
        ways = _flow(wide, rng)
        across, nearer = ((0.0, 0.0), (0.6, 0.0), (1.4, 0.0), (0.0, 0.0015))[int(rng.integers(4))]

        def frames() -> Iterator[RgbFrame]:
            for index in range(count):
                share = np.float32(np.clip((index - start + 1) / (length + 1), 0, 1))
                flowed = _warped(scene, ways * share), _warped(other, ways * (share - 1))
                mixed = scene + (flowed[0] * (1 - share) + flowed[1] * share - scene) * inside
                left = _MARGIN + across * (index - count / 2)
                yield moved(np.rint(mixed).astype(np.uint8), picture, left=left, top=_MARGIN, scale=1 + nearer * index)

        return Injected(frames=frames(), truth=(within(max(0, start - _LOOK), min(count, start + length + 1 + _LOOK)),))


def _flow(size: Size, rng: Random) -> Floats:
    """A smooth field of movement of some pixels, (height, width, 2)."""
    noise = rng.standard_normal((size.height // 8, size.width // 8, 2), dtype=np.float32)
    smooth = cv2.resize(cv2.GaussianBlur(noise, (0, 0), 4), (size.width, size.height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(6 * smooth / smooth.std(), np.float32)


def _warped(picture: Floats, way: Floats) -> Floats:
    rows, columns = (np.arange(length, dtype=np.float32) for length in picture.shape[:2])
    across, down = columns + way[..., 0], rows[:, None] + way[..., 1]
    return np.asarray(cv2.remap(picture, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101), np.float32)


def _turning_head(size: Size, count: int, rng: Random) -> Iterator[RgbFrame]:
    """A round thing with a face of texture turns by 70 degrees before a still room, and half of it comes from behind."""
    room, face = texture(size, rng), texture(size, rng, exponent=1.0)
    radius = size.height * 0.28
    rows, columns = np.mgrid[0 : size.height, 0 : size.width].astype(np.float32)
    across, down = (columns - size.width / 2) / radius, (rows - size.height / 2) / radius
    depth = np.sqrt(np.maximum(1 - across**2 - down**2, 0))
    inside = (across**2 + down**2 < 1)[..., None]
    for index in range(count):
        angle = np.radians(70) * (1 - np.cos(np.pi * index / count)) / 2
        longitude = np.arctan2(across, depth) + angle
        places = size.width / 2 + radius * longitude, size.height / 2 + radius * np.arcsin(np.clip(down, -1, 1))
        turned = cv2.remap(face, places[0].astype(np.float32), places[1].astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
        yield grained(np.where(inside, turned, room).astype(np.uint8), 1.0, rng)


def _turning_wheel(size: Size, count: int, rng: Random) -> Iterator[RgbFrame]:
    """A disc turns in its place, a degree and a half a frame."""
    room, disc = texture(size, rng), texture(size, rng, exponent=1.0)
    middle = size.width / 2, size.height / 2
    rows, columns = np.mgrid[0 : size.height, 0 : size.width]
    inside = (np.hypot(columns - middle[0], rows - middle[1]) < size.height * 0.3)[..., None]
    for index in range(count):
        turned = cv2.warpAffine(disc, cv2.getRotationMatrix2D(middle, 1.5 * index, 1.0), (size.width, size.height))
        yield grained(np.where(inside, turned, room).astype(np.uint8), 1.0, rng)


def _entering(size: Size, count: int, rng: Random) -> Iterator[RgbFrame]:
    """A figure comes in from the side within a second and a half, and stays."""
    room, figure = texture(size, rng), texture(size, rng, exponent=1.0)
    wide, high = size.width // 4, size.height * 3 // 4
    for index in range(count):
        gone = min(1.0, max(0.0, (index - 20) / 36))
        left = round(-wide + (size.width * 0.4 + wide) * (gone * gone * (3 - 2 * gone)))
        shown = room.copy()
        first, last = max(0, left), max(0, left + wide)
        shown[size.height - high :, first:last] = figure[:high, first - left : last - left]
        yield grained(shown, 1.0, rng)


INJECTORS = (SlowMorph(),)
HARD_NEGATIVES = (
    HardNegative(name="turning_head", title="A head turns by 70 degrees", draw=_turning_head),
    HardNegative(name="turning_wheel", title="A disc turns in its place", draw=_turning_wheel),
    HardNegative(name="entering_figure", title="Somebody comes in and stays", draw=_entering),
)
