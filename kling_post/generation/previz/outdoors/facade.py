"""House fronts: floors of windows, shop fronts at the foot, lit rooms after dark."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kling_post.generation.previz.interior.canvas import Texture, premultiplied
from kling_post.generation.previz.interior.finish import linear
from kling_post.generation.previz.interior.noise import Field, Key, fractal, random

FLOOR_METRES = 3.4
_PAINTS = ((150, 128, 108), (122, 112, 104), (168, 152, 128), (118, 76, 60), (96, 100, 106), (142, 136, 126), (134, 96, 74))
_LIT = ((255, 206, 140), (255, 190, 118), (255, 226, 180), (206, 224, 255), (255, 214, 160))
_SIGNS = ((255, 60, 120), (40, 220, 255), (255, 170, 40), (150, 90, 255), (70, 255, 170), (255, 70, 60))


@dataclass(frozen=True, slots=True, kw_only=True)
class Hour:
    """What of the hour house fronts show."""

    sky: tuple[float, float, float]
    """What panes mirror."""
    lit: float
    """Share of windows with a lamp behind them."""
    lamp: float
    """How bright such a window is."""


def front(key: Key, height: float, length: float, density: float, hour: Hour, *, glass: float = 0.0, shop: bool = True) -> Texture:
    """One front of ``height`` by ``length`` metres at ``density`` texels a metre; ``glass`` 1 is a curtain wall."""
    draw = random(key)
    rows, columns = max(6, round(height * density)), max(6, round(length * density))
    y = (height - (np.arange(rows, dtype=np.float32) + 0.5) / density)[:, None]
    x = ((np.arange(columns, dtype=np.float32) + 0.5) / density)[None, :]
    bay = float(draw.uniform(1.5, 1.9) if glass > 0.5 else draw.uniform(2.1, 3.2))
    bays = max(1, round(length / bay))
    bay = length / bays
    base = 4.4 if shop else 0.0
    floors = max(1, int((height - base - 0.5) / FLOOR_METRES))
    wide, tall = (0.46, 0.44) if glass > 0.5 else (float(draw.uniform(0.24, 0.34)), float(draw.uniform(0.26, 0.36)))
    across, level = x / np.float32(bay), (y - np.float32(base)) / np.float32(FLOOR_METRES)
    edge_x = np.float32(wide) - np.abs(across % 1 - np.float32(0.5))
    edge_y = np.float32(tall) - np.abs(level % 1 - np.float32(0.55))
    soft = np.float32(density)
    inside = np.clip(edge_x * bay * soft + 0.5, 0, 1) * np.clip(edge_y * np.float32(FLOOR_METRES) * soft + 0.5, 0, 1)
    inside = inside * ((level > 0) & (level < floors))
    paint = linear(*_PAINTS[int(draw.integers(len(_PAINTS)))]) * np.float32(1 - 0.6 * glass)
    worn = fractal((*key, 1), (rows, columns), (max(2, height / 9), max(2, length / 9)), octaves=6, gain=0.55)
    wall = paint * (0.62 + 0.6 * worn)[..., None]
    # A ledge under each floor catches light; the wall below it is stained.
    ledge = np.clip(1 - np.abs(level % 1 - np.float32(0.03)) * np.float32(FLOOR_METRES) / np.float32(0.16), 0, 1) * (level > 0)
    wall = wall * (1 + 0.55 * ledge - 0.25 * np.clip(1 - (level % 1) * 4, 0, 1) * (1 - ledge))[..., None]
    panes = _panes((*key, 2), np.floor(across).astype(int), np.floor(level).astype(int), level % 1, hour, bays=bays, floors=floors)
    frame = np.clip(1 - np.minimum(edge_x * bay, edge_y * np.float32(FLOOR_METRES)) / np.float32(0.07), 0, 1)[..., None]
    panes = panes * (1 - 0.75 * frame * (1 - 0.5 * np.float32(glass)))
    colour = wall * (1 - inside[..., None]) + panes * inside[..., None]
    if shop:
        colour = _shop((*key, 3), colour, x, y, hour, length=length)
    return premultiplied(np.asarray(colour, np.float32), np.ones((rows, columns), np.float32))


def _panes(key: Key, bay: NDArray[np.int64], floor: NDArray[np.int64], up: Field, hour: Hour, *, bays: int, floors: int) -> Field:
    """Light of each pane: a mirrored sky by day, rooms after dark; curtains, shades and people break it up."""
    draw = random(key)
    bay, floor = np.clip(bay, 0, bays - 1), np.clip(floor, 0, floors - 1)
    value, tone, blind = (draw.random((floors, bays), np.float32) for _ in range(3))
    # Whole floors share a light more often than not.
    row = draw.random((floors, 1), np.float32)
    lit = (0.65 * value + 0.35 * row) < hour.lit * 0.92
    lamps = np.stack([linear(*colour) for colour in _LIT])[(tone * len(_LIT)).astype(int)]
    room = lamps * (0.35 + 0.85 * value)[..., None] * np.float32(hour.lamp)
    mirrored = np.array(hour.sky, np.float32) * (0.25 + 0.5 * tone)[..., None] * np.float32(0.62)
    cell = np.where(lit[..., None], room + mirrored * np.float32(0.2), mirrored)[floor, bay]
    shade = blind[floor, bay]
    drawn = np.clip((up - (np.float32(0.9) - np.float32(0.55) * shade)) * 12, 0, 1)[..., None]
    fade = (np.float32(0.7) + np.float32(0.5) * up)[..., None]
    return np.asarray(cell * fade * (1 - np.float32(0.55) * drawn * (shade > 0.45)[..., None]), np.float32)


def _shop(key: Key, colour: Field, x: Field, y: Field, hour: Hour, *, length: float) -> Field:
    """Shop windows, doors and sign boards along the foot."""
    draw = random(key)
    count = max(1, round(length / 6.5))
    unit = np.clip(np.floor(x / np.float32(length / count)).astype(int), 0, count - 1)
    place = x - unit * np.float32(length / count)
    wide = np.float32(length / count)
    window = (np.minimum(place - 0.35, wide - 0.35 - place) > 0) & (y > 0.5) & (y < 3.0)
    mullion = np.clip(1 - np.abs((place % 1.6) - 0.8) / 0.05, 0, 1)
    lamps = np.stack([linear(*_LIT[int(draw.integers(len(_LIT)))]) for _ in range(count)])[unit]
    open_late = (draw.random(count) < 0.3 + 0.4 * (hour.lamp > 0.5))[unit]
    inner = _display((*key, 1), lamps, place, y, np.float32(0.2 + 0.85 * hour.lamp))
    glass = np.array(hour.sky, np.float32) * (np.float32(0.12) + np.float32(0.4) * np.clip(y / 3.0, 0, 1))[..., None]
    inner = np.where(open_late[..., None], inner + glass * np.float32(0.5), glass)
    inner = inner * (1 - 0.8 * mullion)[..., None]
    below = (y < 4.1)[..., None]
    paint = np.stack([linear(*_PAINTS[int(draw.integers(len(_PAINTS)))]) for _ in range(count)])[unit]
    worn = fractal((*key, 4), colour.shape[:2], (3, max(3, length / 3)), octaves=5, gain=0.6)
    out = np.where(below, paint * (0.25 + 0.3 * worn)[..., None], colour)
    out = np.where(window[..., None], inner, out)
    shaded = (draw.random(count) < 0.45)[unit] & (y > 2.45) & (y < 3.15) & (np.minimum(place - 0.2, wide - 0.2 - place) > 0)
    stripe = np.where((np.floor(place / np.float32(0.35)).astype(int) % 2 == 0)[..., None], linear(206, 198, 184), paint * 0.8)
    out = np.where(shaded[..., None], stripe * (0.35 + 0.9 * (y - 2.45))[..., None] * np.float32(0.6), out)
    board = (y > 3.15) & (y < 3.85) & (np.minimum(place - 0.3, wide - 0.3 - place) > 0)
    paints = np.stack([linear(*_SIGNS[int(draw.integers(len(_SIGNS)))]) for _ in range(count)])[unit]
    glyphs = strokes((*key, 2), place / np.float32(0.55), (y - 3.2) / np.float32(0.6))
    glow = np.float32(0.12 + 2.4 * hour.lamp) * glyphs[..., None]
    return np.asarray(np.where(board[..., None], paints * np.float32(0.10) + (paints * 0.7 + 0.3) * glow, out), np.float32)


def _display(key: Key, lamps: Field, place: Field, y: Field, bright: np.float32) -> Field:
    """What a lit shop window shows: a bright ceiling, shelves, goods and people as dark shapes before a back wall."""
    shape = np.broadcast_shapes(place.shape, y.shape)
    across = np.broadcast_to(place, shape)
    back = lamps * (np.float32(0.16) + np.float32(0.55) * np.clip((y - 0.4) / 2.6, 0, 1) ** 1.6)[..., None]
    lights = np.exp(-(((across % 1.5) - 0.75) ** 2) / 0.03 - ((y - 2.85) ** 2) / 0.012)[..., None] * lamps * np.float32(2.2)
    table = random(key).random((512,), np.float32)
    cell = np.floor(across / np.float32(0.34)).astype(int)
    height = np.float32(0.55) + np.float32(1.25) * table[(cell * 7 + 3) % 512] ** 2
    round_top = np.float32(0.12) * np.cos((across / np.float32(0.34) % 1 - 0.5) * np.pi)
    goods = (y < height + round_top) & (np.abs(across / np.float32(0.34) % 1 - 0.5) < 0.30 + 0.18 * table[(cell * 11) % 512])
    dark = np.where(goods, np.float32(0.12) + np.float32(0.3) * table[(cell * 5 + 1) % 512], np.float32(1))[..., None]
    shelf = np.clip(1 - np.abs((y - 0.55) % 0.62 - 0.31) / 0.03, 0, 1) * (table[(cell // 4 * 13) % 512] > 0.55)
    return np.asarray((back * dark * (1 - np.float32(0.6) * shelf)[..., None] + lights) * bright, np.float32)


def strokes(key: Key, x: Field, y: Field) -> Field:
    """Made-up letters, one a unit wide and high: upright and level strokes, no script that anybody reads."""
    number = np.floor(x).astype(int)
    table = random(key).random((64, 5), np.float32)[number % 64]
    u, v = x - number, np.clip(y, 0, 1)
    left = (np.abs(u - 0.25) < 0.07) & (table[..., 0] < 0.75)
    right = (np.abs(u - 0.72) < 0.07) & (table[..., 1] < 0.6)
    top = (np.abs(v - 0.85) < 0.08) & (table[..., 2] < 0.7)
    middle = (np.abs(v - 0.5) < 0.08) & (table[..., 3] < 0.6)
    foot = (np.abs(v - 0.15) < 0.08) & (table[..., 4] < 0.55)
    inside = (u > 0.18) & (u < 0.8) & (v > 0.06) & (v < 0.94)
    return np.asarray((left | right | top | middle | foot) & inside, np.float32)


def blade_sign(key: Key, density: float, lamp: float) -> Texture:
    """A sign that stands out from the wall, 1.1 by 5 metres: a lit rim and letters one below the other."""
    draw = random(key)
    rows, columns = max(10, round(5 * density)), max(4, round(1.1 * density))
    y = np.linspace(5, 0, rows, dtype=np.float32)[:, None]
    x = np.linspace(0, 1.1, columns, dtype=np.float32)[None]
    colour = linear(*_SIGNS[int(draw.integers(len(_SIGNS)))])
    other = linear(*_SIGNS[int(draw.integers(len(_SIGNS)))])
    edge = np.minimum(np.minimum(x, 1.1 - x), np.minimum(y, 5 - y))
    rim = np.clip(1 - np.abs(edge - 0.07) / 0.04, 0, 1)
    line = np.floor(y).astype(int)
    letters = strokes(key, (x - 0.05) + line * 7, y - line)
    light = colour * rim[..., None] * np.float32(0.2 + 2.6 * lamp) + other * letters[..., None] * np.float32(0.2 + 3.0 * lamp)
    board = colour * np.float32(0.03) + np.float32(0.004)
    return premultiplied(np.asarray(board + light, np.float32), np.ones((rows, columns), np.float32))
