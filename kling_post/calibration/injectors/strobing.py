"""Flashing that harms photosensitive viewers, and flashing that the limits allow."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from kling_post.calibration.injectors.injector import PLAIN, HardNegative, Injected, Material, Random, RgbFrame, run
from kling_post.calibration.patterns import pan
from kling_post.vocabulary import Size

_SECONDS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Strobe:
    """Two seconds in which two fifths of the picture flash; the dose is how often a second, of which three are allowed."""

    name: str
    title: str
    red: bool
    check: str = "photosensitivity"
    sizes: tuple[float, ...] = (2.0, 3.0, 4.0, 6.0, 12.0)
    unit: str = "flashes a second"
    visible: float = 4.0
    traits: frozenset[str] = frozenset()
    grains: tuple[float, ...] = PLAIN

    def apply(self, material: Material, size: float) -> Injected:
        """In the middle."""
        count, length = len(material.frames), round(_SECONDS * material.rate)
        start = int(material.rng.integers(12, count - length - 12))

        def frames() -> Iterator[RgbFrame]:
            for index, frame in enumerate(material.frames):
                inside = start <= index < start + length
                yield _struck(frame, index - start, float(material.rate), size, red=self.red) if inside else frame

        return Injected(frames=frames(), truth=(run(start, start + length),))


def _struck(frame: RgbFrame, index: int, rate: float, hertz: float, *, red: bool) -> RgbFrame:
    """The frame with its upper two fifths lit or dark by turns."""
    shown = frame.copy()
    lit = int(2 * hertz * index / rate) % 2 == 1
    part = shown[: 2 * len(shown) // 5]
    part[:] = (np.array([200, 25, 20]) if red else 205) if lit else (60 if not red else 70)
    return shown


def _allowed(size: Size, count: int, rng: Random, *, hertz: float, red: bool) -> Iterator[RgbFrame]:
    """Flashing for two seconds at a rate that the limits allow."""
    for index, frame in enumerate(pan(size, count, rng, pixels=0.3)):
        yield _struck(frame, index - 24, 24.0, hertz, red=red) if 24 <= index < 72 else frame


_STROBES = frozenset({"flicker", "local_flicker", "flash", "cuts", "levels", "colour_drift"})
"""What else sees a picture of which a large part goes on and off."""

INJECTORS = (
    Strobe(name="strobe", title="Two fifths of the picture flash", red=False),
    Strobe(name="red_strobe", title="Two fifths of the picture flash in saturated red", red=True),
)
HARD_NEGATIVES = (
    HardNegative(name="slow_strobe", title="Three flashes a second", draw=partial(_allowed, hertz=3, red=False), allowed=_STROBES),
    HardNegative(
        name="slow_red_strobe", title="Three flashes of red a second", draw=partial(_allowed, hertz=3, red=True), allowed=_STROBES
    ),
)
