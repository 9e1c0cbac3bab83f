"""A plain room: painted walls, boards, a window with its light on the floor, a table with things on it, a shelf, a lamp."""

import numpy as np
from numpy.typing import NDArray

from kling_post.generation.previz.contract import Reading
from kling_post.generation.previz.interior import figures
from kling_post.generation.previz.interior.canvas import Canvas, Light, Texture, level, premultiplied, upright, wall
from kling_post.generation.previz.interior.drawn import DrawnStill
from kling_post.generation.previz.interior.finish import developed, glow, linear
from kling_post.generation.previz.interior.lens import Lens, Points
from kling_post.generation.previz.interior.noise import Field, Key, fractal, random, smooth
from kling_post.generation.previz.interior.palette import named_colour
from kling_post.generation.previz.outdoors.backdrop import sky_behind
from kling_post.generation.previz.picture.daylight import Daylight, daylight
from kling_post.vocabulary import Size

_HALF, _HEIGHT, _DEEP = 2.9, 2.75, 6.2
_WINDOW = (2.7, 4.9, 0.85, 2.3)
"""Near and far end along the left wall, sill and head, metres."""
_TABLE = (0.55, 3.7, 0.75)
"""Middle across and ahead, and height."""


def draw_chamber(reading: Reading, *, seed: int, size: Size) -> DrawnStill:
    """The still of a room at any size; its walls take the prompt's mood colour."""
    key = (seed, 941)
    light = daylight(reading, seed)
    lens = Lens(size=size, focal=0.66, horizon=0.5, eye=(-0.15, 0.6 if reading.framing == "low angle" else 1.35, 0.0))
    paint = named_colour(reading.mood_colours[0] if reading.mood_colours else None, (176, 168, 150))
    dim = light.dark or reading.time_of_day == "dusk"
    outside = np.array(sky_behind(lens, light.sky, seed=seed)) * np.float32(1.3 if not light.dark else 2.0)
    haze = np.zeros_like(outside) + paint * np.float32(0.08 if dim else 0.2)
    canvas = Canvas(lens, outside, haze, 70.0, _lighting(light, dim=dim))
    density = size.width / 3840 * 330
    _shell(canvas, key, paint, density)
    _far_wall(canvas, (*key, 20), density)
    _table(canvas, (*key, 30), density)
    drawn = {"window", "furniture", "books", "shelves", "product", "lanterns"} | _person(canvas, reading, key)
    _lamp(canvas, dim=dim)
    glow(canvas.light, threshold=0.85, strength=0.5)
    return DrawnStill(
        picture=developed(canvas.light, key, exposure=1.35 if dim else 1.2, vignette=0.45),
        nearness=canvas.nearness,
        vanishing=(lens.centre, lens.horizon),
        focal=lens.focal,
        drawn=frozenset(drawn),
    )


def _lighting(light: Daylight, *, dim: bool) -> Light:
    """Daylight from the window, a patch of sun on the floor and the far wall; a lamp in the corner after dark."""
    sky = np.array(light.ambient, np.float32) * np.float32(0.5 if light.dark else 1.0)
    sun = np.array(light.sun, np.float32) * np.float32(0.0 if light.dark else 0.55)
    lamp = linear(255, 186, 116) * np.float32(1.5 if dim else 0.12)
    near, far, sill, head = _WINDOW

    def shade(points: Points, normal: NDArray[np.float64]) -> Field:
        x, y, z = points[..., 0], points[..., 1], points[..., 2]
        away = np.sqrt((x + _HALF) ** 2 + (y - 1.5) ** 2 + (z - (near + far) / 2) ** 2)
        facing = np.clip(0.45 + 0.55 * float(normal[0]) * np.sign(-_HALF - 1), 0.25, 1.0)
        result = sky * (0.62 + 2.2 * facing / (1 + (away / 2.1) ** 2))[..., None]
        # The sun slants in: a point is lit where its ray meets the glass, less the bars.
        reach = (x + _HALF) / 0.8
        at_y, at_z = y + 0.62 * reach, z - 0.28 * reach
        inside = np.clip((at_y - sill) / 0.05, 0, 1) * np.clip((head - at_y) / 0.05, 0, 1)
        inside = inside * np.clip((at_z - near) / 0.05, 0, 1) * np.clip((far - at_z) / 0.05, 0, 1)
        bars = np.clip(np.abs(at_z - (near + far) / 2) / 0.06, 0, 1) * np.clip(np.abs(at_y - 1.7) / 0.05, 0, 1)
        result = result + sun * (inside * bars * (1.0 if float(normal[0]) < 0.5 else 0.0))[..., None]
        corner = np.sqrt((x - 2.3) ** 2 + (y - 1.5) ** 2 + (z - 5.3) ** 2)
        low = np.clip(1 - 0.25 * y / _HEIGHT, 0, 1) * np.clip(0.6 + y / 2.5, 0, 1)
        return np.asarray(result + lamp * (low / (1 + (corner / 1.15) ** 2))[..., None] + lamp * np.float32(0.04), np.float32)

    return shade


