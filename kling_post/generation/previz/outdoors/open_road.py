"""A road through open country: desert, fields, snow or hills, straight to the horizon, with poles and shrubs beside it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kling_post.generation.previz.contract import Reading
from kling_post.generation.previz.interior.canvas import Canvas, Texture, level, premultiplied, upright
from kling_post.generation.previz.interior.drawn import DrawnStill
from kling_post.generation.previz.interior.finish import developed, glow, linear
from kling_post.generation.previz.interior.lens import Lens
from kling_post.generation.previz.interior.noise import Field, Key, fractal, random, smooth
from kling_post.generation.previz.outdoors.backdrop import haze_of, scatter_stars, sky_behind
from kling_post.generation.previz.outdoors.cards import Card, Cards, sprite_of
from kling_post.generation.previz.picture.daylight import Daylight, daylight
from kling_post.vocabulary import Size

_EYES = {"low angle": (0.5, 0.62), "aerial": (14.0, 0.34), "wide": (2.2, 0.5), "close": (1.5, 0.5), "medium": (1.7, 0.5)}
_FAR_PLANE, _EXPOSURE, _CLEARER = 120.0, 1.2, 1.9
_COUNTRIES = {
    "desert": ("desert", "canyon", "mesa", "badlands", "arizona", "nevada", "sahara", "route 66", "outback"),
    "snow": ("snow", "snowy", "winter", "arctic", "ice", "icy"),
    "hills": ("mountain", "alpine", "coastal", "coast", "forest", "winding", "canyon"),
    "fields": ("country road", "country lane", "countryside", "field", "meadow", "prairie", "highway", "motorway", "freeway", "dirt road"),
}
_SOILS = {"desert": (196, 148, 98), "snow": (226, 230, 238), "hills": (96, 104, 58), "fields": (122, 122, 56)}
_ROCKS = {"desert": (150, 92, 62), "snow": (190, 200, 214), "hills": (74, 84, 66), "fields": (92, 104, 72)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Road:
    """One road and its light."""

    lens: Lens
    country: str
    light: NDArray[np.float32]
    sky: Daylight
    dirt: bool


def runs_through(reading: Reading) -> str | None:
    """The country that a road's words speak of, else None: then it is a street of a city."""
    words = f" {reading.prompt.lower()} "
    if not any(word in words for word in ("road", "highway", "motorway", "freeway", "lane", "route")):
        return None
    if any(word in words for word in ("city", "urban", "neon", "downtown", "alley", "market")):
        return None
    return next((country for country, named in _COUNTRIES.items() if any(word in words for word in named)), None)


def road_for(reading: Reading, *, seed: int, size: Size) -> Road:
    """What the reading makes of a road."""
    light = daylight(reading, seed)
    eye, horizon = _EYES.get(reading.framing, _EYES["medium"])
    falling = np.array(light.ambient) * 0.7 + np.array(light.ground) * 0.55
    return Road(
        lens=Lens(size=size, focal=0.74, horizon=horizon, eye=(0.0, eye, 0.0)),
        country=runs_through(reading) or "fields",
        light=np.asarray(falling, np.float32),
        sky=light,
        dirt="dirt" in reading.prompt.lower() or "gravel" in reading.prompt.lower(),
    )


def draw_open_road(road: Road, *, seed: int) -> DrawnStill:
    """The still of sky, hills, land and road."""
    key, lens, light = (seed, 921), road.lens, road.sky
    sky = np.array(sky_behind(lens, light.sky, seed=seed))
    if light.dark:
        scatter_stars(sky, (*key, 1), rows=int(lens.vanishing[1]), count=500, brightest=1.2)
    canvas = Canvas(lens, sky, haze_of(lens, light.sky), light.haze_metres * _CLEARER, None)
    for number, z in enumerate((1900.0, 1150.0, 620.0)):
        _hills(canvas, road, (*key, 2, number), z)
    _land(canvas, road, (*key, 3))
    below = np.arange(lens.size.height, dtype=np.float32) + np.float32(0.5) - np.float32(lens.vanishing[1])
    ground = np.maximum(below, 0) / np.float32(lens.focal_pixels * lens.eye[1])
    canvas.nearness[:] = np.maximum(ground, np.float32(1 / _FAR_PLANE))[:, None]
    glow(canvas.light, threshold=0.9, strength=0.3)
    return DrawnStill(
        picture=developed(canvas.light, key, exposure=_EXPOSURE * (1.6 if light.dark else 1.0), vignette=0.3),
        nearness=canvas.nearness,
        vanishing=(lens.centre, lens.horizon),
        focal=lens.focal,
        drawn=frozenset({"road", "mountains", "sand", "grass", "sun", "clouds", "cave wall"}),
    )


