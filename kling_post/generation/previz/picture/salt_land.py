"""The volcanic salt plain without its travellers: sky, ridges, smoke, crust and air, shared by all shots of a task."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

import cv2
import numpy as np

from kling_post.generation.previz.contract import RgbFrame
from kling_post.generation.previz.picture.air import GroundAir, Mist
from kling_post.generation.previz.picture.camera import Outlook, Pose
from kling_post.generation.previz.picture.ground import (
    Material,
    Rows,
    colour_table,
    draw_broad,
    draw_material,
    modulate,
    paint_ground,
    rows_from,
)
from kling_post.generation.previz.picture.noise import FloatArray, generator, smoothstep, spectral_noise
from kling_post.generation.previz.picture.plates import salt_grain, salt_plates
from kling_post.generation.previz.picture.ridges import Ridge, RidgeLook, Slopes, build_ridge
from kling_post.generation.previz.picture.sky import Sky, SkyLook, build_sky
from kling_post.generation.previz.picture.smoke import Plume, Smoke, SmokeLook
from kling_post.generation.previz.picture.terrain import Cone, Country, Terrain
from kling_post.generation.previz.picture.tone import Bytes, rgb
from kling_post.vocabulary import Size

DAWN = SkyLook(
    horizon=(0.50, 0.30, 0.20),
    middle=(0.20, 0.20, 0.27),
    zenith=(0.045, 0.075, 0.15),
    sun=(1.0, 0.55, 0.22),
    sun_across=-0.40,
    sun_up=0.055,
    clouds=0.6,
    cloud_light=(0.62, 0.42, 0.34),
    cloud_shade=(0.16, 0.16, 0.21),
)
FOCAL = 1.05
NEAREST_METRES = 1500.0
"""Of the mountains."""
_RIDGE_LOOK = RidgeLook(
    sun_direction=(-0.62, 0.2, 0.76),
    sun_light=(3.4, 1.9, 1.05),
    sky_light=(0.22, 0.28, 0.48),
    haze_metres=7500,
    haze_height=105,
    haze_floor=0.12,
    haze_blue=0.45,
)
_PLATE_METRES = 20.0
_SALT = colour_table(
    ((0, (18, 14, 20)), (40, (52, 46, 56)), (95, (134, 122, 132)), (150, (203, 189, 184)), (200, (238, 222, 205)), (255, (255, 246, 228)))
)


_SKIM = np.clip((np.arange(256) - 128.0) * 0.85, 0, 70).astype(np.uint8)
"""How much a streak of blown salt brightens the ground."""


def snapped(horizon: float, size: Size) -> float:
    """A horizon on a whole row, so that a still sky can be copied instead of warped."""
    return round(horizon * size.height) / size.height


def _basalt(slopes: Slopes) -> FloatArray:
    """Black lava rock with paler ash on gentle ground."""
    steep = np.hypot(slopes.slope_x, slopes.slope_z)
    ash = np.clip(0.9 - steep * 1.4, 0, 1)[..., None] * 0.022
    return np.asarray(rgb(0.021, 0.019, 0.020) + ash * rgb(1.0, 0.92, 0.88), np.float32)


def _lava(seed: int) -> Callable[[Slopes], FloatArray]:
    """Glowing seams that wind down the volcanoes' flanks, thin and hottest near the top."""
    wander = cv2.GaussianBlur(spectral_noise((1, 512), beta=1.4, rng=generator(seed, "lava")), (9, 1), 2)[0]
    rng = generator(seed, "lava seams")
    seams = [
        (cone, float(angle), float(rng.uniform(0.35, 0.95)), float(rng.uniform(0, 400)), float(rng.uniform(2.4, 5.5)))
        for cone in _country(seed).cones
        for angle in -np.pi / 2 + np.linspace(-1.15, 1.15, 7) + rng.uniform(-0.13, 0.13, 7)
    ]

    def glow(slopes: Slopes) -> FloatArray:
        amount = np.zeros_like(slopes.x)
        for cone in _country(seed).cones:
            near = np.flatnonzero(np.abs(slopes.z[:, 0] - cone.z) < cone.radius)
            if not len(near):
                continue
            rows = slice(int(near[0]), int(near[-1]) + 1)
            beside = np.flatnonzero((np.abs(slopes.x[rows] - cone.x) < cone.radius).any(axis=0))
            if not len(beside):
                continue
            part = (rows, slice(int(beside[0]), int(beside[-1]) + 1))
            across, deep = slopes.x[part] - np.float32(cone.x), slopes.z[part] - np.float32(cone.z)
            distance = np.hypot(across, deep)
            share, bearing = distance / np.float32(cone.radius), np.arctan2(deep, across)
            hot = smoothstep(0.08, 0.14, share) * (1.25 - share)
            for owner, angle, length, offset, width in seams:
                if owner == cone:
                    place = np.minimum(share * 46 + np.float32(offset), 511).astype(np.int32)
                    aside = bearing - np.float32(angle) - np.float32(0.10) * wander[place]
                    seam = np.exp(-((aside * distance / np.float32(width)) ** 2)) * (1 - smoothstep(length * 0.6, length, share))
                    amount[part] = np.maximum(amount[part], seam * hot)
        return np.asarray(amount[..., None] * rgb(5.0, 0.85, 0.07), np.float32)

    return glow


