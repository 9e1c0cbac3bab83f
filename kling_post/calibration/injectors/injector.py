"""The contract of an injector: one kind of defect, of chosen size, put into clean frames at a known place.

To add a family: one file in this folder with a module-level ``INJECTORS`` (and, where innocent footage looks like the defect,
``HARD_NEGATIVES``); it is found by itself.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kling_post.calibration.score import Event, Shape
from kling_post.vocabulary import FrameRange, Size

RgbFrame = NDArray[np.uint8]
"""(height, width, 3), full-range R'G'B' with BT.709 primaries."""
Planes = tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]]
"""Y', Cb and Cr as they are to be coded, for defects that RGB cannot hold."""
Frame = RgbFrame | Planes
Random = np.random.Generator
LEAST_SHARE = 0.8
"""Of the smallest visible size: a file that holds less holds nothing that people see."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """Clean footage to put a defect into."""

    frames: Sequence[RgbFrame]
    """At least 72, all of one size, and one unbroken shot; never written to."""
    other: Sequence[RgbFrame]
    """Another shot of the same size, for cuts and foreign frames."""
    rate: Fraction
    rng: Random
    sound: NDArray[np.float32]
    """(samples, 2) at 48 kHz, as long as the picture, clean; never written to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Injected:
    """Footage with the defect, and where it is."""

    frames: Iterator[Frame]
    truth: tuple[Event, ...]
    sound: NDArray[np.float32] | None = None
    """(samples, channels) at 48 kHz, for defects of the sound."""
    sound_coded: bool = True
    """Whether the sound goes through AAC, as delivered takes have it, or is stored as 24-bit PCM."""
    sound_left: Callable[[NDArray[np.float32]], bool] | None = None
    """Whether the defect is still heard in the sound as it was delivered, where that can be told."""
    full_range_flag: bool = False
    """Whether the file says that its codes are of full range, whatever they are."""
    picture_left: Callable[[Path], float] | None = None
    """Share of the defect that a file holds, about 0 to 1, where the injector can tell; asked when all frames are written."""
    clean: Sequence[RgbFrame] | None = None
    """The frames without the defect, where it is a change of brightness: how much of it coding leaves is then measured."""


class Injector(Protocol):
    """One kind of defect."""

    @property
    def name(self) -> str:
        """Unique: ``single_flash``."""

    @property
    def title(self) -> str:
        """For people: "One bright frame"."""

    @property
    def check(self) -> str:
        """The check that must find it."""

    @property
    def sizes(self) -> tuple[float, ...]:
        """From too small to be seen to plain."""

    @property
    def unit(self) -> str:
        """Of the sizes."""

    @property
    def visible(self) -> float:
        """Size from which people see it, and the check must find it."""

    @property
    def traits(self) -> frozenset[str]:
        """What the footage must be for the defect to exist in it: a repeat needs movement."""

    @property
    def grains(self) -> tuple[float, ...]:
        """Standard deviations of fresh grain, 8-bit codes, that are laid over the finished picture; each is a case of its own."""

    def apply(self, material: Material, size: float) -> Injected:
        """The footage with the defect in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HardNegative:
    """Innocent footage, or sound, that looks like a defect."""

    name: str
    title: str
    draw: Callable[[Size, int, Random], Iterator[Frame]] | None = None
    """Frames of a size, so many, with a source of chance; None where only the sound is tempting."""
    sound: Callable[[Random, int], NDArray[np.float32]] | None = None
    """Its sound, (samples, 2) at 48 kHz, so many of them."""
    full_range_flag: bool = False
    """Whether its file says that its codes are of full range."""
    allowed: frozenset[str] = frozenset()
    """Checks that may speak up here with reason: a photographer's flash is a flash."""


PLAIN: tuple[float, ...] = (0.0,)
"""No grain."""


def instant(frame: int, frames: int = 1) -> Event:
    """An event of a frame or a few."""
    return Event(frames=FrameRange(frame, frame + frames), shape=Shape.INSTANT)


def run(start: int, stop: int) -> Event:
    """A stretch of frames."""
    return Event(frames=FrameRange(start, stop), shape=Shape.RUN)


def within(start: int, stop: int) -> Event:
    """A stretch that any part of it names."""
    return Event(frames=FrameRange(start, stop), shape=Shape.WITHIN)


def whole(frames: int) -> Event:
    """The clip from end to end."""
    return Event(frames=FrameRange(0, frames), shape=Shape.CLIP)


def exposed(frame: RgbFrame, percent: float) -> RgbFrame:
    """A frame brighter by so many per cent of its code values."""
    return np.asarray(np.clip(np.rint(frame * np.float32(1 + percent / 100)), 0, 255), np.uint8)


def somewhere(rng: Random, low: int, high: int) -> int:
    """A whole number, low <= n < high."""
    return int(rng.integers(low, max(low + 1, high)))
