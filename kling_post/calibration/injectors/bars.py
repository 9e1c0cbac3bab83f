"""Black bars at the edges of the picture."""

from collections.abc import Iterator
from dataclasses import dataclass

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


def _vignette(size: Size, count: int, rng: Random) -> Iterator[RgbFrame]:
    """A lens that darkens towards the edges of the picture, down to a tenth."""
    import numpy as np

    rows, columns = np.mgrid[-1 : 1 : size.height * 1j, -1 : 1 : size.width * 1j]
    shade = np.clip(1.15 - 0.55 * np.hypot(rows, columns) ** 2, 0.1, 1).astype(np.float32)[..., None]
    for frame in pan(size, count, rng, pixels=0.7):
        yield np.rint(frame * shade).astype(np.uint8)


INJECTORS = (
    Bar(name="bar_at_the_top", title="A black bar at the top", upright=False),
    Bar(name="bar_at_the_side", title="A black bar at the right", upright=True),
)
HARD_NEGATIVES = (HardNegative(name="vignette", title="A lens that darkens the edges", draw=_vignette),)
