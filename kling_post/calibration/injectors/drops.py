"""Frames that are missing from an even movement."""

from dataclasses import dataclass

from kling_post.calibration.injectors.injector import Injected, Material, instant, somewhere
from kling_post.calibration.patterns import pan
from kling_post.vocabulary import Size


@dataclass(frozen=True, slots=True, kw_only=True)
class DroppedInPan:
    """One frame, or more, left out of an even pan; the dose is the movement."""

    name: str
    title: str
    length: int
    check: str = "dropped_frames"
    sizes: tuple[float, ...] = (0.5, 1.0, 2.0, 4.0)
    unit: str = "pixels a frame at 640 wide"
    visible: float = 2.0
    traits: frozenset[str] = frozenset()
    grains: tuple[float, ...] = (0.0, 3.0)

    def apply(self, material: Material, size: float) -> Injected:
        """The truth is the step across the hole: the frame before it and the one after."""
        height, width = material.frames[0].shape[:2]
        count = len(material.frames)
        place = somewhere(material.rng, 12, count - 12)
        frames = list(pan(Size(width, height), count + self.length, material.rng, pixels=size * width / 640))
        kept = frames[:place] + frames[place + self.length :]
        return Injected(frames=iter(kept), truth=(instant(place - 1, 2),))


@dataclass(frozen=True, slots=True, kw_only=True)
class DroppedInFootage:
    """Frames left out of footage with a moving camera."""

    name: str = "dropped_in_footage"
    title: str = "Frames missing from a camera move"
    check: str = "dropped_frames"
    sizes: tuple[float, ...] = (1.0, 2.0, 3.0)
    unit: str = "frames missing"
    visible: float = 1.0
    traits: frozenset[str] = frozenset({"even"})
    grains: tuple[float, ...] = (0.0,)

    def apply(self, material: Material, size: float) -> Injected:
        """At one place; the clip is shorter by as many frames."""
        count, length = len(material.frames), int(size)
        place = somewhere(material.rng, 12, count - 12 - length)
        kept = [index for index in range(count) if not place <= index < place + length]
        return Injected(frames=(material.frames[index] for index in kept), truth=(instant(place - 1, 2),))


INJECTORS = (
    DroppedInPan(name="dropped_in_pan", title="A frame missing from a pan", length=1),
    DroppedInPan(name="two_dropped_in_pan", title="Two frames missing from a pan", length=2),
    DroppedInFootage(),
)
