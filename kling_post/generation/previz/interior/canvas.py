"""A painter's canvas in linear light: textured quads in true perspective, far to near, each veiled by the haze before it."""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.generation.previz.interior.lens import Lens, Points
from kling_post.generation.previz.interior.noise import Field

Texture = NDArray[np.float32]
"""(rows, columns, 4) linear light, premultiplied by the coverage in the fourth channel."""
Light = Callable[[Points, NDArray[np.float64]], Field]
"""Points (n, m, 3) and the surface's normal (3,) to light (n, m, 3)."""

_NEAREST_METRES = 0.25
_LIGHT_GRID = 14


def premultiplied(colour: Field, coverage: Field) -> Texture:
    """Texture of a colour (rows, columns, 3) or (3,) under a coverage (rows, columns)."""
    texture = np.empty((*coverage.shape, 4), np.float32)
    texture[..., :3] = colour * coverage[..., None]
    texture[..., 3] = coverage
    return texture


def upright(x: tuple[float, float], y: tuple[float, float], z: float) -> Points:
    """Corners of a flat that faces the camera: top left, top right, bottom right, bottom left."""
    return np.array([(x[0], y[1], z), (x[1], y[1], z), (x[1], y[0], z), (x[0], y[0], z)], np.float64)


def wall(x: float, y: tuple[float, float], z: tuple[float, float]) -> Points:
    """Corners of a side wall; the texture's left edge lies at ``z[0]``."""
    return np.array([(x, y[1], z[0]), (x, y[1], z[1]), (x, y[0], z[1]), (x, y[0], z[0])], np.float64)


def level(x: tuple[float, float], y: float, z: tuple[float, float]) -> Points:
    """Corners of a floor or ceiling; the texture's upper edge is the far one, ``z[1]``."""
    return np.array([(x[0], y, z[1]), (x[1], y, z[1]), (x[1], y, z[0]), (x[0], y, z[0])], np.float64)


class Canvas:
    """What has been painted so far: ``light`` (rows, columns, 3) and ``nearness``, 1 / metres, (rows, columns)."""

    def __init__(self, lens: Lens, backdrop: Field, haze: Field, clear_metres: float, light: Light | None = None) -> None:
        self.lens = lens
        self.light = np.array(backdrop, np.float32, copy=True)
        self.nearness = np.zeros(self.light.shape[:2], np.float32)
        self.haze = haze
        self.clear_metres = clear_metres
        self.lighting = light

    def paint(
        self, texture: Texture, corners: Points, *, gain: float = 1.0, lit: bool = True, hazed: bool = True, additive: bool = False
    ) -> None:
        """Paint one textured quad (corners (4, 3): the texture's top left, top right, bottom right, bottom left).

        The texture is area-averaged to its projected size first, so that distant detail does not alias. What lies at or behind
        the camera is left out whole: cut the quad before. ``lit`` multiplies by the canvas's lighting; ``additive`` adds light
        and covers nothing.
        """
        pixels, depth = self.lens.project(corners)
        box = self._box(pixels)
        if box is None or depth.min() < _NEAREST_METRES:
            return
        left, top, right, bottom = box
        source = _filtered(texture, pixels)
        if lit and self.lighting is not None:
            source = self._lit(source, corners)
        rows, columns = source.shape[:2]
        here = np.array([(0, 0), (columns, 0), (columns, rows), (0, rows)], np.float32) - np.float32(0.5)
        there = (pixels - (left + 0.5, top + 0.5)).astype(np.float32)
        transform = cv2.getPerspectiveTransform(here, there)
        warped = np.asarray(cv2.warpPerspective(source, transform, (right - left, bottom - top), flags=cv2.INTER_LINEAR), np.float32)
        if gain != 1.0:
            warped[..., :3] *= np.float32(gain)
        self.compose(warped, box, _nearness(pixels, depth, box), hazed=hazed, additive=additive)

    def compose(self, warped: Texture, box: tuple[int, int, int, int], near: Field, *, hazed: bool = True, additive: bool = False) -> None:
        """Lay pixels (rows, columns, 4) with their nearness into a box (left, top, right, bottom) of the picture."""
        left, top, right, bottom = box
        cover = warped[..., 3:]
        colour = warped[..., :3]
        target = self.light[top:bottom, left:right]
        if hazed:
            clear = np.exp(-1 / np.maximum(near * np.float32(self.clear_metres), np.float32(1e-4)))[..., None]
            colour = colour * clear
            if not additive:
                colour += self.haze[top:bottom, left:right] * (cover * (1 - clear))
        if additive:
            target += colour
            return
        through = 1 - cover
        target *= through
        target += colour
        behind = self.nearness[top:bottom, left:right]
        behind *= through[..., 0]
        behind += near * cover[..., 0]

    def _box(self, pixels: Points) -> tuple[int, int, int, int] | None:
        size = self.lens.size
        low, high = np.floor(pixels.min(axis=0)) - 1, np.ceil(pixels.max(axis=0)) + 1
        left, top = (int(value) for value in np.maximum(low, 0))
        right, bottom = (int(value) for value in np.minimum(high, (size.width, size.height)))
        return (left, top, right, bottom) if left < right and top < bottom else None

    def _lit(self, source: Texture, corners: Points) -> Texture:
        assert self.lighting is not None
        u = (np.arange(_LIGHT_GRID) + 0.5)[None, :, None] / _LIGHT_GRID
        v = (np.arange(_LIGHT_GRID) + 0.5)[:, None, None] / _LIGHT_GRID
        a, b, c, d = corners
        points = (a * (1 - u) + b * u) * (1 - v) + (d * (1 - u) + c * u) * v
        normal = np.cross(b - a, d - a)
        normal /= np.linalg.norm(normal) or 1.0
        if normal @ (corners.mean(axis=0) - np.array(self.lens.eye)) > 0:
            normal = -normal
        field = np.ones((*source.shape[:2], 4), np.float32)
        light = np.asarray(self.lighting(points, normal), np.float32)
        rows, columns = source.shape[:2]
        field[..., :3] = cv2.resize(light, (columns, rows), interpolation=cv2.INTER_LINEAR)
        return np.asarray(source * field, np.float32)


def _nearness(pixels: Points, depth: Points, box: tuple[int, int, int, int]) -> Field:
    """1 / metres over the box: on a plane it is a linear function of the picture's coordinates."""
    left, top, right, bottom = box
    equations = np.column_stack([pixels, np.ones(4)])
    a, b, c = np.linalg.lstsq(equations, 1 / depth, rcond=None)[0]
    x = (np.arange(left, right) + 0.5)[None, :]
    y = (np.arange(top, bottom) + 0.5)[:, None]
    return np.asarray(np.clip(a * x + b * y + c, 1 / depth.max(), 1 / depth.min()), np.float32)


def _filtered(texture: Texture, pixels: Points) -> Texture:
    """The texture reduced to about its size in the picture, each direction by itself."""
    width = max(np.hypot(*(pixels[1] - pixels[0])), np.hypot(*(pixels[2] - pixels[3])))
    height = max(np.hypot(*(pixels[3] - pixels[0])), np.hypot(*(pixels[2] - pixels[1])))
    columns = min(texture.shape[1], max(2, int(np.ceil(width))))
    rows = min(texture.shape[0], max(2, int(np.ceil(height))))
    if columns > texture.shape[1] * 0.8 and rows > texture.shape[0] * 0.8:
        return texture
    return np.asarray(cv2.resize(texture, (columns, rows), interpolation=cv2.INTER_AREA), np.float32)
