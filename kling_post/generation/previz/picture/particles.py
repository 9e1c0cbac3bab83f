"""Small things in the air: dust that skims and curls, embers, prismatic flecks, birds. Every one repeats its own seeded life."""

from dataclasses import dataclass

import cv2
import numpy as np

from kling_post.generation.previz.contract import RgbFrame
from kling_post.generation.previz.picture.camera import Pose
from kling_post.generation.previz.picture.layers import Layer, affine, lay, layer, shine, turned
from kling_post.generation.previz.picture.noise import generator, smoothstep, spectral_noise
from kling_post.generation.previz.picture.tone import Bytes, display, rgb, to_bytes
from kling_post.vocabulary import Size

Colour = tuple[float, float, float]


def soft_spot(side: int, colour: Colour, *, power: float = 2.0) -> Bytes:
    """A round glow on black, (side, side, 3), in display values."""
    axis = (np.arange(side, dtype=np.float32) + 0.5) / (side / 2) - 1
    radius = np.hypot(*np.meshgrid(axis, axis))
    glow = np.clip(1 - radius, 0, 1) ** power
    return to_bytes(display(glow[..., None] * rgb(*colour)))


def soft_puff(side: int, colour: Colour, density: float, rng: np.random.Generator) -> Layer:
    """A wisp of dust: a soft, uneven spot of cover."""
    axis = (np.arange(side, dtype=np.float32) + 0.5) / (side / 2) - 1
    radius = np.hypot(*np.meshgrid(axis, axis))
    uneven = spectral_noise((side, side), beta=1.6, rng=rng)
    cover = (1 - smoothstep(0.05, 0.95, radius + 0.10 * uneven)) * (1 - smoothstep(0.7, 0.98, radius)) * density
    return layer(np.broadcast_to(display(rgb(*colour)), (side, side, 3)).astype(np.float32), np.asarray(cover, np.float32))


class Embers:
    """Sparks that rise from places on the ground, sway and go out."""

    def __init__(
        self, *, seed: int, count: int, sources: tuple[tuple[float, float, float], ...], lines: int, size_metres: float = 0.05
    ) -> None:
        """``sources`` are (x, z, spread) in metres."""
        self._draws = generator(seed, "embers").uniform(0, 1, (count, 8))
        self._sources = sources
        self._glow = soft_spot(32, (5.0, 1.0, 0.10), power=4.0)
        self._least = max(0.9, lines / 1300)
        self._metres = size_metres

    def draw(self, frame: RgbFrame, pose: Pose, seconds: float, *, amount: float = 1.0) -> None:
        """Add the sparks' light to the frame."""
        size = Size(frame.shape[1], frame.shape[0])
        for draw in self._draws:
            x, z, spread = self._sources[int(draw[0] * len(self._sources))]
            age = (seconds / (3.5 + 4 * draw[1]) + draw[2]) % 1.0
            height = (4 + 14 * draw[3]) * age**0.9
            sway = spread * (draw[4] - 0.5) * 2 + 1.4 * np.sin(seconds * (0.7 + draw[5]) + 6.3 * draw[6]) * age + 2.5 * age
            depth = z + spread * (draw[7] - 0.5)
            if depth - pose.z < 2:
                continue
            at = pose.project(size, x + sway, height, depth)
            radius = max(self._least, self._metres * pose.scale(size, depth)) * 2.6
            flicker = 0.75 + 0.25 * np.sin(seconds * (9 + 6 * draw[5]) + 20 * draw[4])
            light = float(min(1.0, age * 8) * (1 - age) ** 0.7 * flicker * amount)
            shine(frame, self._glow, affine(scale_x=2 * radius / 32, at=at, anchor=(16, 16)), amount=light)


