"""Shelves of great books in a carved stone frame, seen square on."""

import cv2
import numpy as np

from kling_post.generation.previz.interior.finish import linear
from kling_post.generation.previz.interior.noise import Field, Key, blurred, fractal, random

_LEATHER = ((122, 44, 36), (146, 92, 42), (60, 84, 62), (44, 60, 96), (176, 154, 116), (92, 58, 40), (70, 40, 66), (120, 118, 112))
_SHELF_METRES = 1.9
_SHELVES_PER_STOREY = 5
_FRIEZE_METRES = 1.9


def bookcase(key: Key, density: float, width: float, height: float, *, cases: int = 3) -> Field:
    """Colour (rows, columns, 3) of a wall of shelves, ``width`` by ``height`` metres at ``density`` texels a metre."""
    rows, columns = round(height * density), round(width * density)
    wall = np.empty((rows, columns, 3), np.float32)
    stone = fractal((*key, 1), (rows, columns), (height * 1.5, width * 1.5), octaves=6, gain=0.62)
    wall[:] = linear(132, 134, 138) * (0.35 + 1.0 * stone[..., None])
    storey = _SHELF_METRES * _SHELVES_PER_STOREY + _FRIEZE_METRES
    case = width / cases
    for level in range(int(np.ceil(height / storey))):
        for column in range(cases):
            left = column * case + 0.28
            _case(wall, (*key, 2, level, column), density, (left, height - level * storey), case - 0.56)
        _frieze(wall, density, height - (level + 1) * storey + _FRIEZE_METRES)
    for column in range(cases + 1):
        _pilaster(wall, density, column * case)
    return wall


def _rectangle(wall: Field, density: float, x: tuple[float, float], y: tuple[float, float]) -> tuple[slice, slice]:
    top, bottom = (int(np.clip(round(value * density), 0, wall.shape[0])) for value in y)
    left, right = (int(np.clip(round(value * density), 0, wall.shape[1])) for value in x)
    return slice(top, max(bottom, top)), slice(left, max(right, left))


def _case(wall: Field, key: Key, density: float, corner: tuple[float, float], width: float) -> None:
    """One case of shelves that stands at ``corner`` (left, bottom, in metres from the top left), its head a round arch."""
    left, bottom = corner
    for shelf in range(_SHELVES_PER_STOREY):
        floor = bottom - shelf * _SHELF_METRES
        niche = _rectangle(wall, density, (left, left + width), (floor - _SHELF_METRES, floor))
        depth = np.linspace(0.15, 1, max(1, niche[0].stop - niche[0].start), dtype=np.float32)[:, None, None]
        wall[niche] = linear(52, 44, 40) * depth
        _books(wall, (*key, shelf), density, (left + 0.05, left + width - 0.05), floor - 0.09)
        board = _rectangle(wall, density, (left, left + width), (floor - 0.1, floor))
        wall[board] = (
            linear(150, 136, 118) * np.linspace(1.3, 0.35, max(1, board[0].stop - board[0].start), dtype=np.float32)[:, None, None]
        )
    _arch(wall, density, (left, left + width), bottom - _SHELVES_PER_STOREY * _SHELF_METRES)


def _books(wall: Field, key: Key, density: float, x: tuple[float, float], floor: float) -> None:
    draw = random(key)
    at = x[0]
    while at < x[1] - 0.1:
        thick = float(draw.uniform(0.1, 0.4))
        tall = float(draw.uniform(1.0, 1.6)) if thick < 0.3 else float(draw.uniform(1.25, 1.68))
        kind = draw.random()
        colour = linear(*_LEATHER[int(draw.integers(len(_LEATHER)))]) * np.float32(draw.uniform(0.55, 1.35))
        if kind < 0.07:  # a gap
            at += thick * 1.5
            continue
        if at + thick > x[1]:
            return
        place = _rectangle(wall, density, (at, at + thick), (floor - tall, floor))
        _spine(wall, place, colour, bands=bool(draw.random() < 0.7), gilt=bool(draw.random() < 0.4))
        at += thick + 0.008


