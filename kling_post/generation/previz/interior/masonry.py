"""Stone and iron of the great terminal, seen square on: arcade, aisle wall with windows, columns, arched ribs, and the end wall's fan."""

import numpy as np
from numpy.typing import NDArray

from kling_post.generation.previz.interior.canvas import Texture, premultiplied
from kling_post.generation.previz.interior.finish import linear
from kling_post.generation.previz.interior.noise import Field, Key, fractal, smooth

STONE = linear(178, 164, 142)
IRON = linear(66, 78, 78)
_RUST = linear(128, 74, 46)
_SKY = np.array([1.0, 0.99, 0.94], np.float32)


def _coordinates(density: float, width: float, height: float) -> tuple[Field, Field]:
    """Metres across from the middle and up from the foot, as (1, columns) and (rows, 1)."""
    rows, columns = max(4, round(height * density)), max(4, round(width * density))
    x = (np.arange(columns, dtype=np.float32) + np.float32(0.5)) / np.float32(columns) * np.float32(width) - np.float32(width / 2)
    y = np.float32(height) - (np.arange(rows, dtype=np.float32) + np.float32(0.5)) / np.float32(rows) * np.float32(height)
    return x[None, :], y[:, None]


def _inside(distance: NDArray[np.floating], density: float) -> Field:
    """Coverage of what lies at positive metres from an edge."""
    return np.asarray(np.clip(np.asarray(distance, np.float32) * np.float32(density) + np.float32(0.5), 0, 1), np.float32)


def _arch(x: Field, y: Field, half: float, spring: float) -> Field:
    """Metres inside a round arch of half span ``half`` that springs at ``spring``; below that, inside its jambs."""
    above = half - np.sqrt(x**2 + np.maximum(y - spring, 0) ** 2)
    return np.asarray(above, np.float32)


def ashlar(key: Key, density: float, width: float, height: float) -> Field:
    """Colour of weathered stone blocks: tone per block, joints, streaks of damp from above, a dark tide line at the water."""
    x, y = _coordinates(density, width, height)
    shape = (y.shape[0], x.shape[1])
    course = 0.55
    row = np.floor(y / course).astype(int)
    along = x / 1.15 + 0.5 * (row % 2)
    column = np.floor(along).astype(int)
    tones = np.random.default_rng(abs(hash_of(key))).random(4096, dtype=np.float32)
    tone = tones[(row * 131 + column * 17) % 4096] * np.float32(0.34) + np.float32(0.8)
    joint = np.minimum(np.minimum(y % course, course - y % course) / 0.018, np.minimum(along % 1, 1 - along % 1) * 1.15 / 0.018)
    joints = np.float32(0.45) + np.float32(0.55) * np.clip(joint, 0, 1)
    rough = fractal((*key, 1), shape, (height * 3, width * 3), octaves=5, gain=0.65)
    damp = fractal((*key, 2), shape, (height / 4, width * 2.2), octaves=5)
    low = fractal((*key, 3), shape, (2, width), octaves=3)
    tide = 1 - 0.62 * smooth(0.75 + 0.6 * (low - 0.5) - y + 0 * x, -0.15, 0.35)
    stain = 1 - 0.55 * smooth(damp, 0.5, 0.85)
    shade = tone * joints * (0.55 + 0.85 * rough) * stain * tide
    warm = np.stack([shade, shade * (0.97 + 0.03 * damp), shade * (0.92 + 0.1 * damp)], axis=2)
    return np.asarray(STONE * warm, np.float32)


def hash_of(key: Key) -> int:
    """One number of a key, the same in every process."""
    value = 17
    for part in key:
        value = (value * 1_000_003 + part * 7919 + 101) % (2**61 - 1)
    return value


def arcade(key: Key, density: float, width: float, height: float, *, half: float, spring: float) -> Texture:
    """One bay of the arcade that carries the vault: an arch through the wall, voussoirs, a roundel, a dentilled cornice."""
    x, y = _coordinates(density, width, height)
    stone = ashlar(key, density, width, height)
    opening = _arch(x, y, half, spring)
    opening = np.where(y < spring, np.float32(half) - np.abs(x), opening)
    radius = np.sqrt(x**2 + (y - spring) ** 2)
    ring = ((radius > half) & (radius < half + 0.42) & (y > spring)).astype(np.float32)
    angle = np.arctan2(y - spring, x)
    joint = np.clip(np.abs((angle / np.pi * 17) % 1 - 0.5) * 2 / 0.12, 0, 1)
    relief = 0.75 + 0.45 * np.cos((radius - half) / 0.42 * np.pi * 2)
    shade = 1 + ring * (0.35 * relief * (0.5 + 0.5 * joint) - 0.12)
    shade *= 1 - 0.5 * np.clip(1 - np.abs(radius - half - 0.45) / 0.05, 0, 1) * (y > spring)
    for side in (-1, 1):  # roundels in the spandrels
        away = np.sqrt((x - side * width / 2) ** 2 + (y - (spring + half * 0.8)) ** 2)
        shade *= 1 + 0.4 * np.clip(1 - np.abs(away - 0.62) / 0.07, 0, 1) - 0.45 * np.clip((0.55 - away) / 0.06, 0, 1)
    shade *= _cornice(x, y, height)
    cover = 1 - _inside(opening, density)
    cover = np.where((y < spring) & (np.abs(x) < width / 2 - 0.02), 0, cover)
    return premultiplied(np.asarray(stone * shade[..., None], np.float32), np.asarray(cover, np.float32))


