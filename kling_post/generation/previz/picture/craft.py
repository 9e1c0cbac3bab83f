"""A vehicle with turning wheels and a small sailing boat, seen from the side."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kling_post.generation.previz.contract import RgbFrame
from kling_post.generation.previz.picture.layers import Affine
from kling_post.generation.previz.picture.noise import FloatArray
from kling_post.generation.previz.picture.sculpt import Colour, Part, Workshop
from kling_post.generation.previz.picture.tone import rgb

_BODY = [
    (-2.15, 0.55),
    (-2.2, 0.95),
    (-2.05, 1.12),
    (-1.35, 1.2),
    (-0.75, 1.68),
    (0.55, 1.7),
    (1.2, 1.2),
    (2.0, 1.08),
    (2.2, 0.85),
    (2.2, 0.5),
]
_GLASS = [(-1.15, 1.2), (-0.68, 1.6), (0.48, 1.62), (0.98, 1.2)]
_HULL = [(-2.6, 0.85), (-2.2, 0.0), (-1.2, -0.4), (1.4, -0.4), (2.5, 0.15), (3.2, 1.0), (0.0, 0.72)]
_MAIN = [(-0.2, 1.0), (-2.3, 1.15), (-1.5, 3.2), (-0.2, 7.2)]
_JIB = [(0.05, 1.1), (2.8, 1.1), (1.3, 3.4), (0.05, 6.4)]
_WHEEL = 0.36


def _ring(radius: float, corners: int = 24) -> list[tuple[float, float]]:
    return [(radius * float(np.cos(a)), radius * float(np.sin(a))) for a in np.linspace(0, 2 * np.pi, corners, endpoint=False)]


def _tyre(x: FloatArray, y: FloatArray) -> FloatArray:
    radius, angle = np.hypot(x, y), np.arctan2(y, x)
    spoke = (radius < 0.22) & (np.cos(angle * 5) > -0.2)
    return np.asarray(np.where(spoke[..., None], rgb(0.4, 0.4, 0.42), rgb(0.02, 0.02, 0.022)), np.float32)


class _Jointed(Protocol):
    """Something made of rigid parts, each hung at a joint and turned."""

    def draw(self, frame: RgbFrame, plane: Affine, seconds: float) -> None:
        """Draw into the frame; ``plane`` takes metres about the middle, on the ground or at the water line, to pixels."""
        for part, joint, degrees in self._parts(seconds):
            part.draw(frame, plane, joint, degrees)

    def cast(self, cover: NDArray[np.uint8], plane: Affine, seconds: float) -> None:
        """Add the silhouette to a picture of cover."""
        for part, joint, degrees in self._parts(seconds):
            part.cast(cover, plane, joint, degrees)

    def _parts(self, seconds: float) -> list[tuple[Part, tuple[float, float], float]]:
        """Each part, back to front, with its joint in metres and its turn in degrees."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Car(_Jointed):
    """A saloon that drives to the right."""

    body: Part
    glass: Part
    wheel: Part
    speed: float = 7.0

    def _parts(self, seconds: float) -> list[tuple[Part, tuple[float, float], float]]:
        turn = -float(np.rad2deg(self.speed * seconds / _WHEEL)) % 360
        bounce = 0.012 * float(np.sin(seconds * 9.1)) + 0.008 * float(np.sin(seconds * 14.3))
        wheels = [(self.wheel, (x, _WHEEL), turn) for x in (-1.38, 1.38)]
        return [(self.body, (0.0, bounce), 0.0), (self.glass, (0.0, bounce), 0.0), *wheels]

    def steps(self, duration_seconds: float) -> tuple[float, ...]:
        """A car makes no steps."""
        del duration_seconds
        return ()


def make_car(workshop: Workshop, colour: Colour, speed: float) -> Car:
    """Sculpt a car."""
    return Car(
        body=workshop.part([_BODY], colour, roundness=0.35, gloss=1.2),
        glass=workshop.part([_GLASS], (0.03, 0.04, 0.05), roundness=0.2, gloss=2.0),
        wheel=workshop.part([_ring(_WHEEL)], _tyre, roundness=0.08, smooth=True),
        speed=speed,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Boat(_Jointed):
    """A sailing boat that heaves on the swell."""

    hull: Part
    sails: Part
    speed: float = 1.5

    def _parts(self, seconds: float) -> list[tuple[Part, tuple[float, float], float]]:
        heave, roll = 0.14 * float(np.sin(seconds * 1.5)), 2.6 * float(np.sin(seconds * 1.15 + 0.6)) - 3.0
        return [(self.sails, (0.0, heave), roll), (self.hull, (0.0, heave), roll)]

    def steps(self, duration_seconds: float) -> tuple[float, ...]:
        """A boat makes no steps."""
        del duration_seconds
        return ()


def make_boat(workshop: Workshop, colour: Colour) -> Boat:
    """Sculpt a boat."""
    mast = [(-0.06, 0.6), (0.06, 0.6), (0.03, 7.4), (-0.03, 7.4)]
    return Boat(
        hull=workshop.part([_HULL], colour, roundness=0.4, gloss=0.8),
        sails=workshop.part([mast, _MAIN, _JIB], (0.80, 0.76, 0.68), roundness=0.6, smooth=False),
    )
