"""The flooded railway terminal: its light, its water, and what time does to it."""

import numpy as np
from numpy.typing import NDArray

from kling_post.generation.previz.contract import Reading
from kling_post.generation.previz.interior.canvas import Canvas, Light, level, premultiplied
from kling_post.generation.previz.interior.drawn import DrawnStill
from kling_post.generation.previz.interior.finish import developed, glow, linear, rays
from kling_post.generation.previz.interior.lens import Lens, Points
from kling_post.generation.previz.interior.noise import Field, Key, fractal, resized, smooth
from kling_post.generation.previz.interior.terminal_hall import FIGURE_Z, make_stock, paint_hall
from kling_post.generation.previz.interior.water import lay_water
from kling_post.vocabulary import Size


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
    stock = make_stock(key, size, state)
    lighting = _lighting(state)
    half = Size(max(2, size.width // 2), max(2, size.height // 2))
    below = Canvas(lens.mirrored(half), _backdrop(half, lens, state), _haze(half, lens, state), 120.0, lighting)
    paint_hall(below, reading, key, stock, state, mirrored=True)
    canvas = Canvas(lens, _backdrop(size, lens, state), _haze(size, lens, state), 120.0, lighting)
    _bed(canvas, key, size)
    tint = np.array([0.34, 0.5, 0.46], np.float32) * np.float32(0.8 + 0.5 * state)
    lay_water(canvas, below, key, depth_tint=tint, rings=((0.0, FIGURE_Z),))
    _veil_water(canvas)
    paint_hall(canvas, reading, key, stock, state, mirrored=False)
    light = canvas.light
    bright = (lens.vanishing[0], lens.vanishing[1] - 0.13 * size.height)
    warm = (1.0, 0.92, 0.76)
    rays(light, bright, threshold=0.7, strength=0.115 + 0.03 * state, tint=warm)
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
    # Dusty gold from the first frame to the last: what grows is how much of it there is, and the green, not the colour of the light.
    sun = np.array([1.0, 0.86, 0.62]) * (0.58 + 0.28 * state)
    cool = np.array([0.90, 0.94, 0.78]) * (0.78 + 0.04 * state)

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
    base = linear(150, 142, 102) * (1 - state) + linear(174, 160, 128) * state
    pale = linear(226, 212, 160) * (1 - state) + linear(253, 234, 188) * state
    haze = (
        base * (0.19 + 0.02 * state)
        + pale * (np.exp(-((away / 0.15) ** 2)) * (0.46 - 0.04 * state) + np.exp(-((away / 0.4) ** 2)) * 0.14)[..., None]
    )
    return resized(np.asarray(haze, np.float32), size.height, size.width)


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
