"""A picture that was moving stops: in the middle, or up to the end of the file."""

from dataclasses import dataclass

from kling_post.calibration.delivered_time import halts_held
from kling_post.calibration.injectors.injector import Injected, Material, run, somewhere


@dataclass(frozen=True, slots=True, kw_only=True)
class FreezeFor:
    """A held picture of so many seconds; the run counts from the last live frame."""

    name: str
    title: str
    to_end: bool
    check: str = "freeze"
    sizes: tuple[float, ...] = (0.25, 0.4, 0.8, 1.6)
    unit: str = "s"
    visible: float = 0.25
    traits: frozenset[str] = frozenset({"moving"})
    grains: tuple[float, ...] = (0.0, 3.0)

    def apply(self, material: Material, size: float) -> Injected:
        """The scene goes on from where it stopped, or never."""
        count, length = len(material.frames), round(size * float(material.rate))
        start = count - 1 - length if self.to_end else somewhere(material.rng, 12, count - 13 - length)
        order = [index if index <= start else max(start, index - length) for index in range(count)]
        frames = (material.frames[index] for index in order)
        return Injected(frames=frames, truth=(run(start, start + length + 1),), picture_left=halts_held(material.frames, order))


INJECTORS = (
    FreezeFor(name="freeze_middle", title="Freeze in the middle", to_end=False),
    FreezeFor(name="freeze_to_end", title="Freeze to the end", to_end=True),
)
