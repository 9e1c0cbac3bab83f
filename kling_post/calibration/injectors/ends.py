"""First and last frames that pop in brightness or colour."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from kling_post.calibration.injectors.injector import PLAIN, Injected, Material, RgbFrame, exposed, instant, somewhere


@dataclass(frozen=True, slots=True, kw_only=True)
class EndPop:
    """One to four frames at an end that differ from the rest of the shot."""

    name: str
    title: str
    last: bool
    colour: bool
    unit: str = "%"
    check: str = "end_frames"
    sizes: tuple[float, ...] = (1.0, 2.0, 4.0, 8.0, 16.0)
    visible: float = 4.0
    traits: frozenset[str] = frozenset()
    grains: tuple[float, ...] = PLAIN

    def apply(self, material: Material, size: float) -> Injected:
        """Brighter by ``size``, or red up and blue down by it."""
        count, length = len(material.frames), somewhere(material.rng, 1, 5)
        start = count - length if self.last else 0

        def frames() -> Iterator[RgbFrame]:
            for index, frame in enumerate(material.frames):
                if not start <= index < start + length:
                    yield frame
                elif self.colour:
                    tint = np.array([1 + size / 100, 1, 1 - size / 100], np.float32)
                    yield np.clip(np.rint(frame * tint), 0, 255).astype(np.uint8)
                else:
                    yield exposed(frame, size)

        return Injected(frames=frames(), truth=(instant(start, length),), clean=None if self.colour else material.frames)


INJECTORS = (
    EndPop(name="first_frames_pop", title="First frames brighter", last=False, colour=False),
    EndPop(name="last_frames_pop", title="Last frames brighter", last=True, colour=False),
    EndPop(name="first_frames_tint", title="First frames warmer", last=False, colour=True),
)
