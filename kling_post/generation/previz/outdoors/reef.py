"""What stands on the sea bed: rocks with crusts, branching corals, tube sponges, kelp."""

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.generation.previz.interior.canvas import Texture, premultiplied
from kling_post.generation.previz.interior.finish import linear
from kling_post.generation.previz.interior.noise import Field, Key, fractal, random, smooth
from kling_post.generation.previz.outdoors.cards import Card, Cards, sprite_of
from kling_post.generation.previz.outdoors.seabed import EXPOSURE, Sea

_CORALS = ((212, 74, 66), (226, 122, 56), (150, 70, 140), (214, 176, 84), (196, 92, 112), (92, 128, 120), (172, 140, 116))


def reef(sea: Sea, *, seed: int) -> Cards:
    """Rocks, corals and weed, thick at the sides, low in the middle."""
    key, lens = (seed, 881), sea.lens
    draw = random(key)
    cards = []
    for number, z in enumerate(np.geomspace(26.0, 3.0, 34)):
        side = 1.0 if number % 2 else -1.0
        x = side * float(draw.uniform(0.9, 1.6) + draw.random() ** 1.4 * 0.72 * z)
        density = lens.pixels_per_metre(float(z)) * 1.2
        kind = int(draw.integers(4))
        scale = float(draw.uniform(0.7, 1.5))
        size = {0: (2.6 * scale, 1.4 * scale), 1: (1.5 * scale, 1.5 * scale), 2: (1.3 * scale, 1.0 * scale), 3: (0.9, 2.6 * scale)}[kind]
        texture = (_rock, _fan, _tubes, _weed)[kind]((*key, number), sea, size, density)
        clear = float(np.exp(-z / sea.clear_metres))
        whole, small = sprite_of(texture, np.asarray(sea.deep * 0.72 + sea.bright * 0.14, np.float32), clear, exposure=EXPOSURE)
        cards.append(
            Card(sprite=whole, small=small, x=x, y=-lens.eye[1] - 0.06, z=float(z), wide=size[0], sway=(0.0, 0.02, 0.004, 0.12)[kind])
        )
    return Cards(keys=("greenery", "cave wall"), cards=tuple(cards))


def _light_on(sea: Sea, paint: NDArray[np.float32], shade: Field) -> Field:
    return np.asarray(paint * (sea.bright * np.float32(0.8) + np.float32(0.22 * sea.light)) * shade[..., None], np.float32)


def _rock(key: Key, sea: Sea, size: tuple[float, float], density: float) -> Texture:
    """A boulder grown over with crusts of several colours."""
    rows, columns = max(6, round(size[1] * density)), max(8, round(size[0] * density))
    y = np.linspace(1, 0, rows, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, columns, dtype=np.float32)[None]
    edge = fractal((*key, 1), (2, columns), (2, 7), octaves=4)[:1] - 0.5
    height = np.sqrt(np.clip(1 - x**2, 0, 1)) * (0.72 + 0.9 * edge)
    cover = smooth(np.asarray(height - y, np.float32), 0.0, 0.05)
    rough = fractal((*key, 2), (rows, columns), (6, 10), octaves=6, gain=0.72)
    crust = fractal((*key, 3), (rows, columns), (5, 8), octaves=3)
    draw = random((*key, 4))
    paint = np.zeros((rows, columns, 3), np.float32) + linear(112, 104, 96)
    for low in (0.56, 0.63, 0.70):
        here = smooth(crust, low, low + 0.03)[..., None]
        paint = paint * (1 - here) + linear(*_CORALS[int(draw.integers(len(_CORALS)))]) * here
    shade = (0.18 + 0.9 * np.clip(y / np.maximum(height, 0.05), 0, 1)) * (0.35 + 1.0 * rough)
    return premultiplied(np.asarray(_light_on(sea, paint, np.asarray(shade, np.float32)), np.float32), cover)


