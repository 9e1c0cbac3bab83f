"""Cars that drive along a street: seen from behind on the right, coming on the left, by their lamps after dark."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.generation.previz.contract import PictureRequest, RgbFrame
from kling_post.generation.previz.interior.drifting import Layer, View
from kling_post.generation.previz.interior.noise import random
from kling_post.generation.previz.outdoors.walkers import PEOPLE
from kling_post.generation.previz.picture.daylight import daylight
from kling_post.generation.previz.picture.layers import Layer as Sprite
from kling_post.generation.previz.picture.layers import affine, lay
from kling_post.generation.previz.picture.sculpt import Colour
from kling_post.generation.previz.words import colour_rgb

_WIDE, _TALL = 1.9, 1.5
_SIZES = (320, 120, 48, 20)
_PAINTS: tuple[Colour, ...] = (
    (0.55, 0.55, 0.56),
    (0.10, 0.10, 0.11),
    (0.32, 0.05, 0.05),
    (0.08, 0.13, 0.28),
    (0.75, 0.74, 0.7),
    (0.85, 0.6, 0.08),
)
_LOOP = 170.0
_BEHIND = -12.0
"""Where cars leave and enter, metres: behind the camera."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Car:
    """One car of a lane."""

    lane: float
    start: float
    speed: float
    sprites: tuple[Sprite, ...]
    """From large to small."""
    lamp: tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """All cars of a shot."""

    keys: tuple[str, ...]
    cars: tuple[Car, ...]
    dark: bool
    wet: bool
    eye: float

    def draw(self, frame: RgbFrame, view: View, seconds: float) -> None:
        """Draw them far to near."""
        gone = view.pose.z - view.base.z
        placed = sorted(
            ((car, (car.start + car.speed * seconds - _BEHIND) % _LOOP + _BEHIND) for car in self.cars), key=lambda one: -one[1]
        )
        for car, z in placed:
            if z - gone < 1.4:
                continue
            column, row, scale = (float(v[0]) for v in view.project(*(np.array([c]) for c in (car.lane, -self.eye, z))))
            fade = float(np.clip((_LOOP + _BEHIND - z) / 30, 0, 1))
            wide = _WIDE * scale
            sprite = next((one for one in reversed(car.sprites) if one.shape[1] >= wide * 0.75), car.sprites[0])
            matrix = affine(scale_x=wide / sprite.shape[1], at=(column - wide / 2, row - wide * _TALL / _WIDE))
            _shadow(frame, column, row, scale)
            lay(frame, sprite, matrix)
            if self.dark:
                self._lamps(frame, column, row, scale, car.lamp, fade)

    def _lamps(self, frame: RgbFrame, column: float, row: float, scale: float, tint: tuple[int, int, int], fade: float) -> None:
        """The glow of both lamps, and its streak on a wet road."""
        for side in (-0.68, 0.68):
            x, y = column + side * scale, row - 0.68 * scale
            _spot(frame, x, y, 0.55 * scale, 0.55 * scale, tint, 0.9 * fade)
            if self.wet:
                _spot(frame, x, row + 0.9 * scale, 0.22 * scale, 1.3 * scale, tint, 0.5 * fade)


def _shadow(frame: RgbFrame, column: float, row: float, scale: float) -> None:
    """Darken the road under a car, in place."""
    rows, columns = frame.shape[:2]
    wide, tall = 1.15 * scale, max(0.16 * scale, 1.0)
    left, right = max(0, int(column - wide)), min(columns, int(column + wide) + 2)
    top, bottom = max(0, int(row - 1.5 * tall)), min(rows, int(row + tall) + 2)
    if left >= right or top >= bottom:
        return
    across = np.clip(1.6 - 1.6 * np.abs((np.arange(left, right) + 0.5 - column) / wide), 0, 1)
    down = np.exp(-(((np.arange(top, bottom) + 0.5 - row) / tall) ** 2) * 2)
    window = frame[top:bottom, left:right]
    window[:] = (window * (1 - 0.75 * np.outer(down, across))[..., None]).astype(np.uint8)


def _spot(frame: RgbFrame, x: float, y: float, wide: float, tall: float, tint: tuple[int, int, int], strength: float) -> None:
    """Add a soft patch of light, in place."""
    rows, columns = frame.shape[:2]
    left, right = max(0, int(x - 2 * wide)), min(columns, int(x + 2 * wide) + 2)
    top, bottom = max(0, int(y - 2 * tall)), min(rows, int(y + 2 * tall) + 2)
    if left >= right or top >= bottom:
        return
    across = np.exp(-(((np.arange(left, right) + 0.5 - x) / max(wide, 0.6)) ** 2) * 2)
    down = np.exp(-(((np.arange(top, bottom) + 0.5 - y) / max(tall, 0.6)) ** 2) * 2)
    added = np.outer(down, across * strength)[..., None] * np.array(tint, np.float64)
    window = frame[top:bottom, left:right]
    cv2.add(window, np.clip(added, 0, 255).astype(np.uint8), dst=window)


