"""The flooded railway terminal: arcades, a glazed barrel vault on iron ribs, a fan window, still water, and what time does to them."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from kling_post.generation.previz.contract import Reading
from kling_post.generation.previz.interior import figures, foliage, masonry, timber
from kling_post.generation.previz.interior.canvas import Canvas, Light, Texture, level, premultiplied, upright, wall
from kling_post.generation.previz.interior.carriage import paint_carriage
from kling_post.generation.previz.interior.drawn import DrawnStill
from kling_post.generation.previz.interior.finish import developed, glow, linear, rays
from kling_post.generation.previz.interior.lens import Lens, Points
from kling_post.generation.previz.interior.noise import Field, Key, fractal, random, resized, smooth
from kling_post.generation.previz.interior.palette import named_colour
from kling_post.generation.previz.interior.vault import BarrelVault
from kling_post.generation.previz.interior.water import lay_water
from kling_post.vocabulary import Size

_BAYS, _BAY, _FIRST = 12, 7.0, 4.0
_FAR = _FIRST + _BAYS * _BAY
_HALF, _SPRING = 10.0, 10.4
_AISLE = 17.0
_ARCH_HALF, _ARCH_SPRING = 2.75, 6.1
_PLATFORM_X, _PLATFORM_Y = 6.4, 0.55
_FIGURE_Z = 10.5


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stock:
    """Textures used again and again along the hall, for one state."""

    arcades: tuple[Texture, ...]
    aisles: tuple[Texture, ...]
    vaults: tuple[Field, ...]
    rib: Texture
    column: Texture
    soffit: Texture
    platform: Texture
    edge: Texture
    beam: Texture
    vines: tuple[Texture, ...]
    trees: tuple[Texture, ...]
    reeds: tuple[Texture, ...]


def draw_terminal(reading: Reading, *, seed: int, size: Size, state: float = 0.0, ahead: float = 0.0) -> DrawnStill:
    """The still of the station; see ``DrawnStill``.

    Args:
        reading: What was understood of the prompt.
        seed: The scene's.
        size: In pixels.
        state: 0 is abandoned, 1 is overgrown and full of sun.
        ahead: Metres by which the camera has moved into the hall, 0 to 3.
    """
    key = (seed, 401)
    lens = Lens(size=size, focal=0.64, horizon=0.62, eye=(0.0, 1.65, ahead))
    stock = _stock(key, size, state)
    lighting = _lighting(state)
    half = Size(max(2, size.width // 2), max(2, size.height // 2))
    below = Canvas(lens.mirrored(half), _backdrop(half, lens, state), _haze(half, lens, state), 120.0, lighting)
    _hall(below, reading, key, stock, state, mirrored=True)
    canvas = Canvas(lens, _backdrop(size, lens, state), _haze(size, lens, state), 120.0, lighting)
    _bed(canvas, key, size)
    tint = np.array([0.34, 0.5, 0.46], np.float32) * np.float32(0.8 + 0.5 * state)
    lay_water(canvas, below, key, depth_tint=tint, rings=((0.0, _FIGURE_Z),))
    _veil_water(canvas)
    _hall(canvas, reading, key, stock, state, mirrored=False)
    light = canvas.light
    bright = (lens.vanishing[0], lens.vanishing[1] - 0.13 * size.height)
    warm = (1.0, 0.92, 0.76) if state > 0.5 else (0.95, 0.95, 0.9)
    rays(light, bright, threshold=0.7, strength=0.10 + 0.05 * state, tint=warm)
    glow(light, threshold=0.95, strength=0.3)
    return DrawnStill(
        picture=developed(light, key, exposure=1.3 - 0.05 * state, vignette=0.42),
        nearness=canvas.nearness,
        vanishing=(0.5, lens.horizon),
        focal=lens.focal,
        drawn=_drawn(reading, state),
    )


def _drawn(reading: Reading, state: float) -> frozenset[str]:
    keys = {"terminal", "water", "arches", "columns", "clock", "hanging fabric", "window", "carved stone", "metal", "sunbeams"}
    if not {"violinist", "person"} & set(reading.removed):
        keys |= {"violinist", "person"}
    if state > 0.25:
        keys |= {"greenery", "leaves", "tree"}
    return frozenset(keys)


def _lighting(state: float) -> Light:
    sun = np.array([1.0, 0.86, 0.62]) * (0.15 + 0.75 * state)
    cool = np.array([0.8, 0.92, 1.0]) * (0.95 - 0.15 * state) + np.array([0.1, 0.09, 0.02]) * state

    def light(points: Points, normal: NDArray[np.float64]) -> Field:
        x, y, z = points[..., 0], points[..., 1], points[..., 2]
        high = np.clip(y / 16, 0, 1)
        sky = (0.13 + 0.8 * high**1.2) * (0.7 + 0.3 * np.clip(y / 3, 0, 1)) * (1 + 0.5 * max(0.0, float(normal[1])))
        aisle = 1 - 0.45 * np.clip((np.abs(x) - 10.5) / 4, 0, 1)
        end = np.clip((z - 8) / 80, 0, 1) ** 1.4 * 0.75
        low = np.clip(1 - np.abs(y - 5.0 + 0.12 * z) / 5.5, 0, 1) * np.clip(x / 10, 0, 1.2) * max(0.25, float(-normal[0]))
        stripes = 0.55 + 0.45 * np.sin(z * 2 * np.pi / 14 + y * 0.5)
        return np.asarray(
            cool * (sky * aisle)[..., None] + cool * end[..., None] + sun * (low * stripes * 1.5 + 0.25 * high)[..., None], np.float32
        )

    return light


def _backdrop(size: Size, lens: Lens, state: float) -> Field:
    return np.zeros((size.height, size.width, 3), np.float32) + _haze(size, lens, state) * np.float32(1.1)


def _haze(size: Size, lens: Lens, state: float) -> Field:
    rows, columns = 90, 160
    y, x = np.indices((rows, columns), np.float32)
    away = np.sqrt(((x + 0.5) / columns - lens.centre) ** 2 + (((y + 0.5) / rows - lens.horizon + 0.12) * 0.62) ** 2)
    base = linear(118, 128, 128) * (1 - state) + linear(176, 158, 118) * state
    pale = linear(206, 204, 190) * (1 - state) + linear(255, 232, 178) * state
    haze = (
        base * (0.24 - 0.08 * state)
        + pale * (np.exp(-((away / 0.15) ** 2)) * (0.5 - 0.1 * state) + np.exp(-((away / 0.4) ** 2)) * 0.14)[..., None]
    )
    return resized(np.asarray(haze, np.float32), size.height, size.width)


def _stock(key: Key, size: Size, state: float) -> _Stock:
    density = size.width / 3840 * 130
    arcades, aisles = [], []
    for variant in range(2):
        stone = masonry.arcade((*key, 10, variant), density, _BAY, _SPRING, half=_ARCH_HALF, spring=_ARCH_SPRING)
        outer = masonry.aisle_wall((*key, 11, variant), density * 0.7, _BAY, 9.6)
        for texture, number in ((stone, 0), (outer, 1)):
            texture[..., :3] = foliage.mossed(texture[..., :3], (*key, 12, variant, number), state) * texture[..., 3:]
        if state > 0.02:
            ivy = foliage.climbing((*key, 13, variant), density, _BAY, _SPRING, state, amount=1900, leaf=0.16)
            ivy *= np.clip(stone[..., 3:] + 0.0, 0, 1)
            stone = stone * (1 - ivy[..., 3:]) + ivy
            growth = foliage.climbing((*key, 14, variant), density * 0.7, _BAY, 9.6, state * 0.85, amount=1100, leaf=0.18)
            outer = outer * (1 - growth[..., 3:]) + growth
        arcades.append(stone)
        aisles.append(outer)
    column = masonry.column((*key, 15), density * 1.6, 1.4, _ARCH_SPRING + 0.15)
    if state > 0.02:
        ivy = foliage.climbing((*key, 16), density * 1.6, 1.4, _ARCH_SPRING + 0.15, state * 0.95, amount=1700, leaf=0.17)
        column = column * (1 - ivy[..., 3:]) + ivy
    slab = masonry.ashlar((*key, 17), density, 3.6, _BAY)
    slab = foliage.mossed(slab, (*key, 18), state)
    edge = masonry.ashlar((*key, 19), density, _BAY, _PLATFORM_Y + 0.05) * 0.75
    stone_strip = masonry.ashlar((*key, 20), density * 0.5, 1.0, 1.0) * 0.8
    growing = state > 0.02
    return _Stock(
        arcades=tuple(arcades),
        aisles=tuple(aisles),
        vaults=tuple(masonry.vault_bay((*key, 21, variant), density * 0.55, _BAY, np.pi * _HALF) for variant in range(3)),
        rib=masonry.rib((*key, 22), density * 0.62, _HALF + 0.05, 1.1),
        column=column,
        soffit=premultiplied(stone_strip, np.ones(stone_strip.shape[:2], np.float32)),
        platform=premultiplied(slab, np.ones(slab.shape[:2], np.float32)),
        edge=premultiplied(edge, np.ones(edge.shape[:2], np.float32)),
        beam=_beam((*key, 23)),
        vines=tuple(foliage.hanging((*key, 24, n), density * 0.8, 3.4, 6.0, state) for n in range(2)) if growing else (),
        trees=tuple(foliage.tree((*key, 25, n), density * 0.75, 6.4, 8.0, state) for n in range(3)) if growing else (),
        reeds=tuple(foliage.reeds((*key, 26, n), density * 1.2, 2.6, 1.3, state) for n in range(2)) if growing else (),
    )


def _beam(key: Key) -> Texture:
    """A shaft of sun in dusty air: soft sides, streaks along it, fading towards its foot."""
    rows, columns = 128, 96
    x = np.linspace(-1, 1, columns, dtype=np.float32)[None, :]
    y = np.linspace(0, 1, rows, dtype=np.float32)[:, None]
    streak = fractal(key, (2, columns), (2, 9), octaves=3)[0][None, :]
    strength = smooth(1 - np.abs(x), 0.0, 0.7) * (0.35 + 1.1 * streak) * (1 - 0.72 * y) * smooth(y, 0, 0.05) * smooth(1 - y, 0, 0.3)
    return premultiplied(np.ones(3, np.float32), np.asarray(strength, np.float32))


def _bed(canvas: Canvas, key: Key, size: Size) -> None:
    """The drowned floor: a marble chequer, dulled by silt, with two lines of rail."""
    density = size.width / 3840 * 150
    rows, columns = round(8 * density), round(12.8 * density)
    y = ((np.arange(rows) + 0.5) / density)[:, None]
    x = ((np.arange(columns) + 0.5) / density - 6.4)[None, :]
    square = (np.floor(x / 0.8) + np.floor(y / 0.8)).astype(int) % 2
    silt = fractal((*key, 50), (rows, columns), (8, 12), octaves=6, gain=0.6)
    joint = np.minimum(np.minimum(x % 0.8, 0.8 - x % 0.8), np.minimum(y % 0.8, 0.8 - y % 0.8))
    tone = np.where(square[..., None] > 0, linear(190, 186, 172), linear(88, 84, 80)) * (0.3 + 0.9 * silt)[..., None]
    tone *= np.clip(joint / 0.02, 0.4, 1)[..., None]
    cover = smooth(silt, 0.5, 0.75)[..., None]
    tone = tone * (1 - 0.8 * cover) + linear(112, 104, 84) * 0.8 * cover * silt[..., None]
    rail = np.abs(np.abs(x) - 0.75)
    tone = np.where((rail < 0.07)[..., None], linear(120, 84, 62) * (0.5 + 0.9 * silt[..., None]), tone)
    texture = premultiplied(np.asarray(tone, np.float32), np.ones((rows, columns), np.float32))
    nearest = canvas.lens.eye[2] + 0.7
    for block in reversed(range(7)):
        near, far = max(nearest, 8.0 * block), 8.0 * (block + 1)
        part = texture[: max(2, round(rows * (far - near) / 8.0))]
        canvas.paint(part, level((-6.4, 6.4), -0.45, (near, far)), lit=False, gain=0.55)


def _veil_water(canvas: Canvas) -> None:
    """Haze over the far water."""
    top = int(np.ceil(canvas.lens.vanishing[1]))
    clear = np.exp(-1 / np.maximum(canvas.nearness[top:] * np.float32(canvas.clear_metres), 1e-4))[..., None]
    canvas.light[top:] = canvas.light[top:] * clear + canvas.haze[top:] * (1 - clear) * np.float32(0.9)


def _hall(canvas: Canvas, reading: Reading, key: Key, stock: _Stock, state: float, *, mirrored: bool) -> None:
    """Everything above the water, far to near."""
    vault = BarrelVault(canvas, _HALF, _SPRING)
    density = canvas.lens.size.width / 3840 * 130 * (2 if mirrored else 1)
    far = masonry.end_wall((*key, 30), density * 0.3, _HALF, _SPRING)
    canvas.paint(far, upright((-_HALF, _HALF), (0.0, _SPRING + _HALF), _FAR), lit=False, gain=0.85 + 0.3 * state)
    for side in (-1.0, 1.0):
        canvas.paint(stock.aisles[0], upright((min(side * 9.6, side * 17.4), max(side * 9.6, side * 17.4)), (0.0, 9.6), _FAR))
    for bay in reversed(range(-1, _BAYS)):
        z = _FIRST + bay * _BAY
        near = max(z, canvas.lens.eye[2] + 0.6)
        _bay_walls(canvas, stock, bay, near, z + _BAY, whole=near == z)
        vault.paint(stock.vaults[bay % len(stock.vaults)], (z, z + _BAY))
        _arcade(canvas, stock, bay, z)
        _platforms(canvas, stock, key, bay, near, z + _BAY, mirrored=mirrored)
        _ironwork(canvas, reading, stock, key, bay, z)
        _growth(canvas, stock, key, bay, z, state)
        if bay == 3:
            paint_carriage(canvas, (*key, 31), x=(-5.5, -2.75), z=(z + 1.0, z + 17.0), state=state)
        if z <= _FIGURE_Z < z + _BAY:
            _violinist(canvas, reading, key, state, mirrored=mirrored)
        _sun_shaft(canvas, stock, bay, z, state)


def _bay_walls(canvas: Canvas, stock: _Stock, bay: int, near: float, far: float, *, whole: bool) -> None:
    if not whole:
        return
    for side in (-1.0, 1.0):
        canvas.paint(stock.aisles[(bay + (side > 0)) % 2], wall(side * _AISLE, (0.0, 9.6), (near, far)))
        ceiling = level((min(side * _HALF, side * _AISLE), max(side * _HALF, side * _AISLE)), 9.6, (near, far))
        canvas.paint(stock.soffit, ceiling, gain=0.35)


def _arcade(canvas: Canvas, stock: _Stock, bay: int, z: float) -> None:
    """The arches' undersides, then the wall they pierce, then the columns at the bay's near end."""
    if z < canvas.lens.eye[2] + 0.6:
        return
    turns = np.linspace(0, np.pi, 15)
    middle = z + _BAY / 2
    for side in (-1.0, 1.0):
        for start, stop in pairwise(turns):
            points = [(middle - _ARCH_HALF * np.cos(turn), _ARCH_SPRING + _ARCH_HALF * np.sin(turn)) for turn in (start, stop)]
            (z0, y0), (z1, y1) = points
            inner, outer = side * _HALF, side * (_HALF + 0.9)
            corners = np.array([(outer, y0, z0), (outer, y1, z1), (inner, y1, z1), (inner, y0, z0)])
            canvas.paint(stock.soffit, corners, gain=0.8)
        canvas.paint(stock.arcades[(bay + (side > 0)) % 2], wall(side * _HALF, (0.0, _SPRING), (z - 0.02, z + _BAY + 0.02)))
        for end in (0.85, 0.0):
            x = side * (_HALF + end * 0.6)
            if end == 0.0:
                canvas.paint(stock.column, upright((x - 0.7, x + 0.7), (_PLATFORM_Y - 0.05, _ARCH_SPRING + 0.1), z), gain=1.1)


def _platforms(canvas: Canvas, stock: _Stock, key: Key, bay: int, near: float, far: float, *, mirrored: bool) -> None:
    for side in (-1.0, 1.0):
        inner, outer = side * _PLATFORM_X, side * _HALF
        strip = _strip(stock.platform, near, far)
        if not mirrored:
            canvas.paint(strip, level((min(inner, outer), max(inner, outer)), _PLATFORM_Y, (near - 0.04, far + 0.04)), gain=0.8)
        face = stock.edge[:, -max(2, round(stock.edge.shape[1] * (far - near) / _BAY)) :]
        canvas.paint(face, wall(inner, (0.0, _PLATFORM_Y), (near - 0.04, far + 0.04)), gain=0.7)
    del key, bay


def _strip(texture: Texture, near: float, far: float) -> Texture:
    return texture[: max(2, round(texture.shape[0] * (far - near) / _BAY))]


def _ironwork(canvas: Canvas, reading: Reading, stock: _Stock, key: Key, bay: int, z: float) -> None:
    """The rib over the bay's near end, and what hangs from it: the clock, old cloth."""
    if z < canvas.lens.eye[2] + 1:
        return
    radius = _HALF + 0.15
    for back in (0.45, 0.0):
        canvas.paint(stock.rib, upright((-radius, radius), (_SPRING, _SPRING + radius), z + back), gain=0.55 if back else 0.8)
    if bay == 4:
        clock = masonry.hanging_clock(max(16.0, canvas.lens.pixels_per_metre(z)))
        canvas.paint(clock, upright((-1.2, 1.2), (9.6, 14.0), z - 0.3), gain=1.0)
    draw = random((*key, 33, bay))
    if bay == 2 or (bay in (3, 5, 7) and reading.element("hanging fabric") is not None):
        element = reading.element("hanging fabric")
        tone = named_colour(element.colour if element else None, (138, 122, 104))
        for side in (-1.0, 1.0):
            x, long = side * draw.uniform(5.6, 7.2), draw.uniform(4.0, 6.5)
            cloth = timber.banner((*key, 34, bay, int(side)), max(14.0, canvas.lens.pixels_per_metre(z)), 1.6, long, tone, device=False)
            canvas.paint(cloth, upright((x - 0.8, x + 0.8), (14.6 - long, 14.6), z - 0.1), gain=0.9)


