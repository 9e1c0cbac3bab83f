"""The frozen library: a glacier canyon whose walls hold shelves, a bridge through it, and a polar sky above."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kling_post.generation.previz.contract import Reading
from kling_post.generation.previz.interior import aurora, bookcase, figures, ice, timber, veil
from kling_post.generation.previz.interior.canvas import Canvas, Texture, level, premultiplied, upright, wall
from kling_post.generation.previz.interior.drawn import DrawnStill
from kling_post.generation.previz.interior.finish import developed, glow, linear, rays
from kling_post.generation.previz.interior.lens import Lens, Points
from kling_post.generation.previz.interior.noise import Field, blurred, random, resized
from kling_post.generation.previz.interior.palette import named_colour
from kling_post.vocabulary import Size

_BAYS = 11
_BAY_METRES = 8.0
_FIRST_METRES = 7.0
_FOOT, _RIM = -16.0, 27.0
_FAR = _FIRST_METRES + _BAYS * _BAY_METRES
_DECK_HALF = 1.5
_PANEL_METRES = 2.5
_FIGURE_Z = 13.0
_MIST = linear(150, 190, 196)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stock:
    """Textures used again and again along the canyon."""

    shelves: tuple[Texture, ...]
    pillars: tuple[Texture, ...]
    deck: Texture
    railing: Texture


def draw_glacier_library(reading: Reading, *, seed: int, size: Size) -> DrawnStill:
    """The still of the frozen library at any size; see ``DrawnStill``."""
    key = (seed, 301)
    lens = Lens(size=size, focal=0.72, horizon=0.6, eye=(0.0, 2.6, 0.0))
    sky = aurora.polar_sky((*key, 1), (size.height, size.width), lens.horizon)
    canvas = Canvas(lens, sky, _haze(sky, lens), 62.0, _light)
    stock = _stock(key, size)
    _end_wall(canvas, size, stock)
    for bay in reversed(range(_BAYS)):
        z = _FIRST_METRES + bay * _BAY_METRES
        _bay(canvas, key, stock, bay, z)
        if bay in (1, 2, 4, 6):
            _banner(canvas, reading, (*key, 40, bay), z + 1.0, -1 if bay % 4 == 2 else 1)
        _bridge(canvas, stock, z, z + _BAY_METRES)
        if z <= _FIGURE_Z < z + _BAY_METRES:
            _archivist(canvas, reading, key)
    _bridge(canvas, stock, 1.0, _FIRST_METRES)
    light = canvas.light
    rays(light, (lens.vanishing[0], lens.vanishing[1] - 0.16 * size.height), threshold=0.34, strength=0.16, tint=(0.72, 1.0, 0.95))
    glow(light, threshold=0.75, strength=0.5)
    return DrawnStill(
        picture=developed(light, key, exposure=1.3, vignette=0.45),
        nearness=canvas.nearness,
        vanishing=(0.5, lens.horizon),
        focal=lens.focal,
        drawn=frozenset({"ice walls", "shelves", "books", "bridge", "archivist", "person", "banners", "aurora", "frost crystals"}),
    )


def _light(points: Points, normal: NDArray[np.float64]) -> Field:
    """Sky light from above, green from the left and violet from the right, and the pale end of the canyon on what faces it."""
    x, y, z = points[..., 0], points[..., 1], points[..., 2]
    up = np.clip((y - _FOOT) / (_RIM - _FOOT), 0, 1)
    side = np.clip(0.5 + x / 26 + 0.22 * np.sin(z * 0.21 + 1.0) + 0.12 * np.sin(y * 0.3), 0, 1)[..., None]
    sky = np.array([0.62, 1.25, 0.98]) * (1 - side) + np.array([0.98, 0.78, 1.35]) * side
    far = np.clip((z - 5) / 70, 0, 1)[..., None] * np.array([0.5, 0.62, 0.62])
    facing = 0.75 + 0.25 * abs(float(normal[1])) + 0.3 * max(0.0, float(normal[2]))
    return np.asarray(sky * (0.1 + 1.5 * up**1.6)[..., None] * facing + far * 0.7, np.float32)


def _haze(sky: Field, lens: Lens) -> Field:
    """What distance fades to: the sky's own light, softened, and a pale breath around the far end of the bridge."""
    rows, columns = 90, 160
    soft = blurred(resized(sky, rows, columns), 9)
    y, x = np.indices((rows, columns), np.float32)
    away = np.sqrt(((x + 0.5) / columns - lens.centre) ** 2 + (((y + 0.5) / rows - lens.horizon + 0.06) * 0.62) ** 2)
    breath = np.exp(-((away / 0.17) ** 2))[..., None] * np.float32(0.34) + np.exp(-((away / 0.45) ** 2))[..., None] * np.float32(0.07)
    return resized(np.asarray(soft * 0.55 + _MIST * breath + _MIST * 0.012, np.float32), *sky.shape[:2])


