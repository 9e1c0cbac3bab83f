"""An amber stone quarry: a sawn floor inside terraces that rise on all sides, in low golden light."""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from kling_post.generation.previz.contract import RgbFrame
from kling_post.generation.previz.picture.air import GroundAir
from kling_post.generation.previz.picture.camera import Outlook, Pose
from kling_post.generation.previz.picture.ground import (
    Material,
    Rows,
    cloud_shadows,
    colour_table,
    draw_broad,
    draw_material,
    drifted,
    modulate,
    paint_ground,
    rows_from,
)
from kling_post.generation.previz.picture.noise import FloatArray, generator, smoothstep, spectral_noise
from kling_post.generation.previz.picture.plates import broken_slabs, salt_grain
from kling_post.generation.previz.picture.ridges import Ridge, RidgeLook, Slopes, build_ridge
from kling_post.generation.previz.picture.sky import Sky, SkyLook, build_sky
from kling_post.generation.previz.picture.tone import Bytes, mix, rgb
from kling_post.vocabulary import Size

GOLDEN = SkyLook(
    horizon=(0.36, 0.215, 0.095),
    middle=(0.27, 0.22, 0.15),
    zenith=(0.085, 0.12, 0.17),
    sun=(0.75, 0.46, 0.19),
    sun_across=-0.50,
    sun_up=0.50,
    glow=0.8,
    clouds=0.45,
    cloud_light=(0.55, 0.41, 0.27),
    cloud_shade=(0.19, 0.16, 0.13),
)
FOCAL = 1.05
NEAREST_METRES = 58.0
"""Of the walls."""
_LOOK = RidgeLook(
    sun_direction=(-0.70, 0.52, 0.20),
    sun_light=(3.1, 1.75, 0.70),
    sky_light=(0.30, 0.22, 0.16),
    haze_metres=1300,
    haze_height=260,
    haze_floor=0.4,
)
_SLAB_METRES = 17.0
_STONE = colour_table(
    ((0, (16, 8, 5)), (45, (58, 33, 17)), (100, (124, 76, 35)), (142, (172, 113, 56)), (190, (214, 158, 92)), (255, (250, 214, 152)))
)