def _growth(canvas: Canvas, stock: _Stock, key: Key, bay: int, z: float, state: float) -> None:
    """Vines from the cornice, trees on the platforms, reeds along their edges: the same places in every state."""
    if z < 6 or not stock.trees:
        return
    draw = random((*key, 35, bay))
    for side in (-1.0, 1.0):
        luck, turn, along = draw.random(), draw.random(), draw.uniform(1.5, 5.0)
        vine, plant, reed = int(draw.integers(2)), int(draw.integers(3)), int(draw.integers(2))
        if luck < 0.75:
            x = side * draw.uniform(7.6, 8.8)
            canvas.paint(stock.vines[vine], upright((x - 1.7, x + 1.7), (5.4, 11.4), z + 0.6), gain=1.0)
        if turn < 0.6 and bay != 0:
            size = draw.uniform(0.75, 1.25)
            x = side * draw.uniform(7.9, 9.0)
            canvas.paint(
                stock.trees[plant], upright((x - 3.2 * size, x + 3.2 * size), (_PLATFORM_Y, _PLATFORM_Y + 8 * size), z + along), gain=1.15
            )
        for step in range(4):
            x = side * (_PLATFORM_X + draw.uniform(-0.3, 0.5))
            canvas.paint(stock.reeds[(reed + step) % 2], upright((x - 1.3, x + 1.3), (0.0, 1.3), z + 6.5 - 1.6 * step), gain=0.9)
    if state > 0.1 and not canvas.lens.eye[1] < 0:
        pads = foliage.lily_pads((*key, 36, bay), max(8.0, canvas.lens.pixels_per_metre(z + 1)), 3.4, _BAY, state)
        for side in (-1.0, 1.0):
            canvas.paint(
                pads if side > 0 else np.ascontiguousarray(pads[:, ::-1]),
                level((min(side * 2.6, side * 6.0), max(side * 2.6, side * 6.0)), 0.01, (z, z + _BAY)),
            )


