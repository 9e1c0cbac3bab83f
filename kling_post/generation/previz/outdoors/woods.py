"""Inside a wood: tall trunks in haze, a floor of moss and leaves with a path, a roof of leaves that light falls through."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.generation.previz.contract import Reading
from kling_post.generation.previz.interior.canvas import Canvas, Texture, level, premultiplied, upright
from kling_post.generation.previz.interior.drawn import DrawnStill
from kling_post.generation.previz.interior.finish import developed, glow, linear, rays
from kling_post.generation.previz.interior.lens import Lens
from kling_post.generation.previz.interior.noise import Field, Key, fractal, random, smooth
from kling_post.generation.previz.interior.palette import named_colour
from kling_post.generation.previz.outdoors.backdrop import scatter_stars, sky_behind
from kling_post.generation.previz.outdoors.cards import Card, Cards, sprite_of
from kling_post.generation.previz.picture.daylight import Daylight, daylight
from kling_post.vocabulary import Size

_FAR, _NEAR_CARDS = 75.0, 30.0
_FAR_PLANE = 45.0
_EYES = {"low angle": (0.5, 0.7), "aerial": (9.0, 0.4), "close": (1.4, 0.55), "medium": (1.7, 0.6), "wide": (2.0, 0.62)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wood:
    """The light and the colours of one wood."""

    lens: Lens
    haze: NDArray[np.float32]
    clear_metres: float
    light: NDArray[np.float32]
    """Falling on trunks and floor."""
    sun: NDArray[np.float32]
    leaf: NDArray[np.float32]
    floor: NDArray[np.float32]
    bark: NDArray[np.float32]
    exposure: float
    dark: bool
    snowy: bool
    clearing: bool
    """Whether light stands between the trunks ahead."""


def wood_for(reading: Reading, *, seed: int, size: Size) -> Wood:
    """What the reading makes of a wood."""
    light: Daylight = daylight(reading, seed)
    eye, horizon = _EYES.get(reading.framing, _EYES["medium"])
    weather, words = set(reading.weather), reading.prompt.lower()
    misty = bool(weather & {"fog", "haze", "rain", "snow", "storm"}) or reading.element("haze") is not None
    snowy = "snow" in weather or "snowy" in words or "winter" in words
    autumn = any(word in words for word in ("autumn", "fall foliage", "october", "golden leaves"))
    leaf = linear(178, 112, 38) if autumn else linear(150, 160, 150) if snowy else linear(78, 104, 44)
    leaves = reading.element("leaves") or reading.element("tree")
    if leaves is not None and leaves.colour:
        leaf = named_colour(leaves.colour, (78, 104, 44))
    ambient, sun = np.array(light.ambient, np.float32), np.array(light.sun, np.float32)
    glow_colour = np.array(light.sky.horizon, np.float32) * np.float32(0.75) + np.array(light.sky.sun, np.float32) * np.float32(
        0.22 * light.sky.glow
    )
    green = np.float32(0.88) + np.float32(0.2) * np.array([0.0, 1.0, -0.2], np.float32)
    return Wood(
        lens=Lens(size=size, focal=0.7, horizon=horizon, eye=(0.0, eye, 0.0)),
        haze=np.asarray(glow_colour * green * (1.5 if light.dark else 1.0), np.float32),
        clear_metres=28.0 if misty else 95.0,
        light=np.asarray(ambient * 0.85 + sun * 0.05, np.float32),
        sun=sun,
        leaf=leaf,
        floor=linear(150, 92, 42) if autumn else linear(222, 226, 234) if snowy else linear(84, 92, 46),
        bark=linear(120, 112, 104) if "birch" in words else linear(92, 66, 50) if "redwood" in words else linear(86, 74, 62),
        exposure=1.9 if light.dark else 1.45,
        dark=light.dark,
        snowy=snowy,
        clearing=not light.dark,
    )


def draw_woods(reading: Reading, wood: Wood, *, seed: int) -> DrawnStill:
    """The still behind the near trunks, at any size, hour and season."""
    key, lens = (seed, 851), wood.lens
    size = lens.size
    sky = np.array(sky_behind(lens, daylight(reading, seed).sky, seed=seed)) * np.float32(0.5 if not wood.dark else 1.0)
    haze = np.zeros((size.height, size.width, 3), np.float32) + wood.haze
    canvas = Canvas(lens, np.asarray(sky * 0.25 + haze * _opening(size, lens)[..., None], np.float32), haze, wood.clear_metres, None)
    if wood.dark:
        scatter_stars(canvas.light, (*key, 1), rows=int(lens.vanishing[1] * 0.6), count=160, brightest=0.5)
    draw = random((*key, 2))
    density = 0.004 * size.width
    for band, z in enumerate(np.geomspace(_FAR, 22.0, 9)):
        _roof(canvas, wood, (*key, 3, band), float(z))
        for number in range(13):
            x = float(draw.uniform(-0.85, 0.85) * z)
            if abs(x) < 2.6 and z < 45:
                continue
            trunk = trunk_texture(
                (*key, 4, band, number), wood, 26.0, float(draw.uniform(0.5, 1.0)), min(density, 1.2 * lens.pixels_per_metre(float(z)))
            )
            half = trunk.shape[1] / trunk.shape[0] * 13.0
            canvas.paint(trunk, upright((x - half, x + half), (0.0, 26.0), float(z) + float(draw.uniform(-2, 2))))
    _floor(canvas, wood, (*key, 5))
    _flatten(canvas)
    if wood.clearing:
        sun_side = float(np.sign(daylight(reading, seed).sky.sun_across))
        bright = (size.width * (0.5 + 0.2 * sun_side), size.height * 0.12)
        tint = np.clip(wood.sun / max(float(wood.sun.max()), 1e-3), 0, 1)
        rays(canvas.light, bright, threshold=0.16, strength=0.5, tint=(float(tint[0]), float(tint[1]), float(tint[2])))
    glow(canvas.light, threshold=0.75, strength=0.35)
    return DrawnStill(
        picture=developed(canvas.light, key, exposure=wood.exposure, vignette=0.4),
        nearness=canvas.nearness,
        vanishing=(lens.centre, lens.horizon),
        focal=lens.focal,
        drawn=frozenset(
            {"tree", "leaves", "greenery", "grass", "road", "haze", "fog", "sunbeams"}
            if wood.clearing
            else {"tree", "leaves", "greenery", "fog"}
        ),
    )


def _flatten(canvas: Canvas) -> None:
    """One far plane above the ground: what is nearer stands as cards, and what is farther hardly moves."""
    lens = canvas.lens
    below = np.arange(lens.size.height, dtype=np.float32) + np.float32(0.5) - np.float32(lens.vanishing[1])
    ground = np.maximum(below, 0) / np.float32(lens.focal_pixels * lens.eye[1])
    canvas.nearness[:] = np.maximum(ground, np.float32(1 / _FAR_PLANE))[:, None]


def near_trunks(wood: Wood, *, seed: int) -> Cards:
    """The trunks that stand so near that they must move by themselves, with ferns at their feet."""
    key, lens = (seed, 861), wood.lens
    draw = random(key)
    cards = []
    for number, z in enumerate(np.linspace(_NEAR_CARDS - 2, 5.0, 20)):
        side = 1.0 if number % 2 else -1.0
        x = side * float(draw.uniform(1.9, 2.6) + draw.uniform(0, 0.62) * z)
        thick = float(draw.uniform(0.45, 1.0))
        density = lens.pixels_per_metre(float(z)) * 1.25
        tall = min(26.0, float(z) / lens.focal * lens.size.height / lens.size.width * lens.horizon + lens.eye[1] + 4.0)
        texture = trunk_texture((*key, number), wood, tall, thick, density)
        cards.append(_card(texture, wood, x, float(z), texture.shape[1] / texture.shape[0] * tall))
        if draw.random() < 0.7 and not wood.snowy:
            fern = fern_texture((*key, 50, number), wood, density)
            cards.append(_card(fern, wood, x + float(draw.uniform(-1, 1)), float(z) - 0.4, 1.9, sway=0.02))
    for band, z in enumerate(np.geomspace(17.0, 7.0, 3)):
        texture, wide, foot = roof_texture((*key, 60, band), wood, float(z))
        card = _card(texture, wood, 0.0, float(z), wide)
        cards.append(replace(card, y=foot - lens.eye[1]))
        bush = undergrowth_texture((*key, 70, band), wood, columns=max(300, wood.lens.size.width))
        cards.append(_card(bush, wood, 0.0, float(z) + 0.1, 2.4 * float(z)))
    return Cards(keys=("tree", "greenery"), cards=tuple(sorted(cards, key=lambda card: -card.z)))


def _card(texture: Texture, wood: Wood, x: float, z: float, wide: float, sway: float = 0.0) -> Card:
    clear = float(np.exp(-z / wood.clear_metres))
    whole, small = sprite_of(texture, wood.haze, clear, exposure=wood.exposure * 0.95)
    return Card(sprite=whole, small=small, x=x, y=-wood.lens.eye[1], z=z, wide=wide, sway=sway)


def _opening(size: Size, lens: Lens) -> Field:
    """Where light stands between the far trunks: strongest ahead, just above the ground."""
    y = (np.arange(size.height, dtype=np.float32)[:, None] - lens.vanishing[1] + 0.10 * size.height) / size.height
    x = (np.arange(size.width, dtype=np.float32)[None] - lens.vanishing[0]) / size.width
    return np.asarray(0.42 + 0.75 * np.exp(-((x / 0.2) ** 2) - (y / 0.22) ** 2), np.float32)


def trunk_texture(key: Key, wood: Wood, tall: float, thick: float, density: float) -> Texture:
    """A trunk of ``tall`` metres in bark, round, lit from one side, with a flared foot and stubs of branches."""
    draw = random(key)
    wide = thick * 1.9
    rows, columns = max(8, round(tall * density)), max(4, round(wide * density))
    up = (tall - (np.arange(rows, dtype=np.float32) + 0.5) / rows * tall)[:, None]
    x = ((np.arange(columns, dtype=np.float32) + 0.5) / columns - 0.5)[None] * np.float32(wide)
    bend = (fractal((*key, 1), (rows, 2), (3, 2), octaves=2)[:, :1] - 0.5) * np.float32(thick * 0.7)
    half = np.float32(thick / 2) * (1 - 0.45 * up / tall + 0.55 * np.exp(-up / 0.5)) + (
        fractal((*key, 2), (rows, 2), (tall / 0.8, 2), octaves=3)[:, :1] - 0.5
    ) * np.float32(0.07)
    across = (x - bend) / half
    cover = np.clip((1 - np.abs(across)) * half * np.float32(density) + 0.5, 0, 1)
    ridged = fractal((*key, 3), (rows, columns), (max(2, tall / 2.4), 9), octaves=6, gain=0.65)
    crack = np.clip(np.abs(ridged - 0.5) * 7, 0.25, 1)
    round_light = np.clip(0.62 - 0.55 * across * float(draw.choice([-1, 1])) * 0.6 - 0.4 * across**2, 0.06, 1)
    moss = smooth(fractal((*key, 4), (rows, columns), (tall / 3, 3), octaves=4) + 0.25 * np.exp(-up / 2.0) - 0.2 * across, 0.62, 0.8)[
        ..., None
    ]
    bark = wood.bark * (0.35 + 0.9 * ridged * crack)[..., None]
    colour = bark * (1 - 0.8 * moss) + wood.leaf * np.float32(0.75) * moss
    if wood.snowy:
        frost = smooth(-across + 0.5 * (ridged - 0.5), 0.1, 0.7)[..., None]
        colour = colour * (1 - 0.7 * frost) + linear(220, 226, 236) * 0.7 * frost
    lit = wood.light * np.float32(1.15) * round_light[..., None] * 1.6
    dapple = smooth(fractal((*key, 5), (rows, columns), (tall / 1.3, 3), octaves=3), 0.62, 0.78)[..., None]
    lit = lit + wood.sun * np.float32(0.0 if wood.dark else 0.17) * dapple * np.clip(-across * 0.8 + 0.4, 0, 1)[..., None]
    shade = np.clip(0.45 + up / 9, 0.45, 1.0)[..., None]
    return premultiplied(np.asarray(colour * lit * shade, np.float32), np.asarray(cover, np.float32))


def fern_texture(key: Key, wood: Wood, density: float) -> Texture:
    """A fern or low bush, 1.9 by 1.1 metres: arched fronds with leaflets."""
    draw = random(key)
    rows, columns = max(6, round(1.1 * density)), max(8, round(1.9 * density))
    texture = np.zeros((rows, columns, 4), np.float32)
    for _ in range(15):
        turn, long = float(draw.uniform(-1.25, 1.25)), float(draw.uniform(0.55, 1.0))
        tone = wood.leaf * wood.light * np.float32(draw.uniform(1.2, 2.9))
        mask = np.zeros((rows, columns), np.uint8)
        for step in np.linspace(0.12, 1, 16):
            x = 0.95 + np.sin(turn) * long * step
            y = 0.02 + np.cos(turn) * long * step * (1.25 - 0.62 * step)
            reach = 0.15 * (1.02 - step) ** 0.7 + 0.01
            for side in (-1, 1):
                tip = (x + side * reach * np.cos(turn) + 0.05 * np.sin(turn), y - side * reach * np.sin(turn) + 0.03)
                ends = [((px / 1.9) * columns, (1 - py / 1.1) * rows) for px, py in ((x, y), tip)]
                cv2.line(mask, *(tuple(int(v) for v in np.round(end)) for end in ends), 255, max(1, round(0.022 * density)), cv2.LINE_AA)  # type: ignore[call-overload]
        cover = mask.astype(np.float32) / 255
        texture = np.asarray(texture * (1 - cover[..., None]), np.float32) + premultiplied(
            np.asarray(tone, np.float32), np.asarray(cover, np.float32)
        )
    return np.asarray(texture, np.float32)


def _roof(canvas: Canvas, wood: Wood, key: Key, z: float) -> None:
    """Boughs and leaves above, painted into the still."""
    texture, wide, foot = roof_texture(key, wood, z)
    tall = wide * texture.shape[0] / texture.shape[1]
    canvas.paint(texture, upright((-wide / 2, wide / 2), (foot, foot + tall), z), lit=False)


def roof_texture(key: Key, wood: Wood, z: float) -> tuple[Texture, float, float]:
    """Boughs and leaves at a distance, with holes that the sky shows through; their width and the height of their foot, metres."""
    lens = wood.lens
    columns = max(300, round(1.25 * lens.size.width))
    high = z / lens.focal * lens.size.height / lens.size.width * lens.horizon + lens.eye[1]
    wide, foot = 1.9 * z, max(3.4, high * 0.42)
    tall = high * 1.2 - foot
    rows = max(60, round(columns * tall / wide))
    clumps = fractal((*key, 1), (rows, columns), (2.4, 10), octaves=7, gain=0.74)
    y = np.linspace(0, 1, rows, dtype=np.float32)[:, None]
    x = np.abs(np.linspace(-1, 1, columns, dtype=np.float32))[None]
    cover = smooth(np.asarray(clumps - 0.30 - 0.46 * y - 0.13 * np.exp(-((x / 0.22) ** 2)), np.float32), 0.0, 0.07)
    leaves = fractal((*key, 3), (rows, columns), (40, 160), octaves=3, gain=0.8)
    cover *= smooth(leaves + 0.5 * (clumps - 0.5), 0.3, 0.42)
    bright = fractal((*key, 2), (rows, columns), (9, 40), octaves=5, gain=0.75)
    lit = wood.light * np.float32(1.3) + wood.sun * (np.float32(0.0 if wood.dark else 0.18) * smooth(bright, 0.5, 0.8)[..., None])
    colour = wood.leaf * (0.25 + 1.2 * bright)[..., None] * lit
    return premultiplied(np.asarray(colour, np.float32), np.asarray(cover, np.float32)), wide, foot


def undergrowth_texture(key: Key, wood: Wood, *, columns: int) -> Texture:
    """Low bushes to both sides of the path."""
    rows = max(30, round(columns * 0.9 / 24))
    clumps = fractal((*key, 1), (rows, columns), (2, 30), octaves=6, gain=0.74)
    y = np.linspace(1, 0, rows, dtype=np.float32)[:, None]
    x = np.abs(np.linspace(-1, 1, columns, dtype=np.float32))[None]
    cover = smooth(np.asarray(clumps - 0.22 - 0.6 * y - 0.9 * np.exp(-((x / 0.2) ** 2)), np.float32), 0.0, 0.10)
    bright = fractal((*key, 2), (rows, columns), (8, 90), octaves=4, gain=0.75)
    colour = (wood.floor if wood.snowy else wood.leaf) * (0.2 + 1.2 * bright)[..., None] * wood.light * np.float32(1.4)
    return premultiplied(np.asarray(colour, np.float32), np.asarray(cover, np.float32))


def _floor(canvas: Canvas, wood: Wood, key: Key) -> None:
    """Moss, leaves and a trodden path, with patches of sun."""
    size = canvas.lens.size
    step = 10.0
    density = size.width / 3840 * 130
    rows, columns = max(40, round(step * density * 0.6)), max(80, round(26 * density * 0.6))
    x = ((np.arange(columns, dtype=np.float32) + 0.5) / columns * 26 - 13)[None]
    for block in reversed(range(9)):
        near = max(0.9, block * step)
        y = ((block + 1) * step - (np.arange(rows, dtype=np.float32) + 0.5) / rows * step)[:, None]
        leaves = np.clip((fractal((*key, block % 3), (rows, columns), (14, 36), octaves=7, gain=0.82) - 0.5) * 1.7 + 0.5, 0, 1)
        broad = fractal((*key, 9, block), (rows, columns), (2, 4), octaves=3)
        path = smooth(np.abs(x - 0.9 * np.sin(y * 0.13)) + 1.1 * (broad - 0.5), 0.75, 1.6)[..., None]
        moss = wood.floor * (0.3 + 1.1 * leaves)[..., None]
        soil = (
            linear(104, 82, 60) * (0.4 + 0.75 * leaves)[..., None]
            if not wood.snowy
            else linear(190, 196, 208) * (0.6 + 0.4 * leaves)[..., None]
        )
        colour = moss * path + soil * (1 - path)
        sunny = smooth(fractal((*key, 10, block), (rows, columns), (5, 12), octaves=4), 0.57, 0.7)[..., None]
        lit = wood.light * np.float32(1.5) + wood.sun * (np.float32(0.0 if wood.dark else 0.20) * sunny)
        texture = premultiplied(np.asarray(colour * lit, np.float32), np.ones((rows, columns), np.float32))
        shown = texture[: max(2, round(rows * ((block + 1) * step - near) / step))]
        for left in (-39.0, -13.0, 13.0):
            tile = shown if left == -13.0 else np.ascontiguousarray(shown[:, ::-1])
            canvas.paint(tile, level((left, left + 26), 0.0, (near, (block + 1) * step)), lit=False)
