"""What the frame groups of a video generator's decoder leave: one frame in 4, 8, 16 or 17 is darker than its neighbours."""

from collections.abc import Iterator
from dataclasses import dataclass

from kling_post.calibration.injectors.injector import PLAIN, HardNegative, Injected, Material, Random, RgbFrame, exposed, run
from kling_post.calibration.patterns import moved, texture
from kling_post.vocabulary import Size


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupPulse:
    """One frame of each period is darker."""

    name: str
    title: str
    period: int
    check: str = "flicker"
    sizes: tuple[float, ...] = (1.0, 2.0, 5.0, 10.0)
    unit: str = "% darker"
    visible: float = 2.0
    traits: frozenset[str] = frozenset()
    grains: tuple[float, ...] = PLAIN

    def apply(self, material: Material, size: float) -> Injected:
        """Darken frames phase, phase + period ..."""
        phase = int(material.rng.integers(1, self.period))
        places = range(phase, len(material.frames) - 1, self.period)

        def frames() -> Iterator[RgbFrame]:
            for index, frame in enumerate(material.frames):
                yield exposed(frame, -size) if index in places else frame

        return Injected(frames=frames(), truth=(run(places[0], places[-1] + 1),), clean=material.frames)


def _walk(size: Size, count: int, rng: Random) -> Iterator[RgbFrame]:
    """The camera bobs as somebody walks: two steps a second, no change of light."""
    import numpy as np

    picture = texture(Size(size.width + 160, size.height + 40), rng)
    for index in range(count):
        bob = abs(np.sin(np.pi * index / 12))
        yield moved(picture, size, left=8 + 1.2 * index, top=16 - 6 * bob)


INJECTORS = tuple(
    GroupPulse(name=f"group_pulse_{period}", title=f"Every {period}th frame darker", period=period) for period in (4, 8, 16, 17)
)
HARD_NEGATIVES = (HardNegative(name="walking_camera", title="A walking camera's bob, 2 Hz", draw=_walk),)
