"""Single frames that do not belong: brighter, darker, or of another picture."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from kling_post.calibration.injectors.injector import PLAIN, HardNegative, Injected, Material, Random, RgbFrame, exposed, instant, somewhere
from kling_post.calibration.patterns import pan
from kling_post.vocabulary import Size


@dataclass(frozen=True, slots=True, kw_only=True)
class SingleFlash:
    """One to three frames brighter or darker."""

    name: str
    title: str
    sign: int = 1
    length: int = 1
    check: str = "flash"
    sizes: tuple[float, ...] = (2.0, 3.0, 5.0, 10.0, 30.0)
    unit: str = "%"
    visible: float = 5.0
    traits: frozenset[str] = frozenset()
    grains: tuple[float, ...] = (0.0, 3.0)

    def apply(self, material: Material, size: float) -> Injected:
        """Anywhere but the first and last half second."""
        start = somewhere(material.rng, 12, len(material.frames) - 12 - self.length)

        def frames() -> Iterator[RgbFrame]:
            for index, frame in enumerate(material.frames):
                yield exposed(frame, self.sign * size) if start <= index < start + self.length else frame

        return Injected(frames=frames(), truth=(instant(start, self.length),), clean=material.frames)


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignFrame:
    """Frames of another shot, mixed in by their share: 1 is the other picture alone."""

    name: str = "foreign_frame"
    title: str = "A frame of another picture, mixed in"
    check: str = "flash"
    sizes: tuple[float, ...] = (0.15, 0.3, 0.6, 1.0)
    unit: str = "share of the other picture"
    visible: float = 0.3
    traits: frozenset[str] = frozenset()
    grains: tuple[float, ...] = PLAIN

    def apply(self, material: Material, size: float) -> Injected:
        """One or two frames."""
        length = somewhere(material.rng, 1, 3)
        start = somewhere(material.rng, 12, len(material.frames) - 12 - length)

        def frames() -> Iterator[RgbFrame]:
            for index, frame in enumerate(material.frames):
                if start <= index < start + length:
                    yield np.rint(frame * np.float32(1 - size) + material.other[index] * np.float32(size)).astype(np.uint8)
                else:
                    yield frame

        return Injected(frames=frames(), truth=(instant(start, length),))


def _photographer(size: Size, count: int, rng: Random) -> Iterator[RgbFrame]:
    """Two photographer's flashes, each dying away over three frames: flashes, but no cuts."""
    for index, frame in enumerate(pan(size, count, rng, pixels=0.6)):
        light = {0: 90.0, 1: 35.0, 2: 10.0}.get((index - count // 4) % (count // 2), 0.0)
        yield exposed(frame, light)


def _passer(size: Size, count: int, rng: Random) -> Iterator[RgbFrame]:
    """A dark figure, a third of the picture wide, walks by close to the camera within half a second."""
    for index, frame in enumerate(pan(size, count, rng, pixels=0.3)):
        left = round((index - count / 2) / 12 * 1.4 * size.width)
        shown = frame.copy()
        shown[:, max(0, left) : max(0, left + size.width // 3)] //= 4
        yield shown


INJECTORS = (
    SingleFlash(name="bright_frame", title="One brighter frame"),
    SingleFlash(name="dark_frame", title="One darker frame", sign=-1),
    SingleFlash(name="bright_frames", title="Three brighter frames", length=3, grains=PLAIN),
    ForeignFrame(),
)
HARD_NEGATIVES = (
    HardNegative(name="camera_flash", title="A photographer's flash", draw=_photographer, allowed=frozenset({"flash", "levels"})),
    HardNegative(name="passer_by", title="Somebody walks by close to the camera", draw=_passer, allowed=frozenset({"flash"})),
)
