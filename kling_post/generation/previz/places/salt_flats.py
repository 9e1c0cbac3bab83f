"""A white salt plain cracked into plates, under black smoking ridges at dawn, with a caravan crossing it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from kling_post.generation.previz.contract import PictureRequest, Reading, RgbFrame
from kling_post.generation.previz.picture.air import GroundAir, Mist, Shimmer
from kling_post.generation.previz.picture.animals import PackAnimal, make_caravan
from kling_post.generation.previz.picture.camera import CameraPath, Pose, Reach
from kling_post.generation.previz.picture.glass import GlassColours
from kling_post.generation.previz.picture.ground import (
    Material,
    colour_table,
    draw_broad,
    draw_material,
    ground_rows,
    modulate,
    paint_ground,
    rows_from,
)
from kling_post.generation.previz.picture.layers import Affine
from kling_post.generation.previz.picture.noise import generator, spectral_noise
from kling_post.generation.previz.picture.people import INDIGO, Walker, make_walker
from kling_post.generation.previz.picture.plates import salt_grain, salt_plates
from kling_post.generation.previz.picture.ridges import Ridge, RidgeLook, Slopes, build_ridge
from kling_post.generation.previz.picture.sculpt import Studio, Workshop
from kling_post.generation.previz.picture.shadows import ShadowSun, Stage, cast_shadow
from kling_post.generation.previz.picture.sky import Sky, SkyLook, build_sky
from kling_post.generation.previz.picture.smoke import Plume, Smoke, SmokeLook
from kling_post.generation.previz.picture.terrain import Cone, Country, Terrain
from kling_post.vocabulary import Size

_DAWN = SkyLook(
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
_STUDIO = Studio(
    sun=(6.0, 3.4, 1.6),
    sun_direction=(-0.66, 0.28, -0.70),
    sky=(0.33, 0.35, 0.48),
    bounce=(0.36, 0.28, 0.26),
    haze=(0.52, 0.34, 0.25),
    rim=1.5,
)
_GLASS = GlassColours(sky=(0.22, 0.25, 0.38), glow=(1.2, 0.62, 0.28), ground=(0.34, 0.32, 0.36), sun=(3.0, 1.9, 1.0), sun_side=-1)
_SHADOW = ShadowSun(across=1.35, toward=2.6, depth=0.6)
_PLATE_METRES = 20.0
_SALT = colour_table(
    ((0, (18, 14, 20)), (40, (52, 46, 56)), (95, (134, 122, 132)), (150, (203, 189, 184)), (200, (238, 222, 205)), (255, (255, 246, 228)))
)


def _basalt(slopes: Slopes) -> np.ndarray:
    """Black lava rock with paler ash on gentle ground."""
    steep = np.hypot(slopes.slope_x, slopes.slope_z)
    ash = np.clip(0.9 - steep * 1.4, 0, 1)[..., None] * 0.022
    return np.asarray(np.array([0.021, 0.019, 0.020], np.float32) + ash * np.array([1.0, 0.92, 0.88], np.float32), np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class _World:
    """What all shots of a task share: horizon, sky, land, ground."""

    base: Pose
    sky: Sky
    far: Ridge
    near: Ridge
    vents: tuple[Plume, ...]
    smoke: Smoke
    plates: Material
    grain: Material
    patches: Material
    air: GroundAir
    mist: Mist


def _country(seed: int) -> Country:
    """Three volcanoes whose places and heights vary with the seed, and ridges between them."""
    rng = generator(seed, "volcanoes")
    shift, grow = rng.uniform(-160, 160, 3), rng.uniform(0.9, 1.1, 3)
    cones = (
        Cone(x=-560 + shift[0], z=3600, height=520 * grow[0], radius=780),
        Cone(x=1560 + shift[1], z=3900, height=690 * grow[1], radius=1000),
        Cone(x=520 + shift[2], z=5200, height=560 * grow[2], radius=900),
    )
    return Country(near=1500, far=6500, height=520, gap=0.2, spread=1500, cones=cones)


@lru_cache(maxsize=2)
def _world(seed: int, size: Size) -> _World:
    base = Pose(y=1.7, horizon=round(0.45 * size.height) / size.height, focal=1.05)
    country = _country(seed)
    terrain = Terrain(country, seed)
    look = RidgeLook(
        sun_direction=(-0.62, 0.2, 0.76),
        sun_light=(4.2, 2.2, 1.1),
        sky_light=(0.22, 0.28, 0.48),
        haze_metres=7500,
        haze_height=105,
        haze_floor=0.12,
    )
    plumes = tuple(
        Plume(
            x=cone.x, y=cone.height * 0.93, z=cone.z, height=cone.height * 1.5, wide=cone.radius * 0.08, lean=cone.height * 0.55, seconds=46
        )
        for cone in country.cones
    )
    side = 4096 if size.height > 1500 else 2048 if size.height > 500 else 1024
    patches = spectral_noise((512, 512), beta=1.35, rng=generator(seed, "salt country"))
    return _World(
        base=base,
        sky=build_sky(_DAWN, size, base, seed=seed, highest_horizon=0.82),
        far=build_ridge(terrain, _basalt, look, _DAWN, size, base, near=4300, far=7000),
        near=build_ridge(terrain, _basalt, look, _DAWN, size, base, near=1500, far=4300),
        vents=plumes,
        smoke=Smoke(
            plumes, SmokeLook(lit=(0.42, 0.27, 0.19), shade=(0.06, 0.052, 0.062), sun_side=-1, density=0.6), seed=seed, lines=size.height
        ),
        plates=Material(tile=salt_plates(side, _PLATE_METRES, seed=seed, sun_across=-0.55, sun_ahead=0.83), metres=_PLATE_METRES),
        grain=Material(tile=salt_grain(1024 if size.height > 500 else 512, seed=seed), metres=1.3),
        patches=Material(tile=np.clip(128 + patches * 9, 0, 255).astype(np.uint8), metres=310.0),
        air=GroundAir(sky=_DAWN, haze_metres=420.0),
        mist=Mist(_DAWN, size, base, seed=seed, density=0.5),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Actor:
    """A figure with its place at the start of the shot, in metres, and its speed to the right."""

    figure: PackAnimal | Walker
    x: float
    z: float
    speed: float

    def at(self, seconds: float) -> float:
        return self.x + self.speed * seconds


class SaltFlatsPicture:
    """One shot on the salt."""

    def __init__(self, request: PictureRequest) -> None:
        self._request = request
        self._size = request.size
        self._world = _world(request.seed, request.size)
        reading = request.reading
        self._base = self._world.base
        self._path = CameraPath(
            base=self._base,
            moves=reading.camera,
            reach=Reach(dolly=2.4),
            duration_seconds=float(request.frames / request.rate),
            seed=request.seed,
        )
        self._actors = self._cast(reading)
        self._shimmer = Shimmer(seed=request.seed)
        self.drawn = frozenset(element.key for element in reading.elements)
        self.notes: tuple[str, ...] = ()
        self.events: Mapping[str, tuple[float, ...]] = {}

    def _cast(self, reading: Reading) -> tuple[_Actor, ...]:
        actors: list[_Actor] = []
        animals = reading.element("pack animal")
        distance = 19.0
        workshop = Workshop(studio=_STUDIO, pixels_per_metre=self._base.scale(self._size, distance) * 1.1, seed=self._request.seed)
        if animals is not None:
            caravan = make_caravan(
                workshop, _GLASS, count=max(1, min(animals.count, 6)), seed=self._request.seed, saddled=True, spheres=True, maps=True
            )
            for number, animal in enumerate(caravan):
                actors.append(_Actor(figure=animal, x=4.6 - 5.6 * number, z=distance + 1.3 * number, speed=animal.gait.speed))
        guide = make_walker(workshop, INDIGO, phase=0.2)
        actors.append(_Actor(figure=guide, x=8.3, z=distance - 0.6, speed=guide.gait.speed))
        return tuple(sorted(actors, key=lambda actor: -actor.z))

    def frame(self, index: int) -> RgbFrame:
        """Draw one frame."""
        seconds = float(index / self._request.rate)
        pose = self._path.at(seconds)
        world = self._world
        frame = np.empty((self._size.height, self._size.width, 3), np.uint8)
        world.sky.draw(frame, pose)
        world.far.draw(frame, pose)
        world.near.draw(frame, pose)
        world.smoke.draw(frame, pose, seconds + 100)
        self._ground(frame, pose, seconds)
        self._shimmer.draw(frame, pose, seconds)
        world.mist.draw(frame, pose, seconds)
        for actor in self._actors:
            actor.figure.draw(frame, self._plane(pose, actor, seconds), seconds)
        return frame

    def _plane(self, pose: Pose, actor: _Actor, seconds: float) -> Affine:
        column, row = pose.project(self._size, actor.at(seconds), 0.0, actor.z)
        scale = pose.scale(self._size, actor.z)
        return np.array([[scale, 0, column], [0, -scale, row]], np.float64)

    def _ground(self, frame: RgbFrame, pose: Pose, seconds: float) -> None:
        world = self._world
        rows = ground_rows(self._size, pose)
        light = draw_material(world.plates, rows)
        modulate(light, draw_broad(world.patches, rows))
        near = int(np.searchsorted(-rows.depth, -9.0))
        grain = draw_material(world.grain, rows_from(rows, near))
        modulate(light[near:], grain)
        for actor in self._actors:
            stage = Stage(left=-2.4, right=3.4, top=5.4) if isinstance(actor.figure, PackAnimal) else Stage(left=-1.0, right=1.2, top=2.3)
            cover = stage.blank()
            actor.figure.cast(cover, stage.plane, seconds)
            cast_shadow(light, rows, cover, stage, _SHADOW, x=actor.at(seconds), z=actor.z)
        clear, air = world.air.rows(rows)
        paint_ground(frame, rows, light, _SALT, clear, air)


class SaltFlats:
    """The salt plain."""

    name = "salt flats"

    def picture(self, request: PictureRequest) -> SaltFlatsPicture:
        """Build one shot; land, sky and ground are shared between the shots of a task."""
        return SaltFlatsPicture(request)


PLACE = SaltFlats()
