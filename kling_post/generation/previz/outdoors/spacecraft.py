"""Rocks, a freighter and an astronaut as neutral stand-ins, lit from the left."""

from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.generation.previz.interior.finish import linear
from kling_post.generation.previz.interior.noise import Field, Key, fractal
from kling_post.generation.previz.picture.layers import Layer as Sprite


def _finished(colour: Field, cover: Field) -> Sprite:
    shown = np.clip(colour, 0, 1) ** (1 / 2.2) * cover[..., None]
    return Sprite(np.clip(np.dstack([shown, cover]) * 255 + 0.5, 0, 255).astype(np.uint8))


def rock(key: Key, size: int) -> Sprite:
    """A lump with pits, lit from the left."""
    y, x = np.meshgrid(np.linspace(1, -1, size, dtype=np.float32), np.linspace(-1, 1, size, dtype=np.float32), indexing="ij")
    lump = fractal((*key, 1), (size, size), (3, 3), octaves=6, gain=0.55)
    outline = np.hypot(x, y * 1.25) / (0.62 + 0.6 * lump)
    cover = np.clip((1 - outline) * size / 6, 0, 1)
    height = np.sqrt(np.clip(1 - outline**2, 0, 1)) + 0.7 * lump
    slope_x = cv2.Sobel(height, cv2.CV_32F, 1, 0, ksize=3) * np.float32(size / 20)
    slope_y = cv2.Sobel(height, cv2.CV_32F, 0, 1, ksize=3) * np.float32(size / 20)
    lit = np.clip((0.35 + slope_x * 0.62 + slope_y * 0.42) / np.sqrt(1 + slope_x**2 + slope_y**2), 0.0, 1)
    return _finished(linear(150, 138, 124) * (0.02 + 1.1 * lit)[..., None] * (0.6 + 0.8 * lump)[..., None], np.asarray(cover, np.float32))


def _shape(picture: NDArray[np.float32], points: list[tuple[float, float]], colour: tuple[float, float, float]) -> None:
    """Fill a polygon (-1 to 1, up) of a premultiplied picture."""
    rows, columns = picture.shape[:2]
    mask = np.zeros((rows, columns), np.uint8)
    corners = np.array([((x + 1) / 2 * columns * 16, (1 - y) / 2 * rows * 16) for x, y in points])
    cv2.fillPoly(mask, [np.round(corners).astype(np.int32)], 255, cv2.LINE_AA, 4)
    cover = (mask / np.float32(255))[..., None]
    picture[..., :3] = picture[..., :3] * (1 - cover) + np.array(colour, np.float32) * cover
    picture[..., 3:] = picture[..., 3:] * (1 - cover) + cover


