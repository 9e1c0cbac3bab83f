"""Open country of any kind: far land, ground and light chosen from the reading."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from kling_post.generation.previz.contract import RgbFrame
from kling_post.generation.previz.picture.air import GroundAir, Mist
from kling_post.generation.previz.picture.camera import Outlook, Pose
from kling_post.generation.previz.picture.daylight import Daylight
from kling_post.generation.previz.picture.falling import add_stars
from kling_post.generation.previz.picture.ground import (
    Material,
    Rows,
    cloud_shadows,
    draw_broad,
    draw_material,
    drifted,
    modulate,
    paint_ground,
)
from kling_post.generation.previz.picture.noise import FloatArray, generator, smoothstep, spectral_noise
from kling_post.generation.previz.picture.ridges import Ridge, RidgeLook, Slopes, build_ridge
from kling_post.generation.previz.picture.sky import Sky, build_sky
from kling_post.generation.previz.picture.soils import SOILS, Soil
from kling_post.generation.previz.picture.terrain import Country, Terrain
from kling_post.generation.previz.picture.tone import Bytes, mix, rgb
from kling_post.vocabulary import Size

Colour = tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenery:
    """What a kind of country is made of."""

    soil: str
    country: Country
    rock: Colour
    """Albedo of its steep slopes."""
    cover: Colour
    """Albedo of its gentle slopes."""
    snow_line: float = 1e9
    """Metres above which its slopes are white."""
    trees: int = 0


SCENERY: Mapping[str, Scenery] = {
    "plain": Scenery(
        soil="grass",
        country=Country(near=700, far=4200, height=170, spread=1300, sharpness=0.1, gap=0.0),
        rock=(0.16, 0.13, 0.09),
        cover=(0.085, 0.115, 0.035),
        trees=9,
    ),
    "desert": Scenery(
        soil="sand",
        country=Country(near=260, far=2600, height=120, spread=620, sharpness=0.35, gap=-0.1),
        rock=(0.42, 0.28, 0.15),
        cover=(0.55, 0.38, 0.21),
    ),
    "snow": Scenery(
        soil="snow",
        country=Country(near=1300, far=6500, height=620, spread=1700, sharpness=0.9, gap=0.15),
        rock=(0.10, 0.105, 0.12),
        cover=(0.72, 0.75, 0.82),
        snow_line=60,
    ),
    "sea": Scenery(
        soil="water",
        country=Country(near=2600, far=7000, height=190, spread=1500, sharpness=0.5, gap=0.75),
        rock=(0.09, 0.09, 0.08),
        cover=(0.07, 0.09, 0.05),
    ),
    "lake": Scenery(
        soil="water",
        country=Country(near=700, far=5200, height=760, spread=1700, sharpness=0.8, gap=0.05),
        rock=(0.12, 0.115, 0.11),
        cover=(0.05, 0.075, 0.03),
        snow_line=520,
    ),
    "forest": Scenery(
        soil="grass",
        country=Country(near=500, far=3600, height=240, spread=1200, sharpness=0.2, gap=-0.1),
        rock=(0.05, 0.06, 0.035),
        cover=(0.035, 0.055, 0.022),
        trees=52,
    ),
    "mountains": Scenery(
        soil="earth",
        country=Country(near=900, far=7500, height=1250, spread=2300, sharpness=1.0, gap=-0.05),
        rock=(0.13, 0.12, 0.115),
        cover=(0.10, 0.105, 0.05),
        snow_line=640,
        trees=6,
    ),
}


def with_mountains(scenery: Scenery) -> Scenery:
    """The same ground under real mountains."""
    if scenery.country.height >= 600:
        return scenery
    return replace(
        scenery,
        country=replace(scenery.country, height=880, spread=2000, sharpness=0.9, near=1100, far=6800, gap=0.1),
        snow_line=min(scenery.snow_line, 560),
    )


def _painter(scenery: Scenery) -> Callable[[Slopes], FloatArray]:
    def paint(slopes: Slopes) -> FloatArray:
        steep = np.hypot(slopes.slope_x, slopes.slope_z)
        colour = mix(rgb(*scenery.cover), rgb(*scenery.rock), smoothstep(0.35, 0.9, steep)[..., None])
        white = smoothstep(scenery.snow_line * 0.8, scenery.snow_line * 1.25, slopes.height - slopes.hollow) * (
            1 - smoothstep(0.7, 1.35, steep)
        )
        return mix(colour, rgb(0.76, 0.79, 0.86), white[..., None])

    return paint


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLand:
    """Country ready to be drawn from poses near its base."""

    sky: Sky
    ridges: tuple[Ridge, ...]
    soil: Soil
    material: Material
    patches: Material
    clouds: Material
    """Shadows of clouds, which drift."""
    table: Bytes
    air: GroundAir
    mist: Mist | None

    def draw_far(self, frame: RgbFrame, pose: Pose) -> None:
        """Sky and hills."""
        self.sky.draw(frame, pose)
        for ridge in self.ridges:
            ridge.draw(frame, pose)

    def ground_light(self, rows: Rows, seconds: float) -> Bytes:
        """Light of the ground before shadows; water flows."""
        if not self.soil.flows:
            light = draw_material(self.material, rows)
            modulate(light, draw_broad(self.patches, rows))
            modulate(light, draw_broad(self.clouds, drifted(rows, -11.0 * seconds, 5.0 * seconds)))
            return light
        # Two sheets of the same waves that cross: their product never repeats while one looks.
        one = draw_material(self.material, drifted(rows, 0.55 * seconds, 0.9 * seconds))
        two = draw_material(self.material, drifted(rows, 5.3 - 0.75 * seconds, 3.1 + 0.4 * seconds))
        modulate(one, two)
        return one

    def paint(self, frame: RgbFrame, rows: Rows, light: Bytes) -> None:
        """Colour the ground and put the air in front of it; waves also break up what the water mirrors."""
        clear, air = self.air.rows(rows)
        paint_ground(frame, rows, light, self.table, clear, air)
        if self.soil.flows:
            import cv2

            strength = np.clip(0.75 * np.exp(-rows.depth / 90), 0.10, 1.0).astype(np.float32)[:, None]
            ripple = np.clip(128 + (light.astype(np.float32) - 128) * strength, 0, 255).astype(np.uint8)
            modulate(frame[rows.first :], np.asarray(cv2.merge([ripple] * 3), np.uint8))


@lru_cache(maxsize=2)
def open_land(
    scenery: Scenery, light: Daylight, size: Size, base: Pose, outlook: Outlook, seed: int, *, misty: bool, stars: bool
) -> OpenLand:
    """Build country under a light; shared by shots with the same base pose and outlook."""
    outlook = outlook.at_least(beside=0.25, above=max(0.8, base.horizon + 0.1))
    terrain = Terrain(scenery.country, seed)
    look = RidgeLook(
        sun_direction=light.sun_direction,
        sun_light=light.sun,
        sky_light=light.ambient,
        haze_metres=light.haze_metres * 1.3,
        haze_height=max(18.0, scenery.country.height * 0.10),
        haze_floor=0.17,
    )
    near, far = scenery.country.near * 0.9, scenery.country.far * 1.1
    middle = float(np.sqrt(near * far))
    ridges = tuple(
        build_ridge(terrain, _painter(scenery), look, light.sky, size, base, outlook, near=first, far=last)
        for first, last in ((middle, far), (near, middle))
    )
    sky = build_sky(light.sky, size, base, outlook, seed=seed)
    if stars:
        add_stars(sky, seed=seed, lines=size.height)
    soil = SOILS[scenery.soil]
    side = 2048 if size.height > 900 else 1024
    patches = spectral_noise((512, 512), beta=1.4, rng=generator(seed, "patches"))
    haze = light.haze_metres * (0.5 if not soil.flows else 1.6)
    return OpenLand(
        sky=sky,
        ridges=ridges,
        soil=soil,
        # Seen from high up, a small tile would show its repeats.
        material=Material(tile=soil.tile(side, seed), metres=soil.metres * max(1.0, base.y / 5)),
        patches=Material(tile=np.clip(128 + patches * 11, 0, 255).astype(np.uint8), metres=260.0),
        clouds=cloud_shadows(seed),
        table=soil.table(light.ground),
        air=GroundAir(light.sky, haze_metres=haze, sheen=soil.sheen),
        mist=Mist(light.sky, size, base, outlook, seed=seed, density=0.75, above=0.10, below=0.07) if misty else None,
    )