def _spine(wall: Field, place: tuple[slice, slice], colour: Field, *, bands: bool, gilt: bool) -> None:
    rows, columns = place[0].stop - place[0].start, place[1].stop - place[1].start
    if rows < 2 or columns < 1:
        return
    u = (np.arange(columns, dtype=np.float32) + 0.5) / columns
    v = (np.arange(rows, dtype=np.float32) + 0.5) / rows
    round_back = 0.35 + 0.75 * np.sin(np.pi * np.clip(u * 0.92 + 0.02, 0, 1)) ** 0.8
    shade = round_back[None, :, None] * (0.7 + 0.45 * (1 - v))[:, None, None]
    spine = colour * shade
    if bands and rows > 12:
        for centre in (0.13, 0.32, 0.68, 0.87):
            stripe = slice(int((centre - 0.02) * rows), int((centre + 0.02) * rows) + 1)
            spine[stripe] *= 1.7
            if gilt:
                spine[stripe] = linear(196, 158, 84) * shade[stripe]
        if gilt:
            label = slice(int(0.4 * rows), int(0.55 * rows))
            spine[label] = linear(176, 140, 76) * shade[label] * 0.8
    wall[place] = spine


def _arch(wall: Field, density: float, x: tuple[float, float], spring: float) -> None:
    """The round head over a case: moulded rings of stone, dark inside."""
    radius = (x[1] - x[0]) / 2
    place = _rectangle(wall, density, (x[0] - 0.3, x[1] + 0.3), (spring - radius - 0.35, spring))
    patch = wall[place]
    if patch.size == 0:
        return
    grid_y = (np.arange(place[0].start, place[0].stop) + 0.5)[:, None] / density - spring
    grid_x = (np.arange(place[1].start, place[1].stop) + 0.5)[None, :] / density - (x[0] + x[1]) / 2
    squash = np.sqrt(grid_x**2 + (grid_y * radius / (_FRIEZE_METRES * 0.8)) ** 2).astype(np.float32) / np.float32(radius)
    ring = 0.75 + 0.5 * np.cos((squash - 1) * 55)
    inside = np.clip((1 - squash) * 30, 0, 1)[..., None]
    moulding = np.clip((1.22 - squash) * 30, 0, 1)[..., None] * (1 - inside)
    patch *= 1 - moulding
    patch += moulding * linear(168, 168, 166) * ring[..., None]
    patch *= 1 - inside * 0.86
    glint = np.clip(1 - np.abs(squash - 0.55) * 22, 0, 1)[..., None] * inside
    patch += glint * linear(120, 110, 92)


def _frieze(wall: Field, density: float, y: float) -> None:
    """Carved courses at the foot of a storey: lit upper edges, shadows below."""
    for offset, thick, gain in ((0.0, 0.12, 1.7), (0.12, 0.06, 0.3), (-0.22, 0.1, 1.3), (-0.12, 0.05, 0.4)):
        wall[_rectangle(wall, density, (0, wall.shape[1] / density), (y - offset - thick, y - offset))] *= gain


def _pilaster(wall: Field, density: float, x: float) -> None:
    """A fluted half-column at ``x``, rounded by light."""
    place = _rectangle(wall, density, (x - 0.3, x + 0.3), (0, wall.shape[0] / density))
    columns = place[1].stop - place[1].start
    if columns < 1:
        return
    u = ((np.arange(place[1].start, place[1].stop) + 0.5) / density - x) / 0.3
    flutes = 0.75 + 0.35 * np.cos(u * np.pi * 5)
    body = np.sqrt(np.clip(1 - u**2, 0.04, 1)) * flutes
    wall[place] *= (1.5 * body).astype(np.float32)[None, :, None]
    for edge in (-1, 1):
        wall[_rectangle(wall, density, (x + edge * 0.3 - 0.04, x + edge * 0.3 + 0.04), (0, wall.shape[0] / density))] *= 0.35


def warm_lamps(key: Key, density: float, width: float, height: float, count: int) -> Field:
    """Glow (rows, columns, 3) of lamps left burning between the shelves."""
    rows, columns = round(height * density), round(width * density)
    draw = random((*key, 5))
    spots = np.zeros((max(4, rows // 4), max(4, columns // 4)), np.float32)
    disc = max(1.0, density * 0.05)
    for _ in range(count):
        x, y = draw.uniform(0.12, 0.88) * spots.shape[1], draw.uniform(0.1, 0.95) * spots.shape[0]
        cv2.circle(spots, (round(x * 16), round(y * 16)), round(disc * 16), 1.0, -1, cv2.LINE_AA, 4)
    spots *= np.float32((density * 0.05 / disc) ** 2)  # small pictures: a larger disc with the same light
    wide = blurred(spots, density * 0.3) * 45 + blurred(spots, density * 0.1) * 6 + spots
    wide = np.asarray(cv2.resize(wide, (columns, rows), interpolation=cv2.INTER_LINEAR), np.float32)
    return wide[..., None] * linear(255, 176, 84)
