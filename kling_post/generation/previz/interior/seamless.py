"""A photographer's studio: paper that runs from wall to floor without an edge, a pedestal, a thing under soft lights."""

import numpy as np
from numpy.typing import NDArray

from kling_post.generation.previz.contract import Element, Reading
from kling_post.generation.previz.interior.canvas import Canvas, Texture, premultiplied, upright
from kling_post.generation.previz.interior.drawn import DrawnStill
from kling_post.generation.previz.interior.finish import developed, glow, linear
from kling_post.generation.previz.interior.lens import Lens
from kling_post.generation.previz.interior.noise import Field, Key, fractal
from kling_post.generation.previz.interior.palette import named_colour
from kling_post.vocabulary import Size

_Z = 2.4
_TOP = 0.92
"""Distance of the thing, and height of the pedestal, metres."""
_PROFILES: dict[str, tuple[float, float, tuple[tuple[float, float], ...]]] = {
    "bottle": (0.13, 0.52, ((0.0, 0.92), (0.04, 1.0), (0.56, 1.0), (0.68, 0.72), (0.74, 0.36), (0.95, 0.34), (0.96, 0.42), (1.0, 0.42))),
    "perfume": (0.19, 0.36, ((0.0, 0.96), (0.05, 1.0), (0.62, 1.0), (0.66, 0.9), (0.67, 0.3), (0.72, 0.3), (0.73, 0.44), (1.0, 0.44))),
    "cup": (0.15, 0.24, ((0.0, 0.62), (0.1, 0.7), (0.6, 0.95), (1.0, 1.0))),
    "sphere": (0.2, 0.4, tuple((float(t), float(np.sqrt(max(0.0, 1 - (2 * t - 1) ** 2)))) for t in np.linspace(0, 1, 33))),
    "tube": (0.07, 0.42, ((0.0, 1.0), (0.5, 1.0), (0.51, 0.86), (0.62, 0.86), (0.63, 0.74), (0.86, 0.74), (1.0, 0.35))),
    "block": (0.2, 0.3, ((0.0, 1.0), (1.0, 1.0))),
}
_SHAPES = {
    "perfume": "perfume", "bottle": "bottle", "beer": "bottle", "wine": "bottle", "cup": "cup", "mug": "cup", "bowl": "cup", "glass": "cup",
    "sphere": "sphere", "ball": "sphere", "orb": "sphere", "lipstick": "tube", "can": "tube", "candle": "tube",
}  # fmt: skip


def draw_seamless(reading: Reading, *, seed: int, size: Size) -> DrawnStill:
    """The still of a product shot: the prompt's thing, or a plain block for what has no shape here."""
    key = (seed, 951)
    lens = Lens(size=size, focal=1.25, horizon=0.46, eye=(0.0, 1.14 if reading.framing != "low angle" else 0.8, 0.0))
    thing = next(
        (found for name in ("product", "glass sphere", "food", "clock", "liquid") if (found := reading.element(name)) is not None), None
    )
    canvas = Canvas(lens, _paper(lens, reading, key), np.zeros((size.height, size.width, 3), np.float32), 1e6, None)
    canvas.nearness[:] = _paper_nearness(lens)[:, None]
    density = lens.pixels_per_metre(_Z) * 1.2
    stone = linear(206, 200, 192) if _dark(reading) else linear(226, 222, 216)
    pedestal = _turned(((0.0, 1.0), (1.0, 1.0)), 0.36, _TOP, density, stone * np.float32(0.55), key=(*key, 3))
    canvas.paint(pedestal, upright((-0.4, 0.4), (0.0, _TOP), _Z), lit=False, hazed=False)
    _top(canvas, stone)
    shape = _shape_of(thing, reading)
    radius, tall, profile = _PROFILES[shape]
    paint = named_colour(thing.colour if thing is not None else None, (150, 110, 70))
    figure = _turned(profile, radius, tall, density, paint, key=(*key, 4), glassy=shape in ("bottle", "perfume", "sphere"))
    canvas.paint(figure, upright((-1.1 * radius, 1.1 * radius), (_TOP, _TOP + tall), _Z), lit=False, hazed=False)
    glow(canvas.light, threshold=0.9, strength=0.4)
    drawn = frozenset({thing.key}) if thing is not None else frozenset()
    notes = (f'"{thing.phrase}" is drawn as a plain block.',) if thing is not None and shape == "block" else ()
    return DrawnStill(
        picture=developed(canvas.light, key, exposure=1.15, vignette=0.35),
        nearness=canvas.nearness,
        vanishing=(lens.centre, lens.horizon),
        focal=lens.focal,
        drawn=drawn,
        notes=notes,
    )


def _dark(reading: Reading) -> bool:
    words = reading.prompt.lower()
    return any(word in words for word in ("black background", "dark", "void", "black marble", "moody"))


