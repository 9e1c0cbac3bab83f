"""Ground materials for open country: sand, snow, grass, earth and water, as tiles of light and colours of the stuff."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import cv2
import numpy as np

from kling_post.generation.previz.picture.ground import colour_table
from kling_post.generation.previz.picture.noise import FloatArray, generator, smoothstep, spectral_noise
from kling_post.generation.previz.picture.tone import Bytes, display, rgb

Colour = tuple[float, float, float]
Tile = Callable[[int, int], Bytes]
"""(side in texels, seed) to light, 0 to 255, about 140 where level; tileable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Soil:
    """One material."""

    metres: float
    """Side of its tile."""
    dark: Colour
    """Albedo where its tile is darkest."""
    middle: Colour
    bright: Colour
    tile: Tile
    sheen: float = 0.04
    flows: bool = False
    """Whether it moves like water."""

    def table(self, light: Colour) -> Bytes:
        """Display colours for the tile's light under a light."""
        stops = []
        for level, albedo in ((0, self.dark), (140, self.middle), (255, self.bright)):
            share = 0.12 if level == 0 else 1.0
            shown = display(rgb(*albedo) * rgb(*light) * np.float32(share))
            stops.append((level, (float(shown[0]), float(shown[1]), float(shown[2]))))
        return colour_table(stops)


def _lit(relief: FloatArray, texel: float, strength: float) -> FloatArray:
    slope = (np.roll(relief, -1, 1) - np.roll(relief, 1, 1)) * np.float32(-0.6) + (
        np.roll(relief, -1, 0) - np.roll(relief, 1, 0)
    ) * np.float32(0.75)
    return np.asarray(np.clip(-slope / np.float32(2 * texel) * strength, -75, 95), np.float32)


def _sand(side: int, seed: int) -> Bytes:
    """Wind ripples that fork and fade, grains between."""
    bend = spectral_noise((side // 4, side // 4), beta=1.9, rng=generator(seed, "ripple bend"))
    bend = np.asarray(cv2.resize(bend, (side, side), interpolation=cv2.INTER_CUBIC), np.float32)
    along = np.arange(side, dtype=np.float32)[:, None] / side
    across = np.arange(side, dtype=np.float32)[None] / side
    phase = 2 * np.pi * (46 * along + 9 * across) + 2.6 * bend
    crest = np.sin(phase + 0.55 * np.sin(phase))
    calm = smoothstep(-1.3, 1.0, np.roll(bend, side // 3, axis=1))
    grain = spectral_noise((side, side), beta=0.5, rng=generator(seed, "sand grain"))
    relief = crest * calm * 0.011 + bend * 0.02
    return np.asarray(np.clip(140 + _lit(np.asarray(relief, np.float32), 9.0 / side, 150) + grain * 4, 5, 255), np.uint8)


def _snow(side: int, seed: int) -> Bytes:
    """Drifts and wind-cut crust with a fine glitter."""
    drift = spectral_noise((side, side), beta=1.75, rng=generator(seed, "drift"), stretch=0.6)
    crust = spectral_noise((side, side), beta=1.25, rng=generator(seed, "crust"), stretch=0.4)
    glitter = spectral_noise((side, side), beta=0.1, rng=generator(seed, "glitter"))
    relief = drift * 0.05 + np.maximum(crust, 0.2) * 0.012
    return np.asarray(
        np.clip(150 + _lit(np.asarray(relief, np.float32), 12.0 / side, 90) + 26 * np.clip(glitter - 2.6, 0, 2), 20, 255), np.uint8
    )


def _grass(side: int, seed: int) -> Bytes:
    """Tufts and blades, lighter at their tips, in patches."""
    tufts = spectral_noise((side, side), beta=1.05, rng=generator(seed, "tufts"))
    blades = spectral_noise((side, side), beta=0.45, rng=generator(seed, "blades"), stretch=2.6)
    patches = spectral_noise((side, side), beta=1.9, rng=generator(seed, "meadow"))
    return np.asarray(np.clip(126 + tufts * 20 + blades * 19 + patches * 10 - 18 * np.clip(-tufts - 0.9, 0, 2), 5, 255), np.uint8)


def _earth(side: int, seed: int) -> Bytes:
    """Bare soil with clods and stones."""
    clods = spectral_noise((side, side), beta=1.2, rng=generator(seed, "clods"))
    stones = spectral_noise((side, side), beta=1.5, rng=generator(seed, "stones"))
    fine = spectral_noise((side, side), beta=0.7, rng=generator(seed, "soil"))
    relief = clods * 0.009 + np.maximum(stones - 1.4, 0) * 0.02 + fine * 0.002
    return np.asarray(
        np.clip(136 + _lit(np.asarray(relief, np.float32), 10.0 / side, 130) + fine * 6 + np.maximum(stones - 1.4, 0) * 9, 5, 255), np.uint8
    )


def _waves(side: int, seed: int) -> Bytes:
    """Wavelets with sharpened crests."""
    swell = spectral_noise((side, side), beta=1.6, rng=generator(seed, "swell"), stretch=0.45)
    chop = spectral_noise((side, side), beta=1.15, rng=generator(seed, "chop"), stretch=0.6)
    relief = 1 - np.abs(swell) * 0.8 + chop * 0.16
    return np.asarray(np.clip(128 + _lit(np.asarray(relief * 0.05, np.float32), 14.0 / side, 46) + chop * 6, 5, 255), np.uint8)


SOILS: Mapping[str, Soil] = {
    "sand": Soil(metres=9.0, dark=(0.30, 0.19, 0.10), middle=(0.50, 0.345, 0.19), bright=(0.80, 0.62, 0.40), tile=_sand),
    "snow": Soil(metres=12.0, dark=(0.30, 0.36, 0.48), middle=(0.70, 0.73, 0.79), bright=(1.0, 0.99, 0.96), tile=_snow, sheen=0.15),
    "grass": Soil(metres=6.0, dark=(0.035, 0.05, 0.016), middle=(0.125, 0.15, 0.05), bright=(0.38, 0.38, 0.15), tile=_grass),
    "earth": Soil(metres=10.0, dark=(0.09, 0.06, 0.04), middle=(0.25, 0.18, 0.125), bright=(0.48, 0.40, 0.31), tile=_earth),
    "water": Soil(
        metres=14.0, dark=(0.005, 0.02, 0.03), middle=(0.018, 0.065, 0.085), bright=(0.16, 0.26, 0.28), tile=_waves, sheen=0.85, flows=True
    ),
}
