"""A part of the picture that turns into something else while the camera rests; and light that wanders over a still scene."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from kling_post.calibration.injectors.injector import HardNegative, Injected, Material, Random, RgbFrame, somewhere, within
from kling_post.calibration.patterns import grained, round_part, texture
from kling_post.vocabulary import Size

_FRAMES = 8
"""Length of the change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartMorph:
    """In a still texture, a round part turns into another texture within a third of a second."""

    name: str = "part_morph"
    title: str = "A part turns into something else"
    check: str = "local_morph"
    sizes: tuple[float, ...] = (1.0, 6.0, 12.0, 25.0)
    unit: str = "% of the area"
    visible: float = 6.0
    traits: frozenset[str] = frozenset()
    grains: tuple[float, ...] = (0.0, 3.0)

    def apply(self, material: Material, size: float) -> Injected:
        """The scene is drawn anew, with a camera that rests."""
        count = len(material.frames)
        height, width = material.frames[0].shape[:2]
        scene, other = (texture(Size(width, height), material.rng).astype(np.float32) for _ in range(2))
        place = somewhere(material.rng, 14, count - 14 - _FRAMES)
        radius = np.sqrt(size / 100 * width * height / np.pi)
        middle = height * material.rng.uniform(0.4, 0.6), width * material.rng.uniform(0.3, 0.7)
        inside = round_part(Size(width, height), middle=middle, radius=radius, edge=6)

        def frames() -> Iterator[RgbFrame]:
            for index in range(count):
                share = np.float32(min(1.0, max(0.0, (index - place + 1) / (_FRAMES + 1))))
                yield np.rint(scene + (other - scene) * inside * share).astype(np.uint8)

        return Injected(frames=frames(), truth=(within(place, place + _FRAMES + 1),))


def _wandering_light(size: Size, count: int, rng: Random) -> Iterator[RgbFrame]:
    """A pool of light goes over a still scene: brightness changes, the things do not."""
    scene = texture(size, rng).astype(np.float32)
    rows, columns = np.mgrid[0 : size.height, 0 : size.width]
    for index in range(count):
        distance = np.hypot(rows - size.height / 2, columns - size.width * (0.1 + 0.8 * index / count)) / size.width
        light = (0.6 + 0.4 * np.exp(-((distance / 0.15) ** 2))).astype(np.float32)[..., None]
        yield grained(np.rint(scene * light).astype(np.uint8), 1.0, rng)


INJECTORS = (PartMorph(),)
HARD_NEGATIVES = (
    HardNegative(
        name="wandering_light",
        title="A pool of light over a still scene",
        draw=_wandering_light,
        allowed=frozenset({"local_flicker", "colour_drift"}),
    ),
)
