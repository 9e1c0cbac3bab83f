"""The depth of drawn country: a level ground, hills as far cards, figures and trees as near ones, and what hangs in the air.

How much of each pixel a card covers is measured, not described: whatever draws itself is drawn once on black and once on white, and
where the two differ the background still shows through (the triangulation matting of Smith and Blinn, SIGGRAPH 1996, with grey for
both backgrounds). So a figure needs to say no more than how far away it stands.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.generation.previz.contract import RgbFrame
from kling_post.generation.previz.geometry.view import STILL, UNKNOWN, Pinhole, View, pinhole
from kling_post.generation.previz.picture.camera import CameraPath, Pose
from kling_post.vocabulary import Size

Drawer = Callable[[RgbFrame], None]
"""Draws one thing over a frame, in place."""

_COVERED = 128
"""Of 255: what hides more than half of what is behind it is what is seen."""
FAINT, _WHOLE = 12, 243
"""Between these a pixel is a mixture of two surfaces, and has the movement of neither."""
_FARTHEST_METRES = 4000.0
"""As far as ground is drawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """Something drawn in one upright plane."""

    draw: Drawer
    metres: float
    """Ahead of the camera."""
    velocity: tuple[float, float, float] | None = None
    """Metres a second of its body, where it moves."""
    box: tuple[float, float, float, float] | None = None
    """Left, bottom, right and top of all that it draws, in metres of the world; None for anywhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Veil:
    """Something that hangs, flies or falls in the air: it has no depth of its own, and what is behind it moves otherwise."""

    draw: Drawer


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """Rows around the horizon that hot air or water bends."""

    above: float
    below: float
    """Fractions of the picture's height."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """The level ground, from the horizon to the bottom of the picture."""

    flows: bool = False
    """Water: its waves move of themselves."""


Surface = Card | Veil | Band | Ground


def country_view(size: Size, pose: Pose, surfaces: Iterable[Surface]) -> View:
    """The geometry of one frame of country.

    Args:
        size: The picture's.
        pose: The camera's.
        surfaces: All that is drawn over the sky, in the order of drawing.
    """
    canvas = _Canvas(size, pose)
    for surface in surfaces:
        match surface:
            case Ground():
                canvas.ground(surface)
            case Band():
                canvas.band(surface)
            case Card():
                canvas.card(surface)
            case Veil():
                canvas.veil(surface)
    return canvas.view()


class SeenCountry(ABC):
    """A picture of drawn country that knows its geometry: whoever inherits has a camera's path, and says what it draws."""

    _path: CameraPath
    _size: Size
    _rate: Fraction

    def camera(self, index: int) -> Pinhole:
        """The camera of one frame."""
        return pinhole(self._path.at(float(index / self._rate)), self._size)

    def view(self, index: int) -> View:
        """Camera, depth and movement of one frame."""
        seconds = float(index / self._rate)
        pose = self._path.at(seconds)
        return country_view(self._size, pose, self._surfaces(pose, seconds))

    @abstractmethod
    def _surfaces(self, pose: Pose, seconds: float) -> Iterable[Surface]:
        """All that ``frame`` draws over the sky, in its order."""


class _Canvas:
    """Depth and motion while they are built up."""

    def __init__(self, size: Size, pose: Pose) -> None:
        shape = (size.height, size.width)
        self._size, self._pose = size, pose
        self._depth = np.full(shape, np.inf, np.float32)
        self._motion = np.full(shape, STILL, np.uint8)
        self._velocities: list[tuple[float, float, float]] = []
        self._black = np.zeros((*shape, 3), np.uint8)
        self._white = np.full((*shape, 3), 255, np.uint8)

    def ground(self, surface: Ground) -> None:
        """The plane y = 0."""
        horizon = self._pose.horizon * self._size.height
        first = min(max(int(np.floor(horizon)), 0), self._size.height)
        below = np.arange(first, self._size.height, dtype=np.float64) + 0.5 - horizon
        metres = self._pose.y * self._pose.focal * self._size.height / np.maximum(below, 1e-6)
        self._depth[first:] = np.minimum(metres, _FARTHEST_METRES).astype(np.float32)[:, None]
        self._motion[first:] = UNKNOWN if surface.flows else STILL
        # The row that the horizon cuts shows ground and sky.
        self._motion[max(first - 1, 0) : first + 1] = UNKNOWN

    def band(self, surface: Band) -> None:
        """Depth stays; movement is not known."""
        height = self._size.height
        top, bottom = (round((self._pose.horizon + part) * height) for part in (-surface.above, surface.below))
        self._motion[max(top - 1, 0) : max(bottom + 1, 0)] = UNKNOWN

    def card(self, surface: Card) -> None:
        """Its plane, where it covers what is behind it."""
        cover, rows, columns = self._cover(surface.draw, *self._window(surface))
        depth, motion = self._depth[rows, columns], self._motion[rows, columns]
        depth[cover >= _COVERED] = surface.metres
        code = STILL
        if surface.velocity is not None:
            self._velocities.append(surface.velocity)
            code = min(len(self._velocities), UNKNOWN)
        motion[cover > _WHOLE] = code
        motion[(cover > FAINT) & (cover <= _WHOLE)] = UNKNOWN

    def veil(self, surface: Veil) -> None:
        """Depth stays that of what is behind it."""
        cover, rows, columns = self._cover(surface.draw, slice(0, self._size.height), slice(0, self._size.width))
        self._motion[rows, columns][cover > FAINT] = UNKNOWN

    def view(self) -> View:
        """The finished geometry."""
        return View(camera=pinhole(self._pose, self._size), depth=self._depth, motion=self._motion, velocities=tuple(self._velocities))

    def _window(self, surface: Card) -> tuple[slice, slice]:
        if surface.box is None:
            return slice(0, self._size.height), slice(0, self._size.width)
        left, bottom, right, top = surface.box
        away = surface.metres + self._pose.z
        (first, low), (last, high) = (self._pose.project(self._size, x, y, away) for x, y in ((left, bottom), (right, top)))
        return (
            slice(max(0, int(high) - 2), max(0, min(self._size.height, int(low) + 3))),
            slice(max(0, int(first) - 2), max(0, min(self._size.width, int(last) + 3))),
        )

    def _cover(self, draw: Drawer, rows: slice, columns: slice) -> tuple[NDArray[np.uint8], slice, slice]:
        """How much of each pixel of a window something hides, 0 to 255, cut to the rows and columns where it does at all."""
        black, white = self._black[rows, columns], self._white[rows, columns]
        if not black.size:
            return np.zeros((0, 0), np.uint8), slice(0, 0), slice(0, 0)
        draw(self._black)
        draw(self._white)
        cover = _difference(black, white)
        left, top, wide, tall = cv2.boundingRect(cover)
        inner = slice(top, top + tall), slice(left, left + wide)
        black[inner], white[inner] = 0, 255
        across, down = columns.start + left, rows.start + top
        return cover[inner], slice(down, down + tall), slice(across, across + wide)


def cover_of(draw: Drawer, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """How much of each pixel of a picture of that shape (rows, columns) something hides, 0 to 255."""
    black, white = np.zeros((*shape, 3), np.uint8), np.full((*shape, 3), 255, np.uint8)
    draw(black)
    draw(white)
    return _difference(black, white)


def _difference(black: RgbFrame, white: RgbFrame) -> NDArray[np.uint8]:
    red, green, blue = cv2.split(cv2.subtract(white, black))
    return np.asarray(cv2.bitwise_not(cv2.max(cv2.max(red, green), blue)), np.uint8)
