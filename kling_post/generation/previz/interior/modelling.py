"""Soft figures and objects from outlines: each part is a smooth closed curve, inflated to a rounded body and lit from a side."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.generation.previz.interior.canvas import Texture
from kling_post.generation.previz.interior.noise import Field, Key, blurred, fractal

Outline = tuple[tuple[float, float], ...]
"""Points in metres: x from the middle, y up from the ground; smoothed by corner cutting (Chaikin)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One body of a figure."""

    outline: Outline
    colour: NDArray[np.float32]
    """Linear light, (3,)."""
    thick: float = 0.12
    """Metres from the edge at which the body is full: small for hard things, large for soft ones."""
    fuzz: float = 0.0
    """Metres by which hair or fur breaks up the edge."""
    folds: float = 0.0
    """Depth of hanging folds, 0 to 1."""
    mirrored: bool = False
    """Whether it is drawn a second time on the other side of the middle."""


def limb(start: tuple[float, float], end: tuple[float, float], wide: float, narrow: float) -> Outline:
    """The outline of an arm, leg or finger: half widths ``wide`` at its start and ``narrow`` at its end, metres."""
    (x0, y0), (x1, y1) = start, end
    long = float(np.hypot(x1 - x0, y1 - y0)) or 1.0
    ux, uy = (x1 - x0) / long, (y1 - y0) / long
    points = []
    for along, half, side in (
        (0.0, 0.75, 1),
        (0.25, 1.0, 1),
        (0.8, 1.0, 1),
        (1.0, 0.8, 1),
        (1.0, 0.8, -1),
        (0.8, 1.0, -1),
        (0.25, 1.0, -1),
        (0.0, 0.75, -1),
    ):
        reach = (wide + (narrow - wide) * along) * half * side
        centre = long * (along * 1.12 - 0.06)
        points.append((x0 + ux * centre - uy * reach, y0 + uy * centre + ux * reach))
    return tuple(points)


def smoothed(outline: Outline, rounds: int = 3) -> NDArray[np.float64]:
    """A closed curve (n, 2) through cut corners."""
    points = np.array(outline, np.float64)
    for _ in range(rounds):
        after = np.roll(points, -1, axis=0)
        points = np.stack([points * 0.75 + after * 0.25, points * 0.25 + after * 0.75], axis=1).reshape(-1, 2)
    return points


def modelled(parts: tuple[Part, ...], key: Key, density: float, box: tuple[float, float, float], *, sun: float, rim: float) -> Texture:
    """A texture of all parts, later ones in front.

    Args:
        parts: From back to front.
        key: For folds and fur.
        density: Texels a metre.
        box: Half the width, the lowest and the highest y of the texture, metres.
        sun: Where the light comes from: -1 left, +1 right.
        rim: Strength of the light from behind along the edges.
    """
    half, low, high = box
    rows, columns = max(4, round((high - low) * density)), max(4, round(2 * half * density))
    texture = np.zeros((rows, columns, 4), np.float32)
    for number, part in enumerate(parts):
        sides = (1, -1) if part.mirrored else (1,)
        for side in sides:
            points = smoothed(part.outline) * (side, 1)
            pixels = np.column_stack([(points[:, 0] + half) * density, (high - points[:, 1]) * density])
            _draw(texture, part, (*key, number, side), density, pixels, sun=sun, rim=rim)
    return texture


def _draw(texture: Texture, part: Part, key: Key, density: float, pixels: NDArray[np.float64], *, sun: float, rim: float) -> None:
    margin = part.fuzz * density + 3
    rows, columns = texture.shape[:2]
    left, top = (max(0, int(value - margin)) for value in pixels.min(axis=0))
    right, bottom = (int(value + margin) + 1 for value in pixels.max(axis=0))
    right, bottom = min(columns, right), min(rows, bottom)
    if right - left < 2 or bottom - top < 2:
        return
    mask = np.zeros((bottom - top, right - left), np.uint8)
    fixed = np.round((pixels - (left, top)) * 16).astype(np.int32)
    cv2.fillPoly(mask, [fixed[:, None]], 255, cv2.LINE_AA, 4)
    cover = mask.astype(np.float32) / 255
    inside = np.asarray(cv2.distanceTransform((mask > 127).astype(np.uint8), cv2.DIST_L2, 5), np.float32) / np.float32(density)
    shape = cover.shape
    metres = (shape[0] / density, shape[1] / density)
    if part.fuzz > 0:
        hair = fractal((*key, 1), shape, (metres[0] * 28, metres[1] * 60), octaves=3, gain=0.8) - 0.5
        outside = np.asarray(cv2.distanceTransform((mask <= 127).astype(np.uint8), cv2.DIST_L2, 5), np.float32) / np.float32(density)
        cover = np.clip((inside - outside + hair * 2.6 * part.fuzz) / (0.35 * part.fuzz) + 0.5, 0, 1)
    shade, edge = _shade(part, key, inside, density, sun=sun)
    patch = texture[top:bottom, left:right]
    patch *= 1 - cover[..., None]
    patch[..., :3] += (part.colour * shade[..., None] + np.float32(0.2 * rim) * edge[..., None]) * cover[..., None]
    patch[..., 3] += cover


def _shade(part: Part, key: Key, inside: Field, density: float, *, sun: float) -> tuple[Field, Field]:
    """Diffuse shading (about 0.2 to 1.3), and the light from behind along the edges (0 to 1)."""
    metres = (inside.shape[0] / density, inside.shape[1] / density)
    bulge = np.sqrt(1 - (1 - np.clip(inside / part.thick, 0, 1)) ** 2) * np.float32(part.thick)
    if part.folds > 0:
        folds = fractal((*key, 2), inside.shape, (max(0.7, metres[0] * 1.1), metres[1] * 11), octaves=3, gain=0.5) - 0.5
        bulge += folds * np.float32(0.14 * part.folds)
    if part.fuzz > 0:
        tufts = fractal((*key, 3), inside.shape, (metres[0] * 22, metres[1] * 34), octaves=3, gain=0.7) - 0.5
        bulge += tufts * np.float32(0.6 * part.fuzz)
    bulge = blurred(bulge, max(0.5, 0.006 * density))
    slope_x = np.asarray(cv2.Sobel(bulge, cv2.CV_32F, 1, 0, scale=0.125), np.float32) * np.float32(density)
    slope_y = np.asarray(cv2.Sobel(bulge, cv2.CV_32F, 0, 1, scale=0.125), np.float32) * np.float32(density)
    length = np.sqrt(slope_x**2 + slope_y**2 + 1)
    diffuse = np.clip((-slope_x * np.float32(sun * 0.6) + slope_y * np.float32(0.65) + np.float32(0.45)) / length, 0, 1.6)
    edge = np.clip(1 - 1 / length, 0, 1) * np.exp(-inside / np.float32(0.03))
    grain = fractal((*key, 4), inside.shape, (metres[0] * 40, metres[1] * 40), octaves=2) * 0.3 + 0.85
    return np.asarray((0.22 + 0.95 * diffuse) * grain, np.float32), np.asarray(edge, np.float32)