def _cornice(x: Field, y: Field, top: float) -> Field:
    """Light and shadow of the mouldings under the vault's foot."""
    shade = np.ones((y.shape[0], x.shape[1]), np.float32)
    dentil = (np.abs(x % 0.4 - 0.2) < 0.11).astype(np.float32)
    for low, high, gain in (
        (1.05, 0.95, 1.35),
        (0.95, 0.85, 0.45),
        (0.62, 0.4, 1.25),
        (0.4, 0.34, 0.4),
        (0.2, 0.05, 1.45),
        (0.05, 0.0, 0.7),
    ):
        band = ((y > top - low) & (y <= top - high)).astype(np.float32)
        shade *= 1 + band * (gain - 1)
    teeth = ((y > top - 0.84) & (y <= top - 0.63)).astype(np.float32)
    return np.asarray(shade * (1 + teeth * (0.85 * dentil - 0.5)), np.float32)


def aisle_wall(key: Key, density: float, width: float, height: float) -> Texture:
    """One bay of the outer wall: stone, and a tall arched window of leaded glass with daylight in it."""
    x, y = _coordinates(density, width, height)
    stone = ashlar(key, density, width, height)
    sill, spring, half = 2.4, 6.0, 1.55
    opening = np.minimum(_arch(x, y, half, spring), y - sill)
    frame = np.clip(1 - np.abs(opening + 0.14) / 0.16, 0, 1)
    stone = stone * (1 + 0.35 * frame - 0.3 * np.clip(1 - np.abs(opening + 0.34) / 0.06, 0, 1))[..., None]
    glass = _glass(key, x, y, 0.52, 0.7)
    mullion = np.minimum(np.abs(np.abs(x) - 0.52), np.abs(x) + 0.6)
    glass *= np.clip(mullion / 0.06, 0.05, 1)[..., None]
    glass *= np.clip(np.abs(y - spring) / 0.08, 0.05, 1)[..., None]
    inside = _inside(opening, density)[..., None]
    colour = stone * (1 - inside) + glass * inside * 2.0
    return premultiplied(np.asarray(colour, np.float32), np.ones(colour.shape[:2], np.float32))


def _glass(key: Key, x: Field, y: Field, wide: float, tall: float) -> Field:
    """Old panes against the sky: each with its own grime, some gone, dark bars between."""
    shape = (y.shape[0], x.shape[1])
    column, row = np.floor(x / wide).astype(int), np.floor(y / tall).astype(int)
    values = np.random.default_rng(abs(hash_of((*key, 9)))).random(4096, dtype=np.float32)
    pane = values[(row * 61 + column * 7) % 4096]
    grime = fractal((*key, 10), shape, (shape[0] / 60 + 2, shape[1] / 60 + 2), octaves=5, gain=0.6)
    clear = np.where(pane > 0.86, 1.35, 0.4 + 0.45 * pane)
    bright = clear * np.where(pane > 0.86, 1.0, 0.5 + 0.9 * grime)
    bars = np.minimum(np.minimum(x % wide, wide - x % wide), np.minimum(y % tall, tall - y % tall))
    tint = _SKY * np.where((pane < 0.22)[..., None], np.array([0.82, 1.0, 0.86], np.float32), np.float32(1.0))
    return np.asarray((bright * np.clip(bars / 0.035, 0.04, 1))[..., None] * tint, np.float32)


