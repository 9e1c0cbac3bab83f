"""Code values beyond what R103 prefers, and full range without its flag."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from kling_post.calibration.injectors.injector import (
    PLAIN,
    HardNegative,
    Injected,
    Material,
    Planes,
    Random,
    RgbFrame,
    run,
    somewhere,
    whole,
)
from kling_post.calibration.patterns import pan
from kling_post.media.encode import rgb_to_ycbcr420
from kling_post.vocabulary import Size


@dataclass(frozen=True, slots=True, kw_only=True)
class BeyondPreferred:
    """A patch of luma at code 250, which limited range has no picture for."""

    name: str = "luma_beyond_preferred"
    title: str = "Luma at code 250 in a part of the picture"
    check: str = "levels"
    sizes: tuple[float, ...] = (0.5, 1.3, 2.0, 5.0)
    unit: str = "% of the area"
    visible: float = 1.3
    traits: frozenset[str] = frozenset()
    grains: tuple[float, ...] = PLAIN

    def apply(self, material: Material, size: float) -> Injected:
        """For two seconds."""
        count = len(material.frames)
        length = round(2 * material.rate)
        start = somewhere(material.rng, 6, count - 6 - length)
        height, width = material.frames[0].shape[:2]
        side = (size / 100) ** 0.5
        rows, columns = round(height * side), round(width * side)
        top, left = somewhere(material.rng, 0, height - rows), somewhere(material.rng, 0, width - columns)

        def frames() -> Iterator[Planes]:
            for index, frame in enumerate(material.frames):
                luma, blue, red = (plane.copy() for plane in rgb_to_ycbcr420(frame))
                if start <= index < start + length:
                    luma[top : top + rows, left : left + columns] = 250
                    blue[top // 2 : (top + rows) // 2, left // 2 : (left + columns) // 2] = 128
                    red[top // 2 : (top + rows) // 2, left // 2 : (left + columns) // 2] = 128
                yield luma, blue, red

        return Injected(frames=frames(), truth=(run(start, start + length),))


@dataclass(frozen=True, slots=True, kw_only=True)
class FullRangeUnflagged:
    """Luma spread over 0 to 255 in a file that says limited; the dose is the contrast of the footage itself."""

    name: str = "full_range_unflagged"
    title: str = "Full range under a limited flag"
    check: str = "levels"
    sizes: tuple[float, ...] = (1.0, 1.6, 2.2)
    unit: str = "times the footage's contrast"
    visible: float = 1.6
    traits: frozenset[str] = frozenset()
    grains: tuple[float, ...] = PLAIN

    def apply(self, material: Material, size: float) -> Injected:
        """From end to end."""

        def frames() -> Iterator[Planes]:
            for frame in material.frames:
                stretched = np.clip(128 + (frame.astype(np.float32) - 128) * np.float32(size), 0, 255).astype(np.uint8)
                luma, blue, red = (plane.copy() for plane in rgb_to_ycbcr420(stretched))
                full = np.clip(np.rint((luma.astype(np.float32) - 16) * (255 / 219)), 0, 255).astype(np.uint8)
                yield full, blue, red

        return Injected(frames=frames(), truth=(whole(len(material.frames)),))


def _speculars(size: Size, count: int, rng: Random, *, share: float) -> Iterator[RgbFrame]:
    """Glints at full white on water: legal white, many and small."""
    for frame in pan(size, count, rng, pixels=0.5):
        shown = frame.copy()
        shown[rng.random(frame.shape[:2]) < share] = 255
        yield shown


INJECTORS = (BeyondPreferred(), FullRangeUnflagged())
HARD_NEGATIVES = (
    HardNegative(
        name="glints", title="Glints of full white on water", draw=partial(_speculars, share=0.01), allowed=frozenset({"flicker"})
    ),
)
