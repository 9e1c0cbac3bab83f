"""Glacier ice: clear and clouded, cracked and faceted; around things frozen in it, and as pillars with snow on their ledges."""

import cv2
import numpy as np

from kling_post.generation.previz.interior.canvas import Texture, premultiplied
from kling_post.generation.previz.interior.finish import linear
from kling_post.generation.previz.interior.noise import Field, Key, blurred, facets, fractal, random, smooth

_DEEP = linear(34, 92, 120)
_PALE = linear(172, 214, 222)
_WHITE = linear(236, 246, 250)


def relief(key: Key, shape: tuple[int, int], metres: tuple[float, float]) -> tuple[Field, Field]:
    """Shading (about 0.2 to 1.8) of broken, fluted ice, and the bright edges of its facets (0 to 1)."""
    tall, wide = metres
    value, radius = facets((*key, 11), shape, (tall / 2.6, wide / 1.3), warp=0.22)
    fine, _ = facets((*key, 12), shape, (tall / 0.9, wide / 0.5), warp=0.2)
    flutes = fractal((*key, 13), shape, (tall / 9, wide * 1.6), octaves=5, gain=0.6)
    streaks = fractal((*key, 14), shape, (tall / 5, wide * 5), octaves=4, gain=0.6)
    shade = 0.1 + 0.95 * value**2 + 0.55 * fine**2.5 + 1.3 * (flutes - 0.5) + 0.9 * np.maximum(streaks - 0.58, 0)
    step = blurred(value, max(0.6, shape[1] / wide * 0.014))
    edge = np.abs(cv2.Sobel(step, cv2.CV_32F, 1, 0)) + np.abs(cv2.Sobel(step, cv2.CV_32F, 0, 1))
    edge = np.clip(np.asarray(edge, np.float32) * np.float32(shape[1] / wide * 0.014), 0, 1) * (0.4 + 0.6 * radius)
    return np.clip(shade, 0.1, 2.0), edge


def fractures(key: Key, shape: tuple[int, int], density: float) -> Field:
    """Cracks (0 to 1): jagged lines that branch and thin out, each in a breath of shattered ice."""
    draw = random((*key, 15))
    sheet = np.zeros(shape, np.uint8)
    starts = max(2, round(shape[0] * shape[1] / density**2 * 0.055))
    ends = [(draw.random() * shape[1], draw.random() * shape[0], draw.uniform(0, 2 * np.pi), draw.uniform(0.5, 1.0)) for _ in range(starts)]
    while ends:
        x, y, angle, power = ends.pop()
        while power > 0.12:
            angle += draw.normal(0, 0.38)
            reach = draw.uniform(0.15, 0.6) * density
            x_end, y_end = x + np.cos(angle) * reach * 0.7, y + np.sin(angle) * reach * 1.2
            line = [round(value * 16) for value in (x, y, x_end, y_end)]
            thick = max(1, round(power * 0.028 * density))
            strength = 255.0 * power * min(1.0, power * 0.028 * density + 0.25)
            cv2.line(sheet, (line[0], line[1]), (line[2], line[3]), strength, thick, cv2.LINE_AA, 4)
            if draw.random() < 0.28:
                ends.append((x_end, y_end, angle + draw.choice([-1, 1]) * draw.uniform(0.5, 1.1), power * 0.6))
            x, y, power = x_end, y_end, power * draw.uniform(0.8, 0.97)
    lines = sheet.astype(np.float32) / np.float32(255)
    return np.asarray(np.clip(lines + 0.9 * blurred(lines, 0.07 * density), 0, 1), np.float32)


def frozen_in(colour: Field, key: Key, density: float) -> Field:
    """What a wall of ice makes of the things behind it: bent, tinted, clouded in places, cracked, with light on its facets."""
    rows, columns = colour.shape[:2]
    shape, metres = (rows, columns), (rows / density, columns / density)
    tall, wide = metres
    grid_y, grid_x = np.indices(shape, np.float32)
    bend = 0.16 * density
    wave_x = (fractal((*key, 21), shape, (tall / 1.4, wide / 1.4), octaves=3) - 0.5) * bend
    wave_y = (fractal((*key, 22), shape, (tall / 1.4, wide / 1.4), octaves=3) - 0.5) * bend
    bent = np.asarray(cv2.remap(colour, grid_x + wave_x, grid_y + wave_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101), np.float32)
    thick = smooth(fractal((*key, 23), shape, (tall / 6, wide / 4), octaves=5), 0.42, 0.86)
    soft = blurred(bent, 0.09 * density)
    cloudy = smooth(thick, 0.15, 0.75)[..., None]
    seen = bent * (1 - cloudy) + soft * cloudy
    tint = np.exp(-thick[..., None] * np.array([1.5, 0.5, 0.32], np.float32))
    shade, edge = relief(key, shape, metres)
    milk = (0.012 + 0.26 * thick**1.6)[..., None] * (_DEEP * 0.5 + _PALE * 0.5)
    ice = seen * tint * (0.95 - 0.4 * cloudy) + milk * shade[..., None]
    cracks = fractures((*key, 25), shape, density)
    ice += (0.55 * cracks + 0.13 * edge)[..., None] * _WHITE
    return np.asarray(ice + _frost(key, shape, metres)[..., None] * _WHITE * 0.75, np.float32)


def _frost(key: Key, shape: tuple[int, int], metres: tuple[float, float]) -> Field:
    tall, wide = metres
    patches = smooth(fractal((*key, 31), shape, (tall / 4, wide / 3), octaves=6, gain=0.5), 0.6, 0.95)
    grains = fractal((*key, 32), shape, (tall * 9, wide * 14), octaves=3, gain=0.9)
    needles = fractal((*key, 33), shape, (tall * 3, wide * 16), octaves=2, gain=0.7)
    return patches * (0.25 + 0.8 * smooth(grains * 0.6 + needles * 0.4, 0.42, 0.78))