def _country(seed: int) -> Country:
    """Three volcanoes whose places and heights vary with the seed, and ridges between them."""
    rng = generator(seed, "volcanoes")
    shift, grow = rng.uniform(-160, 160, 3), rng.uniform(0.9, 1.1, 3)
    cones = (
        Cone(x=-560 + shift[0], z=3600, height=520 * grow[0], radius=780),
        Cone(x=1560 + shift[1], z=3900, height=690 * grow[1], radius=1000),
        Cone(x=520 + shift[2], z=5200, height=560 * grow[2], radius=900),
    )
    return Country(near=NEAREST_METRES, far=6500, height=520, gap=0.2, spread=1500, cones=cones)


@dataclass(frozen=True, slots=True, kw_only=True)
class SaltLand:
    """The plain, ready to be drawn from any pose near the ground."""

    sky: Sky
    ridges: tuple[Ridge, ...]
    smoke: Smoke
    plates: Material
    grain: Material
    patches: Material
    dust: Material
    """Streaks of blown salt."""
    air: GroundAir
    mist: Mist

    def draw_far(self, frame: RgbFrame, pose: Pose, seconds: float, *, ridges: bool, smoke: bool) -> None:
        """Sky, mountains and their smoke."""
        self.sky.draw(frame, pose)
        if ridges:
            for ridge in self.ridges:
                ridge.draw(frame, pose)
        if smoke:
            self.smoke.draw(frame, pose, seconds + 100)

    def ground_light(self, rows: Rows, *, wind_seconds: float | None = None) -> Bytes:
        """Light of the crust, before shadows; ``wind_seconds`` lets salt dust skim over it."""
        light = draw_material(self.plates, rows)
        modulate(light, draw_broad(self.patches, rows))
        near = int(np.searchsorted(-rows.depth, -9.0))
        if near < len(rows.depth):
            modulate(light[near:], draw_material(self.grain, rows_from(rows, near)))
        if wind_seconds is not None:
            for speed, metres in ((7.5, 0.0), (4.6, 61.0)):
                blown = replace(rows, pose=replace(rows.pose, x=rows.pose.x - speed * wind_seconds + metres, z=rows.pose.z + metres))
                cv2.add(light, cv2.LUT(draw_broad(self.dust, blown), _SKIM), dst=light)
        return light

    def paint(self, frame: RgbFrame, rows: Rows, light: Bytes) -> None:
        """Colour the crust's light and put the air in front of it."""
        clear, air = self.air.rows(rows)
        paint_ground(frame, rows, light, _SALT, clear, air)


@lru_cache(maxsize=2)
def _crust(seed: int, size: Size) -> tuple[Material, Material, Material, Material]:
    side = 4096 if size.height > 1500 else 2048 if size.height > 500 else 1024 if size.height > 240 else 512
    patches = spectral_noise((512, 512), beta=1.35, rng=generator(seed, "salt country"))
    streaks = spectral_noise((512, 512), beta=1.45, rng=generator(seed, "skimming dust"), stretch=3.2)
    return (
        Material(tile=salt_plates(side, _PLATE_METRES, seed=seed, sun_across=-0.55, sun_ahead=0.83), metres=_PLATE_METRES),
        Material(tile=salt_grain(1024 if size.height > 500 else 512, seed=seed), metres=1.3),
        Material(tile=np.clip(128 + patches * 9, 0, 255).astype(np.uint8), metres=310.0),
        Material(tile=np.clip(96 + streaks * 44, 0, 255).astype(np.uint8), metres=26.0),
    )


@lru_cache(maxsize=2)
def _ridges(seed: int, size: Size, outlook: Outlook, *, lava: bool) -> tuple[Ridge, ...]:
    base = Pose(y=1.7, horizon=snapped(0.45, size), focal=FOCAL)
    terrain = Terrain(_country(seed), seed)
    glow = _lava(seed) if lava else None
    return tuple(
        build_ridge(terrain, _basalt, _RIDGE_LOOK, DAWN, size, base, outlook, near=near, far=far, glow=glow)
        for near, far in ((4300, 7000), (NEAREST_METRES, 4300))
    )


@lru_cache(maxsize=2)
def _sky(seed: int, size: Size, outlook: Outlook) -> Sky:
    return build_sky(DAWN, size, Pose(horizon=snapped(0.45, size), focal=FOCAL), outlook, seed=seed)


def salt_land(seed: int, size: Size, outlook: Outlook, *, lava: bool) -> SaltLand:
    """The plain for one task; built once per seed, size and outlook, its ridges once more where lava glows in them."""
    outlook = outlook.at_least(beside=0.2, above=0.8)
    plumes = tuple(
        Plume(
            x=cone.x, y=cone.height * 0.93, z=cone.z, height=cone.height * 1.5, wide=cone.radius * 0.08, lean=cone.height * 0.55, seconds=46
        )
        for cone in _country(seed).cones
    )
    look = SmokeLook(lit=(0.42, 0.27, 0.19), shade=(0.06, 0.052, 0.062), sun_side=-1, density=0.6)
    plates, grain, patches, dust = _crust(seed, size)
    return SaltLand(
        sky=_sky(seed, size, outlook),
        ridges=_ridges(seed, size, outlook, lava=lava),
        smoke=Smoke(plumes, look, seed=seed, lines=size.height),
        plates=plates,
        grain=grain,
        patches=patches,
        dust=dust,
        air=GroundAir(DAWN, haze_metres=420.0),
        mist=Mist(DAWN, size, Pose(focal=FOCAL), outlook, seed=seed, density=0.5),
    )
