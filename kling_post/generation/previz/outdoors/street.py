"""A city street seen from its middle: fronts on both sides, lamps and signs, a road that mirrors them when wet."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kling_post.generation.previz.contract import Reading
from kling_post.generation.previz.interior.canvas import Canvas, Light, Texture, level, premultiplied, upright, wall
from kling_post.generation.previz.interior.drawn import DrawnStill
from kling_post.generation.previz.interior.finish import developed, glow, linear
from kling_post.generation.previz.interior.lens import Lens, Points
from kling_post.generation.previz.interior.noise import Field, Key, fractal, random
from kling_post.generation.previz.interior.water import lay_water
from kling_post.generation.previz.outdoors.backdrop import haze_of, scatter_stars, sky_behind
from kling_post.generation.previz.outdoors.facade import Hour, blade_sign, front
from kling_post.generation.previz.picture.daylight import Daylight, daylight
from kling_post.vocabulary import Size

HALF_ROAD, KERB, FRONT = 5.6, 9.2, 9.2
_END = 230.0
EYES = {"medium": (1.7, 0.58), "low angle": (0.45, 0.72), "aerial": (11.0, 0.3), "wide": (2.6, 0.6), "close": (1.5, 0.55)}
"""Height of the camera by framing, and its horizon."""


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """One building of a side."""

    near: float
    far: float
    x: float
    """Of its front; below zero on the left."""
    height: float
    texture: Texture
    gable: Texture
    """What its near end shows above a lower neighbour."""


def draw_street(reading: Reading, *, seed: int, size: Size) -> DrawnStill:
    """The still of a street at any size, hour and weather."""
    key = (seed, 811)
    light = daylight(reading, seed)
    eye, horizon = EYES.get(reading.framing, EYES["medium"])
    lens = Lens(size=size, focal=0.62, horizon=horizon, eye=(0.9, eye, 0.0))
    wet = bool({"rain", "storm"} & set(reading.weather)) or "wet" in reading.prompt.lower()
    hour = _hour(light, reading)
    clear = min(light.haze_metres * 0.8, 1100.0)
    houses = [*_side(key, lens, hour, side=-1), *_side((*key, 1), lens, hour, side=1)]
    haze = haze_of(lens, light.sky) + np.float32(0.05 if light.dark else 0.0) * linear(255, 170, 110)
    canvas = Canvas(lens, _backdrop(lens, light, seed), haze, clear, _lighting(light))
    _road(canvas, (*key, 5))
    if wet or light.dark:
        half = Size(max(2, size.width // 2), max(2, size.height // 2))
        below = Canvas(lens.mirrored(half), _mirrored_sky(canvas, half), haze_of(lens.mirrored(half), light.sky), clear, _lighting(light))
        _build(below, houses, (*key, 6), light)
        lay_water(canvas, below, (*key, 7), depth_tint=np.ones(3, np.float32), waves=0.55, gloss=0.95 if wet else 0.3)
    _build(canvas, houses, (*key, 6), light)
    drawn = {"road", "skyline", "window"} | ({"neon sign", "lanterns"} if light.dark else set())
    glow(canvas.light, threshold=0.8, strength=0.75 if light.dark else 0.2)
    return DrawnStill(
        picture=developed(canvas.light, key, exposure=1.5 if light.dark else 1.25, vignette=0.3),
        nearness=canvas.nearness,
        vanishing=(lens.centre, lens.horizon),
        focal=lens.focal,
        drawn=frozenset(drawn),
    )


def _hour(light: Daylight, reading: Reading) -> Hour:
    dim = light.dark or reading.time_of_day == "dusk"
    gloomy = bool({"storm", "rain", "fog"} & set(reading.weather))
    return Hour(sky=light.sky.middle, lit=0.5 if dim else 0.16 if gloomy else 0.03, lamp=1.0 if light.dark else 0.7 if dim else 0.25)


def _backdrop(lens: Lens, light: Daylight, seed: int) -> Field:
    sky = np.array(sky_behind(lens, light.sky, seed=seed))
    if light.dark:
        # A city lights its own air.
        up = (lens.vanishing[1] - np.arange(sky.shape[0], dtype=np.float32)) / np.float32(lens.size.height)
        sky += (np.float32(0.07) * np.exp(-np.clip(up, 0, 1) * 4))[:, None, None] * linear(255, 172, 120)
        scatter_stars(sky, (seed, 812), rows=int(lens.vanishing[1] * 0.7), count=120, brightest=0.7)
    return sky


def _mirrored_sky(canvas: Canvas, half: Size) -> Field:
    import cv2

    rows = max(1, int(canvas.lens.vanishing[1]))
    above = canvas.light[:rows][::-1]
    whole = np.concatenate([above, above[-1:].repeat(max(0, canvas.lens.size.height - rows), axis=0)])[: canvas.lens.size.height]
    return np.asarray(cv2.resize(np.ascontiguousarray(whole[::-1]), (half.width, half.height), interpolation=cv2.INTER_AREA), np.float32)


def _side(key: Key, lens: Lens, hour: Hour, *, side: int) -> list[House]:
    draw = random((*key, 3))
    houses: list[House] = []
    z = -6.0
    while z < _END:
        length = float(draw.uniform(9, 21))
        height = float(draw.choice([12.0, 16.0, 21.0, 28.0, 40.0], p=[0.2, 0.3, 0.26, 0.16, 0.08]) * draw.uniform(0.9, 1.1))
        near = max(z, 1.2)
        density = float(np.clip(lens.pixels_per_metre(max(near, 6.0)) * 0.75, 5, 0.022 * lens.size.width))
        glass = 1.0 if height > 26 and draw.random() < 0.75 else 0.0
        number = len(houses)
        whole = front((*key, 10, number), height, length, density, hour, glass=glass)
        shown = whole[:, round((near - z) * whole.shape[1] / length) :] if near > z else whole
        gable = front((*key, 11, number), height, 14.0, density * 0.5, hour, glass=glass, shop=False)
        x = side * (FRONT + float(draw.uniform(0, 1.1)))
        if z + length > 1.5:
            houses.append(House(near=near, far=z + length, x=x, height=height, texture=np.ascontiguousarray(shown), gable=gable))
        z += length
        if draw.random() < 0.16:
            z += 8.0  # a side street
    return houses


def _build(canvas: Canvas, houses: list[House], key: Key, light: Daylight) -> None:
    """Both sides from far to near, with what stands before them."""
    _far_end(canvas, key, light)
    for number, house in enumerate(sorted(houses, key=lambda house: -house.near)):
        outward = np.sign(house.x)
        ends = (house.x, house.x + 14 * outward) if outward > 0 else (house.x - 14, house.x)
        canvas.paint(house.gable, upright(ends, (0.0, house.height), house.near), gain=0.8)
        canvas.paint(house.texture, wall(house.x, (0.0, house.height), (house.near, house.far)))
        _cornice(canvas, house)
        if house.near > 5:
            _furniture(canvas, house, (*key, number), light)


def _cornice(canvas: Canvas, house: House) -> None:
    rows = np.full((4, 4, 3), 0.16, np.float32)
    texture = premultiplied(rows, np.ones((4, 4), np.float32))
    inward = -np.sign(house.x) * 0.35
    canvas.paint(texture, wall(house.x + float(inward), (house.height - 0.5, house.height + 0.25), (house.near, house.far)), gain=1.1)


def _furniture(canvas: Canvas, house: House, key: Key, light: Daylight) -> None:
    """A sign on the wall, a lamp and a tree or nothing at the kerb."""
    draw = random(key)
    density = float(np.clip(canvas.lens.pixels_per_metre(house.near), 4, 0.05 * canvas.lens.size.width))
    inward = float(-np.sign(house.x))
    if draw.random() < (0.85 if light.dark else 0.45):
        foot, x = float(draw.uniform(4.2, 6.5)), house.x + inward * 0.15
        ends = (x, x + 1.1) if inward > 0 else (x - 1.1, x)
        canvas.paint(
            blade_sign((*key, 1), density, 1.0 if light.dark else 0.05), upright(ends, (foot, foot + 5), house.near + 2), lit=not light.dark
        )
    if draw.random() < 0.75:
        _lamp(canvas, inward * -(HALF_ROAD + 0.8), house.near + 1, inward, lit=light.dark)


def _lamp(canvas: Canvas, x: float, z: float, inward: float, *, lit: bool) -> None:
    shaft = premultiplied(np.full((4, 2, 3), 0.035, np.float32), np.ones((4, 2), np.float32))
    canvas.paint(shaft, upright((x - 0.07, x + 0.07), (0.0, 7.0), z), lit=False)
    arm = (x, x + inward * 1.8) if inward > 0 else (x + inward * 1.8, x)
    canvas.paint(shaft, upright(arm, (6.9, 7.02), z), lit=False)
    head = x + inward * 1.7
    y, u = np.linspace(-1, 1, 17, dtype=np.float32)[:, None], np.linspace(-1, 1, 17, dtype=np.float32)[None]
    disc = np.clip(1.4 - 1.4 * np.hypot(y, u), 0, 1)
    colour = linear(255, 196, 120) * np.float32(9.0) if lit else linear(190, 190, 190)
    canvas.paint(premultiplied(colour, np.asarray(disc, np.float32)), upright((head - 0.32, head + 0.32), (6.62, 6.95), z), lit=False)


def _far_end(canvas: Canvas, key: Key, light: Daylight) -> None:
    """Towers where the street ends, as pale shapes."""
    draw = random((*key, 77))
    hour = Hour(sky=light.sky.middle, lit=0.4 if light.dark else 0.0, lamp=0.8)
    for number in range(9):
        x, wide, tall = float(draw.uniform(-70, 70)), float(draw.uniform(14, 26)), float(draw.uniform(30, 95))
        texture = front((*key, 78, number), tall, wide, 2.0, hour, glass=1.0, shop=False)
        canvas.paint(texture, upright((x - wide / 2, x + wide / 2), (0.0, tall), _END + 90 - 8 * number))


def _road(canvas: Canvas, key: Key) -> None:
    density = canvas.lens.size.width / 3840 * 130
    step = 11.0
    for number in reversed(range(round(_END / step) + 6)):
        near = max(1.0, number * step)
        tile = _asphalt((*key, number % 3), density, step, crossing=number == 1)
        cut = tile[: max(2, round(tile.shape[0] * ((number + 1) * step - near) / step))]
        canvas.paint(np.ascontiguousarray(cut), level((-KERB - 1.3, KERB + 1.3), 0.0, (near, (number + 1) * step)))


def _asphalt(key: Key, density: float, length: float, *, crossing: bool) -> Texture:
    """A stretch of road between two pavements: lane marks, a drain, patches, slabs."""
    wide = 2 * (KERB + 1.3)
    rows, columns = max(12, round(length * density * 0.7)), max(24, round(wide * density * 0.7))
    y = ((np.arange(rows, dtype=np.float32) + 0.5) / rows * length)[:, None]
    x = ((np.arange(columns, dtype=np.float32) + 0.5) / columns * wide - wide / 2)[None]
    rough = fractal(key, (rows, columns), (9, 16), octaves=7, gain=0.7)
    patch = fractal((*key, 1), (rows, columns), (2, 4), octaves=3)
    road = np.float32(0.045) * (0.45 + 0.9 * rough + 0.6 * (patch - 0.5))
    wheel = 1 - 0.18 * np.exp(-((np.abs(np.abs(x) - 2.8) - 0.8) ** 2) / 0.12)
    colour = np.repeat((road * wheel)[..., None], 3, axis=2)
    mark = (np.abs(x) < 0.08) & ((y % 5.5) < 2.6)
    edge = np.abs(np.abs(x) - (HALF_ROAD - 0.35)) < 0.06
    if crossing:
        mark = mark & (y > 5) | ((np.abs(x) < HALF_ROAD - 0.6) & (((x + 20) % 1.0) < 0.5) & (y > 1.2) & (y < 4.2))
    paint = (mark | edge)[..., None] * (0.35 + 0.65 * (rough > 0.42))[..., None]
    colour = colour * (1 - paint) + np.float32(0.34) * paint
    pavement = np.abs(x) > HALF_ROAD
    joint = np.minimum(np.minimum(x % 1.2, 1.2 - x % 1.2), np.minimum(y % 1.1, 1.1 - y % 1.1))
    slab = np.float32(0.17) * (0.55 + 0.7 * rough) * np.clip(0.5 + joint / 0.03, 0.5, 1)
    colour = np.where(pavement[..., None], slab[..., None] * np.array([1.04, 1.0, 0.95], np.float32), colour)
    kerb = np.clip(1 - np.abs(np.abs(x) - HALF_ROAD - 0.12) / 0.12, 0, 1)[..., None]
    colour = colour * (1 - kerb) + kerb * np.float32(0.24)
    return premultiplied(np.asarray(colour, np.float32), np.ones((rows, columns), np.float32))


def _lighting(light: Daylight) -> Light:
    """Sky from above, the sun on one side; after dark, pools under the lamps and the shops' light on walls and pavement."""
    ambient, sun = np.array(light.ambient, np.float32), np.array(light.sun, np.float32)
    side = -np.sign(light.sky.sun_across)

    def shade(points: Points, normal: NDArray[np.float64]) -> Field:
        x, y, z = points[..., 0], points[..., 1], points[..., 2]
        open_sky = np.clip(0.45 + y / 45, 0.45, 1.1)[..., None]
        result = ambient * open_sky * (1.5 if abs(float(normal[1])) > 0.5 else 1.25)
        if light.dark:
            pool = 0.35 + 0.65 * np.cos(z * 2 * np.pi / 15) ** 2
            low = np.exp(-np.clip(y, 0, 40) / 6.5) * pool * np.exp(-np.abs(np.abs(x) - 7) / 9)
            return np.asarray(result + low[..., None] * linear(255, 190, 130) * np.float32(0.95), np.float32)
        if light.shadow is not None:
            # The sun comes over the roofs of one side and reaches the upper floors of the other, and a strip of the road.
            facing = 1.0 if np.sign(normal[0]) == -side and abs(float(normal[0])) > 0.5 else 0.0
            high = np.clip((y - 5.5 - 2.5 * np.sign(np.sin(z * 0.33)) * np.abs(np.sin(z * 0.33)) ** 0.3) / 0.8, 0, 1)[..., None]
            result = result + sun * np.float32(0.42 * facing) * high
            if abs(float(normal[2])) > 0.5:
                result = result + sun * np.float32(0.10) * high
            if abs(float(normal[1])) > 0.5:
                result = result + sun * np.clip((x * side - 1.5 - 1.6 * np.sign(np.sin(z * 0.33))) / 0.5, 0, 1)[..., None] * np.float32(0.3)
        return np.asarray(result + sun * np.float32(0.09), np.float32)

    return shade
