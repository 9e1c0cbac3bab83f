"""Heights of mountain country: ridged noise bent by noise, gullied flanks, and cones with craters."""

from dataclasses import dataclass

import cv2
import numpy as np

from kling_post.generation.previz.picture.noise import FloatArray, generator, smoothstep, spectral_noise


@dataclass(frozen=True, slots=True, kw_only=True)
class Cone:
    """A volcano: where it stands (metres from the camera's start), how high and how wide it is."""

    x: float
    z: float
    height: float
    radius: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    """What the far land is like."""

    near: float
    """Where it rises out of the plain, in metres."""
    far: float
    height: float
    """Height of its ridges in metres."""
    spread: float = 1800.0
    """Width of one mountain in metres."""
    sharpness: float = 1.0
    """0 is rolling hills, 1 is knife-edged."""
    cones: tuple[Cone, ...] = ()
    gap: float = 0.35
    """Share of the skyline that stays low."""
    terraces: float = 0.0
    """Height of cut steps in metres; 0 for natural slopes."""


class Terrain:
    """Height over the ground plane, for any world position."""

    def __init__(self, country: Country, seed: int) -> None:
        self.country = country
        side = 1024
        self._broad = spectral_noise((side, side), beta=1.9, rng=generator(seed, "broad land"))
        self._fine = spectral_noise((side, side), beta=1.35, rng=generator(seed, "fine land"))
        self._bend = spectral_noise((side, side), beta=2.1, rng=generator(seed, "bend"))

    def _sample(self, tile: FloatArray, x: FloatArray, z: FloatArray, metres: float) -> FloatArray:
        texels = np.float32(tile.shape[0] / metres)
        side = np.float32(tile.shape[0])
        return np.asarray(
            cv2.remap(tile, (x * texels) % side, (z * texels) % side, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP), np.float32
        )

    def _ridged(self, x: FloatArray, z: FloatArray) -> FloatArray:
        """Ridged multifractal: crests where the noise crosses zero (F. K. Musgrave), each octave weighted by the one before."""
        spread, total, weight, amplitude = self.country.spread, np.zeros_like(x), np.ones_like(x), np.float32(1.0)
        bend_x = self._sample(self._bend, x, z, spread * 9) * np.float32(spread * 0.16)
        bend_z = self._sample(self._bend, z, x, spread * 9) * np.float32(spread * 0.16)
        x, z = x + bend_x, z + bend_z
        for octave in range(4):
            noise = self._sample(self._broad, x + 1700 * octave, z - 900 * octave, spread * 14 / 2.3**octave)
            crest = 1 - np.minimum(np.abs(noise) * np.float32(0.95), 1)
            crest = crest ** np.float32(1 + self.country.sharpness)
            total += amplitude * weight * crest
            weight = np.clip(crest * np.float32(1.5), 0, 1)
            amplitude *= np.float32(0.44)
        return np.asarray(total / np.float32(1.55), np.float32)

    def height(self, x: FloatArray, z: FloatArray) -> FloatArray:
        """Metres above the plain at world positions of any one shape (two-dimensional)."""
        country = self.country
        depth = smoothstep(country.near, country.near + 0.28 * (country.far - country.near), z)
        depth *= 1 - 0.6 * smoothstep(country.near + 0.75 * (country.far - country.near), country.far, z)
        massif = self._sample(self._broad, x, z * 0.4, country.spread * 11)
        massif = smoothstep(country.gap * 2.2 - 1.2, country.gap * 2.2 + 0.6, massif)
        land = self._ridged(x, z) * (massif * 0.88 + 0.1) * depth * np.float32(country.height)
        for cone in country.cones:
            land = np.maximum(land, self._cone(cone, x, z))
        rough = np.clip(land / np.float32(country.height), 0, 1)
        land += self._sample(self._fine, x, z, country.spread * 1.1) * rough * np.float32(country.height * 0.035 * country.sharpness)
        if country.terraces > 0:
            step = land / np.float32(country.terraces)
            land = (np.floor(step) + smoothstep(0.55, 1.0, step - np.floor(step))) * np.float32(country.terraces)
        return np.asarray(np.maximum(land - 2.0, 0), np.float32)

    def _cone(self, cone: Cone, x: FloatArray, z: FloatArray) -> FloatArray:
        across, deep = x - np.float32(cone.x), z - np.float32(cone.z)
        distance = np.hypot(across, deep) / np.float32(cone.radius)
        angle = np.arctan2(deep, across)
        # Flanks steepen toward the top, and gullies run straight down them.
        gully = self._sample(self._fine, np.asarray(angle * 900, np.float32), np.asarray(distance * 160, np.float32), 5600.0)
        lump = self._sample(self._broad, x, z, cone.radius * 6)
        shape = np.exp(-distance * 2.1) * (1 + 0.075 * gully * smoothstep(0.05, 0.35, distance) + 0.11 * lump * distance)
        crater = smoothstep(0.05, 0.13, distance + 0.025 * lump)
        rim = 0.86 - 0.1 * (1 - crater)
        return np.asarray(
            np.minimum(shape, rim + 0.02 * gully) * np.float32(cone.height * 1.15) - 0.06 * cone.height * distance, np.float32
        )
