"""Black bars at the edges of the picture."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from kling_post.calibration.injectors.injector import PLAIN, HardNegative, Injected, Material, Random, RgbFrame, whole
from kling_post.calibration.patterns import pan
from kling_post.vocabulary import Size


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One black bar through the whole clip."""

    name: str
    title: str
    upright: bool
    check: str = "borders"
    sizes: tuple[float, ...] = (0.3, 0.6, 2.0, 12.0)
    unit: str = "% of the picture's height or width"
    visible: float = 0.6
    traits: frozenset[str] = frozenset()
    grains: tuple[float, ...] = PLAIN

    def apply(self, material: Material, size: float) -> Injected:
        """At the top, or at the right."""
        height, width = material.frames[0].shape[:2]
        lines = max(1, round((width if self.upright else height) * size / 100))

        def frames() -> Iterator[RgbFrame]:
            for frame in material.frames:
                shown = frame.copy()
                if self.upright:
                    shown[:, width - lines :] = 0
                else:
                    shown[:lines] = 0
                yield shown

        return Injected(frames=frames(), truth=(whole(len(material.frames)),))


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeLine:
    """A line of one or two pixels along an edge, of another brightness than the picture beside it."""

    name: str = "edge_line"
    title: str = "A line of one or two pixels along an edge"
    check: str = "borders"
    sizes: tuple[float, ...] = (5.0, 15.0, 30.0, 80.0)
    unit: str = "codes brighter"
    visible: float = 30.0
    traits: frozenset[str] = frozenset()
    grains: tuple[float, ...] = PLAIN

    def apply(self, material: Material, size: float) -> Injected:
        """Along any of the four edges, through the whole clip."""
        side, width = int(material.rng.integers(4)), int(material.rng.integers(1, 3))
        strip = (np.s_[:width], np.s_[-width:], np.s_[:, :width], np.s_[:, -width:])[side]

        def frames() -> Iterator[RgbFrame]:
            for frame in material.frames:
                shown = frame.copy()
                shown[strip] = np.minimum(shown[strip].astype(np.int16) + int(size), 255).astype(np.uint8)
                yield shown

        return Injected(frames=frames(), truth=(whole(len(material.frames)),))


def _kerb(size: Size, count: int, rng: Random) -> Iterator[RgbFrame]:
    """A dark kerb along the bottom of the picture, a thirtieth of its height, that belongs to the scene."""
    for index, frame in enumerate(pan(size, count, rng, pixels=0.5)):
        shown = frame.copy()
        high = size.height // 30 + round(1.5 * float(np.sin(index / 9)))
        shown[-high:] = (frame[-high:] * np.float32(0.4)).astype(np.uint8)
        yield shown


def _vignette(size: Size, count: int, rng: Random) -> Iterator[RgbFrame]:
    """A lens that darkens towards the edges of the picture, down to a tenth."""
    rows, columns = np.mgrid[-1 : 1 : size.height * 1j, -1 : 1 : size.width * 1j]
    shade = np.clip(1.15 - 0.55 * np.hypot(rows, columns) ** 2, 0.1, 1).astype(np.float32)[..., None]
    for frame in pan(size, count, rng, pixels=0.7):
        yield np.rint(frame * shade).astype(np.uint8)


INJECTORS = (
    Bar(name="bar_at_the_top", title="A black bar at the top", upright=False),
    Bar(name="bar_at_the_side", title="A black bar at the right", upright=True),
    EdgeLine(),
)
HARD_NEGATIVES = (
    HardNegative(name="vignette", title="A lens that darkens the edges", draw=_vignette),
    HardNegative(name="kerb", title="A dark strip along the bottom that belongs to the scene", draw=_kerb),
)
