"""Plants made of single leaves: ivy, hanging vines, trees, reeds and lily pads, each with the moment at which it has grown.

``state`` 0 is before the first leaf, 1 is full growth. A leaf keeps its place in every state: it only unfolds.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.generation.previz.interior.canvas import Texture
from kling_post.generation.previz.interior.noise import Field, Key, fractal, random

_GREENS = ((86, 108, 50), (108, 128, 60), (68, 88, 50), (136, 142, 70), (80, 98, 60), (154, 152, 84))
_LINEAR_TOP = 0.6
"""Linear light that 255 stands for while leaves are drawn in 8 bits, so that dark greens keep their steps."""


def _leaves(
    shape: tuple[int, int],
    places: NDArray[np.float64],
    sizes: NDArray[np.float64],
    turns: NDArray[np.float64],
    lights: NDArray[np.float64],
    kinds: NDArray[np.int64],
) -> Texture:
    """Leaves (n, 2) in pixels drawn in their order; sizes in pixels, lights about 1."""
    picture = np.zeros((*shape, 4), np.uint8)
    blade = np.array([(0, -1), (0.42, -0.35), (0.36, 0.35), (0, 1), (-0.36, 0.35), (-0.42, -0.35)])
    greens = np.array([[(channel / 255) ** 2.4 for channel in green] for green in _GREENS])
    cosine, sine = np.cos(turns), np.sin(turns)
    outlines = np.stack(
        [blade[:, 0] * cosine[:, None] - blade[:, 1] * sine[:, None], blade[:, 0] * sine[:, None] + blade[:, 1] * cosine[:, None]], axis=2
    )
    outlines = np.round((places[:, None] + outlines * sizes[:, None, None] / 2) * 16).astype(np.int32)
    colours = np.clip(greens[kinds] * lights[:, None] / _LINEAR_TOP * 255, 0, 255)
    for outline, colour in zip(outlines, colours, strict=True):
        cv2.fillConvexPoly(picture, outline[:, None], (*map(float, colour), 255.0), cv2.LINE_AA, 4)
    texture = picture.astype(np.float32) / np.float32(255)
    texture[..., :3] *= np.float32(_LINEAR_TOP)
    return texture


def climbing(key: Key, density: float, width: float, height: float, state: float, *, amount: float = 900.0, leaf: float = 0.2) -> Texture:
    """Ivy over a wall of ``width`` by ``height`` metres: it rises from the foot and hangs from the head in uneven tongues.

    Args:
        key: What it belongs to.
        density: Texels a metre.
        width: Metres.
        height: Metres.
        state: 0 to 1.
        amount: Leaves a square metre where it is thickest, times ten metres: scaled by the wall's area.
        leaf: Length of a full leaf in metres.
    """
    rows, columns = max(4, round(height * density)), max(4, round(width * density))
    draw = random((*key, 1))
    count = round(amount * width * height / 10)
    u, v = draw.random(count), draw.random(count)
    tongues = fractal((*key, 2), (64, 96), (2.2, max(2.0, width)), octaves=4, gain=0.6)
    patch = fractal((*key, 3), (64, 96), (height / 2.2, width / 2.2), octaves=4)
    row, column = (v * 63).astype(int), (u * 95).astype(int)
    from_foot, from_head = 1 - v, v
    born = (
        0.9 * np.minimum(from_foot * 1.15, 0.28 + from_head * 1.7) + 2.6 * (0.5 - tongues[row, column]) + 1.1 * (0.5 - patch[row, column])
    )
    grown = np.clip((state * 1.15 - 0.12 - born) / 0.25, 0, 1)
    alive = grown > 0.02
    order = np.flatnonzero(alive)[np.argsort(draw.random(int(alive.sum())), kind="stable")]
    depth = np.linspace(0, 1, len(order))
    lights = (0.3 + 0.9 * depth) * (0.6 + 0.7 * patch[row, column][order]) * draw.uniform(0.75, 1.3, count)[order]
    sizes = leaf * density * draw.uniform(0.55, 1.2, count)[order] * grown[order] ** 0.5
    places = np.column_stack([u[order] * columns, v[order] * rows])
    turns = draw.normal(np.pi, 0.7, count)[order]
    return _leaves((rows, columns), places, np.maximum(sizes, 1.0), turns, lights, draw.integers(0, len(_GREENS), count)[order])


def hanging(key: Key, density: float, width: float, height: float, state: float) -> Texture:
    """Vines that hang from above in strands of different lengths."""
    rows, columns = max(4, round(height * density)), max(4, round(width * density))
    draw = random((*key, 4))
    strands = round(width * 5)
    places, sizes, lights, turns = [], [], [], []
    for _ in range(strands):
        x, long = draw.random() * width, height * float(np.clip(draw.beta(1.6, 2.4), 0.08, 1)) * state
        sway = draw.normal(0, 0.07)
        steps = np.arange(0, height, 0.07)
        jitter, wide, light, turn = (
            draw.normal(0, 0.06, len(steps)),
            draw.uniform(0.08, 0.17, len(steps)),
            draw.uniform(0.35, 1.25, len(steps)),
            draw.normal(np.pi, 0.6, len(steps)),
        )
        kept = steps < long
        y = steps[kept]
        places.append(np.column_stack([(x + sway * y + jitter[kept]) * density, y * density]))
        sizes.append(wide[kept] * density * np.clip((long - y) / 0.5, 0.35, 1))
        lights.append(light[kept] * (0.6 + 0.5 * y / height))
        turns.append(turn[kept])
    kinds = draw.integers(0, len(_GREENS), sum(map(len, sizes)))
    return _leaves(
        (rows, columns),
        np.concatenate(places),
        np.maximum(np.concatenate(sizes), 1.0),
        np.concatenate(turns),
        np.concatenate(lights),
        kinds,
    )


def tree(key: Key, density: float, width: float, height: float, state: float, *, leaves: int = 9000) -> Texture:
    """A young tree: leaning trunk, branches, and clumps of leaves lit from the upper left."""
    rows, columns = max(4, round(height * density)), max(4, round(width * density))
    draw = random((*key, 6))
    picture = np.zeros((rows, columns, 4), np.uint8)
    tall = height * (0.35 + 0.65 * state)
    foot, crown = np.array([width / 2, height]), np.array([width / 2 + draw.normal(0, 0.25), height - tall * 0.62])
    clumps = []
    bark = tuple(float(255 / _LINEAR_TOP * (channel / 255) ** 2.4) for channel in (88, 74, 58))
    for number in range(26):
        high, across = draw.beta(1.5, 1.3), draw.normal(0, 0.42)
        broad = 0.55 * np.sin(np.pi * (0.18 + 0.74 * high))  # narrow below, broad in the middle, rounded above
        tip = crown + np.array([np.clip(across, -0.9, 0.9) * broad * width, tall * (0.12 - 0.48 * high)])
        low = foot + (crown - foot) * draw.uniform(0.55, 1.0)
        clumps.append((tip, tall * draw.uniform(0.045, 0.095)))
        for start, end, thick in ((low, tip, 0.05), (foot, crown, 0.16)) if number == 0 else ((low, tip, 0.05),):
            pixels = np.round(np.array([start, end]) * density * 16).astype(np.int32)
            wide = max(1, round(thick * density * (0.4 + 0.6 * state)))
            cv2.line(picture, pixels[0].tolist(), pixels[1].tolist(), (*bark, 255.0), wide, cv2.LINE_AA, 4)
    centres, radii = np.array([clump[0] for clump in clumps]), np.array([clump[1] for clump in clumps])
    which = draw.integers(0, len(clumps), leaves)
    offset = draw.normal(0, 0.5, (leaves, 2)) * (1.35, 1.0)
    born, spin, kinds, jitter = (
        draw.random(leaves),
        draw.normal(np.pi, 0.8, leaves),
        draw.integers(0, len(_GREENS), leaves),
        draw.uniform(0.8, 1.25, leaves),
    )
    grown = np.clip((state * 1.2 - born) / 0.3, 0, 1)
    order = np.flatnonzero(grown > 0.02)
    place = (centres[which] + offset * radii[which, None])[order]
    lit = np.clip(0.5 - 0.34 * offset[:, 1] - 0.26 * offset[:, 0], 0.08, 1.5)[order] * jitter[order]
    order_by_light = np.argsort(lit, kind="stable")
    order, place, lit = order[order_by_light], place[order_by_light], lit[order_by_light]
    foliage = _leaves(
        (rows, columns),
        place * density,
        np.maximum(0.135 * density * grown[order] ** 0.5 * jitter[order], 1.0),
        spin[order],
        lit * 1.25,
        kinds[order],
    )
    wood = picture.astype(np.float32) / np.float32(255)
    wood[..., :3] *= np.float32(_LINEAR_TOP)
    return np.asarray(wood * (1 - foliage[..., 3:]) + foliage, np.float32)


def reeds(key: Key, density: float, width: float, height: float, state: float) -> Texture:
    """A fringe of tall grass and reeds."""
    rows, columns = max(4, round(height * density)), max(4, round(width * density))
    draw = random((*key, 8))
    picture = np.zeros((rows, columns, 4), np.uint8)
    for _ in range(round(width * 26)):
        x, tall, lean, light = draw.random() * width, draw.uniform(0.3, 1.0) * height, draw.normal(0, 0.16), draw.uniform(0.25, 1.1)
        green = _GREENS[int(draw.integers(len(_GREENS)))]
        tall *= float(np.clip(state * 1.4 - draw.random() * 0.4, 0, 1))
        if tall < 0.05:
            continue
        colour = tuple(float(np.clip(255 / _LINEAR_TOP * light * (channel / 255) ** 2.4, 0, 255)) for channel in green)
        points = [
            (x - 0.018, height),
            (x + lean * tall * 0.4, height - tall * 0.6),
            (x + lean * tall, height - tall),
            (x + lean * tall * 0.4 + 0.02, height - tall * 0.6),
            (x + 0.018, height),
        ]
        cv2.fillPoly(picture, [np.round(np.array(points) * density * 16).astype(np.int32)[:, None]], (*colour, 255.0), cv2.LINE_AA, 4)
    texture = picture.astype(np.float32) / np.float32(255)
    texture[..., :3] *= np.float32(_LINEAR_TOP)
    return texture


def lily_pads(key: Key, density: float, width: float, length: float, state: float) -> Texture:
    """Floating leaves seen from above, thickest in drifts, a few of them in flower."""
    rows, columns = max(4, round(length * density)), max(4, round(width * density))
    draw = random((*key, 9))
    picture = np.zeros((rows, columns, 4), np.uint8)
    drifts = fractal((*key, 10), (64, 64), (4, 4), octaves=3)
    for _ in range(round(width * length * 3.2)):
        u, v, size, light, turn, luck = (float(value) for value in draw.random(6))
        grown = float(np.clip((state * 1.3 - 0.25 - 1.4 * (0.72 - drifts[int(v * 63), int(u * 63)])) / 0.3, 0, 1))
        if grown < 0.05:
            continue
        green = np.array(_GREENS[int(turn * len(_GREENS))])
        radius = (0.12 + 0.2 * size) * grown * density
        colour = tuple(float(value) for value in np.clip(255 / _LINEAR_TOP * (0.4 + 0.6 * light) * (green / 255) ** 2.4, 0, 255))
        centre = (round(u * columns * 16), round(v * rows * 16))
        cv2.ellipse(
            picture,
            (centre[0] // 16, centre[1] // 16),
            (max(1, int(radius)), max(1, int(radius))),
            turn * 360,
            18,
            342,
            (*colour, 255.0),
            -1,
            cv2.LINE_AA,
        )
        if luck > 0.93:
            cv2.circle(picture, centre, max(1, round(radius * 0.4 * 16)), (250.0, 190.0, 215.0, 255.0), -1, cv2.LINE_AA, 4)
    texture = picture.astype(np.float32) / np.float32(255)
    texture[..., :3] *= np.float32(_LINEAR_TOP)
    return texture


def mossed(colour: Field, key: Key, state: float) -> Field:
    """Stone (rows, columns, 3) with moss in its damp places."""
    rows, columns = colour.shape[:2]
    damp = fractal((*key, 12), (rows, columns), (6, 6), octaves=6, gain=0.6)
    stone = np.clip((0.42 - colour.mean(axis=2)) / 0.1, 0, 1)
    moss = np.clip((damp - (0.95 - 0.5 * state)) / 0.12, 0, 1)[..., None] * np.float32(min(1.0, state * 1.4) * 0.75) * stone[..., None]
    green = np.array([(channel / 255) ** 2.4 for channel in (92, 118, 56)], np.float32)
    return np.asarray(colour * (1 - moss) + green * (0.4 + 0.9 * damp[..., None]) * moss, np.float32)
