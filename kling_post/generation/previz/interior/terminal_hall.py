"""What stands in the flooded terminal, painted far to near: arcades, vault and ribs, platforms, a carriage, plants, the violinist."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from kling_post.generation.previz.contract import Reading
from kling_post.generation.previz.interior import figures, foliage, masonry, timber
from kling_post.generation.previz.interior.canvas import Canvas, Texture, level, premultiplied, upright, wall
from kling_post.generation.previz.interior.carriage import paint_carriage
from kling_post.generation.previz.interior.noise import Field, Key, fractal, random, smooth
from kling_post.generation.previz.interior.palette import named_colour
from kling_post.generation.previz.interior.vault import BarrelVault
from kling_post.vocabulary import Size

_BAYS, _BAY, _FIRST = 12, 7.0, 4.0
_FAR = _FIRST + _BAYS * _BAY
_HALF, _SPRING = 10.0, 10.4
_AISLE = 17.0
_ARCH_HALF, _ARCH_SPRING = 2.75, 6.1
_PLATFORM_X, _PLATFORM_Y = 6.4, 0.55
FIGURE_Z = 10.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
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


def make_stock(key: Key, size: Size, state: float) -> Stock:
    """The textures for a picture size and a state, 0 to 1."""
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
    return Stock(
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


def paint_hall(canvas: Canvas, reading: Reading, key: Key, stock: Stock, state: float, *, mirrored: bool) -> None:
    """Everything above the water, far to near."""
    vault = BarrelVault(canvas, _HALF, _SPRING)
    density = canvas.lens.size.width / 3840 * 130 * (2 if mirrored else 1)
    far = masonry.end_wall((*key, 30), density * 0.3, _HALF, _SPRING)
    canvas.paint(far, upright((-_HALF, _HALF), (0.0, _SPRING + _HALF), _FAR), lit=False, gain=0.97 + 0.16 * state)
    for side in (-1.0, 1.0):
        canvas.paint(stock.aisles[0], upright((min(side * 9.6, side * 17.4), max(side * 9.6, side * 17.4)), (0.0, 9.6), _FAR))
    for bay in reversed(range(-1, _BAYS)):
        z = _FIRST + bay * _BAY
        near = max(z, canvas.lens.eye[2] + 0.6)
        _bay_walls(canvas, stock, bay, near, z + _BAY, whole=near == z)
        vault.paint(stock.vaults[bay % len(stock.vaults)], (z, z + _BAY))
        _arcade(canvas, stock, bay, z)
        _platforms(canvas, stock, near, z + _BAY, mirrored=mirrored)
        _ironwork(canvas, reading, stock, key, bay, z)
        _growth(canvas, stock, key, bay, z, state)
        if bay == 3:
            paint_carriage(canvas, (*key, 31), x=(-5.5, -2.75), z=(z + 1.0, z + 17.0), state=state)
        if z <= FIGURE_Z < z + _BAY:
            _violinist(canvas, reading, key, state, mirrored=mirrored)
        _sun_shaft(canvas, stock, bay, z, state)


def _bay_walls(canvas: Canvas, stock: Stock, bay: int, near: float, far: float, *, whole: bool) -> None:
    if not whole:
        return
    for side in (-1.0, 1.0):
        canvas.paint(stock.aisles[(bay + (side > 0)) % 2], wall(side * _AISLE, (0.0, 9.6), (near, far)))
        ceiling = level((min(side * _HALF, side * _AISLE), max(side * _HALF, side * _AISLE)), 9.6, (near, far))
        canvas.paint(stock.soffit, ceiling, gain=0.35)


def _arcade(canvas: Canvas, stock: Stock, bay: int, z: float) -> None:
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
        x = side * _HALF
        canvas.paint(stock.column, upright((x - 0.7, x + 0.7), (_PLATFORM_Y - 0.05, _ARCH_SPRING + 0.1), z), gain=1.1)


def _platforms(canvas: Canvas, stock: Stock, near: float, far: float, *, mirrored: bool) -> None:
    for side in (-1.0, 1.0):
        inner, outer = side * _PLATFORM_X, side * _HALF
        strip = _strip(stock.platform, near, far)
        if not mirrored:
            canvas.paint(strip, level((min(inner, outer), max(inner, outer)), _PLATFORM_Y, (near - 0.04, far + 0.04)), gain=0.8)
        face = stock.edge[:, -max(2, round(stock.edge.shape[1] * (far - near) / _BAY)) :]
        canvas.paint(face, wall(inner, (0.0, _PLATFORM_Y), (near - 0.04, far + 0.04)), gain=0.7)


def _strip(texture: Texture, near: float, far: float) -> Texture:
    return texture[: max(2, round(texture.shape[0] * (far - near) / _BAY))]


def _ironwork(canvas: Canvas, reading: Reading, stock: Stock, key: Key, bay: int, z: float) -> None:
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


def _growth(canvas: Canvas, stock: Stock, key: Key, bay: int, z: float, state: float) -> None:
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


def _sun_shaft(canvas: Canvas, stock: Stock, bay: int, z: float, state: float) -> None:
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
    density = max(30.0, canvas.lens.pixels_per_metre(FIGURE_Z))
    slab = masonry.ashlar((*key, 40), density * 0.7, 1.7, 1.2)
    slab = foliage.mossed(slab, (*key, 41), state) * 0.8
    stone = premultiplied(slab, np.ones(slab.shape[:2], np.float32))
    rows = max(3, round(stone.shape[0] * 0.12))
    if not mirrored:
        canvas.paint(stone, level((-0.85, 0.85), 0.16, (FIGURE_Z - 0.61, FIGURE_Z + 0.6)), gain=0.9)
    canvas.paint(stone[:rows], upright((-0.85, 0.85), (0.0, 0.165), FIGURE_Z - 0.6), gain=0.5)
    half, low, high = figures.FIGURE_BOX
    texture = figures.violinist((*key, 42), density)
    canvas.paint(texture, upright((-half, half), (low + 0.17, high + 0.17), FIGURE_Z), gain=1.5 + 0.3 * state)