def _shape_of(thing: Element | None, reading: Reading) -> str:
    words = (thing.phrase if thing is not None else reading.prompt).lower()
    return next((shape for word, shape in _SHAPES.items() if word in words), "block" if thing is not None else "sphere")


def _paper(lens: Lens, reading: Reading, key: Key) -> Field:
    """Light of the paper: a soft pool behind the thing, darker toward the edges and the floor's front."""
    size = lens.size
    colour = reading.mood_colours[0] if reading.mood_colours else None
    paint = named_colour(colour, (42, 43, 46) if _dark(reading) else (206, 204, 200))
    y = ((np.arange(size.height, dtype=np.float32) + 0.5) / size.height)[:, None]
    x = ((np.arange(size.width, dtype=np.float32) + 0.5) / size.width - 0.5)[None]
    pool = np.exp(-((x / 0.42) ** 2) - ((y - 0.36) / 0.42) ** 2)
    floor = np.exp(-((x / 0.5) ** 2) - ((y - 0.86) / 0.2) ** 2)
    bend = 1 - 0.22 * np.exp(-(((y - 0.66) / 0.07) ** 2))
    fibre = 1 + 0.03 * (fractal(key, (size.height, size.width), (30, 50), octaves=4) - 0.5)
    light = (0.25 + 1.0 * pool + 0.4 * floor) * bend * fibre
    return np.asarray(paint * light[..., None], np.float32)


def _paper_nearness(lens: Lens) -> Field:
    below = np.arange(lens.size.height, dtype=np.float32) + np.float32(0.5) - np.float32(lens.vanishing[1])
    ground = np.maximum(below, 0) / np.float32(lens.focal_pixels * lens.eye[1])
    return np.asarray(np.clip(ground, 1 / 4.5, None), np.float32)


def _top(canvas: Canvas, stone: NDArray[np.float32]) -> None:
    """The pedestal's top, an ellipse."""
    rows, columns = 120, 480
    y, x = np.linspace(-1, 1, rows, dtype=np.float32)[:, None], np.linspace(-1, 1, columns, dtype=np.float32)[None]
    away = np.hypot(x, y)
    cover = np.clip((1 - away) * 60, 0, 1)
    light = 0.75 - 0.2 * x + 0.25 * np.exp(-(((away - 0.97) / 0.03) ** 2))
    shadow = 1 - 0.45 * np.exp(-((x - 0.18) ** 2 / 0.1) - (y**2 / 0.25))
    eye = canvas.lens.eye[1] - _TOP
    half = 0.36 * eye / _Z
    texture = premultiplied(np.asarray(stone * (light * shadow)[..., None] * np.float32(0.8), np.float32), np.asarray(cover, np.float32))
    canvas.paint(texture, upright((-0.36, 0.36), (_TOP - half, _TOP + half), _Z - 0.0005), lit=False, hazed=False)


def _turned(
    profile: tuple[tuple[float, float], ...],
    radius: float,
    tall: float,
    density: float,
    paint: NDArray[np.float32],
    *,
    key: Key,
    glassy: bool = False,
) -> Texture:
    """A turned thing from its profile (height, radius; 0 to 1), between two soft boxes: long highlights on both sides."""
    rows, columns = max(16, round(tall * density)), max(16, round(2.2 * radius * density))
    up = np.linspace(1, 0, rows, dtype=np.float32)[:, None]
    half = np.maximum(np.interp(up, [point[0] for point in profile], [point[1] for point in profile]), 1e-3).astype(np.float32)
    across = np.linspace(-1.1, 1.1, columns, dtype=np.float32)[None] / half
    cover = np.clip((1 - np.abs(across)) * half * np.float32(radius * density) + np.float32(0.5), 0, 1)
    body = np.clip(0.62 - 0.42 * across - 0.35 * across**2, 0.05, 1.1)
    left = np.exp(-(((across + 0.62) / 0.11) ** 2)) * (1.0 if glassy else 0.35)
    right = np.exp(-(((across - 0.74) / 0.07) ** 2)) * (0.6 if glassy else 0.2)
    rim = np.clip((np.abs(across) - 0.9) / 0.1, 0, 1) * 0.5
    slope = np.gradient(half[:, 0])[:, None] * rows * 0.25
    grain = 0.94 + 0.12 * fractal(key, (rows, columns), (8, 8), octaves=5)
    band: Field | float = 1.0
    if glassy:
        inside = np.clip(1 - np.abs(across) / 0.82, 0, 1) * (up > 0.06) * (up < 0.55)
        body = body * (1 - 0.35 * inside) + 0.4 * inside * np.clip(up * 1.8, 0, 1)
        label = (np.abs(across) < 0.6) & (up > 0.2) & (up < 0.42)
        band = np.where(label, np.float32(1.5), np.float32(1.0))
    light = body * grain * band * np.clip(1 + slope, 0.6, 1.6)
    colour = paint * light[..., None] + (left + right + rim)[..., None] * np.float32(0.85)
    return premultiplied(np.asarray(colour, np.float32), np.asarray(cover, np.float32))
