"""Shaded parts for jointed figures: an outline in metres is puffed up like a cushion, lit, and kept as a layer with a pivot."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.generation.previz.contract import RgbFrame
from kling_post.generation.previz.picture.layers import Affine, Layer, lay, layer
from kling_post.generation.previz.picture.noise import FloatArray, generator, spectral_noise
from kling_post.generation.previz.picture.tone import display, mix, rgb

Outline = Sequence[tuple[float, float]]
"""Corners or spline points in metres, x to the right, y up."""

Colour = tuple[float, float, float]
Paint = Callable[[FloatArray, FloatArray], FloatArray]
"""Albedo, shape + (3,), for x and y in metres."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Studio:
    """The light that figures stand in, in linear light; directions are toward the light: right, up, and to the viewer."""

    sun: Colour
    sun_direction: tuple[float, float, float]
    sky: Colour
    bounce: Colour
    """Light coming back from the ground."""
    haze: Colour
    haze_share: float = 0.0
    """How much of the figure the air in front of it hides."""
    rim: float = 1.0
    """Strength of the light that wraps round the edges from behind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A rigid piece of a figure."""

    picture: Layer
    shadow: NDArray[np.uint8]
    """Cover alone, at a quarter of the picture's size."""
    pixels_per_metre: float
    pivot: tuple[float, float]
    """Column and row of the joint by which the part hangs."""

    def matrix(self, plane: Affine, joint: tuple[float, float], degrees: float = 0.0, stretch: tuple[float, float] = (1.0, 1.0)) -> Affine:
        """Part pixels to frame, with the pivot at ``joint`` (metres of the plane), turned counter-clockwise."""
        angle = np.deg2rad(degrees)
        cosine, sine = np.cos(angle), np.sin(angle)
        metre = 1.0 / self.pixels_per_metre
        own = np.array(
            [[metre * stretch[0], 0, -self.pivot[0] * metre * stretch[0]], [0, -metre * stretch[1], self.pivot[1] * metre * stretch[1]]]
        )
        turn = np.array([[cosine, -sine], [sine, cosine]])
        in_plane = turn @ own
        in_plane[:, 2] += joint
        result = plane[:, :2] @ in_plane
        result[:, 2] += plane[:, 2]
        return np.asarray(result, np.float64)

    def draw(
        self, frame: RgbFrame, plane: Affine, joint: tuple[float, float], degrees: float = 0.0, stretch: tuple[float, float] = (1.0, 1.0)
    ) -> None:
        """Lay the part over a frame."""
        lay(frame, self.picture, self.matrix(plane, joint, degrees, stretch))

    def cast(
        self,
        cover: NDArray[np.uint8],
        plane: Affine,
        joint: tuple[float, float],
        degrees: float = 0.0,
        stretch: tuple[float, float] = (1.0, 1.0),
    ) -> None:
        """Add the part's silhouette to a picture of cover, (rows, columns) uint8."""
        matrix = self.matrix(plane, joint, degrees, stretch)
        matrix[:, :2] *= 4
        centre = matrix.copy()
        centre[:, 2] += matrix[:, :2] @ np.array([0.5, 0.5]) - 0.5
        drawn = cv2.warpAffine(self.shadow, centre, (cover.shape[1], cover.shape[0]), flags=cv2.INTER_LINEAR)
        np.maximum(cover, drawn, out=cover)


def spline(points: Outline, steps: int = 12) -> NDArray[np.float64]:
    """A closed Catmull-Rom curve through the points."""
    knots = np.asarray(points, np.float64)
    before, after, beyond = np.roll(knots, 1, 0), np.roll(knots, -1, 0), np.roll(knots, -2, 0)
    t = np.linspace(0, 1, steps, endpoint=False)[:, None, None]
    curve = 0.5 * (
        2 * knots
        + (after - before) * t
        + (2 * before - 5 * knots + 4 * after - beyond) * t**2
        + (3 * knots - before - 3 * after + beyond) * t**3
    )
    return np.asarray(curve.transpose(1, 0, 2).reshape(-1, 2), np.float64)