def _shell(canvas: Canvas, key: Key, paint: NDArray[np.float32], density: float) -> None:
    """Ceiling, boards, both side walls; the left one has the window cut out."""
    nearest = 0.75
    plain = np.float32(0.62)
    rows, columns = round(5 * density * 0.4), round(2 * _HALF * density * 0.4)
    ceiling = np.zeros((rows, columns, 3), np.float32) + plain
    canvas.paint(premultiplied(ceiling, np.ones((rows, columns), np.float32)), level((-_HALF, _HALF), _HEIGHT, (nearest, _DEEP)))
    for step in reversed(range(6)):
        near, far = max(nearest, step * 1.05), (step + 1) * 1.05
        canvas.paint(_boards((*key, 1, step), density, far - near), level((-_HALF, _HALF), 0.0, (near, min(far + 0.03, _DEEP))))
    canvas.paint(_plaster((*key, 3), density, _DEEP - nearest, paint), wall(_HALF, (0.0, _HEIGHT), (nearest, _DEEP)))
    left = _plaster((*key, 4), density, _DEEP - nearest, paint)
    rows, columns = left.shape[:2]
    near, far, sill, head = _WINDOW
    z = (np.arange(columns, dtype=np.float32) + 0.5)[None] / columns * (_DEEP - nearest) + nearest
    y = (_HEIGHT - (np.arange(rows, dtype=np.float32) + 0.5) / rows * _HEIGHT)[:, None]
    hole = np.minimum(np.minimum(z - near, far - z), np.minimum(y - sill, head - y))
    bars = np.minimum(np.abs(z - (near + far) / 2), np.abs(y - 1.7)) < 0.03
    frame = ((hole > -0.09) & (hole < 0.03)) | (bars & (hole > 0))
    left[..., :3] = np.where(frame[..., None], np.float32(0.7), left[..., :3])
    open_ = (hole >= 0.03) & ~frame
    left *= np.where(open_[..., None], np.float32(0.06), np.float32(1))
    corners = wall(-_HALF, (0.0, _HEIGHT), (nearest, _DEEP))
    seen_through = canvas.light.copy()
    canvas.paint(premultiplied(np.zeros(3, np.float32), np.ones(left.shape[:2], np.float32)), corners)
    # What is seen through the glass moves with the wall: nobody can tell how far it is.
    near_wall = canvas.nearness.copy()
    canvas.light[:] = seen_through
    canvas.paint(left, corners)
    canvas.nearness[:] = near_wall
    for start in (near - 0.42, far - 0.05):
        canvas.paint(_curtain((*key, 5), density), wall(-_HALF + 0.1, (0.25, 2.5), (start, start + 0.5)), gain=1.25)