class Pit:
    """Heights of the quarry: steps that climb outward from an uneven floor."""

    step = 14.0
    """Metres from one terrace to the next."""

    def __init__(self, seed: int) -> None:
        rng = generator(seed, "pit")
        self._wander = spectral_noise((512, 512), beta=1.8, rng=generator(seed, "pit outline"))
        self._blocks = rng.uniform(-1, 1, (64, 64)).astype(np.float32)
        self._left, self._right, self._back = 66 + 8 * rng.uniform(), 74 + 8 * rng.uniform(), 235 + 20 * rng.uniform()

    def outward(self, x: FloatArray, z: FloatArray) -> FloatArray:
        """Metres beyond the edge of the floor; negative on it."""
        wander = cv2.remap(self._wander, (x * 0.42) % 512, (z * 0.42) % 512, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
        # Blocks sawn out of the faces: a coarse lattice with sharp sides.
        across, along = np.mod(x / 9, 64).astype(np.int32), np.mod(z / 9, 64).astype(np.int32)
        bite = np.where(self._blocks[along, across] > 0.45, np.float32(4.0), np.float32(0.0))
        side = np.where(x < 0, -x - self._left, x - self._right) - 0.08 * z
        back = (z - self._back) * np.float32(0.9)
        softer = np.float32(30)
        joined = np.maximum(side, back) + softer * np.exp(-np.abs(side - back) / softer) * 0.4
        return np.asarray(joined + wander * 11 - bite, np.float32)

    def height(self, x: FloatArray, z: FloatArray) -> FloatArray:
        """Metres above the floor."""
        steps = np.maximum(self.outward(x, z), 0) / np.float32(24)
        whole = np.floor(steps)
        risen = whole + smoothstep(0.0, 0.14, steps - whole)
        return np.asarray(np.minimum(risen, 13) * np.float32(self.step), np.float32)


class Strata:
    """Amber stone in beds, with saw lines down the faces and pale dust on the treads."""

    def __init__(self, seed: int) -> None:
        self._beds = spectral_noise((1, 1024), beta=0.8, rng=generator(seed, "beds"))[0]
        self._stain = spectral_noise((512, 512), beta=1.3, rng=generator(seed, "stain"))

    def __call__(self, slopes: Slopes) -> FloatArray:
        """Albedo on the land's grid."""
        bend = self._stain[np.mod(slopes.z * 0.6, 512).astype(np.int32), np.mod(slopes.x * 0.6, 512).astype(np.int32)]
        bed = np.interp(slopes.height * 5.5 + bend * 3 + 200, np.arange(1024), self._beds).astype(np.float32)
        steep = smoothstep(0.5, 2.2, np.hypot(slopes.slope_x, slopes.slope_z))
        saw = np.exp(-(((np.mod(slopes.x + slopes.z, 3.0) - 1.5) / 0.16) ** 2)) * 0.35 * steep
        drip = np.clip(
            self._stain[np.mod(slopes.height * 1.5, 512).astype(np.int32), np.mod((slopes.x + slopes.z) * 7, 512).astype(np.int32)], 0, 2
        )
        face = mix(rgb(0.60, 0.265, 0.075), rgb(0.34, 0.135, 0.04), smoothstep(-0.4, 1.4, bed)[..., None])
        face = mix(face, rgb(0.76, 0.47, 0.19), (smoothstep(0.7, 1.9, -bed) * 0.8)[..., None])
        face = face * (1 - np.clip(saw + 0.25 * drip * steep, 0, 0.7))[..., None]
        tread = rgb(0.66, 0.40, 0.17) * (1 + 0.12 * bend)[..., None]
        return mix(np.asarray(tread, np.float32), np.asarray(face, np.float32), steep[..., None])


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarryLand:
    """The quarry, ready to be drawn from poses near its base pose."""

    sky: Sky
    walls: tuple[Ridge, ...]
    """Far to near."""
    slabs: Material
    grain: Material
    patches: Material
    clouds: Material
    """Shadows of clouds."""
    air: GroundAir

    def ground_light(self, rows: Rows, seconds: float) -> Bytes:
        """Light of the floor, before shadows; cloud shadows drift over it."""
        light = draw_material(self.slabs, rows)
        modulate(light, draw_broad(self.patches, rows))
        near = int(np.searchsorted(-rows.depth, -8.0))
        if near < len(rows.depth):
            modulate(light[near:], draw_material(self.grain, rows_from(rows, near)))
        modulate(light, draw_broad(self.clouds, drifted(rows, -9.0 * seconds, 4.0 * seconds)))
        return light

    def paint(self, frame: RgbFrame, rows: Rows, light: Bytes) -> None:
        """Colour the floor's light and put the air in front of it."""
        clear, air = self.air.rows(rows)
        paint_ground(frame, rows, light, _STONE, clear, air)


@lru_cache(maxsize=2)
def quarry_land(seed: int, size: Size, base: Pose, outlook: Outlook) -> QuarryLand:
    """The quarry for one task, one base pose and what is seen from around it."""
    outlook = outlook.at_least(beside=0.1, above=min(0.9, base.horizon + 0.05))
    pit, paint = Pit(seed), Strata(seed)
    edges = ((300, 1100), (170, 300), (96, 170), (NEAREST_METRES, 96))
    walls = tuple(build_ridge(pit, paint, _LOOK, GOLDEN, size, base, outlook, near=near, far=far, slices=300) for near, far in edges)
    side = 4096 if size.height > 1500 else 2048 if size.height > 500 else 1024 if size.height > 240 else 512
    patches = spectral_noise((512, 512), beta=1.3, rng=generator(seed, "quarry floor"))
    return QuarryLand(
        sky=build_sky(GOLDEN, size, base, outlook, seed=seed),
        walls=walls,
        slabs=Material(tile=broken_slabs(side, _SLAB_METRES, seed=seed, sun_across=-0.75, sun_ahead=0.5), metres=_SLAB_METRES),
        grain=Material(tile=salt_grain(1024 if size.height > 500 else 512, seed=seed + 1), metres=1.5),
        patches=Material(tile=np.clip(128 + patches * 13, 0, 255).astype(np.uint8), metres=120.0),
        clouds=cloud_shadows(seed),
        air=GroundAir(GOLDEN, haze_metres=520.0, sheen=0.06),
    )