def limb(length: float, top: float, bottom: float, *, bulge: float = 0.0) -> Outline:
    """A tapering limb that hangs from (0, 0): widths in metres, ``bulge`` thickens its upper third."""
    return [
        (-top / 2, 0.02),
        (-top / 2 - bulge, -length * 0.28),
        (-bottom / 2, -length * 0.75),
        (-bottom / 2, -length),
        (0.0, -length - bottom * 0.45),
        (bottom / 2, -length),
        (bottom / 2, -length * 0.75),
        (top / 2 + bulge, -length * 0.28),
        (top / 2, 0.02),
        (0.0, top * 0.45),
    ]


def _relief(cover: FloatArray, roundness: float) -> FloatArray:
    """Height of the cushion in pixels: a quarter circle from the edge inward, up to ``roundness`` pixels."""
    inside = (cover > 0.5).astype(np.uint8)
    distance = cv2.distanceTransform(cv2.copyMakeBorder(inside, 1, 1, 1, 1, cv2.BORDER_CONSTANT), cv2.DIST_L2, 5)[1:-1, 1:-1]
    reach = np.minimum(distance / np.float32(roundness), 1)
    height = np.sqrt(np.maximum(1 - (1 - reach) ** 2, 0)) * np.float32(roundness)
    return np.asarray(cv2.GaussianBlur(height, (0, 0), max(0.8, roundness * 0.12)), np.float32)


def shade(albedo: FloatArray, relief: FloatArray, studio: Studio, *, gloss: float = 0.0, metal: float = 0.0) -> FloatArray:
    """Linear light of a puffed-up surface: sun, sky above, ground below, light wrapping round the edge, an optional sheen."""
    across = cv2.Sobel(relief, cv2.CV_32F, 1, 0, ksize=3, scale=1 / 8)
    down = cv2.Sobel(relief, cv2.CV_32F, 0, 1, ksize=3, scale=1 / 8)
    length = np.sqrt(across**2 + down**2 + 1)
    right, up, toward = -across / length, down / length, 1 / length
    sun_right, sun_up, sun_toward = studio.sun_direction
    facing = right * sun_right + up * sun_up + toward * sun_toward
    sun = np.clip(facing, 0, 1)
    edge = np.clip(1 - toward, 0, 1) ** 1.5 * np.clip(facing + 0.55, 0, 1.2) * np.float32(studio.rim)
    hemisphere = (up * 0.5 + 0.5)[..., None]
    ambient = mix(np.broadcast_to(rgb(*studio.bounce), albedo.shape), np.broadcast_to(rgb(*studio.sky), albedo.shape), hemisphere)
    light = albedo * (rgb(*studio.sun) * (sun + edge * 0.6)[..., None] + ambient * (0.45 + 0.55 * toward)[..., None])
    if gloss > 0:
        half = np.array([sun_right, sun_up, sun_toward + 1.0], np.float32)
        half /= np.linalg.norm(half)
        glance = np.clip(right * half[0] + up * half[1] + toward * half[2], 0, 1) ** 28
        sheen = (glance[..., None] * rgb(*studio.sun) * 0.8 + (up.clip(0, 1) ** 2)[..., None] * rgb(*studio.sky) * 0.7) * np.float32(gloss)
        light = light + sheen * (0.3 + albedo)
    if metal > 0:
        # Polished metal mirrors its surroundings in bands: bright sky above, a dark horizon, the lit ground below, the sun to one side.
        side = float(np.sign(sun_right))
        bands = 0.75 * np.exp(-(((right - 0.42 * side) / 0.16) ** 2)) + 0.3 * np.exp(-(((right + 0.72 * side) / 0.12) ** 2))
        bands += (
            0.5 * np.exp(-(((up - 0.55) / 0.2) ** 2))
            + 0.16 * np.exp(-(((up + 0.6) / 0.25) ** 2))
            - 0.2 * np.exp(-(((up + 0.12) / 0.14) ** 2))
            + 0.07
        )
        mirrored = rgb(*studio.sun) * 0.24 + rgb(*studio.sky)
        light = np.maximum(light * (1 - 0.35 * metal) + albedo * mirrored * (bands * np.float32(1.7 * metal))[..., None], 0)
    return mix(light, rgb(*studio.haze), studio.haze_share)