def _plaster(key: Key, density: float, length: float, paint: NDArray[np.float32]) -> Texture:
    rows, columns = max(8, round(_HEIGHT * density)), max(8, round(length * density * 0.8))
    y = (_HEIGHT - (np.arange(rows, dtype=np.float32) + 0.5) / rows * _HEIGHT)[:, None]
    worn = fractal(key, (rows, columns), (5, 9), octaves=7, gain=0.55)
    colour = paint * (0.86 + 0.24 * worn)[..., None]
    skirting = (y < 0.13)[..., None]
    edge = np.clip(1 - np.abs(y - 0.13) / 0.014, 0, 1)[..., None]
    colour = np.where(skirting, np.float32(0.62), colour) * (1 - 0.5 * edge)
    return premultiplied(np.asarray(colour, np.float32), np.ones((rows, columns), np.float32))


def _boards(key: Key, density: float, length: float) -> Texture:
    """Floor boards that run away from the camera."""
    rows, columns = max(6, round(length * density * 0.7)), max(24, round(2 * _HALF * density * 0.7))
    x = ((np.arange(columns, dtype=np.float32) + 0.5) / columns * 2 * _HALF)[None]
    y = np.linspace(0, 1, rows, dtype=np.float32)[:, None]
    board = np.floor(x / 0.16).astype(int)
    tone = random(key[:2]).random(64, np.float32)[board % 64]
    grain = fractal(key, (rows, columns), (2, 90), octaves=4, gain=0.7)
    joint = np.clip(np.minimum(x % 0.16, 0.16 - x % 0.16) / 0.005, 0.25, 1) + 0 * y
    colour = linear(142, 98, 62) * ((0.6 + 0.5 * tone) * (0.7 + 0.55 * grain) * joint)[..., None]
    return premultiplied(np.asarray(colour, np.float32), np.ones((rows, columns), np.float32))


def _curtain(key: Key, density: float) -> Texture:
    rows, columns = max(8, round(2.25 * density)), max(6, round(0.5 * density))
    x = np.linspace(0, 1, columns, dtype=np.float32)[None]
    y = np.linspace(0, 1, rows, dtype=np.float32)[:, None]
    folds = 0.6 + 0.4 * np.cos(x * 30 + 2 * np.sin(y * 4)) * (0.5 + 0.5 * y)
    cloth = fractal(key, (rows, columns), (20, 8), octaves=3) * 0.15 + 0.9
    return premultiplied(linear(214, 204, 186) * (folds * cloth)[..., None], np.ones((rows, columns), np.float32))


def _far_wall(canvas: Canvas, key: Key, density: float) -> None:
    """The end wall with a picture, a bookcase and a door."""
    draw = random(key)
    rows, columns = max(12, round(_HEIGHT * density)), max(16, round(2 * _HALF * density))
    y = (_HEIGHT - (np.arange(rows, dtype=np.float32) + 0.5) / rows * _HEIGHT)[:, None]
    x = ((np.arange(columns, dtype=np.float32) + 0.5) / columns * 2 * _HALF - _HALF)[None]
    worn = fractal((*key, 1), (rows, columns), (5, 9), octaves=7, gain=0.55)
    colour = linear(168, 160, 146) * (0.86 + 0.24 * worn)[..., None]
    colour = np.where((y < 0.13)[..., None], np.float32(0.6), colour)
    # A picture of hills in a frame.
    hang = np.minimum(0.55 - np.abs(x + 0.25), 0.38 - np.abs(y - 1.72))
    scene = linear(196, 176, 140) * (0.5 + 0.5 * y[..., None] / 2) * np.ones_like(colour)
    ridge = 1.66 + 0.14 * np.sin(x * 6) + 0.05 * np.sin(x * 17)
    scene = np.where((y < ridge)[..., None], linear(74, 92, 84), scene)
    colour = np.where((hang > 0.05)[..., None], scene, np.where((hang > 0)[..., None], linear(70, 48, 34), colour))
    # A bookcase: boards, backs of books in many colours.
    case = np.minimum(0.62 - np.abs(x - 1.75), np.minimum(y, 1.95 - y))
    shelf = np.floor(y / 0.36).astype(int)
    book = np.floor((x + 5) / 0.045).astype(int) * 7 + shelf * 31
    tones = np.stack([linear(*draw.uniform(40, 190, 3)) for _ in range(97)])[book % 97]
    tall = 0.2 + 0.11 * random((*key, 2)).random(97, np.float32)[(book * 3) % 97]
    stands = (y % 0.36 > 0.03) & (y % 0.36 < tall) & (case > 0.04)
    inner = np.where(stands[..., None], tones * 0.75, linear(44, 32, 24))
    board = (y % 0.36 < 0.03) | (case < 0.04)
    inner = np.where(board[..., None], linear(112, 76, 48), inner)
    colour = np.where((case > 0)[..., None], inner, colour)
    door = np.minimum(0.42 - np.abs(x + 1.95), 2.05 - y)
    panel = np.abs(np.minimum(0.27 - np.abs(x + 1.95), 0.42 - np.abs((y % 1.02) - 0.5)))
    leaf = linear(206, 200, 188) * (1 - 0.35 * np.clip(1 - panel / 0.02, 0, 1))[..., None]
    colour = np.where((door > 0)[..., None], leaf, np.where((door > -0.07)[..., None], np.float32(0.52), colour))
    texture = premultiplied(np.asarray(colour, np.float32), np.ones((rows, columns), np.float32))
    canvas.paint(texture, upright((-_HALF, _HALF), (0.0, _HEIGHT), _DEEP))