def pillar(key: Key, density: float, width: float, height: float, *, lean: float, within: Field | None = None) -> Texture:
    """A buttress of ice that grows from the left edge of its texture; its free edge is ragged and leans away from the middle.

    Args:
        key: What it belongs to.
        density: Texels a metre.
        width: Metres at the foot.
        height: Metres.
        lean: Metres by which the free edge draws back from foot to head.
        within: What is frozen into it, of the texture's size, already seen through ice.
    """
    rows, columns = round(height * density), round(width * density)
    shape = (rows, columns)
    y = 1 - (np.arange(rows, dtype=np.float32) + 0.5) / rows
    rough = fractal((*key, 41), (rows, 2), (height / 5, 2), octaves=7, gain=0.56)[:, 0]
    notch = facets((*key, 42), (rows, 8), (height / 3.2, 2), warp=0.2)[0][:, 0]
    edge = width - 0.4 - lean * y - (1.8 * rough + 0.9 * blurred(notch[:, None], density * 0.1)[:, 0] - 0.9)
    x = (np.arange(columns, dtype=np.float32) + 0.5) / density
    inside = edge[:, None] - x[None, :]  # metres from the free edge
    crest = (0.5 + 3.2 * fractal((*key, 43), (2, columns), (2, width / 3), octaves=6, gain=0.55)[0])[None, :]
    below = (1 - y)[:, None] * height - crest  # metres under the broken rim
    cover = np.clip(np.minimum(inside, below) * density + 0.5, 0, 1)
    shade, facet_edge = relief(key, shape, (height, width))
    thin = np.exp(-np.maximum(inside, 0) / 0.7)
    body = (_DEEP * 0.4)[None, None, :] * (0.15 + 1.1 * shade[..., None]) + (_PALE * 0.55) * (thin * (0.25 + shade))[..., None]
    if within is not None:
        clear = smooth(inside + 0.8 * (fractal((*key, 44), shape, (height / 3, width / 3), octaves=3) - 0.5), 0.7, 2.0)[..., None]
        body = body * (1 - 0.9 * clear) + within * clear
    body += (0.22 * facet_edge)[..., None] * _WHITE
    body += (0.42 * fractures((*key, 45), shape, density))[..., None] * _WHITE
    body += (_frost((*key, 46), shape, (height, width)) * 0.4)[..., None] * _WHITE
    snow = np.maximum(_ledge_snow(key, inside, density, height), np.exp(-np.maximum(below, 0) / 0.5) * 0.95)
    body = body * (1 - snow[..., None]) + snow[..., None] * _WHITE * (0.62 + 0.3 * shade[..., None])
    return premultiplied(np.asarray(body, np.float32), cover)


def crowned(colour: Field, key: Key, density: float) -> Texture:
    """A wall of ice (rows, columns, 3) with a broken rim and the snow that lies on it."""
    rows, columns = colour.shape[:2]
    crest = 0.3 + 4.5 * fractal((*key, 61), (2, columns), (2, columns / density / 2.5), octaves=6, gain=0.5)[0][None, :]
    below = (np.arange(rows, dtype=np.float32)[:, None] + 0.5) / np.float32(density) - crest
    snow = np.exp(-np.maximum(below, 0) / 0.6) * 0.95
    milk = np.exp(-np.maximum(below, 0) / 3.5) * 0.8
    shade, _ = relief((*key, 62), (rows, columns), (rows / density, columns / density))
    ice = colour * (1 - milk[..., None]) + (_PALE * 0.4) * (milk * (0.3 + shade))[..., None]
    ice = ice * (1 - snow[..., None]) + (_WHITE * 0.8) * snow[..., None]
    return premultiplied(np.asarray(ice, np.float32), np.clip(below * density + 0.5, 0, 1))


def _ledge_snow(key: Key, inside: Field, density: float, height: float) -> Field:
    """Snow (0 to 1) that lies where the free edge steps back, and on ledges across the face."""
    rows, columns = inside.shape
    lies = inside[:, min(columns - 1, 2)]  # how far the face reaches, metres, per row
    above = np.roll(lies, max(1, round(0.5 * density)))
    step = np.clip((lies - above) / 0.45, 0, 1)
    near_edge = np.exp(-np.maximum(inside, 0) / 1.1)
    snow = blurred(step[:, None], 0.12 * density) * near_edge * 1.5
    draw = random((*key, 47))
    uneven = fractal((*key, 48), (rows, columns), (height / 2, columns / density), octaves=5)
    for _ in range(round(height / 4)):
        at, thick = draw.uniform(0.04, 0.98) * rows, draw.uniform(0.18, 0.45) * density
        centre, half = draw.uniform(0.1, 0.9) * columns, draw.uniform(0.7, 2.2) * density
        x = (np.arange(columns, dtype=np.float32) - np.float32(centre)) / np.float32(half)
        profile = np.clip(1 - x**2, 0, 1) ** 0.5
        sag = (uneven[min(rows - 1, int(at))] - 0.5) * density * 0.9
        top, bottom = max(0, int(at - 4 * thick)), min(rows, int(at + 4 * thick))
        if bottom <= top:
            continue
        y = np.arange(top, bottom, dtype=np.float32)[:, None] - np.float32(at) - sag[None, :]
        upper, lower = np.clip((y + thick * profile) / 2 + 0.5, 0, 1), np.clip((thick * 0.5 * profile - y) / (0.3 * thick), 0, 1)
        snow[top:bottom] = np.maximum(snow[top:bottom], upper * lower * (profile > 0))
    return np.asarray(np.clip(snow, 0, 1), np.float32)