def _fan(key: Key, sea: Sea, size: tuple[float, float], density: float) -> Texture:
    """A sea fan or staghorn coral: branches that fork."""
    rows, columns = max(6, round(size[1] * density)), max(6, round(size[0] * density))
    draw = random(key)
    mask = np.zeros((rows, columns), np.uint8)

    def grow(x: float, y: float, turn: float, length: float, thick: float, depth: int) -> None:
        end = (x + length * np.sin(turn), y + length * np.cos(turn))
        points = [(round(px / size[0] * columns), round((1 - py / size[1]) * rows)) for px, py in ((x, y), end)]
        cv2.line(mask, points[0], points[1], 255, max(1, round(thick * density)), cv2.LINE_AA)
        if depth == 0:
            return
        for spread in (-1, 1) if depth < 5 else (-1, 0, 1):
            grow(*end, turn + spread * float(draw.uniform(0.22, 0.5)), length * float(draw.uniform(0.68, 0.86)), thick * 0.72, depth - 1)

    grow(size[0] / 2, 0.0, float(draw.uniform(-0.15, 0.15)), size[1] * 0.27, 0.075 * size[1], 6)
    cover = mask.astype(np.float32) / 255
    y = np.linspace(1, 0, rows, dtype=np.float32)[:, None]
    round_light = cv2.GaussianBlur(cover, (0, 0), max(0.8, 0.012 * density))
    paint = linear(*_CORALS[int(draw.integers(len(_CORALS)))])
    shade = (0.3 + 0.8 * y) * (0.4 + 0.8 * round_light)
    return premultiplied(_light_on(sea, paint, np.asarray(shade, np.float32)), np.asarray(cover, np.float32))


def _tubes(key: Key, sea: Sea, size: tuple[float, float], density: float) -> Texture:
    """A clump of tube sponges."""
    rows, columns = max(6, round(size[1] * density)), max(6, round(size[0] * density))
    draw = random(key)
    paint = linear(*_CORALS[int(draw.integers(len(_CORALS)))])
    texture = np.zeros((rows, columns, 4), np.float32)
    y = np.linspace(size[1], 0, rows, dtype=np.float32)[:, None]
    x = np.linspace(0, size[0], columns, dtype=np.float32)[None]
    for tube in range(9):
        centre, tall, wide = (
            float(draw.uniform(0.2, 0.8) * size[0]),
            float(draw.uniform(0.45, 0.97) * size[1]),
            float(draw.uniform(0.055, 0.1) * size[0]),
        )
        lean = (centre - size[0] / 2) * 0.5
        across = (x - centre - lean * y / size[1]) / (wide * (0.75 + 0.4 * y / tall))
        cover = np.clip((1 - np.abs(across)) * np.float32(wide * density) + np.float32(0.5), 0, 1) * np.clip(
            (tall - y) * density + 0.5, 0, 1
        )
        mouth = np.exp(-(across**2) * 1.6 - (((y - tall + 0.03) / 0.05) ** 2))
        shade = np.clip(0.75 - 0.3 * across - 0.4 * across**2, 0.1, 1) * (0.35 + 0.7 * y / tall) * (1 - 0.8 * mouth) * (0.8 + 0.05 * tube)
        part = premultiplied(_light_on(sea, paint, np.asarray(shade, np.float32)), np.asarray(cover, np.float32))
        texture = texture * (1 - part[..., 3:]) + part
    return np.asarray(texture, np.float32)


def _weed(key: Key, sea: Sea, size: tuple[float, float], density: float) -> Texture:
    """Kelp: stems with wavy blades."""
    rows, columns = max(8, round(size[1] * density)), max(6, round(size[0] * density))
    draw = random(key)
    mask = np.zeros((rows, columns), np.float32)
    tone = np.zeros((rows, columns), np.float32)
    y = np.linspace(1, 0, rows, dtype=np.float32)[:, None]
    x = np.linspace(0, 1, columns, dtype=np.float32)[None]
    for _ in range(5):
        foot, phase, top = float(draw.uniform(0.25, 0.75)), float(draw.uniform(0, 6)), float(draw.uniform(0.6, 1.0))
        stem = foot + 0.13 * np.sin(y * 4 + phase) * y
        frill = 0.05 + 0.045 * np.sin(y * 46 + phase * 3) + 0.02 * np.sin(y * 90)
        side = np.abs(x - stem) / np.maximum(frill * np.clip((top - y) * 6, 0, 1), 1e-3)
        cover = np.clip((1 - side) * 4, 0, 1) * (y < top)
        tone = np.where(cover > mask, np.float32(draw.uniform(0.6, 1.2)), tone)
        mask = np.maximum(mask, cover)
    shade = tone * (0.4 + 0.8 * y)
    return premultiplied(_light_on(sea, linear(112, 124, 50), np.asarray(shade, np.float32)), np.asarray(mask, np.float32))