def _table(canvas: Canvas, key: Key, density: float) -> None:
    """A table with a cup, a vase and books, and a chair behind it."""
    x, z, high = _TABLE
    wood = linear(120, 78, 46)

    def block(wide: tuple[float, float], tall: tuple[float, float], at: float, colour: NDArray[np.float32], gain: float = 1.0) -> None:
        rows, columns = max(4, round((tall[1] - tall[0]) * density * 0.6)), max(4, round((wide[1] - wide[0]) * density * 0.6))
        grain = fractal((*key, round(at * 100), round(tall[1] * 100)), (rows, columns), (3, 3), octaves=4)
        face = premultiplied(np.asarray(colour * (0.75 + 0.4 * grain)[..., None], np.float32), np.ones((rows, columns), np.float32))
        canvas.paint(face, upright(wide, tall, at), gain=gain)

    for side in (-0.2, 0.2):
        block((x + side - 0.02, x + side + 0.02), (0.0, 0.95), z + 0.95, wood, 0.7)
    block((x - 0.22, x + 0.22), (0.62, 0.98), z + 0.95, wood, 0.8)
    for side in (-0.72, 0.72):
        block((x + side - 0.035, x + side + 0.035), (0.0, high), z + 0.42, wood, 0.6)
    boards = fractal((*key, 3), (160, 320), (30, 3), octaves=5, gain=0.6)
    top = premultiplied(np.asarray(wood * (0.65 + 0.6 * boards)[..., None] * 1.25, np.float32), np.ones((160, 320), np.float32))
    canvas.paint(top, level((x - 0.8, x + 0.8), high, (z - 0.45, z + 0.45)))
    block((x - 0.8, x + 0.8), (high - 0.07, high), z - 0.45, wood, 0.75)
    for side in (-0.75, 0.75):
        block((x + side - 0.035, x + side + 0.035), (0.0, high - 0.07), z - 0.42, wood, 0.7)
    for number, (wide, tone) in enumerate(((0.17, (120, 44, 40)), (0.15, (52, 74, 96)), (0.16, (176, 150, 96)))):
        block((x - 0.5 - wide, x - 0.5 + wide), (high + 0.035 * number, high + 0.035 * (number + 1)), z + 0.05, linear(*tone))
    _round(canvas, density, (x + 0.12, high, z - 0.12), 0.055, ((0.0, 0.8), (0.5, 1.0), (1.0, 1.05)), 0.1, linear(224, 220, 210))
    profile = ((0.0, 0.55), (0.3, 1.0), (0.6, 0.85), (0.8, 0.4), (1.0, 0.5))
    _round(canvas, density, (x + 0.5, high, z + 0.1), 0.1, profile, 0.3, linear(70, 104, 112))
    _sprigs(canvas, (*key, 9), density, (x + 0.5, high + 0.28, z + 0.1))


