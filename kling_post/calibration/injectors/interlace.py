"""Two fields of different moments woven into each frame, and fine stripes that only look like it."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from kling_post.calibration.injectors.injector import HardNegative, Injected, Material, Random, RgbFrame, whole
from kling_post.calibration.patterns import moved, pan, texture
from kling_post.vocabulary import Size


@dataclass(frozen=True, slots=True, kw_only=True)
class WovenFields:
    """A pan whose odd rows are half a frame later than its even ones."""

    name: str = "woven_fields"
    title: str = "Interlaced fields woven into progressive frames"
    check: str = "combing"
    sizes: tuple[float, ...] = (0.5, 1.0, 2.0, 4.0, 8.0)
    unit: str = "pixels between the fields at 640 wide"
    visible: float = 2.0
    traits: frozenset[str] = frozenset()
    grains: tuple[float, ...] = (0.0, 3.0)

    def apply(self, material: Material, size: float) -> Injected:
        """From end to end; the pan is drawn anew."""
        height, width = material.frames[0].shape[:2]
        count = len(material.frames)
        fields = pan(Size(width, height), 2 * count, material.rng, pixels=size * width / 640)

        def frames() -> Iterator[RgbFrame]:
            for even in fields:
                woven = even.copy()
                woven[1::2] = next(fields)[1::2]
                yield woven

        return Injected(frames=frames(), truth=(whole(count),))


def _blinds(size: Size, count: int, rng: Random) -> Iterator[RgbFrame]:
    """Venetian blinds four rows apart before a texture, the camera pans and tilts a little."""
    wide = Size(size.width + 2 * count + 16, size.height + 32)
    picture = texture(wide, rng)
    slats = (np.arange(wide.height) % 4 < 2)[:, None, None]
    picture = np.where(slats, picture // 3, picture).astype(np.uint8)
    for index in range(count):
        yield moved(picture, size, left=4 + 1.5 * index, top=8 + 6 * float(np.sin(index / 9)))


def _gauze(size: Size, count: int, rng: Random) -> Iterator[RgbFrame]:
    """Gauze of single threads, three rows apart, that falls past the camera."""
    picture = texture(Size(size.width, size.height + 2 * count + 16), rng)
    picture[::3] = 220
    for index in range(count):
        yield moved(picture, size, left=0, top=4 + 1.3 * index)


INJECTORS = (WovenFields(),)
HARD_NEGATIVES = (
    HardNegative(name="blinds", title="Venetian blinds before a moving camera", draw=_blinds, allowed=frozenset({"photosensitivity"})),
    HardNegative(name="gauze", title="Gauze of fine threads that moves", draw=_gauze),
)
