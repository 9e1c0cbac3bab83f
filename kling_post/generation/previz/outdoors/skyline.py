"""A city from above or from afar: blocks of towers to the horizon, by day in haze, after dark by their windows."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kling_post.generation.previz.contract import Reading
from kling_post.generation.previz.interior.canvas import Canvas, Light, Texture, level, premultiplied, upright, wall
from kling_post.generation.previz.interior.drawn import DrawnStill
from kling_post.generation.previz.interior.finish import developed, glow, linear
from kling_post.generation.previz.interior.lens import Lens, Points
from kling_post.generation.previz.interior.noise import Field, Key, fractal, random
from kling_post.generation.previz.outdoors.backdrop import haze_of, scatter_stars, sky_behind
from kling_post.generation.previz.outdoors.facade import Hour, front
from kling_post.generation.previz.picture.daylight import Daylight, daylight
from kling_post.vocabulary import Size

_BLOCK, _STREET = 44.0, 15.0
_FIRST, _ROWS, _ACROSS = 70.0, 26, 17
_STYLES = 7
_TALLEST = 190.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tower:
    x: float
    z: float
    wide: float
    deep: float
    height: float
    style: int


def draw_skyline(reading: Reading, *, seed: int, size: Size) -> DrawnStill:
    """The still of a city's roofs at any size and hour."""
    key = (seed, 841)
    light = daylight(reading, seed)
    lens = Lens(
        size=size,
        focal=0.78,
        horizon=0.36 if reading.framing == "aerial" else 0.5,
        eye=(29.5, 92.0 if reading.framing == "aerial" else 52.0, 0.0),
    )
    dim = light.dark or reading.time_of_day == "dusk"
    hour = Hour(sky=light.sky.middle, lit=0.36 if light.dark else 0.3 if dim else 0.02, lamp=2.6 if light.dark else 1.2)
    sky = np.array(sky_behind(lens, light.sky, seed=seed))
    haze = haze_of(lens, light.sky)
    if light.dark:
        up = np.abs(lens.vanishing[1] - np.arange(size.height, dtype=np.float32)) / np.float32(size.height)
        sky += (np.float32(0.055) * np.exp(-up * 6))[:, None, None] * linear(255, 160, 110)
        haze = haze * np.float32(0.6) + np.float32(0.028) * linear(255, 160, 110)
        scatter_stars(sky, (*key, 2), rows=int(lens.vanishing[1] * 0.75), count=220, brightest=0.8)
    canvas = Canvas(lens, sky, haze, min(light.haze_metres * 1.6, 2600.0), _lighting(light))
    _ground(canvas, (*key, 1), light)
    density = 0.0021 * size.width
    textures = [
        front((*key, 10, style), _TALLEST if style % 2 else 90.0, 36.0, density, hour, glass=float(style % 2), shop=False)
        for style in range(_STYLES)
    ]
    for tower in sorted(_towers(key, reading), key=lambda one: -one.z):
        _raise(canvas, tower, textures, density, light)
    glow(canvas.light, threshold=0.7, strength=0.65 if light.dark else 0.2)
    return DrawnStill(
        picture=developed(canvas.light, key, exposure=1.5 if light.dark else 1.05, vignette=0.3),
        nearness=canvas.nearness,
        vanishing=(lens.centre, lens.horizon),
        focal=lens.focal,
        drawn=frozenset({"skyline", "road", "window"}),
    )


def _towers(key: Key, reading: Reading) -> list[_Tower]:
    """Several houses to a block; tall ones gather in a centre ahead."""
    draw = random(key)
    low = any(word in reading.prompt.lower() for word in ("village", "town", "suburb", "hamlet"))
    towers = []
    for row in range(_ROWS):
        z = _FIRST + row * (_BLOCK + _STREET)
        across = _ACROSS + row
        for column in range(-across, across + 1):
            x = column * (_BLOCK + _STREET) + (_BLOCK + _STREET) / 2
            if abs(x) > z * 0.72 + 90:
                continue
            centre = np.exp(-((x - 60) ** 2 / 240**2 + (z - 780) ** 2 / 420**2))
            halves = 1 if draw.random() < 0.25 else 2
            for part in range(halves):
                for side in range(halves):
                    wide = _BLOCK / halves - float(draw.uniform(1, 4))
                    tall = float(draw.gamma(2.2, 6.5)) + 9 + float(centre * draw.uniform(20, 150))
                    if row < 3:
                        tall = min(tall, 34.0)
                    if low:
                        tall = 6 + float(draw.uniform(0, 6))
                    towers.append(
                        _Tower(
                            x=x + (side - (halves - 1) / 2) * _BLOCK / halves,
                            z=z + part * _BLOCK / halves,
                            wide=wide,
                            deep=wide,
                            height=min(tall, _TALLEST - 5),
                            style=int(draw.integers(_STYLES)),
                        )
                    )
    return towers