def _round(
    canvas: Canvas,
    density: float,
    at: tuple[float, float, float],
    radius: float,
    profile: tuple[tuple[float, float], ...],
    tall: float,
    paint: NDArray[np.float32],
) -> None:
    """A turned thing as a card: its radius by height, lit from the left with a glint."""
    x, y, z = at
    rows, columns = max(8, round(tall * density)), max(8, round(2.2 * radius * density))
    up = np.linspace(1, 0, rows, dtype=np.float32)[:, None]
    half = np.interp(up, [point[0] for point in profile], [point[1] for point in profile]).astype(np.float32)
    across = np.linspace(-1.1, 1.1, columns, dtype=np.float32)[None] / half
    cover = np.clip((1 - np.abs(across)) * np.float32(radius * density) * half + np.float32(0.5), 0, 1)
    shade = np.clip(0.75 - 0.55 * across - 0.3 * across**2, 0.08, 1.3) + 0.9 * np.exp(-(((across + 0.5) / 0.12) ** 2))
    texture = premultiplied(np.asarray(paint * shade[..., None], np.float32), np.asarray(cover, np.float32))
    canvas.paint(texture, upright((x - 1.1 * radius, x + 1.1 * radius), (y, y + tall), z))


def _sprigs(canvas: Canvas, key: Key, density: float, at: tuple[float, float, float]) -> None:
    x, y, z = at
    rows = columns = max(24, round(0.5 * density))
    up, side = np.linspace(1, 0, rows, dtype=np.float32)[:, None], np.linspace(-1, 1, columns, dtype=np.float32)[None]
    clump = fractal(key, (rows, columns), (9, 9), octaves=4, gain=0.8)
    fan = 1 - np.hypot(side, (up - 0.55) / 0.5)
    cover = smooth(np.asarray(clump - 0.28 - 0.5 * (1 - np.clip(fan * 1.6, 0, 1)), np.float32), 0.0, 0.06)
    colour = linear(86, 116, 64) * (0.4 + 0.9 * clump)[..., None]
    canvas.paint(premultiplied(np.asarray(colour, np.float32), cover), upright((x - 0.25, x + 0.25), (y - 0.06, y + 0.42), z - 0.01))


def _lamp(canvas: Canvas, *, dim: bool) -> None:
    """A standing lamp in the far corner."""
    pole = premultiplied(linear(60, 50, 42), np.ones((4, 2), np.float32))
    canvas.paint(pole, upright((0.93, 0.96), (0.0, 1.35), _DEEP - 0.5))
    rows, columns = 60, 60
    y, x = np.linspace(1, 0, rows, dtype=np.float32)[:, None], np.abs(np.linspace(-1, 1, columns, dtype=np.float32))[None]
    cover = np.clip((0.62 + 0.38 * (1 - y) - x) * 20, 0, 1)
    shade = linear(255, 214, 156) * ((0.6 + 0.6 * (1 - (y - 0.5) ** 2 * 2)) * (1 - 0.4 * x))[..., None] * np.float32(2.4 if dim else 0.75)
    canvas.paint(
        premultiplied(np.asarray(shade, np.float32), np.asarray(cover, np.float32)),
        upright((0.72, 1.17), (1.32, 1.72), _DEEP - 0.5),
        lit=False,
    )


def _person(canvas: Canvas, reading: Reading, key: Key) -> set[str]:
    """A stand-in by the table, where the prompt names somebody."""
    element = reading.element("person") or reading.element("traveler")
    if element is None:
        return set()
    z = _TABLE[1] - 0.15
    texture = figures.visitor((*key, 9), max(30.0, canvas.lens.pixels_per_metre(z)), named_colour(element.colour, (78, 84, 104)))
    reach, low, high = figures.FIGURE_BOX
    canvas.paint(texture, upright((-0.85 - reach, -0.85 + reach), (low, high), z))
    return {element.key}