def _sun_shaft(canvas: Canvas, stock: _Stock, bay: int, z: float, state: float) -> None:
    """Sun through the vault's left slope, down to the right, every second bay."""
    if bay % 2 == 0 or z < 6:
        return
    strength = 0.16 + 0.42 * state
    for offset in (5.5, 3.5, 1.5):
        corners = np.array([(-7.6, 16.4, z + offset), (-4.6, 18.6, z + offset), (9.6, 0.3, z + offset - 1), (4.2, 0.0, z + offset - 1)])
        canvas.paint(stock.beam, corners, gain=strength * 0.4, lit=False, additive=True, hazed=True)


def _violinist(canvas: Canvas, reading: Reading, key: Key, state: float, *, mirrored: bool) -> None:
    if {"violinist", "person"} & set(reading.removed):
        return
    density = max(30.0, canvas.lens.pixels_per_metre(_FIGURE_Z))
    slab = masonry.ashlar((*key, 40), density * 0.7, 1.7, 1.2)
    slab = foliage.mossed(slab, (*key, 41), state) * 0.8
    stone = premultiplied(slab, np.ones(slab.shape[:2], np.float32))
    rows = max(3, round(stone.shape[0] * 0.12))
    if not mirrored:
        canvas.paint(stone, level((-0.85, 0.85), 0.16, (_FIGURE_Z - 0.61, _FIGURE_Z + 0.6)), gain=0.9)
    canvas.paint(stone[:rows], upright((-0.85, 0.85), (0.0, 0.165), _FIGURE_Z - 0.6), gain=0.5)
    half, low, high = figures.FIGURE_BOX
    texture = figures.violinist((*key, 42), density)
    canvas.paint(texture, upright((-half, half), (low + 0.17, high + 0.17), _FIGURE_Z), gain=1.5 + 0.3 * state)