def _stock(key: tuple[int, ...], size: Size) -> _Stock:
    density = size.width / 3840 * 96
    tall = _RIM - _FOOT
    shelves = []
    for variant in range(2):
        case = bookcase.bookcase((*key, 10, variant), density, _BAY_METRES, tall, cases=3)
        lamps = bookcase.warm_lamps((*key, 11, variant), density, _BAY_METRES, tall, 3)
        case += lamps * (0.3 + 3.5 * case)
        frozen = ice.frozen_in(case, (*key, 12, variant), density)
        shelves.append(ice.crowned(frozen, (*key, 12, variant), density))
    pillars = tuple(ice.pillar((*key, 13, variant), density, 9.0, tall, lean=4.2) for variant in range(2))
    behind = bookcase.bookcase((*key, 16), density, 9.0, tall, cases=3)
    behind += bookcase.warm_lamps((*key, 17), density, 9.0, tall, 5) * (0.3 + 3.5 * behind)
    pillars += (ice.pillar((*key, 18), density, 9.0, tall, lean=4.2, within=ice.frozen_in(behind, (*key, 19), density)),)
    deck = timber.planks((*key, 14), density * 4, 2 * _DECK_HALF, _BAY_METRES)
    rail = timber.railing((*key, 15), density * 3.4, _PANEL_METRES, 1.3)
    return _Stock(shelves=tuple(shelves), pillars=pillars, deck=deck, railing=rail)


def _bay(canvas: Canvas, key: tuple[int, ...], stock: _Stock, bay: int, z: float) -> None:
    """Two frozen walls of shelves, the pillars of ice before them, and the mist that lies between this bay and the next."""
    draw = random((*key, 20, bay))
    for side in (-1.0, 1.0):
        shelves = stock.shelves[(bay + (side > 0)) % len(stock.shelves)]
        if draw.random() < 0.5:
            shelves = np.ascontiguousarray(shelves[:, ::-1])
        corners = wall(side * 9.6, (_FOOT, _RIM), (z, z + _BAY_METRES))
        corners[:2, 0] += side * 4.0
        if z > _FIRST_METRES:
            canvas.paint(shelves, corners)
        great = (bay + (side > 0)) % 3 == 1
        pillar = stock.pillars[2 if great else int(draw.integers(2))]
        reach, drop = float(draw.uniform(-0.4, 0.6)), float(draw.uniform(-4.0, 2.0))
        inner = side * ((6.3 if great else 7.9) - reach)
        outer = inner + side * 9.0
        flat = upright((outer, inner), (_FOOT + drop, _RIM + drop + 1.5), z)
        canvas.paint(pillar, flat)
    mist = veil.billow((*key, 21, bay), _MIST * np.float32(0.16 + 0.035 * bay))
    canvas.paint(mist, upright((-17.0, 17.0), (_FOOT - 2, 0.6), z - 0.2), lit=False, hazed=False)


