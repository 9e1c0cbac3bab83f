"""Halls with a vault: cathedral, museum, warehouse, library. A stone nave on columns, or walls of shelves, over a polished floor."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from kling_post.generation.previz.contract import Reading
from kling_post.generation.previz.interior import bookcase, figures, masonry
from kling_post.generation.previz.interior.canvas import Canvas, Light, Texture, level, premultiplied, upright, wall
from kling_post.generation.previz.interior.daylight import Daylight, daylight_of
from kling_post.generation.previz.interior.drawn import DrawnStill
from kling_post.generation.previz.interior.finish import developed, glow, linear, rays
from kling_post.generation.previz.interior.lens import Lens, Points
from kling_post.generation.previz.interior.noise import Field, Key, fractal, resized, smooth
from kling_post.generation.previz.interior.palette import named_colour
from kling_post.generation.previz.interior.vault import BarrelVault
from kling_post.generation.previz.interior.water import lay_water
from kling_post.vocabulary import Size

_BAYS, _BAY, _FIRST = 9, 6.0, 3.5
_FAR = _FIRST + _BAYS * _BAY
_HALF, _SPRING = 6.5, 8.2
_ARCH_HALF, _ARCH_SPRING = 2.3, 4.9
_FIGURE_Z = 12.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stock:
    arcade: Texture
    outer: Texture
    column: Texture
    soffit: Texture
    vault: Field
    beam: Texture
    floor: Texture


def draw_nave(reading: Reading, *, seed: int, size: Size, shelves: bool) -> DrawnStill:
    """The still of a vaulted hall at any size; with ``shelves`` its aisles are walls of books."""
    key = (seed, 601 + shelves)
    light = daylight_of(reading)
    lens = Lens(size=size, focal=0.68, horizon=0.6, eye=(0.0, 1.65, 0.0))
    half = Size(max(2, size.width // 2), max(2, size.height // 2))
    stock = _stock(key, size, shelves=shelves)
    lighting = _lighting(light)
    below = Canvas(lens.mirrored(half), _haze(half, lens, light), _haze(half, lens, light), 75.0, lighting)
    _structure(below, key, stock, light)
    _person(below, reading, key)
    canvas = Canvas(lens, _haze(size, lens, light), _haze(size, lens, light), 75.0, lighting)
    for block in reversed(range(10)):
        canvas.paint(stock.floor, level((-_HALF - 5, _HALF + 5), 0.0, (1.2 + 6 * block, 7.2 + 6 * block)), gain=0.9)
    lay_water(canvas, below, key, depth_tint=np.ones(3, np.float32), waves=0.12, gloss=0.5)
    _structure(canvas, key, stock, light)
    drawn = {"arches", "columns", "window", "carved stone", "sunbeams"} | ({"shelves", "books"} if shelves else set())
    if _person(canvas, reading, key):
        drawn |= {"person", "traveler"}
    rays(
        canvas.light,
        (lens.vanishing[0], lens.vanishing[1] - 0.12 * size.height),
        threshold=0.7,
        strength=0.12 * light.shafts + 0.03,
        tint=light.tint,
    )
    glow(canvas.light, threshold=0.95, strength=0.32)
    return DrawnStill(
        picture=developed(canvas.light, key, exposure=light.exposure, vignette=0.42),
        nearness=canvas.nearness,
        vanishing=(0.5, lens.horizon),
        focal=lens.focal,
        drawn=frozenset(drawn),
    )


def _lighting(light: Daylight) -> Light:
    sun, sky = np.array(light.sun), np.array(light.sky)

    def at(points: Points, normal: NDArray[np.float64]) -> Field:
        x, y, z = points[..., 0], points[..., 1], points[..., 2]
        high = np.clip(y / 13, 0, 1)
        ambient = (0.22 + 0.35 * high) * (0.7 + 0.3 * np.clip(y / 2.5, 0, 1)) + 0.4 * max(0.0, float(normal[1]))
        windows = np.exp(-(((y - 4.5) / 3.5) ** 2)) * (0.45 + 0.25 * np.cos(z * 2 * np.pi / _BAY)) * np.clip(np.abs(x) / 7, 0, 1)
        end = np.clip((z - 6) / 55, 0, 1) ** 1.5 * 0.8
        lamps = np.exp(-(((y - 3.2) / 2.6) ** 2))[..., None] * np.array([1.0, 0.62, 0.3]) * light.lamps
        return np.asarray(sky * (ambient + end)[..., None] + sun * (windows + 0.3 * end)[..., None] + lamps, np.float32)

    return at


def _haze(size: Size, lens: Lens, light: Daylight) -> Field:
    rows, columns = 90, 160
    y, x = np.indices((rows, columns), np.float32)
    away = np.sqrt(((x + 0.5) / columns - lens.centre) ** 2 + (((y + 0.5) / rows - lens.horizon + 0.12) * 0.62) ** 2)
    pale = np.array(light.sun) * 0.5 + np.array(light.sky) * 0.4
    haze = pale * (0.1 + 0.34 * np.exp(-((away / 0.15) ** 2)) + 0.1 * np.exp(-((away / 0.4) ** 2)))[..., None]
    return resized(np.asarray(haze, np.float32), size.height, size.width)


def _stock(key: Key, size: Size, *, shelves: bool) -> _Stock:
    density = size.width / 3840 * 130
    if shelves:
        books = bookcase.bookcase((*key, 11), density, _BAY, 9.0, cases=2) * 1.25
        books += bookcase.warm_lamps((*key, 12), density, _BAY, 9.0, 5) * (0.25 + 2.5 * books)
        outer = premultiplied(np.asarray(books, np.float32), np.ones(books.shape[:2], np.float32))
    else:
        outer = masonry.aisle_wall((*key, 11), density * 0.7, _BAY, 8.0)
    strip = masonry.ashlar((*key, 13), density * 0.5, 1.0, 1.0) * 0.85
    return _Stock(
        arcade=masonry.arcade((*key, 10), density, _BAY, _SPRING, half=_ARCH_HALF, spring=_ARCH_SPRING),
        outer=outer,
        column=masonry.column((*key, 14), density * 1.5, 1.4, _ARCH_SPRING + 0.15),
        soffit=premultiplied(strip, np.ones(strip.shape[:2], np.float32)),
        vault=_coffers((*key, 15), density * 0.6),
        beam=_shaft((*key, 16)),
        floor=_floor((*key, 17), density * 0.8, warm=shelves),
    )


def _coffers(key: Key, density: float) -> Field:
    """A bay of stone vault, unrolled: sunk panels between ribs."""
    arc = np.pi * _HALF
    rows, columns = max(8, round(_BAY * density)), max(16, round(arc * density))
    z = ((np.arange(rows, dtype=np.float32) + 0.5) / rows * _BAY)[:, None]
    s = ((np.arange(columns, dtype=np.float32) + 0.5) / columns * arc)[None, :]
    panel = np.minimum(np.minimum(z % 2, 2 - z % 2), np.minimum(s % (arc / 10), arc / 10 - s % (arc / 10)))
    step = 0.6 + 0.45 * smooth(0.5 - panel, -0.1, 0.12) - 0.3 * np.clip(1 - np.abs(panel - 0.42) / 0.05, 0, 1)
    step += 0.25 * np.clip(1 - np.abs(panel - 0.5) / 0.04, 0, 1)
    rough = fractal(key, (rows, columns), (5, 16), octaves=7, gain=0.55)
    return np.asarray(masonry.STONE * (step * (0.62 + 0.5 * rough))[..., None], np.float32)


def _shaft(key: Key) -> Texture:
    rows, columns = 96, 64
    x = np.linspace(-1, 1, columns, dtype=np.float32)[None, :]
    y = np.linspace(0, 1, rows, dtype=np.float32)[:, None]
    streak = fractal(key, (2, columns), (2, 7), octaves=3)[0][None, :]
    strength = smooth(1 - np.abs(x), 0, 0.7) * (0.4 + streak) * (1 - 0.75 * y) * smooth(y, 0, 0.06) * smooth(1 - y, 0, 0.3)
    return premultiplied(np.ones(3, np.float32), np.asarray(strength, np.float32))


def _floor(key: Key, density: float, *, warm: bool) -> Texture:
    rows, columns = round(6 * density), round(23 * density)
    y, x = ((np.arange(rows) + 0.5) / density)[:, None], ((np.arange(columns) + 0.5) / density - 11.5)[None, :]
    veins = fractal(key, (rows, columns), (9, 34), octaves=6, gain=0.6)
    if warm:
        board = np.floor(x / 0.25).astype(int)
        tone = linear(124, 84, 52) * (0.45 + 0.5 * ((board * 37) % 11) / 11 + 0.3 * veins)[..., None]
        edge = np.minimum(x % 0.25, 0.25 - x % 0.25) / 0.012
    else:
        square = (np.floor((x + y) / 1.0) + np.floor((x - y) / 1.0)).astype(int) % 2
        tone = np.where(square[..., None] > 0, linear(196, 188, 170), linear(92, 84, 80)) * (0.5 + 0.7 * veins)[..., None]
        edge = np.minimum(np.minimum((x + y) % 1, 1 - (x + y) % 1), np.minimum((x - y) % 1, 1 - (x - y) % 1)) / 0.012
    return premultiplied(np.asarray(tone * np.clip(edge, 0.4, 1)[..., None], np.float32), np.ones((rows, columns), np.float32))


def _structure(canvas: Canvas, key: Key, stock: _Stock, light: Daylight) -> None:
    """Everything that stands on the floor, far to near."""
    vault = BarrelVault(canvas, _HALF, _SPRING)
    density = canvas.lens.size.width / 3840 * 60
    far = masonry.end_wall((*key, 30), density, _HALF, _SPRING, clock=False, stained=light.stained)
    canvas.paint(far, upright((-_HALF, _HALF), (0.0, _SPRING + _HALF), _FAR), lit=False, gain=light.window)
    for bay in reversed(range(_BAYS)):
        z = _FIRST + bay * _BAY
        for side in (-1.0, 1.0):
            canvas.paint(stock.outer, wall(side * (_HALF + 3.2), (0.0, 8.0), (z, z + _BAY)), gain=light.aisle)
            ceiling = level((min(side * _HALF, side * (_HALF + 3.2)), max(side * _HALF, side * (_HALF + 3.2))), 7.9, (z, z + _BAY))
            canvas.paint(stock.soffit, ceiling, gain=0.4)
        vault.paint_lit(stock.vault, (z, z + _BAY), light.vault)
        for side in (-1.0, 1.0):
            _arch(canvas, stock, side, z)
            canvas.paint(stock.arcade, wall(side * _HALF, (0.0, _SPRING), (z - 0.02, z + _BAY + 0.02)))
            canvas.paint(stock.column, upright((side * _HALF - 0.7, side * _HALF + 0.7), (0.0, _ARCH_SPRING + 0.1), z), gain=1.15)
        if light.shafts > 0 and bay % 2 and bay > 0:
            corners = np.array([(-6.2, 9.4, z + 3), (-4.6, 11.4, z + 3), (5.6, 0.1, z + 2.4), (1.6, 0.0, z + 2.4)])
            canvas.paint(stock.beam, corners, gain=0.3 * light.shafts, lit=False, additive=True)


def _arch(canvas: Canvas, stock: _Stock, side: float, z: float) -> None:
    middle = z + _BAY / 2
    inner, outer = side * _HALF, side * (_HALF + 0.8)
    for start, stop in pairwise(np.linspace(0, np.pi, 13)):
        z0, y0 = middle - _ARCH_HALF * np.cos(start), _ARCH_SPRING + _ARCH_HALF * np.sin(start)
        z1, y1 = middle - _ARCH_HALF * np.cos(stop), _ARCH_SPRING + _ARCH_HALF * np.sin(stop)
        canvas.paint(stock.soffit, np.array([(outer, y0, z0), (outer, y1, z1), (inner, y1, z1), (inner, y0, z0)]), gain=0.8)


def _person(canvas: Canvas, reading: Reading, key: Key) -> bool:
    """One person in the middle distance, seen from behind, where the prompt has one."""
    element = next((found for found in (reading.element(name) for name in ("person", "traveler", "archivist", "violinist")) if found), None)
    if element is None:
        return False
    density = max(30.0, canvas.lens.pixels_per_metre(_FIGURE_Z))
    half, low, high = figures.FIGURE_BOX
    texture = figures.visitor((*key, 40), density, named_colour(element.colour, (70, 66, 72)))
    canvas.paint(texture, upright((-half, half), (low, high), _FIGURE_Z), gain=1.3)
    return True
