"""Under water: a surface that glitters above, rays through blue haze, a bed of rippled sand under the net of light."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.generation.previz.contract import Reading
from kling_post.generation.previz.interior.canvas import Canvas, level, premultiplied
from kling_post.generation.previz.interior.drawn import DrawnStill
from kling_post.generation.previz.interior.finish import developed, glow, linear
from kling_post.generation.previz.interior.lens import Lens
from kling_post.generation.previz.interior.noise import Field, Key, fractal, resized, smooth
from kling_post.vocabulary import Size

_EYES = {"low angle": (0.7, 0.66), "aerial": (6.0, 0.3), "close": (1.3, 0.5)}
EXPOSURE = 1.35


@dataclass(frozen=True, slots=True, kw_only=True)
class Sea:
    """The water of one scene."""

    lens: Lens
    deep: NDArray[np.float32]
    bright: NDArray[np.float32]
    """Of the water ahead, and of the surface."""
    clear_metres: float
    light: float


def sea_for(reading: Reading, size: Size) -> Sea:
    """What the reading makes of the water."""
    eye, horizon = _EYES.get(reading.framing, (1.9, 0.56))
    dark = reading.time_of_day in ("night", "polar night") or any(
        word in reading.prompt.lower() for word in ("deep sea", "darkness", "abyss")
    )
    murky = "murky" in reading.prompt.lower() or "green" in reading.mood_colours
    deep = linear(18, 74, 66) if murky else linear(8, 62, 110)
    bright = linear(120, 190, 150) if murky else linear(96, 196, 214)
    share = np.float32(0.12 if dark else 1.0)
    return Sea(
        lens=Lens(size=size, focal=0.72, horizon=horizon, eye=(0.0, eye, 0.0)),
        deep=np.asarray(deep * (0.35 if dark else 1.0), np.float32),
        bright=np.asarray(bright * share, np.float32),
        clear_metres=8.0 if murky else 15.0,
        light=0.22 if dark else 1.0,
    )


def draw_seabed(sea: Sea, *, seed: int) -> DrawnStill:
    """The still of water and bed, without what stands on it."""
    key, lens = (seed, 871), sea.lens
    size = lens.size
    water = _water(sea, key)
    canvas = Canvas(lens, water, _haze(sea), sea.clear_metres, None)
    _bed(canvas, sea, key)
    below = np.arange(size.height, dtype=np.float32) + np.float32(0.5) - np.float32(lens.vanishing[1])
    ground = np.maximum(below, 0) / np.float32(lens.focal_pixels * lens.eye[1])
    canvas.nearness[:] = np.maximum(ground, np.float32(1 / 40))[:, None]
    glow(canvas.light, threshold=0.6, strength=0.3)
    return DrawnStill(
        picture=developed(canvas.light, key, exposure=EXPOSURE, vignette=0.45),
        nearness=canvas.nearness,
        vanishing=(lens.centre, lens.horizon),
        focal=lens.focal,
        drawn=frozenset({"water", "sand", "sunbeams", "sun", "waves"}),
    )


def _haze(sea: Sea) -> Field:
    size = sea.lens.size
    up = (sea.lens.vanishing[1] - np.arange(size.height, dtype=np.float32)) / np.float32(size.height)
    share = np.clip(0.35 + 0.9 * up, 0.08, 1.0)[:, None, None]
    line = sea.deep * (1 - share) + (sea.deep * 0.55 + sea.bright * 0.34) * share
    return np.asarray(np.broadcast_to(line, (size.height, size.width, 3)), np.float32)


def _water(sea: Sea, key: Key) -> Field:
    """Open water: brighter upward, the glittering window of the surface at the top, and shafts of sun."""
    size = sea.lens.size
    rows, columns = max(2, size.height // 3), max(2, size.width // 3)
    y = np.linspace(0, 1, rows, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, columns, dtype=np.float32)[None]
    haze = resized(np.ascontiguousarray(_haze(sea)[:: max(1, size.height // rows), :: max(1, size.width // columns)]), rows, columns)
    above = np.clip(1 - y / 0.34, 0, 1)
    depth = 1 / np.maximum(0.36 - y, 0.03)
    ripple = fractal((*key, 1), (512, 512), (14, 14), octaves=5, gain=0.6)
    seen_x = np.asarray(((x - 0.15) * depth * 46 + 300) % 512, np.float32)
    seen_y = np.asarray((depth * 38 + 0 * x) % 512, np.float32)
    waves = np.asarray(cv2.remap(ripple, seen_x, seen_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP), np.float32)
    window = np.exp(-(((x - 0.15) / 0.55) ** 2) - (y / 0.26) ** 2)
    surface = smooth(waves, 0.45, 0.75) * above**0.7
    light = haze + sea.bright * (window * 0.6 + surface * (0.25 + 1.3 * window))[..., None]
    angle = np.arctan2(x - 0.15, y + 0.35)
    streak = np.asarray(
        cv2.remap(
            fractal((*key, 2), (4, 900), (1, 26), octaves=4, gain=0.75),
            np.asarray((angle + 1.6) * 280, np.float32),
            np.zeros_like(angle) + 1,
            cv2.INTER_LINEAR,
        ),
        np.float32,
    )
    shaft = smooth(streak, 0.48, 0.85) * np.exp(-y * 1.5) * np.exp(-(((x - 0.15) / 0.8) ** 2))
    light = light + sea.bright * np.float32(0.85) * shaft[..., None]
    return resized(np.asarray(light, np.float32), size.height, size.width)


def caustics(key: Key, shape: tuple[int, int], cells: float) -> Field:
    """The net of light that waves throw on the bed, 0 to 1: ridges of two noises multiplied."""
    one = fractal((*key, 1), shape, (cells, cells), octaves=3, gain=0.5)
    other = fractal((*key, 2), shape, (cells * 1.3, cells * 1.3), octaves=3, gain=0.5)
    net = np.clip(1 - np.abs(one - 0.5) * 7, 0, 1) + np.clip(1 - np.abs(other - 0.5) * 7, 0, 1)
    return np.asarray(np.clip(net, 0, 1.4) ** 1.6, np.float32)


def _bed(canvas: Canvas, sea: Sea, key: Key) -> None:
    """Sand in ripples, mottled, with the net of light over it."""
    size = canvas.lens.size
    step = 8.0
    density = size.width / 3840 * 150
    rows, columns = max(40, round(step * density * 0.6)), max(60, round(20 * density * 0.6))
    for block in reversed(range(9)):
        near = max(0.8, block * step)
        y = ((block + 1) * step - (np.arange(rows, dtype=np.float32) + 0.5) / rows * step)[:, None]
        x = ((np.arange(columns, dtype=np.float32) + 0.5) / columns * 20 - 10)[None]
        rough = fractal((*key, 3, block % 3), (rows, columns), (10, 24), octaves=7, gain=0.7)
        wobble = fractal((*key, 4, block), (rows, columns), (3, 6), octaves=3)
        ripple = np.sin((y * 1.0 + 0.4 * x + 3.0 * wobble) * 9.0)
        sand = linear(224, 202, 150) * (0.55 + 0.5 * rough + 0.10 * ripple)[..., None]
        weed = smooth(wobble + 0.3 * (rough - 0.5), 0.60, 0.72)[..., None]
        sand = sand * (1 - 0.6 * weed) + linear(74, 92, 62) * 0.6 * weed * (0.4 + rough)[..., None]
        net = caustics((*key, 5, block), (rows, columns), 9.0)[..., None]
        lit = (sea.bright * np.float32(0.48) + np.array([0.26, 0.22, 0.16], np.float32) * np.float32(sea.light)) * (0.8 + 0.62 * net)
        texture = premultiplied(np.asarray(sand * lit, np.float32), np.ones((rows, columns), np.float32))
        shown = texture[: max(2, round(rows * ((block + 1) * step - near) / step))]
        for left in (-30.0, -10.0, 10.0):
            tile = shown if left == -10.0 else np.ascontiguousarray(shown[:, ::-1])
            canvas.paint(tile, level((left, left + 20), 0.0, (near, (block + 1) * step)), lit=False)