def column(key: Key, density: float, width: float, height: float) -> Texture:
    """A fluted column with base and leaved capital, rounded by light from the hall's side and from above."""
    x, y = _coordinates(density, width, height)
    shape = (y.shape[0], x.shape[1])
    base, cap = np.clip((0.75 - y) / 0.75, 0, 1), np.clip((y - (height - 1.0)) / 1.0, 0, 1)
    steps = 0.5 + 0.5 * np.sign(np.sin(y * 2 * np.pi / 0.25))
    half = 0.36 - 0.035 * (y / height) + 0.12 * (base > 0.02) * (0.7 + 0.3 * steps) + 0.17 * cap**1.5
    across = x / half
    curve = np.sqrt(np.clip(1 - across**2, 0, 1))
    flutes = np.where((base > 0) | (cap > 0), 1.0, 0.72 + 0.38 * np.cos(np.arcsin(np.clip(across, -1, 1)) * 15))
    leaf = 0.55 + 0.7 * np.abs(np.sin(np.arcsin(np.clip(across, -1, 1)) * 5 + np.floor(cap * 3) * 0.9)) * (1 - (cap * 3) % 1 * 0.6)
    body = (0.3 + 0.75 * curve + 0.22 * across) * np.where(cap > 0.04, leaf, flutes)
    stain = fractal((*key, 1), shape, (height * 1.2, 3), octaves=6, gain=0.62)
    ring = 1 - 0.55 * (np.abs(y - (height - 1.05)) < 0.05) - 0.4 * (np.abs(y - 0.78) < 0.04)
    tide = 1 - 0.6 * smooth(0.6 - y + 0.4 * (stain - 0.5), -0.1, 0.3)
    colour = STONE * (body * (0.5 + 0.8 * stain) * ring * tide)[..., None]
    return premultiplied(np.asarray(colour, np.float32), _inside(np.asarray(half - np.abs(x), np.float32), density))


def rib(key: Key, density: float, radius: float, deep: float) -> Texture:
    """An arched iron truss, from springing to springing: two chords, crossed lattice, rivets, rust."""
    x, y = _coordinates(density, 2 * radius + 0.2, radius + 0.1)
    away = np.sqrt(x**2 + y**2)
    inner = radius - deep
    along = np.arctan2(y, x) * (radius - deep / 2)
    share = (away - inner) / deep
    chords = np.maximum(_inside(0.07 - np.abs(away - inner - 0.07), density), _inside(0.1 - np.abs(away - radius + 0.1), density))
    pitch = deep * 1.05
    bracing = np.zeros_like(chords)
    for sign in (-1, 1):
        phase = (along / pitch + sign * share / 2) % 1
        bracing = np.maximum(bracing, _inside(0.035 - np.abs(phase - 0.5) * pitch * 0.75, density))
    posts = _inside(0.04 - np.abs((along / (2 * pitch)) % 1 - 0.5) * 2 * pitch, density)
    web = np.maximum(bracing, posts) * _inside(np.minimum(away - inner, radius - away), density)
    cover = np.clip(chords + web, 0, 1) * _inside(np.asarray(y + 0 * x, np.float32), density)
    rust = smooth(fractal((*key, 1), cover.shape, (12, 24), octaves=6, gain=0.62), 0.42, 0.7)[..., None]
    rivets = 1 + 0.5 * np.clip(1 - np.abs((along / 0.3) % 1 - 0.5) * 9, 0, 1) * (chords > 0)
    colour = (IRON * (1 - rust) + _RUST * rust) * (0.85 * rivets + 0.25 * share)[..., None]
    return premultiplied(np.asarray(colour, np.float32), np.asarray(cover, np.float32))


def vault_bay(key: Key, density: float, length: float, arc: float) -> Field:
    """Colour of one bay of the vault, unrolled: rows along the hall (``length``), columns along the arc; boarded feet, glazed crown."""
    rows, columns = max(8, round(length * density)), max(16, round(arc * density))
    z = ((np.arange(rows, dtype=np.float32) + np.float32(0.5)) / rows * length)[:, None]
    s = ((np.arange(columns, dtype=np.float32) + np.float32(0.5)) / columns * arc)[None, :]
    up = np.minimum(s, arc - s) / arc
    glass = _glass(key, np.asarray(s, np.float32), np.asarray(z, np.float32), 0.62, 1.16)
    glass *= (0.55 + 1.0 * smooth(up, 0.15, 0.45))[..., None]
    planks = 0.6 + 0.5 * fractal((*key, 2), (rows, columns), (3, arc * 3.2), octaves=3)
    rot = fractal((*key, 3), (rows, columns), (6, 18), octaves=6, gain=0.62)
    boards = linear(104, 86, 66) * (planks * (0.25 + 0.7 * rot))[..., None]
    boards = np.where((rot > 0.74)[..., None], _SKY * 0.9, boards)
    glazed = smooth(up + 0 * z, 0.17, 0.175)[..., None]
    colour = boards * (1 - glazed) + glass * glazed
    purlin = np.abs((s / (arc / 14)) % 1 - 0.5) * arc / 14
    colour = np.where((purlin < 0.09)[..., None], IRON * (0.25 + 0.35 * rot)[..., None], colour)
    return np.asarray(colour, np.float32)