@lru_cache(maxsize=8)
def _surface(seed: int, side: int) -> FloatArray:
    return spectral_noise((side, side), beta=1.0, rng=generator(seed, "surface"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """Makes parts for one light and one scale."""

    studio: Studio
    pixels_per_metre: float
    seed: int = 0

    def part(
        self,
        outlines: Sequence[Outline],
        paint: Colour | Paint,
        *,
        pivot: tuple[float, float] = (0.0, 0.0),
        roundness: float = 0.2,
        texture: float = 0.0,
        grain: tuple[float, float] = (1.0, 1.0),
        gloss: float = 0.0,
        metal: float = 0.0,
        smooth: bool = True,
        dim: float = 1.0,
    ) -> Part:
        """Sculpt outlines (metres) into a part that hangs by ``pivot`` (metres, same axes).

        ``roundness`` in metres is how far from its edge the surface keeps curving; ``texture`` is the depth of a rough surface
        (0 to 1), drawn out by ``grain`` (across, down); ``metal`` (0 to 1) mirrors; ``dim`` darkens the far side of a figure.
        """
        curves = [spline(outline) if smooth else np.asarray(outline, np.float64) for outline in outlines]
        scale = self.pixels_per_metre
        low = np.min([curve.min(axis=0) for curve in curves], axis=0) - 3 / scale
        high = np.max([curve.max(axis=0) for curve in curves], axis=0) + 3 / scale
        columns, rows = (int(np.ceil(side)) // 4 * 4 + 4 for side in (high - low) * scale)
        cover = self._cover(curves, low, high, rows, columns)
        x = np.broadcast_to((np.arange(columns, dtype=np.float32)[None] + 0.5) / scale + low[0], cover.shape).astype(np.float32)
        y = np.broadcast_to(high[1] - (np.arange(rows, dtype=np.float32)[:, None] + 0.5) / scale, cover.shape).astype(np.float32)
        albedo = paint(x, y) if callable(paint) else np.broadcast_to(rgb(*paint), (rows, columns, 3)).astype(np.float32)
        relief = _relief(cover, max(1.5, roundness * scale))
        if texture > 0:
            relief = relief + self._rough(rows, columns, grain) * np.float32(texture * 0.02 * scale)
        colour = display(shade(albedo * np.float32(dim), relief, self.studio, gloss=gloss, metal=metal))
        shadow = cv2.resize(np.asarray(cover * 255, np.float32), (columns // 4, rows // 4), interpolation=cv2.INTER_AREA)
        return Part(
            picture=layer(colour, cover),
            shadow=np.asarray(shadow, np.uint8),
            pixels_per_metre=scale,
            pivot=((pivot[0] - low[0]) * scale, (high[1] - pivot[1]) * scale),
        )

    def _cover(
        self, curves: Sequence[NDArray[np.float64]], low: NDArray[np.float64], high: NDArray[np.float64], rows: int, columns: int
    ) -> FloatArray:
        finer = 2 if max(rows, columns) > 700 else 4
        mask = np.zeros((rows * finer, columns * finer), np.uint8)
        for curve in curves:
            fixed = np.stack([curve[:, 0] - low[0], high[1] - curve[:, 1]], axis=1) * (self.pixels_per_metre * finer) - 0.5
            cv2.fillPoly(mask, [np.round(fixed * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
        return np.asarray(cv2.resize(mask, (columns, rows), interpolation=cv2.INTER_AREA).astype(np.float32) / 255, np.float32)

    def _rough(self, rows: int, columns: int, grain: tuple[float, float]) -> FloatArray:
        """Surface noise with a fixed size in metres, whatever the picture's size."""
        side = 256
        tile = _surface(self.seed, side)
        step = np.float32(side / self.pixels_per_metre)
        across = (np.arange(columns, dtype=np.float32)[None] * step / np.float32(1.4 * grain[0])) % side
        down = (np.arange(rows, dtype=np.float32)[:, None] * step / np.float32(1.4 * grain[1])) % side
        across, down = np.broadcast_arrays(across, down)
        return np.asarray(cv2.remap(tile, across.copy(), down.copy(), cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP), np.float32)