def ship(size: int) -> Sprite:
    """A long freighter from the side: hull in steps, a bridge, tanks, two lit engines."""
    picture = np.zeros((size // 2, size, 4), np.float32)
    grey, dark, pale = (0.22, 0.23, 0.25), (0.07, 0.075, 0.085), (0.46, 0.47, 0.48)
    _shape(picture, [(-0.93, 0.1), (-0.8, 0.2), (-0.8, -0.24), (-0.93, -0.16)], (0.5, 0.8, 1.0))
    _shape(picture, [(-0.84, 0.3), (-0.5, 0.34), (-0.5, -0.36), (-0.84, -0.3)], grey)
    _shape(picture, [(-0.84, 0.3), (-0.5, 0.34), (-0.5, 0.16), (-0.84, 0.14)], pale)
    _shape(picture, [(-0.52, 0.2), (0.55, 0.16), (0.55, -0.18), (-0.52, -0.22)], grey)
    _shape(picture, [(-0.52, 0.2), (0.55, 0.16), (0.55, 0.06), (-0.52, 0.08)], pale)
    for tank in range(5):
        left = -0.44 + 0.19 * tank
        _shape(
            picture,
            [(left, -0.1), (left + 0.15, -0.1), (left + 0.15, -0.4), (left + 0.12, -0.46), (left + 0.03, -0.46), (left, -0.4)],
            dark,
        )
        _shape(picture, [(left, -0.1), (left + 0.15, -0.1), (left + 0.15, -0.2), (left, -0.2)], grey)
    _shape(picture, [(0.52, 0.24), (0.78, 0.18), (0.96, -0.02), (0.9, -0.12), (0.52, -0.24)], grey)
    _shape(picture, [(0.52, 0.24), (0.78, 0.18), (0.9, 0.05), (0.52, 0.08)], pale)
    _shape(picture, [(-0.2, 0.18), (0.05, 0.17), (0.0, 0.44), (-0.14, 0.46)], pale)
    _shape(picture, [(-0.12, 0.42), (0.0, 0.41), (0.01, 0.35), (-0.11, 0.36)], (0.9, 0.75, 0.4))
    for lamp in range(16):
        x = -0.46 + 0.062 * lamp
        _shape(picture, [(x, 0.02), (x + 0.012, 0.02), (x + 0.012, -0.02), (x, -0.02)], (1.0, 0.85, 0.5) if lamp % 3 else dark)
    cover = picture[..., 3]
    return _finished(np.asarray(picture[..., :3] / np.maximum(cover, 1e-3)[..., None], np.float32), cover)


def astronaut(size: int) -> Sprite:
    """A figure in a bulky suit with a gold visor, arms and legs spread."""
    picture = np.zeros((size, size, 4), np.float32)
    white, shade, gold = (0.62, 0.63, 0.65), (0.20, 0.21, 0.24), (0.75, 0.5, 0.14)
    ring = np.linspace(0, 2 * np.pi, 26, endpoint=False)

    def limb(points: list[tuple[float, float]], thick: float) -> None:
        for (ax, ay), (bx, by) in pairwise(points):
            across = np.array([-(by - ay), bx - ax]) / max(np.hypot(bx - ax, by - ay), 1e-6) * thick
            _shape(
                picture,
                [
                    (ax - across[0], ay - across[1]),
                    (ax + across[0], ay + across[1]),
                    (bx + across[0], by + across[1]),
                    (bx - across[0], by - across[1]),
                ],
                white,
            )
            _shape(
                picture,
                [(ax - across[0], ay - across[1]), (ax, ay), (bx, by), (bx - across[0], by - across[1])]
                if across[0] < 0
                else [(ax + across[0], ay + across[1]), (ax, ay), (bx, by), (bx + across[0], by + across[1])],
                shade,
            )
            _shape(picture, [(bx + thick * np.cos(a), by + thick * np.sin(a)) for a in ring], white)

    _shape(picture, [(-0.24, 0.36), (0.24, 0.36), (0.27, -0.14), (-0.27, -0.14)], shade)
    limb([(-0.1, -0.08), (-0.2, -0.42), (-0.14, -0.78)], 0.1)
    limb([(0.1, -0.08), (0.26, -0.38), (0.42, -0.68)], 0.1)
    limb([(-0.2, 0.28), (-0.5, 0.2), (-0.66, 0.42)], 0.085)
    limb([(0.2, 0.28), (0.48, 0.1), (0.72, 0.14)], 0.085)
    _shape(picture, [(-0.2, 0.34), (0.2, 0.34), (0.17, -0.16), (-0.17, -0.16)], white)
    _shape(picture, [(0.02, 0.34), (0.2, 0.34), (0.17, -0.16), (0.05, -0.16)], shade)
    _shape(picture, [(-0.1, 0.2), (0.1, 0.2), (0.1, 0.04), (-0.1, 0.04)], (0.32, 0.33, 0.36))
    _shape(picture, [(0.2 * np.cos(a), 0.52 + 0.2 * np.sin(a)) for a in ring], white)
    _shape(picture, [(-0.01 + 0.14 * np.cos(a), 0.52 + 0.12 * np.sin(a)) for a in ring], gold)
    _shape(picture, [(-0.06 + 0.05 * np.cos(a), 0.56 + 0.035 * np.sin(a)) for a in ring], (1.0, 0.86, 0.55))
    cover = picture[..., 3]
    return _finished(np.asarray(picture[..., :3] / np.maximum(cover, 1e-3)[..., None], np.float32), cover)