class DustSpirals:
    """Little whirls of mineral dust that turn round a moving foot of air."""

    def __init__(self, *, seed: int, count: int, colour: Colour) -> None:
        rng = generator(seed, "dust spirals")
        self._draws = rng.uniform(0, 1, (count, 6))
        self._puffs = [soft_puff(64, colour, 0.85, generator(seed, "dust puff", number)) for number in range(3)]

    def draw(self, frame: RgbFrame, pose: Pose, seconds: float, *, x: float, z: float, spread: float, height: float = 1.0) -> None:
        """Lay whirls over the frame around (x, z), within ``spread`` metres to both sides."""
        size = Size(frame.shape[1], frame.shape[0])
        scale = pose.scale(size, z)
        for number, draw in enumerate(self._draws):
            age = (seconds / (2.4 + 1.6 * draw[0]) + draw[1]) % 1.0
            foot = x + spread * (2 * draw[2] - 1) + 1.3 * (age - 0.5)
            strength = float(np.sin(np.pi * age) ** 1.2)
            tall = height * (0.9 + 0.8 * draw[3]) * (0.4 + 0.6 * age)
            for step in range(26):
                level = (step + 0.5) / 26
                turn = 9.5 * level - seconds * (7.5 + 2 * draw[4]) + 6.3 * draw[5]
                radius = (0.07 + 0.26 * level**1.3) * tall
                at = pose.project(size, foot + radius * np.cos(turn) + 0.25 * level**2 * tall, tall * level + 0.02, z + 0.3 * np.sin(turn))
                across = scale * tall * (0.08 + 0.12 * level) * 2
                opacity = 0.8 * strength * (0.95 - 0.75 * level) * (0.72 + 0.28 * np.sin(turn))
                lay(
                    frame,
                    self._puffs[(number + step) % 3],
                    affine(scale_x=across / 64, scale_y=0.7 * across / 64, at=at, anchor=(32, 32)),
                    opacity=opacity,
                )


def _spectrum(side: int) -> Bytes:
    """A soft streak whose colours run through the rainbow across its width."""
    axis = (np.arange(side, dtype=np.float32) + 0.5) / (side / 2) - 1
    x, y = np.meshgrid(axis, axis)
    wave = x * 0.85
    red = np.exp(-(((wave + 0.42) / 0.25) ** 2)) + 0.25 * np.exp(-(((wave - 0.62) / 0.16) ** 2))
    green = np.exp(-(((wave + 0.02) / 0.24) ** 2))
    blue = np.exp(-(((wave - 0.4) / 0.25) ** 2))
    window = np.clip(1 - x**2, 0, 1) ** 1.5 * np.exp(-((y / 0.42) ** 2) * 2.2) * np.clip(1 - y**2, 0, 1)
    return to_bytes(display(np.stack([red, green, blue], axis=-1) * window[..., None] * np.float32(0.34)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleck:
    """Where one fleck slides: along a stretch of a surface, in metres of its plane."""

    across: tuple[float, float]
    height: float
    length: float
    depth: float
    flat: bool
    """Whether it lies on the ground."""


class PrismaticFlecks:
    """Rainbow flecks that a turning glass sphere throws on flanks and ground."""

    def __init__(self, flecks: tuple[Fleck, ...], *, seed: int) -> None:
        self._flecks = flecks
        self._draws = generator(seed, "flecks").uniform(0, 1, (len(flecks), 4))
        self._light = _spectrum(96)

    def draw(self, frame: RgbFrame, pose: Pose, seconds: float, *, x: float) -> None:
        """Add the flecks; ``x`` is where the sphere is."""
        size = Size(frame.shape[1], frame.shape[0])
        for fleck, draw in zip(self._flecks, self._draws, strict=True):
            phase = (seconds / (2.6 + 1.8 * draw[0]) + draw[1]) % 1.0
            across = x + fleck.across[0] + (fleck.across[1] - fleck.across[0]) * phase
            at = pose.project(size, across, fleck.height, fleck.depth)
            long = fleck.length * pose.scale(size, fleck.depth) / 96 * 2
            matrix = affine(
                scale_x=long * (1.6 if fleck.flat else 0.75), scale_y=long * (0.35 if fleck.flat else 1.0), at=at, anchor=(48, 48)
            )
            if not fleck.flat:
                matrix = turned(matrix, -25 + 50 * float(draw[2]), (48, 48))
            glint = 0.65 + 0.35 * float(np.sin(seconds * (2.5 + 2 * draw[3]) + 9 * draw[2]))
            shine(frame, self._light, matrix, amount=float(np.sin(np.pi * phase)) * glint)


def blend(first: Layer, second: Layer, amount: float) -> Layer:
    """A layer between two of the same size."""
    return Layer(np.asarray(cv2.addWeighted(first.rgba, 1 - amount, second.rgba, amount, 0), np.uint8))
