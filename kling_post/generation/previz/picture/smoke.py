"""Smoke plumes: billowing puffs that rise, drift and spread, drawn small and enlarged, because smoke is soft."""

from dataclasses import dataclass

import cv2
import numpy as np

from kling_post.generation.previz.contract import RgbFrame
from kling_post.generation.previz.picture.camera import Pose
from kling_post.generation.previz.picture.layers import Layer, affine, layer, over, turned, warped
from kling_post.generation.previz.picture.noise import FloatArray, generator, smoothstep, spectral_noise
from kling_post.generation.previz.picture.tone import Bytes, display, mix, rgb
from kling_post.vocabulary import Size

Colour = tuple[float, float, float]
_PUFFS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class SmokeLook:
    """Light in and around a plume."""

    lit: Colour
    shade: Colour
    sun_side: float
    """-1 where the sun stands to the left of the plume."""
    density: float = 0.8
    underglow: Colour = (0.0, 0.0, 0.0)
    """Light from below, of lava."""


def puff(side: int, look: SmokeLook, rng: np.random.Generator) -> Layer:
    """One billow: a ball eaten away by noise, lit from the sun's side and from above."""
    axis = (np.arange(side, dtype=np.float32) + np.float32(0.5)) / np.float32(side / 2) - 1
    x, y = np.meshgrid(axis, -axis)
    billow = spectral_noise((side, side), beta=1.8, rng=rng)
    crumb = spectral_noise((side, side), beta=1.35, rng=rng)
    radius = np.hypot(x, y) - 0.16 * (billow - 0.4) - 0.09 * crumb
    cover = (1 - smoothstep(0.22, 0.88, np.asarray(radius, np.float32))) * (
        1 - smoothstep(0.8, 0.98, np.asarray(np.hypot(x, y), np.float32))
    )
    bulge = cv2.GaussianBlur(np.sqrt(np.clip(1 - radius**2, 0, 1)) + 0.13 * billow + 0.05 * crumb, (0, 0), side / 60)
    across, down = np.gradient(bulge, axis=1) * side / 2, np.gradient(bulge, axis=0) * side / 2
    light = np.clip(0.48 - 0.3 * across * look.sun_side + 0.22 * down, 0, 1)
    colour = mix(rgb(*look.shade), rgb(*look.lit), np.asarray(light, np.float32)[..., None])
    return layer(display(colour), np.asarray(cover * look.density, np.float32))


@dataclass(frozen=True, slots=True, kw_only=True)
class Plume:
    """A plume over one vent, in metres of the world."""

    x: float
    y: float
    z: float
    height: float
    """How far it rises before it has thinned away."""
    wide: float
    """Radius of a young puff, in metres; an old one is several times larger."""
    lean: float
    """Metres that it drifts sideways by its full height."""
    seconds: float = 30.0
    """Time for the rise."""
    puffs: int = 42


class Smoke:
    """Plumes with one look, drawn at about 540 lines whatever the frame's ``lines``."""

    def __init__(self, plumes: tuple[Plume, ...], look: SmokeLook, *, seed: int, lines: int) -> None:
        self.plumes = plumes
        self._shrink = max(1, round(lines / 540))
        self._seed = seed
        self._sprites = [puff(192, look, generator(seed, "puff", number)) for number in range(_PUFFS)]

    def draw(self, frame: RgbFrame, pose: Pose, seconds: float, *, opacity: float = 1.0) -> None:
        """Lay all plumes over the frame."""
        for number, plume in enumerate(self.plumes):
            self._draw_one(frame, pose, plume, number, seconds, opacity)

    def _draw_one(self, frame: RgbFrame, pose: Pose, plume: Plume, number: int, seconds: float, opacity: float) -> None:
        size = Size(frame.shape[1], frame.shape[0])
        scale = pose.scale(size, plume.z) / self._shrink
        column, row = pose.project(size, plume.x, plume.y, plume.z)
        reach = (abs(plume.lean) + 4.2 * plume.wide) * scale
        left = int(max(0, column / self._shrink - reach))
        right = int(min(size.width / self._shrink, column / self._shrink + reach))
        top = int(max(0, row / self._shrink - (plume.height + 3 * plume.wide) * scale))
        bottom = int(min(size.height / self._shrink, row / self._shrink + 2 * plume.wide * scale))
        if right - left < 4 or bottom - top < 4:
            return
        small = np.zeros((bottom - top, right - left, 4), np.uint8)
        rng = generator(self._seed, "plume", number)
        draws = rng.uniform(-1, 1, (plume.puffs, 5))
        ages = [(float((seconds / plume.seconds + (k + 0.5 * draws[k, 4]) / plume.puffs) % 1.0), k) for k in range(plume.puffs)]
        for age, k in sorted(ages, reverse=True):
            self._puff(small, plume, age, draws[k], k, scale, (column / self._shrink - left, row / self._shrink - top), opacity)
        whole = cv2.resize(small, None, fx=self._shrink, fy=self._shrink, interpolation=cv2.INTER_LINEAR)
        region = frame[top * self._shrink : bottom * self._shrink, left * self._shrink : right * self._shrink]
        over(region, np.asarray(whole, np.uint8)[: region.shape[0], : region.shape[1]])

    def _puff(
        self, small: Bytes, plume: Plume, age: float, draw: FloatArray, k: int, scale: float, foot: tuple[float, float], opacity: float
    ) -> None:
        rise = plume.height * age**0.82
        sway = plume.wide * 0.55 * draw[0] * (0.25 + 2.2 * age) + plume.lean * age**1.5
        radius = plume.wide * (0.7 + 3.6 * age**0.8) * (1 + 0.25 * draw[1])
        fade = min(1.0, age * 9) * (1 - age) ** 0.75 * opacity
        sprite = self._sprites[k % _PUFFS]
        side = sprite.shape[0]
        at = (foot[0] + sway * scale, foot[1] - rise * scale)
        matrix = turned(
            affine(scale_x=2 * radius * scale / side, at=at, anchor=(side / 2, side / 2)),
            22 * draw[2] + 40 * age * draw[3],
            (side / 2, side / 2),
        )
        half = radius * scale * 1.45
        box = (
            max(0, int(at[0] - half)),
            max(0, int(at[1] - half)),
            min(small.shape[1], int(at[0] + half) + 2),
            min(small.shape[0], int(at[1] + half) + 2),
        )
        if box[0] >= box[2] or box[1] >= box[3]:
            return
        drawn = np.asarray(cv2.convertScaleAbs(warped(sprite.rgba, matrix, box), alpha=fade), np.uint8)
        region = small[box[1] : box[3], box[0] : box[2]]
        clear = cv2.bitwise_not(drawn[..., 3])
        cv2.multiply(region, cv2.merge([clear] * 4), dst=region, scale=1 / 255)
        cv2.add(region, drawn, dst=region)
