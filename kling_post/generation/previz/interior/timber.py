"""Wood of the frozen library: the bridge's planks, its railing and the banners' cloth."""

import numpy as np
from numpy.typing import NDArray

from kling_post.generation.previz.interior.canvas import Texture, premultiplied
from kling_post.generation.previz.interior.finish import linear
from kling_post.generation.previz.interior.noise import Field, Key, fractal, random, smooth

_FROST = linear(226, 238, 244)
_WOOD = linear(112, 86, 64)


def planks(key: Key, density: float, width: float, length: float) -> Texture:
    """A bridge deck seen from above (up is along the bridge): planks across it, frost on them, trodden in the middle."""
    rows, columns = round(length * density), round(width * density)
    shape = (rows, columns)
    pitch = 0.3
    along = (np.arange(rows, dtype=np.float32) + 0.5) / density
    number, within = np.floor(along / pitch).astype(int), (along / pitch) % 1
    draw = random((*key, 1))
    tone = draw.uniform(0.55, 1.35, number.max() + 1).astype(np.float32)[number][:, None]
    grain = fractal((*key, 2), shape, (length * 30, width * 1.6), octaves=4, gain=0.7)
    wood = _WOOD * (tone * (0.45 + grain))[..., None]
    gap = np.clip(1.6 - np.minimum(within, 1 - within) * pitch / 0.012, 0, 1)[:, None]
    across = np.abs(np.linspace(-1, 1, columns, dtype=np.float32))[None, :]
    drift = fractal((*key, 3), shape, (length * 1.3, width * 1.3), octaves=6, gain=0.6)
    frost = smooth(drift + 0.5 * across**2 - 0.12 + 0.12 * (within[:, None] > 0.82), 0.42, 0.72) * 0.9
    frost *= 1 - 0.75 * gap
    colour = wood * (1 - 0.9 * gap[..., None]) * (1 - frost[..., None]) + _FROST * (frost * (0.6 + 0.5 * drift))[..., None]
    ragged = 0.03 * np.repeat(draw.random(number.max() + 1).astype(np.float32)[number][:, None], columns, axis=1)
    cover = np.clip((1 - across - ragged) * width / 2 * density, 0, 1)
    return premultiplied(np.asarray(colour, np.float32), np.asarray(cover * np.ones((rows, 1), np.float32), np.float32))


def railing(key: Key, density: float, length: float, height: float) -> Texture:
    """One panel of the bridge's railing, seen from the side: post, hand rail, turned balusters, icicles below the rail."""
    rows, columns = round(height * density), round(length * density)
    x = ((np.arange(columns) + 0.5) / density)[None, :].astype(np.float32)
    y = (height - (np.arange(rows) + 0.5) / density)[:, None].astype(np.float32)
    cover = np.zeros((rows, columns), np.float32)
    snow = np.zeros((rows, columns), np.float32)
    uneven = fractal((*key, 1), (2, columns), (2, length * 3), octaves=4)[0][None, :]
    for low, high in ((0.92, 1.02), (0.12, 0.2)):
        cover = np.maximum(cover, _band(y, low, high, density))
        snow = np.maximum(snow, _band(y, high - 0.02, high + 0.01 + 0.09 * uneven, density))
    pitch = 0.28
    offset = np.abs((x % pitch) - pitch / 2)
    waist = 0.022 + 0.022 * (0.5 + 0.5 * np.cos(np.clip((y - 0.2) / 0.72, 0, 1) * 6 * np.pi))
    cover = np.maximum(cover, np.clip((waist - offset) * density + 0.5, 0, 1) * _band(y, 0.0, 0.95, density))
    post = np.minimum(x, length - x)
    cover = np.maximum(cover, np.clip((0.07 - post) * density + 0.5, 0, 1) * _band(y, -1.0, 1.22, density))
    snow = np.maximum(snow, np.clip((0.09 - post) * density + 0.5, 0, 1) * _band(y, 1.19, 1.27, density))
    draw = random((*key, 2))
    ice = np.zeros_like(cover)
    for _ in range(round(length * 7)):
        at, long = draw.uniform(0, length), draw.uniform(0.05, 0.32)
        ice = np.maximum(ice, np.clip((0.016 * (y - (0.92 - long)) / long - np.abs(x - at)) * density + 0.5, 0, 1) * (y < 0.93))
    grain = fractal((*key, 3), (rows, columns), (height * 20, length * 8), octaves=4)
    colour = _WOOD * (0.35 + 0.7 * grain)[..., None]
    colour = colour * (1 - snow[..., None]) + _FROST * snow[..., None] * 0.85
    total = np.clip(cover + snow + 0.55 * ice, 0, 1)
    colour = np.where((ice > cover)[..., None], _FROST * np.float32(0.55), colour)
    return premultiplied(np.asarray(colour, np.float32), np.asarray(total, np.float32))


def banner(key: Key, density: float, width: float, height: float, colour: NDArray[np.float32], *, device: bool = True) -> Texture:
    """Old hanging cloth: folds, a bordered field with a device (or plain cloth), a torn lower edge."""
    rows, columns = round(height * density), round(width * density)
    x = np.linspace(-1, 1, columns, dtype=np.float32)[None, :]
    y = np.linspace(0, 1, rows, dtype=np.float32)[:, None]
    folds = fractal((*key, 1), (rows, columns), (1.3, width * (3.5 if device else 5.5)), octaves=3, gain=0.4)
    wear = fractal((*key, 2), (rows, columns), (height * 2, width * 2), octaves=6, gain=0.62)
    torn = fractal((*key, 3), (2, columns), (2, 6), octaves=5, gain=0.7)[0][None, :]
    side = fractal((*key, 4), (rows, 2), (height / 1.6, 2), octaves=6, gain=0.55)[:, :1]
    half = 0.97 - (0.05 if device else 0.5) * np.clip(side - 0.3, 0, 1) * (0.3 + 0.7 * y)
    cover = np.clip((half - np.abs(x)) * columns / 2, 0, 1) * np.clip((1 - 0.3 * torn - 0.1 * np.abs(x) - y) * rows, 0, 1)
    cover *= 1 - 0.9 * smooth(wear - 0.25 + 0.2 * y, 0.62, 0.66)
    cloth = colour * (0.35 + 0.5 * wear)[..., None]
    gold = linear(190, 158, 92) * (0.35 + 0.6 * wear)[..., None]
    aspect = np.float32(height / width)
    ring = np.sqrt(x**2 + ((y - 0.4) * 2 * aspect) ** 2)
    sign = np.clip(1 - np.abs(ring - 0.5) / 0.05, 0, 1) + np.clip(1 - np.abs(np.abs(x) + np.abs((y - 0.4) * 2 * aspect) - 0.3) / 0.05, 0, 1)
    border = np.clip(1 - np.abs(np.abs(x) - 0.86) / 0.035, 0, 1) + np.clip(1 - np.abs(y - 0.05) / 0.008, 0, 1)
    trim = np.clip(sign + border, 0, 1)[..., None] * np.float32(0.8 if device else 0.0)
    lit = (0.25 + 1.5 * folds)[..., None] if device else (0.15 + 2.6 * folds**1.8)[..., None]
    return premultiplied(np.asarray((cloth * (1 - trim) + gold * trim) * lit, np.float32), np.asarray(cover, np.float32))


def _band(y: Field, low: float, high: float | Field, density: float) -> Field:
    return np.asarray(np.clip((y - low) * density + 0.5, 0, 1) * np.clip((high - y) * density + 0.5, 0, 1), np.float32)