def traffic(
    request: PictureRequest, *, eye: float, lanes: tuple[float, float] = (-3.6, 1.8), usual: int = 5, pace: float = 7.5
) -> tuple[Layer, ...]:
    """The cars of a street shot; none where the negative prompt takes vehicles out, or where the street is an alley.

    Args:
        request: The shot.
        eye: Height of the camera, metres.
        lanes: Metres to the right of the camera, of those that come and those that go.
        usual: How many where the prompt names none.
        pace: Metres a second, about.
    """
    reading = request.reading
    if "vehicle" in reading.removed or any(
        word in reading.prompt.lower() for word in ("alley", "empty", "deserted", "abandoned", "market")
    ):
        return ()
    draw = random((request.seed, 821))
    named = reading.element("vehicle")
    count = usual if named is None else min(12, usual - 1 + named.count)
    walked = any(reading.element(key) is not None for key in PEOPLE)
    light = daylight(reading, request.seed)
    ambient = np.clip(np.array(light.ambient) * 1.3 + np.array(light.ground) * 0.45, 0, 1.2)
    wet = bool({"rain", "storm"} & set(reading.weather)) or "wet" in reading.prompt.lower()
    cars = []
    for number in range(count):
        # Where somebody walks, that lane is theirs.
        coming = (walked or number % 2 == 1) and not (named is not None and number == 0)
        paint = _PAINTS[int(draw.integers(len(_PAINTS)))]
        if named is not None and number == 0 and named.colour is not None:
            red, green, blue = ((channel / 255) ** 2.2 for channel in colour_rgb(named.colour))
            paint = (red, green, blue)
        lane = lanes[0] if coming else lanes[1]
        speed = (-1 if coming else 1) * float(draw.uniform(0.8, 1.2)) * pace
        start = float((number + draw.uniform(0.1, 0.9)) * _LOOP / count)
        sprites = tuple(_sprite(paint, ambient, columns, coming=coming, dark=light.dark) for columns in _SIZES)
        cars.append(Car(lane=lane, start=start, speed=speed, sprites=sprites, lamp=(255, 236, 200) if coming else (150, 14, 8)))
    return (Traffic(keys=("vehicle",), cars=tuple(cars), dark=light.dark, wet=wet, eye=eye),)


def _sprite(paint: Colour, light: NDArray[np.float64], columns: int, *, coming: bool, dark: bool) -> Sprite:
    """A car's front or back as a premultiplied picture, twice oversampled."""
    wide = columns * 2
    rows = round(wide * _TALL / _WIDE)
    rgba = np.zeros((rows, wide, 4), np.float32)

    def shape(points: list[tuple[float, float]], colour: NDArray[np.float64]) -> None:
        mask = np.zeros((rows, wide), np.uint8)
        both = [*points, *((-x, y) for x, y in reversed(points))]
        corners = np.array([((x / _WIDE + 0.5) * wide, (1 - y / _TALL) * rows) for x, y in both])
        cv2.fillPoly(mask, [np.round(corners).astype(np.int32)], 255, cv2.LINE_AA)
        cover = (mask / np.float32(255))[..., None]
        rgba[..., :3] = rgba[..., :3] * (1 - cover) + np.asarray(colour, np.float32) * cover
        rgba[..., 3:] = rgba[..., 3:] * (1 - cover) + cover

    body = np.array(paint) * light
    tyre = np.array([0.012, 0.012, 0.014]) * (0.3 + light)
    shape([(0.62, 0.0), (0.86, 0.0), (0.86, 0.4), (0.6, 0.4)], tyre)
    shape([(0.0, 0.22), (0.88, 0.22), (0.93, 0.5), (0.9, 0.82), (0.72, 0.95), (0.0, 0.97)], body * 0.8)
    shape([(0.0, 0.72), (0.9, 0.72), (0.88, 0.86), (0.72, 0.96), (0.0, 0.98)], body * 1.15)
    shape([(0.0, 0.9), (0.74, 0.92), (0.58, 1.42), (0.4, 1.48), (0.0, 1.49)], body)
    shape([(0.0, 0.98), (0.64, 0.98), (0.52, 1.36), (0.0, 1.4)], np.array([0.05, 0.06, 0.075]) + light * 0.10)
    shape([(0.0, 0.24), (0.85, 0.24), (0.88, 0.4), (0.0, 0.4)], tyre * 2)
    lamp = np.array([1.0, 0.95, 0.85]) * (3.0 if dark else 0.5) if coming else np.array([0.9, 0.03, 0.02]) * (1.6 if dark else 0.35)
    for low, high, inner, outer in ((0.6, 0.76, 0.55, 0.88),):
        for side in (1, -1):
            mask = np.zeros((rows, wide), np.uint8)
            corners = [
                ((side * x / _WIDE + 0.5) * wide, (1 - y / _TALL) * rows)
                for x, y in ((inner, low), (outer, low + 0.03), (outer, high), (inner, high))
            ]
            cv2.fillPoly(mask, [np.round(np.array(corners)).astype(np.int32)], 255, cv2.LINE_AA)
            rgba[mask > 127, :3] = lamp
    display = np.clip(rgba[..., :3] / np.maximum(rgba[..., 3:], 1e-3), 0, 1) ** (1 / 2.2) * rgba[..., 3:]
    small = cv2.resize(np.dstack([display, rgba[..., 3:]]) * 255, (columns, rows // 2), interpolation=cv2.INTER_AREA)
    return Sprite(np.clip(small + 0.5, 0, 255).astype(np.uint8))
