"""A railway carriage left standing in the flooded hall, rusting."""

import numpy as np

from kling_post.generation.previz.interior.canvas import Canvas, Texture, premultiplied, upright, wall
from kling_post.generation.previz.interior.finish import linear
from kling_post.generation.previz.interior.noise import Key, fractal, smooth

_PAINT = linear(58, 92, 82)
_CREAM = linear(196, 182, 146)
_RUST = linear(118, 64, 38)


def _side(key: Key, density: float, length: float, height: float) -> Texture:
    """The long side: two-tone livery, windows, doors, rivets, rust that runs down from the seams."""
    rows, columns = max(8, round(height * density)), max(8, round(length * density))
    x = ((np.arange(columns, dtype=np.float32) + 0.5) / columns * length)[None, :]
    y = (height - (np.arange(rows, dtype=np.float32) + 0.5) / rows * height)[:, None]
    shape = (rows, columns)
    rust = smooth(fractal((*key, 1), shape, (5, length * 1.2), octaves=6, gain=0.64) + 0.12 * (y < 0.9), 0.5, 0.72)
    streak = smooth(fractal((*key, 2), shape, (1.2, length * 3), octaves=4), 0.55, 0.8) * 0.6
    paint = np.where((y > 1.75)[..., None], _CREAM, _PAINT) * (0.55 + 0.6 * fractal((*key, 3), shape, (6, length), octaves=5))[..., None]
    worn = np.clip(rust + streak, 0, 1)[..., None]
    colour = paint * (1 - worn) + _RUST * worn * (0.5 + 0.8 * fractal((*key, 4), shape, (20, length * 8), octaves=3))[..., None]
    pitch = 1.6
    within = np.abs(x % pitch - pitch / 2)
    window = np.minimum(0.55 - within, np.minimum(y - 1.85, 2.75 - y))
    glass = np.clip(window * density, 0, 1)[..., None]
    broken = fractal((*key, 5), shape, (4, length / 1.2), octaves=4)
    pane = np.where((broken > 0.56)[..., None], linear(20, 22, 22), linear(108, 124, 122) * (0.4 + 0.7 * broken[..., None]))
    colour = colour * (1 - glass) + pane * glass
    colour *= (1 - 0.6 * np.clip(1 - np.abs(window + 0.05) / 0.04, 0, 1))[..., None]
    for line in (0.55, 1.7, 2.95):
        colour *= (1 - 0.5 * np.clip(1 - np.abs(y - line) / 0.03, 0, 1))[..., None]
    roof = smooth(y + 0 * x, height - 0.6, height)
    colour = colour * (1 - 0.75 * roof[..., None]) + linear(64, 66, 64) * 0.5 * roof[..., None]
    return premultiplied(np.asarray(colour, np.float32), np.ones(shape, np.float32))


def _front(key: Key, density: float, width: float, height: float) -> Texture:
    """The end with its gangway door, two windows, buffers and lamps; the roof is an arc."""
    rows, columns = max(8, round(height * density)), max(8, round(width * density))
    x = ((np.arange(columns, dtype=np.float32) + 0.5) / columns * width - width / 2)[None, :]
    y = (height - (np.arange(rows, dtype=np.float32) + 0.5) / rows * height)[:, None]
    shape = (rows, columns)
    rust = smooth(fractal((*key, 6), shape, (4, 4), octaves=6, gain=0.64), 0.46, 0.7)[..., None]
    colour = np.where((y > 1.75)[..., None], _CREAM, _PAINT) * (1 - rust) * 0.8 + _RUST * rust * 0.7
    door = np.minimum(0.42 - np.abs(x), np.minimum(y - 0.5, 2.9 - y))
    colour *= (1 - 0.65 * np.clip(1 - np.abs(door) / 0.04, 0, 1))[..., None]
    window = np.maximum(
        np.minimum(0.3 - np.abs(np.abs(x) - 0.88), np.minimum(y - 1.85, 2.7 - y)),
        np.minimum(0.26 - np.abs(x), np.minimum(y - 1.85, 2.7 - y)),
    )
    colour = np.where((window > 0)[..., None], linear(46, 54, 54), colour)
    lamp = np.sqrt((np.abs(x) - 0.85) ** 2 + (y - 0.95) ** 2)
    colour = np.where((lamp < 0.13)[..., None], linear(190, 178, 140), colour)
    colour *= (1 - 0.6 * np.clip(1 - np.abs(lamp - 0.15) / 0.03, 0, 1))[..., None]
    arc = height - 0.55 * (np.abs(x) / (width / 2)) ** 2.4
    cover = np.clip((arc - y) * density, 0, 1) * np.clip((width / 2 - np.abs(x)) * density, 0, 1)
    rim = np.clip(1 - np.abs(arc - y - 0.12) / 0.1, 0, 1)[..., None]
    return premultiplied(np.asarray(colour * (1 - 0.5 * rim), np.float32), np.asarray(cover, np.float32))


def paint_carriage(canvas: Canvas, key: Key, *, x: tuple[float, float], z: tuple[float, float], state: float) -> None:
    """Paint it with its right side and its near end to be seen; the wheels are under water."""
    from kling_post.generation.previz.interior import foliage

    height, length = 3.5, z[1] - z[0]
    density = max(10.0, canvas.lens.pixels_per_metre(z[0]))
    pieces = 4
    side = _side(key, density, length, height)
    front = _front(key, density, x[1] - x[0], height)
    if state > 0.02:
        growth = foliage.climbing((*key, 7), density, length, height, state * 0.85, amount=900)
        side = side * (1 - growth[..., 3:]) + growth
        top = foliage.climbing((*key, 8), density, x[1] - x[0], height, state * 0.8, amount=1000)
        front = front * (1 - top[..., 3:]) + top * front[..., 3:]
    for piece in reversed(range(pieces)):
        span = (z[0] + length * piece / pieces - 0.03, z[0] + length * (piece + 1) / pieces + 0.03)
        columns = side.shape[1]
        part = side[:, columns * piece // pieces : columns * (piece + 1) // pieces]
        canvas.paint(part, wall(x[1], (0.0, height - 0.45), span), gain=0.8)
    canvas.paint(front, upright((x[0], x[1] + 0.02), (0.0, height), z[0] - 0.04), gain=0.7)