def _hills(canvas: Canvas, road: Road, key: Key, z: float) -> None:
    """A range of hills, mesas in a desert, as an upright plane."""
    rows, columns = 260, 1400
    ridge = fractal((*key, 1), (2, columns), (2, 6), octaves=7, gain=0.5)[:1]
    if road.country == "desert":
        steps = smooth(ridge, 0.50, 0.53) * 0.55 + smooth(ridge, 0.60, 0.62) * 0.3
        ridge = np.asarray(0.06 + steps + 0.12 * ridge, np.float32)
    else:
        ridge = np.asarray((0.15 + 0.75 * ridge) * (1.0 if road.country != "fields" else 0.4), np.float32)
    x = np.linspace(-1, 1, columns, dtype=np.float32)[None]
    ridge = ridge * (0.45 + 0.55 * np.clip(np.abs(x) * 3, 0, 1))
    y = np.linspace(1, 0, rows, dtype=np.float32)[:, None]
    cover = smooth(np.asarray(ridge - y, np.float32), 0.0, 0.012)
    rough = fractal((*key, 2), (rows, columns), (8, 30), octaves=6, gain=0.6)
    layer = fractal((*key, 3), (rows, 3), (26, 2), octaves=3, gain=0.7)[:, :1]
    slope = np.gradient(ridge[0])[None] * 60 * float(np.sign(road.sky.sky.sun_across))
    lit = np.clip(0.8 - slope, 0.35, 1.5)
    rock = linear(*_ROCKS[road.country]) * (0.45 + 0.5 * rough + (0.45 * layer if road.country == "desert" else 0.2))[..., None]
    colour = rock * lit[..., None] * road.light
    wide = z * 1.5
    tall = z * (0.24 if road.country in ("hills", "snow") else 0.1)
    canvas.paint(premultiplied(np.asarray(colour, np.float32), cover), upright((-wide, wide), (-2.0, tall), z), lit=False)


def _land(canvas: Canvas, road: Road, key: Key) -> None:
    """Soil to both sides and the road, in stretches that grow with distance."""
    edges = [0.9, 8.0, 18.0, 32.0, 56.0, 110.0, 240.0, 640.0, 2200.0]
    size = canvas.lens.size
    for number in reversed(range(len(edges) - 1)):
        near, far = edges[number], edges[number + 1]
        wide = max(30.0, 1.7 * far)
        density = min(size.width / 3840 * 130, 1.1 * canvas.lens.pixels_per_metre(near))
        rows = int(np.clip((far - near) * density * 0.6, 24, size.width * 0.35))
        columns = int(np.clip(wide * density * 0.5, 120, size.width * 0.7))
        y = (far - (np.arange(rows, dtype=np.float32) + 0.5) / rows * (far - near))[:, None]
        x = ((np.arange(columns, dtype=np.float32) + 0.5) / columns * wide - wide / 2)[None]
        cell = float(np.clip(14.0 / max(far - near, 1.0) * rows / 20, 2, 24))
        rough = fractal((*key, number), (rows, columns), (cell, cell * wide / max(far - near, 1.0)), octaves=8, gain=0.75)
        broad = fractal((*key, 40, number), (rows, columns), (3, 5), octaves=4)
        soil = linear(*_SOILS[road.country]) * (0.5 + 0.75 * rough)[..., None] * (0.75 + 0.5 * broad)[..., None]
        tuft = smooth(rough + 0.6 * (broad - 0.5), 0.66, 0.78)[..., None] * np.float32(0.0 if road.country == "snow" else 0.75)
        soil = soil * (1 - tuft) + linear(78, 82, 44) * tuft * (0.5 + rough)[..., None]
        colour = _laid_road(soil, road, np.asarray(x, np.float32), np.asarray(y, np.float32), rough) * road.light
        canvas.paint(
            premultiplied(np.asarray(colour, np.float32), np.ones((rows, columns), np.float32)),
            level((-wide / 2, wide / 2), 0.0, (near, far)),
            lit=False,
        )


def _laid_road(soil: Field, road: Road, x: Field, y: Field, rough: Field) -> Field:
    """The road over the soil: asphalt with lines and patches, or two worn tracks."""
    half = 3.7
    if road.dirt:
        edge = smooth(np.asarray(np.abs(x) - half + 1.3 * (rough - 0.5), np.float32), -0.4, 0.3)[..., None]
        track = np.exp(-((np.abs(x) - 1.0) ** 2) / 0.18)[..., None]
        dust = linear(186, 150, 112) * (0.6 + 0.5 * rough)[..., None] * (1 + 0.25 * track)
        return np.asarray(dust * (1 - edge) + soil * edge, np.float32)
    edge = smooth(np.asarray(np.abs(x) - half + 0.25 * (rough - 0.5), np.float32), -0.03, 0.06)[..., None]
    grey = np.float32(0.10) * (0.55 + 0.8 * rough) * (1 - 0.2 * np.exp(-((np.abs(np.abs(x) - 1.9) - 0.75) ** 2) / 0.1))
    asphalt = np.repeat(grey[..., None], 3, axis=2)
    dashes = (np.abs(x) < 0.09) & ((y % 9.0) < 4.0)
    sides = np.abs(np.abs(x) - half + 0.4) < 0.07
    worn = 0.5 + 0.5 * (rough > 0.4)
    centre, border = (dashes * worn)[..., None], (sides * worn)[..., None]
    asphalt = asphalt * (1 - centre) + linear(226, 186, 70) * centre
    asphalt = asphalt * (1 - border) + linear(216, 214, 206) * border
    return np.asarray(asphalt * (1 - edge) + soil * edge, np.float32)


