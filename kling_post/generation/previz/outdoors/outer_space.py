"""Outer space: stars, a coloured nebula, a planet with clouds and an edge of lit air, its ring and moon, rocks that drift past."""

import numpy as np

from kling_post.generation.previz.contract import Reading
from kling_post.generation.previz.interior.drawn import DrawnStill
from kling_post.generation.previz.interior.finish import developed, glow, linear
from kling_post.generation.previz.interior.noise import Field, Key, fractal, random, resized, smooth
from kling_post.generation.previz.interior.palette import named_colour
from kling_post.generation.previz.outdoors.backdrop import scatter_stars
from kling_post.generation.previz.outdoors.globe import World, paint_globe
from kling_post.vocabulary import Size

FOCAL, HORIZON = 0.8, 0.5
_PLANET_METRES, _RELIEF_FAR = 55.0, 110.0
"""A model's distances: the camera's moves are a room's, and the stars must not move at all."""


def worlds_of(reading: Reading, seed: int) -> tuple[World, ...]:
    """The planet that the prompt names, else one like the earth; far off where the words are of galaxies."""
    words = reading.prompt.lower()
    draw = random((seed, 900))
    if any(word in words for word in ("galaxy", "nebula", "black hole", "supernova")) and reading.element("planet") is None:
        return ()
    kind = (
        "mars"
        if any(word in words for word in ("mars", "red planet", "red alien"))
        else "giant"
        if any(word in words for word in ("saturn", "jupiter", "gas giant", "ringed"))
        else "moon"
        if "moon" in words or "lunar" in words
        else "earth"
    )
    close = any(word in words for word in ("orbit", "earth below", "earth turning", "from space", "iss", "space station"))
    ring = "saturn" in words or "ring" in words
    if close and not ring:
        planet = World(x=0.15, y=-1.18, radius=1.25, kind=kind, ring=False)
    else:
        planet = World(x=0.34 + float(draw.uniform(-0.05, 0.05)), y=-0.06, radius=0.36 if not ring else 0.27, kind=kind, ring=ring)
    moon = World(x=-0.52, y=0.24, radius=0.045, kind="moon", ring=False)
    return (moon, planet) if kind != "moon" else (planet,)


def draw_space(reading: Reading, *, seed: int, size: Size) -> DrawnStill:
    """The still of stars and planets."""
    key = (seed, 901)
    rows, columns = size.height, size.width
    light = _nebula((*key, 1), size, reading)
    scatter_stars(light, (*key, 2), rows=rows, count=1500, brightest=2.6)
    nearness = np.full((rows, columns), 1 / _RELIEF_FAR, np.float32)
    for number, world in enumerate(worlds_of(reading, seed)):
        paint_globe(light, nearness, world, (*key, 3, number), 1 / _PLANET_METRES)
    glow(light, threshold=0.9, strength=0.35)
    return DrawnStill(
        picture=developed(light, key, exposure=1.2, vignette=0.25, grain=0.008),
        nearness=nearness,
        vanishing=(0.5, HORIZON),
        focal=FOCAL,
        drawn=frozenset({"stars", "planet", "moon", "sun"}),
    )


def _nebula(key: Key, size: Size, reading: Reading) -> Field:
    """Faint coloured gas with dark lanes, along a band across the picture; strong where the prompt names one."""
    rows, columns = max(2, size.height // 3), max(2, size.width // 3)
    y = np.linspace(-0.5, 0.5, rows, dtype=np.float32)[:, None]
    x = np.linspace(-0.9, 0.9, columns, dtype=np.float32)[None]
    band = np.exp(-(((y - 0.35 * x + 0.05) / 0.27) ** 2))
    gas, other, dark = (fractal((*key, number), (rows, columns), (4, 7), octaves=7, gain=0.58) for number in range(3))
    named = any(word in reading.prompt.lower() for word in ("nebula", "galaxy", "milky way", "cosmic", "supernova"))
    strength = np.float32(0.85 if named else 0.2)
    colours = [*reading.mood_colours, *(element.colour for element in reading.elements if element.colour and element.key == "stars")]
    first = named_colour(colours[0], (150, 70, 160)) if colours else linear(150, 70, 160)
    second = named_colour(colours[1], (60, 120, 190)) if len(colours) > 1 else linear(60, 120, 190)
    lane = smooth(dark, 0.42, 0.62)
    body = first * (smooth(gas, 0.42, 0.85) * band)[..., None] + second * (smooth(other, 0.45, 0.85) * band * 0.9)[..., None]
    core = linear(255, 214, 170) * (np.exp(-(((y - 0.35 * x + 0.05) / 0.08) ** 2)) * smooth(gas, 0.5, 0.8))[..., None] * 0.5
    light = (body + core) * strength * (0.25 + 0.75 * lane)[..., None] + linear(9, 10, 18)
    light += (random((*key, 9)).random((rows, columns), np.float32) > 0.9965)[..., None] * band[..., None] * np.float32(0.25)
    return resized(np.asarray(light, np.float32), size.height, size.width)