def _raise(canvas: Canvas, tower: _Tower, textures: list[Texture], density: float, light: Daylight) -> None:
    """One box: roof, the side that faces the axis, the front."""
    eye = canvas.lens.eye
    texture = textures[tower.style]
    rows = texture.shape[0]
    tall = min(rows, max(4, round(tower.height * density)))
    first = (round(abs(tower.x) * 3.7) + tower.style * 5) % max(1, texture.shape[1] // 3)
    shown = np.ascontiguousarray(texture[rows - tall :, first : first + max(4, round(tower.wide * density))])
    left, right, back = tower.x - tower.wide / 2, tower.x + tower.wide / 2, tower.z + tower.deep
    if tower.height < eye[1]:
        paint = np.array(linear(92, 88, 84) if tower.style % 2 else linear(120, 100, 86), np.float32)
        roof = premultiplied(paint, np.ones((8, 8), np.float32))
        canvas.paint(roof, level((left, right), tower.height, (tower.z, back)), gain=0.9)
        if tower.wide > 16:
            _plant_room(canvas, tower)
    if left > eye[0]:
        canvas.paint(shown, wall(left, (0.0, tower.height), (tower.z, back)))
    elif right < eye[0]:
        canvas.paint(shown, wall(right, (0.0, tower.height), (tower.z, back)))
    canvas.paint(shown, upright((left, right), (0.0, tower.height), tower.z))
    if light.dark and tower.height > 120:
        lamp = premultiplied(np.array([6.0, 0.25, 0.2], np.float32), np.ones((3, 3), np.float32))
        canvas.paint(lamp, upright((tower.x - 0.7, tower.x + 0.7), (tower.height, tower.height + 1.4), tower.z), lit=False)


def _plant_room(canvas: Canvas, tower: _Tower) -> None:
    grey = premultiplied(np.full((4, 4, 3), 0.2, np.float32), np.ones((4, 4), np.float32))
    half, z = tower.wide * 0.18, tower.z + tower.deep * 0.45
    top = tower.height + 3.2
    if top < canvas.lens.eye[1]:
        canvas.paint(grey, level((tower.x - half, tower.x + half), top, (z, z + 6)), gain=1.1)
    canvas.paint(grey, upright((tower.x - half, tower.x + half), (tower.height, top), z), gain=0.8)


def _ground(canvas: Canvas, key: Key, light: Daylight) -> None:
    """Streets between the blocks; after dark, lines of lamps and cars."""
    step = (_BLOCK + _STREET) * 2
    rows = columns = 512
    y = ((np.arange(rows) + 0.5) / rows * step)[:, None]
    x = ((np.arange(columns) + 0.5) / columns * step)[None]
    lane_x = np.minimum((x + _STREET) % (_BLOCK + _STREET), 1e9)
    lane_y = (y + _STREET) % (_BLOCK + _STREET)
    street = (lane_x < _STREET) | (lane_y < _STREET)
    rough = fractal(key, (rows, columns), (8, 8), octaves=5)
    colour = np.where(street[..., None], np.float32(0.06), np.float32(0.13)) * (0.6 + 0.7 * rough)[..., None]
    if light.dark:
        spark = random((*key, 1)).random((rows, columns)) < 0.09
        lamps = street & spark
        colour = (
            colour * 0.4
            + lamps[..., None] * linear(255, 190, 120) * np.float32(3.0)
            + street[..., None] * linear(255, 170, 100) * np.float32(0.22)
        )
    texture = premultiplied(np.asarray(colour, np.float32), np.ones((rows, columns), np.float32))
    for row in reversed(range(-1, 14)):
        near = max(8.0, _FIRST - _STREET + row * step)
        for column in range(-10, 10):
            left = column * step - _STREET / 2
            canvas.paint(texture, level((left, left + step), 0.0, (near, near + step)), lit=not light.dark)


def _lighting(light: Daylight) -> Light:
    ambient, sun = np.array(light.ambient, np.float32), np.array(light.sun, np.float32)
    side = np.sign(light.sky.sun_across)

    def shade(points: Points, normal: NDArray[np.float64]) -> Field:
        y = points[..., 1]
        deep = np.clip(0.35 + y / 60, 0.35, 1.0)[..., None]
        result = ambient * deep * np.float32(1.3)
        if light.dark:
            low = np.exp(-np.clip(y, 0, 300) / 14)[..., None]
            return np.asarray(result + low * linear(255, 180, 120) * np.float32(0.5), np.float32)
        facing = 0.5 if abs(float(normal[1])) > 0.5 else 0.42 if float(normal[0]) * side > 0.5 else 0.06
        return np.asarray(result + sun * np.float32(facing) * (deep if facing > 0.1 else np.float32(1)), np.float32)

    return shade