def beside(road: Road, *, seed: int) -> Cards:
    """Poles along one side, shrubs, stones and snow poles along both."""
    key, lens = (seed, 931), road.lens
    draw = random(key)
    cards = [_card(_pole(road, lens.pixels_per_metre(float(z)) * 1.3), road, 6.8, float(z), 2.4) for z in np.arange(150.0, 8.0, -24.0)]
    for number, z in enumerate(np.geomspace(110.0, 4.5, 60)):
        x = float(draw.choice([-1, 1])) * (5.2 + float(draw.random()) ** 1.6 * 0.8 * float(z) + (1.5 if number % 3 else 0.0))
        wide = float(draw.uniform(0.7, 2.0)) * (1.5 if road.country in ("hills", "fields") else 1.0)
        cards.append(_card(_shrub((*key, number), road, lens.pixels_per_metre(float(z)) * 1.3, wide), road, x, float(z), wide))
    return Cards(keys=("cables", "greenery"), cards=tuple(sorted(cards, key=lambda card: -card.z)))


def _card(texture: Texture, road: Road, x: float, z: float, wide: float) -> Card:
    clear = float(np.exp(-z / (road.sky.haze_metres * _CLEARER)))
    haze = np.asarray(np.array(road.sky.sky.horizon, np.float32))
    whole, small = sprite_of(texture, haze, clear, exposure=_EXPOSURE * (1.6 if road.sky.dark else 1.0))
    return Card(sprite=whole, small=small, x=x, y=-road.lens.eye[1] - 0.04, z=z, wide=wide)


def _pole(road: Road, density: float) -> Texture:
    """A wooden pole with two cross-arms, 2.4 by 9 metres."""
    rows, columns = max(12, round(9 * density)), max(6, round(2.4 * density))
    y = np.linspace(9, 0, rows, dtype=np.float32)[:, None]
    x = np.linspace(-1.2, 1.2, columns, dtype=np.float32)[None]
    cover = np.clip((0.12 - np.abs(x)) * density + 0.5, 0, 1) + 0 * y
    for arm in (8.5, 7.8):
        cover = np.maximum(cover, np.clip((0.08 - np.abs(y - arm)) * density + 0.5, 0, 1) * (np.abs(x) < 1.1))
    shade = np.clip(0.8 - 2.2 * x * float(np.sign(road.sky.sky.sun_across) or 1), 0.35, 1.2)
    colour = linear(92, 72, 56) * (shade + 0 * y)[..., None] * road.light
    return premultiplied(np.asarray(colour, np.float32), np.asarray(cover, np.float32))


def _shrub(key: Key, road: Road, density: float, wide: float) -> Texture:
    """A low bush, or a stone where it is one in four; half as high as wide."""
    rows, columns = max(6, round(0.6 * wide * density)), max(8, round(wide * density))
    y = np.linspace(1, 0, rows, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, columns, dtype=np.float32)[None]
    clump = fractal((*key, 1), (rows, columns), (4, 6), octaves=6, gain=0.8)
    dome = np.sqrt(np.clip(1 - x**2, 0, 1)) * (0.78 + 0.5 * (clump - 0.5))
    cover = smooth(np.asarray(dome - y, np.float32), 0.0, 0.10)
    stone = random((*key, 2)).random() < 0.25
    paint = linear(*_ROCKS[road.country]) if stone else linear(96, 98, 58) if road.country == "desert" else linear(66, 84, 42)
    if not stone:
        cover = cover * smooth(clump, 0.3, 0.45)
    if road.country == "snow":
        paint = paint * 0.5 + linear(210, 216, 226) * 0.5
    side = 0.75 - 0.45 * x * -float(np.sign(road.sky.sky.sun_across) or 1)
    colour = paint * (0.2 + 1.0 * clump)[..., None] * (side * (0.45 + 0.7 * y))[..., None] * road.light * np.float32(1.25)
    return premultiplied(np.asarray(colour, np.float32), np.asarray(cover, np.float32))
