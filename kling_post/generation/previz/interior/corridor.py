"""A long corridor: painted walls with doors, a tiled floor that shines, lamps in the ceiling, a lit door at its end."""

import numpy as np
from numpy.typing import NDArray

from kling_post.generation.previz.contract import Reading
from kling_post.generation.previz.interior import figures
from kling_post.generation.previz.interior.canvas import Canvas, Light, Texture, level, premultiplied, upright, wall
from kling_post.generation.previz.interior.drawn import DrawnStill
from kling_post.generation.previz.interior.finish import developed, glow, linear
from kling_post.generation.previz.interior.lens import Lens, Points
from kling_post.generation.previz.interior.noise import Field, Key, fractal, smooth
from kling_post.generation.previz.interior.palette import named_colour
from kling_post.generation.previz.interior.water import lay_water
from kling_post.vocabulary import Size

_HALF, _HEIGHT, _BAY, _BAYS = 1.7, 2.9, 4.0, 13
_FIGURE_Z = 9.0


def draw_corridor(reading: Reading, *, seed: int, size: Size) -> DrawnStill:
    """The still of a corridor at any size; its paint takes the prompt's mood colour."""
    key = (seed, 701)
    lens = Lens(size=size, focal=0.62, horizon=0.5, eye=(0.0, 1.5, 0.0))
    paint = named_colour(reading.mood_colours[0] if reading.mood_colours else None, (120, 142, 138))
    dark = reading.time_of_day in ("night", "polar night", "dusk")
    density = size.width / 3840 * 300
    side, floor, ceiling = _wall(key, density, paint), _tiles((*key, 2), density), _ceiling((*key, 3), density, dark=dark)
    haze = np.zeros((size.height, size.width, 3), np.float32) + paint * np.float32(0.12 if dark else 0.3)
    half = Size(max(2, size.width // 2), max(2, size.height // 2))
    small = np.zeros((half.height, half.width, 3), np.float32) + haze[0, 0]
    below = Canvas(lens.mirrored(half), small, small, 60.0, _lighting(dark=dark))
    _box(below, side, ceiling)
    canvas = Canvas(lens, haze, haze, 60.0, _lighting(dark=dark))
    for bay in reversed(range(_BAYS)):
        canvas.paint(floor, level((-_HALF, _HALF), 0.0, (max(0.8, bay * _BAY), (bay + 1) * _BAY)))
    lay_water(canvas, below, key, depth_tint=np.ones(3, np.float32), waves=0.1, gloss=0.55)
    _box(canvas, side, ceiling)
    drawn: set[str] = set()
    element = reading.element("person") or reading.element("traveler")
    if element is not None:
        texture = figures.visitor((*key, 9), max(30.0, lens.pixels_per_metre(_FIGURE_Z)), named_colour(element.colour, (60, 60, 68)))
        reach, low, high = figures.FIGURE_BOX
        canvas.paint(texture, upright((-reach, reach), (low, high), _FIGURE_Z), gain=1.1)
        drawn |= {"person", "traveler"}
    glow(canvas.light, threshold=0.85, strength=0.45)
    return DrawnStill(
        picture=developed(canvas.light, key, exposure=1.15, vignette=0.4),
        nearness=canvas.nearness,
        vanishing=(0.5, lens.horizon),
        focal=lens.focal,
        drawn=frozenset(drawn),
    )


def _lighting(*, dark: bool) -> Light:
    base = 0.14 if dark else 0.4

    def light(points: Points, normal: NDArray[np.float64]) -> Field:
        y, z = points[..., 1], points[..., 2]
        pool = 0.5 + 0.5 * np.cos((z - _BAY / 2) * 2 * np.pi / _BAY)
        lamp = pool**2 * (0.35 + 0.65 * np.clip(y / _HEIGHT, 0, 1)) * (1.0 if abs(float(normal[1])) < 0.5 or float(normal[1]) > 0 else 0.4)
        return np.asarray((base + 0.95 * lamp)[..., None] * np.array([1.0, 0.95, 0.86]), np.float32)

    return light


def _wall(key: Key, density: float, paint: NDArray[np.float32]) -> Texture:
    """One bay of wall, 4 metres: a door, skirting and dado, scuffs."""
    rows, columns = max(8, round(_HEIGHT * density)), max(8, round(_BAY * density))
    x = ((np.arange(columns, dtype=np.float32) + 0.5) / columns * _BAY)[None, :]
    y = (_HEIGHT - (np.arange(rows, dtype=np.float32) + 0.5) / rows * _HEIGHT)[:, None]
    worn = fractal((*key, 1), (rows, columns), (5, 7), octaves=7, gain=0.6)
    colour = np.where((y > 1.05)[..., None], linear(206, 202, 190), paint) * (0.7 + 0.5 * worn)[..., None]
    colour *= (1 - 0.5 * np.clip(1 - np.abs(y - 1.05) / 0.03, 0, 1) + 0.3 * np.clip(1 - np.abs(y - 1.1) / 0.02, 0, 1))[..., None]
    scuff = smooth(fractal((*key, 4), (rows, columns), (9, 5), octaves=6, gain=0.65) - 0.12 * y, 0.42, 0.62)[..., None]
    colour = colour * (1 - 0.45 * scuff)
    door = np.minimum(0.5 - np.abs(x - 1.1), 2.12 - y)
    leaf = paint * np.float32(0.45) * (0.7 + 0.4 * worn)[..., None]
    panel = np.maximum(
        np.minimum(0.32 - np.abs(x - 1.1), 0.36 - np.abs(y - 0.62)), np.minimum(0.32 - np.abs(x - 1.1), 0.42 - np.abs(y - 1.55))
    )
    leaf = leaf * (1 - 0.5 * np.clip(1 - np.abs(panel) / 0.025, 0, 1) + 0.4 * np.clip(1 - np.abs(panel + 0.03) / 0.02, 0, 1))[..., None]
    knob = np.clip(1 - (np.hypot(x - 1.5, y - 1.02) / 0.04) ** 6, 0, 1)[..., None]
    leaf = leaf * (1 - knob) + linear(200, 176, 110) * knob
    inside = np.clip(door * density, 0, 1)[..., None]
    frame = np.clip(1 - np.abs(door + 0.05) / 0.055, 0, 1)[..., None]
    colour = colour * (1 - inside) + leaf * inside
    colour = colour * (1 - frame) + linear(180, 172, 156) * frame * (0.7 + 0.3 * inside)
    skirting = (y < 0.14).astype(np.float32)[..., None] * (1 - inside)
    colour = colour * (1 - skirting * 0.7)
    return premultiplied(np.asarray(colour, np.float32), np.ones((rows, columns), np.float32))


def _tiles(key: Key, density: float) -> Texture:
    rows, columns = max(8, round(_BAY * density * 0.7)), max(8, round(2 * _HALF * density * 0.7))
    y = ((np.arange(rows) + 0.5) / rows * _BAY)[:, None]
    x = ((np.arange(columns) + 0.5) / columns * 2 * _HALF)[None, :]
    square = (np.floor(x / 0.34) + np.floor(y / 0.3334)).astype(int) % 2
    dirt = fractal(key, (rows, columns), (6, 5), octaves=6, gain=0.6)
    tone = np.where(square[..., None] > 0, linear(188, 182, 168), linear(78, 86, 84)) * (0.45 + 0.7 * dirt)[..., None]
    return premultiplied(np.asarray(tone, np.float32), np.ones((rows, columns), np.float32))


def _ceiling(key: Key, density: float, *, dark: bool) -> Texture:
    rows, columns = max(8, round(_BAY * density * 0.5)), max(8, round(2 * _HALF * density * 0.5))
    y = ((np.arange(rows) + 0.5) / rows * _BAY)[:, None]
    x = ((np.arange(columns) + 0.5) / columns * 2 * _HALF - _HALF)[None, :]
    stain = fractal(key, (rows, columns), (4, 4), octaves=6, gain=0.6)
    colour = linear(196, 192, 182) * (0.5 + 0.5 * stain)[..., None]
    joint = np.minimum(np.minimum(x % 0.6, 0.6 - x % 0.6), np.minimum(y % 0.6667, 0.6667 - y % 0.6667))
    colour = colour * np.clip(joint / 0.012, 0.5, 1)[..., None]
    lamp = ((np.abs(x) < 0.28) & (np.abs(y - _BAY / 2) < 0.62))[..., None]
    colour = np.where(lamp, np.array([1.0, 0.96, 0.86]) * (5.0 if dark else 3.2), colour)
    return premultiplied(np.asarray(colour, np.float32), np.ones((rows, columns), np.float32))


def _box(canvas: Canvas, side: Texture, ceiling: Texture) -> None:
    """Walls, ceiling and the end, far to near."""
    far = _BAY * _BAYS
    rows, columns = 96, 96
    x = np.abs(np.linspace(-1, 1, columns, dtype=np.float32))[None, :]
    y = np.linspace(1, 0, rows, dtype=np.float32)[:, None]
    door = ((x < 0.55) & (y < 0.8))[..., None]
    end = np.where(door, np.array([2.2, 2.1, 1.9]), linear(150, 150, 140)).astype(np.float32)
    canvas.paint(premultiplied(end, np.ones((rows, columns), np.float32)), upright((-_HALF, _HALF), (0.0, _HEIGHT), far), lit=False)
    for bay in reversed(range(_BAYS)):
        near, back = max(0.8, bay * _BAY), (bay + 1) * _BAY
        first = round(side.shape[1] * (near / _BAY - bay))
        canvas.paint(ceiling[: max(2, round(ceiling.shape[0] * (back - near) / _BAY))], level((-_HALF, _HALF), _HEIGHT, (near, back)))
        for number, x_wall in enumerate((-_HALF, _HALF)):
            turned = side if (bay + number) % 2 == 0 else side[:, ::-1]
            canvas.paint(np.ascontiguousarray(turned[:, first:]), wall(x_wall, (0.0, _HEIGHT), (near, back)))