def end_wall(key: Key, density: float, half: float, spring: float, *, clock: bool = True, stained: float = 0.0) -> Texture:
    """The hall's far end: three bright doorways, and above them a fan of glass as wide as the vault, a clock at its hub."""
    height = spring + half
    x, y = _coordinates(density, 2 * half, height)
    stone = ashlar(key, density, 2 * half, height) * 0.8
    away = np.sqrt(x**2 + (y - spring) ** 2)
    angle = np.arctan2(y - spring, x)
    fan = np.minimum(half * 0.9 - away, y - spring + 0.4)
    bars = np.minimum(np.abs((angle / np.pi * 16) % 1 - 0.5) * np.pi / 16 * away, np.abs((away / 1.55) % 1 - 0.5) * 1.55)
    major = np.abs((angle / np.pi * 4 + 0.5) % 1 - 0.5) * np.pi / 4 * away
    sky = _SKY * (1.5 + 1.2 * np.exp(-((away / (half * 0.5)) ** 2)) + 0.25 * np.sin(x * 0.9) * np.cos(y * 0.7))[..., None]
    grime = 0.5 + 0.6 * fractal((*key, 4), away.shape, (8, 14), octaves=5)
    glass = sky * (grime * np.clip(bars / 0.075, 0.05, 1) * np.clip(major / 0.2, 0.05, 1))[..., None]
    colour = stone * (1 - _inside(fan, density)[..., None]) + glass * _inside(fan, density)[..., None]
    if stained > 0:
        shards = np.floor(angle / np.pi * 32).astype(int) * 7 + np.floor(away / 0.78).astype(int) * 13
        hues = np.array([(1.0, 0.25, 0.2), (0.25, 0.4, 1.0), (1.0, 0.75, 0.25), (0.3, 0.8, 0.45), (0.7, 0.35, 0.9)], np.float32)[shards % 5]
        window = _inside(fan, density)[..., None] * np.float32(stained)
        colour = colour * (1 - window) + colour * hues * window * np.float32(1.3)
    for centre, wide, tall in ((0.0, 1.9, 3.6), (-0.58 * half, 0.14 * half, 3.0), (0.58 * half, 0.14 * half, 3.0)):
        opening = np.where(y > tall, _arch(x - centre, y, wide, tall), wide - np.abs(x - centre))
        ring = np.clip(1 - np.abs(opening + 0.2) / 0.2, 0, 1)
        colour = colour * (1 + 0.5 * ring)[..., None]
        door = _inside(np.asarray(opening, np.float32), density)[..., None]
        colour = colour * (1 - door) + _SKY * 1.9 * (0.75 + 0.25 * np.exp(-y / 3))[..., None] * door
    if clock:
        colour = _clock_face(colour, x, y - (spring + 0.6), 1.5, density)
    cover = _inside(np.where(y > spring, half * 1.02 - away, half - np.abs(x)), density)
    return premultiplied(np.asarray(colour, np.float32), cover)


def _clock_face(colour: Field, x: Field, y: Field, radius: float, density: float) -> Field:
    away = np.sqrt(x**2 + y**2)
    angle = np.arctan2(x, y) / (2 * np.pi) % 1
    marks = (np.abs((angle * 12 + 0.5) % 1 - 0.5) < 0.07) & (away > radius * 0.74) & (away < radius * 0.92)
    face = np.where(marks[..., None], np.float32(0.02), linear(228, 220, 196) * np.float32(0.55))
    for turn, long, thick in ((0.155, 0.5, 0.075), (0.86, 0.78, 0.05)):
        dx, dy = np.sin(turn * 2 * np.pi), np.cos(turn * 2 * np.pi)
        across, along = x * dy - y * dx, x * dx + y * dy
        face = np.where(
            ((np.abs(across) < thick * radius) & (along > -0.12 * radius) & (along < long * radius))[..., None], np.float32(0.02), face
        )
    rim = _inside(np.asarray(radius * 1.16 - away, np.float32), density)[..., None]
    dial = _inside(np.asarray(radius - away, np.float32), density)[..., None]
    return np.asarray(colour * (1 - rim) + (IRON * 0.7 * (1 - dial) + face * dial) * rim, np.float32)


def hanging_clock(density: float) -> Texture:
    """A round station clock on two rods, 2.4 by 4.4 metres, the dial in the lower half."""
    x, y = _coordinates(density, 2.4, 4.4)
    rods = np.maximum(_inside(0.03 - np.abs(np.abs(x) - 0.45), density) * (y > 1.2), 0)
    colour = _clock_face(np.broadcast_to(IRON * np.float32(0.5), (y.shape[0], x.shape[1], 3)), x, y - 1.2, 0.95, density)
    away = np.sqrt(x**2 + (y - 1.2) ** 2)
    return premultiplied(colour, np.maximum(rods, _inside(np.asarray(1.1 - away, np.float32), density)))
