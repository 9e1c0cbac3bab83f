"""Skies whose gradient has too few codes; and skies with grain, and posters with edges of their own."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from kling_post.calibration.injectors.injector import PLAIN, HardNegative, Injected, Material, Planes, Random, RgbFrame, whole
from kling_post.calibration.patterns import grained, moved, texture
from kling_post.calibration.stepped import stepped_in, stepped_share
from kling_post.media.encode import rgb_to_ycbcr420
from kling_post.vocabulary import Size


@dataclass(frozen=True, slots=True, kw_only=True)
class SteppedSky:
    """The upper three fifths become a plain sky that darkens by a few codes of luma, rounded to whole ones."""

    name: str = "stepped_sky"
    title: str = "A gradient in too few codes"
    check: str = "banding"
    sizes: tuple[float, ...] = (2.0, 6.0, 10.0, 16.0)
    unit: str = "codes from top to bottom of the sky"
    visible: float = 6.0
    traits: frozenset[str] = frozenset()
    grains: tuple[float, ...] = PLAIN

    def apply(self, material: Material, size: float) -> Injected:
        """From end to end."""
        height, width = material.frames[0].shape[:2]
        rows = height * 3 // 5 // 2 * 2
        level = 120 + material.rng.uniform(0, 40)
        bow = np.linspace(-1, 1, width)[None, :] ** 2 * 0.15
        sky = np.rint(level - size * (np.linspace(0, 1, rows)[:, None] + bow)).astype(np.uint8)

        def frames() -> Iterator[Planes]:
            for frame in material.frames:
                luma, blue, red = (plane.copy() for plane in rgb_to_ycbcr420(frame))
                luma[:rows] = sky
                blue[: rows // 2], red[: rows // 2] = 140, 120
                yield luma, blue, red

        put_in = stepped_share(sky) * rows / height
        return Injected(
            frames=frames(),
            truth=(whole(len(material.frames)),),
            picture_left=lambda path: stepped_in(path) / max(put_in, 1e-3),
        )


def _grainy_sky(size: Size, count: int, rng: Random) -> Iterator[RgbFrame]:
    """The same kind of sky, with the grain of film over it."""
    ground = texture(size, rng)
    rows = size.height * 3 // 5
    sky = np.linspace(150, 138, rows)[:, None, None]
    for index in range(count):
        frame = moved(ground, size, left=0.5 * index, top=0).astype(np.float32)
        frame[:rows] = sky
        yield grained(frame.astype(np.uint8), 3.0, rng)


def _poster(size: Size, count: int, rng: Random) -> Iterator[RgbFrame]:
    """Flat colours with plain edges, as drawn animation and graphics have them."""
    rows, columns = np.mgrid[0 : size.height, 0 : size.width]
    picture = np.full((size.height, size.width, 3), 90, np.uint8)
    for _ in range(14):
        inside = np.hypot((rows - rng.uniform(0, size.height)) * 1.5, columns - rng.uniform(0, size.width)) < rng.uniform(30, 160)
        picture[inside] = rng.integers(40, 220, 3)
    for index in range(count):
        yield moved(picture, size, left=-20 + 0.4 * index, top=0)


INJECTORS = (SteppedSky(),)
HARD_NEGATIVES = (
    HardNegative(name="grainy_sky", title="A sky with grain", draw=_grainy_sky),
    HardNegative(name="poster", title="Flat colours with edges", draw=_poster),
)
