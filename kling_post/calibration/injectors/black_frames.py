"""Black frames in the middle of a shot, and dark scenes that are not black."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from kling_post.calibration.injectors.injector import HardNegative, Injected, Material, Random, RgbFrame, instant, run, somewhere
from kling_post.calibration.patterns import grained, pan
from kling_post.vocabulary import Size


@dataclass(frozen=True, slots=True, kw_only=True)
class BlackFrames:
    """The picture is gone for some frames."""

    name: str = "black_frames"
    title: str = "Black frames"
    check: str = "black"
    sizes: tuple[float, ...] = (1.0, 2.0, 6.0, 24.0)
    unit: str = "frames"
    visible: float = 1.0
    traits: frozenset[str] = frozenset()
    grains: tuple[float, ...] = (0.0, 1.0)

    def apply(self, material: Material, size: float) -> Injected:
        """In the middle."""
        length = int(size)
        start = somewhere(material.rng, 12, len(material.frames) - 12 - length)

        def frames() -> Iterator[RgbFrame]:
            for index, frame in enumerate(material.frames):
                yield np.zeros_like(frame) if start <= index < start + length else frame

        event = instant(start, length) if length <= 3 else run(start, start + length)
        return Injected(frames=frames(), truth=(event,))


def _night(size: Size, count: int, rng: Random) -> Iterator[RgbFrame]:
    """A night scene: three quarters of the picture close to black, some lights, grain."""
    lights = [(rng.uniform(0, 1, 2), rng.uniform(0.004, 0.02)) for _ in range(14)]
    rows, columns = np.mgrid[0 : size.height, 0 : size.width]
    glow = np.zeros((size.height, size.width))
    for (top, left), radius in lights:
        reach = np.hypot(rows - top * size.height, columns - left * size.width) / size.width
        glow = np.maximum(glow, np.exp(-((reach / radius) ** 2)))
    for frame in pan(size, count, rng, pixels=0.4):
        lit = frame * 0.06 + glow[..., None] * np.array([190, 160, 110])
        yield grained(np.clip(lit, 0, 255).astype(np.uint8), 1.5, rng)


INJECTORS = (BlackFrames(),)
HARD_NEGATIVES = (HardNegative(name="night", title="A night scene with some lights", draw=_night),)