def _bridge(canvas: Canvas, stock: _Stock, near: float, far: float) -> None:
    """The stretch of deck and railing between two distances, cut into panels, far ones first."""
    first, last = int(np.floor(near / _PANEL_METRES)), int(np.ceil(far / _PANEL_METRES))
    for panel in reversed(range(first, last)):
        z0, z1 = max(near, panel * _PANEL_METRES), min(far, (panel + 1) * _PANEL_METRES)
        if z1 - z0 < 0.02:
            continue
        length = stock.deck.shape[0]
        part = slice(round(length * (1 - (z1 % 7.51) / 7.51 * 0.66) - length * (z1 - z0) / _BAY_METRES), None)
        start = max(0, part.start)
        strip = stock.deck[start : start + max(2, round(length * (z1 - z0) / _BAY_METRES))]
        canvas.paint(strip, level((-_DECK_HALF, _DECK_HALF), 0.0, (z0, z1)), gain=1.15)
        share = slice(
            round((z0 / _PANEL_METRES - panel) * stock.railing.shape[1]),
            max(2, round((z1 / _PANEL_METRES - panel) * stock.railing.shape[1])),
        )
        for side in (-1.0, 1.0):
            canvas.paint(stock.railing[:, share], wall(side * (_DECK_HALF - 0.05), (0.0, 1.3), (z0, z1)), gain=1.3)


def _end_wall(canvas: Canvas, size: Size, stock: _Stock) -> None:
    """The canyon's closed end: pale ice with a tall gate of light at the end of the bridge."""
    for side in (-1.0, 1.0):
        canvas.paint(
            stock.pillars[side > 0], upright((side * 13, -side * 5.5), (_FOOT, _RIM * (0.56 + 0.06 * side)), _FAR + 6 + side), gain=0.8
        )
    gate = _gate(size)
    canvas.paint(gate, upright((-3.4, 3.4), (-1.0, 10.5), _FAR + 4.5), lit=False)


def _gate(size: Size) -> Texture:
    """A pointed arch of carved ice with light in it."""
    rows, columns = max(64, size.height // 8), max(40, size.height // 14)
    y = 1 - (np.arange(rows, dtype=np.float32) + 0.5)[:, None] / rows
    x = np.abs((np.arange(columns, dtype=np.float32) + 0.5)[None, :] / columns * 2 - 1)
    head = np.clip((y - 0.55) / 0.45, 0, 1)
    span = np.sqrt(np.clip(1 - head**1.6, 0, 1))
    rim = span - x
    inside = np.clip((rim - 0.3) * columns / 3, 0, 1)[..., None]
    mould = 0.7 + 0.5 * np.cos(rim * 60)[..., None]
    colour = (_MIST * 0.55 * mould) * (1 - inside) + linear(226, 240, 226) * (0.7 + 1.6 * np.exp(-y * 3.0))[..., None] * inside
    return premultiplied(np.asarray(colour, np.float32), np.asarray(np.clip(rim * columns / 3, 0, 1), np.float32))


def _banner(canvas: Canvas, reading: Reading, key: tuple[int, ...], z: float, side: float) -> None:
    element = reading.element("banners")
    colour = named_colour(element.colour if element else None, (116, 38, 44))
    cloth = timber.banner(key, max(12.0, canvas.lens.pixels_per_metre(z)), 1.7, 7.5, colour)
    x = side * 5.6
    pole = premultiplied(linear(70, 56, 44) * np.float32(0.7), np.ones((4, 32), np.float32))
    canvas.paint(pole, upright((min(x - side * 1.0, x + side * 3.5), max(x - side * 1.0, x + side * 3.5)), (10.62, 10.74), z + 0.05))
    canvas.paint(cloth, upright((x - 0.85, x + 0.85), (3.2, 10.7), z), gain=1.3)


def _archivist(canvas: Canvas, reading: Reading, key: tuple[int, ...]) -> None:
    if "archivist" in reading.removed or "person" in reading.removed:
        return
    element = reading.element("archivist") or reading.element("person")
    coat = named_colour(element.colour if element else None, (150, 20, 34))
    density = max(30.0, canvas.lens.pixels_per_metre(_FIGURE_Z))
    half, low, high = figures.FIGURE_BOX
    shadow = _contact_shadow()
    canvas.paint(shadow, level((-0.8, 0.8), 0.012, (_FIGURE_Z - 0.9, _FIGURE_Z + 0.35)), lit=False, hazed=False)
    texture = figures.archivist((*key, 30), density, coat)
    canvas.paint(texture, upright((-half, half), (low, high), _FIGURE_Z), gain=1.25)


def _contact_shadow() -> Texture:
    y, x = np.mgrid[-1:1:48j, -1:1:48j]
    return premultiplied(np.zeros(3, np.float32), np.asarray(0.75 * np.exp(-3.2 * (x**2 + y**2)), np.float32))
