"""A white salt plain cracked into plates, under black smoking ridges at dawn, with a caravan crossing it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial

import cv2
import numpy as np

from kling_post.generation.previz.contract import PictureRequest, RgbFrame
from kling_post.generation.previz.geometry.country import Band, Card, Ground, SeenCountry, Surface, Veil
from kling_post.generation.previz.picture.air import Shimmer
from kling_post.generation.previz.picture.animals import PackAnimal, make_caravan
from kling_post.generation.previz.picture.camera import CameraPath, Pose
from kling_post.generation.previz.picture.caravan import (
    ALWAYS,
    ANIMALS,
    BUNDLES,
    CARGO,
    FIERCE_GLASS,
    GLASS,
    GOLD_GLASS,
    NEAR_SHADOW,
    PACE,
    PEOPLE,
    SHADOW,
    STUDIO,
    flecks_for,
    named,
    staging_for,
    turning_light,
)
from kling_post.generation.previz.picture.columns import Stand, build_stand
from kling_post.generation.previz.picture.glass import glass_back
from kling_post.generation.previz.picture.grade import falling_weather, hour_table
from kling_post.generation.previz.picture.ground import Rows, ground_rows
from kling_post.generation.previz.picture.layers import Affine, Layer
from kling_post.generation.previz.picture.particles import DustSpirals, Embers, PrismaticFlecks, blend
from kling_post.generation.previz.picture.people import INDIGO, Walker, make_walker
from kling_post.generation.previz.picture.salt_land import FOCAL, NEAREST_METRES, SaltLand, salt_land, snapped
from kling_post.generation.previz.picture.sculpt import Studio, Workshop
from kling_post.generation.previz.picture.shadows import Stage, cast_shadow
from kling_post.generation.previz.picture.tone import Bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Actor:
    """A figure with its place at the start of the shot, in metres."""

    figure: PackAnimal | Walker
    x: float
    z: float
    stage: Stage

    def at(self, seconds: float) -> float:
        return self.x + PACE * seconds


class SaltFlatsPicture(SeenCountry):
    """One shot on the salt."""

    notes: tuple[str, ...] = ()

    def __init__(self, request: PictureRequest) -> None:
        reading = request.reading
        self._reading, self._rate, self._size, self._seed = reading, request.rate, request.size, request.seed
        self._duration = float(request.frames / request.rate)
        self._staging = staging_for(reading)
        base = Pose(y=self._staging.y, horizon=snapped(self._staging.horizon, request.size), focal=FOCAL)
        self._base = base
        self._path = CameraPath(
            base=base, moves=reading.camera, reach=self._staging.reach, duration_seconds=self._duration, seed=request.seed
        )
        outlook = self._path.outlook(request.size, nearest_metres=NEAREST_METRES)
        self._land: SaltLand = salt_land(request.seed, request.size, outlook, lava=named(reading, "lava seams"))
        self._actors = self._cast()
        self._stands = self._gateway() if named(reading, "basalt columns") else ()
        self._shimmer = Shimmer(seed=request.seed, strength=2.6 if named(reading, "heat shimmer") else 1.0, mirage=0.6)
        self._effects()
        self.drawn = self._drawn()
        self.events: Mapping[str, tuple[float, ...]] = self._steps()

    def _cast(self) -> tuple[_Actor, ...]:
        reading, staging = self._reading, self._staging
        workshop = Workshop(studio=self._studio(), pixels_per_metre=self._base.scale(self._size, staging.guide_z) * 1.05, seed=self._seed)
        actors: list[_Actor] = []
        if named(reading, *ANIMALS):
            whole = named(reading, "caravan")
            cargo = {key: named(reading, key) or (whole and key not in reading.removed) for key in CARGO}
            counts = [element.count for key in ("pack animal", "animal") if (element := reading.element(key)) is not None]
            count = 3 if whole and not any(number > 3 for number in counts) else max([1, *counts])
            caravan = make_caravan(
                workshop,
                GLASS,
                count=min(count, 6),
                seed=self._seed,
                saddled=cargo["saddle"],
                spheres=cargo["glass sphere"],
                maps=cargo["paper maps"],
            )
            for number, animal in enumerate(caravan):
                stage = Stage(left=-2.4, right=3.4, top=5.4)
                actors.append(
                    _Actor(figure=animal, x=staging.animal_x - staging.spacing * number, z=staging.animal_z + 0.9 * number, stage=stage)
                )
        if named(reading, *PEOPLE):
            guide = make_walker(workshop, INDIGO, phase=0.2, speed=PACE)
            actors.append(_Actor(figure=guide, x=staging.guide_x, z=staging.guide_z, stage=Stage(left=-1.0, right=1.2, top=2.3)))
        return tuple(sorted(actors, key=lambda actor: -actor.z))

    def _studio(self) -> Studio:
        return replace(STUDIO, haze_share=float(np.clip(self._staging.animal_z / 240, 0, 0.3)))

    def _gateway(self) -> tuple[Stand, ...]:
        stands = []
        for bundle in BUNDLES:
            haze = float(1 - np.exp(-bundle.z / 520))
            stands.append(build_stand(bundle, STUDIO, self._size, self._base, seed=self._seed, haze_share=haze))
        return tuple(stands)

    def _effects(self) -> None:
        reading, seed, lines = self._reading, self._seed, self._size.height
        self._hour, self._falling = hour_table(reading), falling_weather(reading, seed)
        self._embers: Embers | None = None
        self._spirals: DustSpirals | None = None
        self._flecks: PrismaticFlecks | None = None
        if named(reading, "embers"):
            sources = ((-48.0, 170.0, 12.0), (40.0, 190.0, 16.0), (6.0, 120.0, 5.0), (-14.0, 66.0, 3.0), (17.0, 58.0, 3.0))
            self._embers = Embers(seed=seed, count=130, sources=sources, lines=lines, size_metres=0.05)
        if named(reading, "dust spirals", "dust"):
            self._spirals = DustSpirals(seed=seed, count=4, colour=(0.30, 0.22, 0.175))
        if named(reading, "prismatic flecks"):
            self._flecks = PrismaticFlecks(flecks_for(self._staging, seed), seed=seed)
        fierce = named(reading, "embers", "heat shimmer") and named(reading, "glass sphere")
        side = 256
        self._turning_glass = (glass_back(side, GOLD_GLASS), glass_back(side, FIERCE_GLASS)) if fierce else None

    def frame(self, index: int) -> RgbFrame:
        """Draw one frame."""
        seconds = float(index / self._rate)
        pose = self._path.at(seconds)
        frame = np.empty((self._size.height, self._size.width, 3), np.uint8)
        self._land.draw_far(frame, pose, seconds, ridges=True, smoke="smoke" not in self._reading.removed)
        rows = ground_rows(self._size, pose)
        windy = "wind" in self._reading.weather or self._spirals is not None
        light = self._land.ground_light(rows, wind_seconds=seconds + 40 if windy else None)
        self._shadows(light, rows, seconds)
        self._land.paint(frame, rows, light)
        self._shimmer.draw(frame, pose, seconds)
        self._land.mist.draw(frame, pose, seconds)
        self._figures(frame, pose, seconds)
        if self._turning_glass is not None:
            cv2.LUT(frame, turning_light(self._progress(seconds)), dst=frame)
        elif self._hour is not None:
            cv2.LUT(frame, self._hour, dst=frame)
        if self._embers is not None:
            self._embers.draw(frame, pose, seconds + 20)
        if self._falling is not None:
            self._falling.draw(frame, seconds, light=200)
        return frame

    def _progress(self, seconds: float) -> float:
        t = min(max(seconds / max(self._duration, 1e-6), 0.0), 1.0)
        return t * t * (3 - 2 * t)

    def _figures(self, frame: RgbFrame, pose: Pose, seconds: float) -> None:
        glass: Layer | None = None
        if self._turning_glass is not None:
            glass = blend(*self._turning_glass, self._progress(seconds))
        waiting = list(self._stands)
        for actor in self._actors:
            while waiting and waiting[0].bundle.z > actor.z:
                waiting.pop(0).draw(frame, pose)
            plane = self._plane(pose, actor, seconds)
            if isinstance(actor.figure, PackAnimal):
                actor.figure.draw(frame, plane, seconds, sphere_light=glass)
            else:
                actor.figure.draw(frame, plane, seconds)
            if self._spirals is not None:
                self._spirals.draw(frame, pose, seconds + 3 * actor.z, x=actor.at(seconds), z=actor.z - 0.4, spread=1.9)
        for stand in waiting:
            stand.draw(frame, pose)
        if self._flecks is not None and named(self._reading, *ANIMALS):
            self._flecks.draw(frame, pose, seconds, x=self._staging.animal_x + PACE * seconds)

    def _surfaces(self, pose: Pose, seconds: float) -> Iterator[Surface]:
        """What ``frame`` draws, in its order."""
        for ridge in self._land.ridges:
            yield Card(draw=partial(ridge.draw, pose=pose), metres=ridge.distance - (pose.z - ridge.base.z))
        if "smoke" not in self._reading.removed:
            yield Veil(draw=partial(self._land.smoke.draw, pose=pose, seconds=seconds + 100))
        yield Ground()
        yield Band(above=0.03, below=0.03)
        yield Veil(draw=partial(self._land.mist.draw, pose=pose, seconds=seconds))
        stands = [Card(draw=partial(stand.draw, pose=pose), metres=stand.bundle.z - pose.z) for stand in self._stands]
        figures = [self._card(pose, actor, seconds) for actor in self._actors]
        yield from sorted((*stands, *figures), key=lambda card: -card.metres)
        if self._spirals is not None:
            for actor in self._actors:
                later, x, z = seconds + 3 * actor.z, actor.at(seconds), actor.z - 0.4
                yield Veil(draw=partial(self._spirals.draw, pose=pose, seconds=later, x=x, z=z, spread=1.9))
        if self._flecks is not None and named(self._reading, *ANIMALS):
            yield Veil(draw=partial(self._flecks.draw, pose=pose, seconds=seconds, x=self._staging.animal_x + PACE * seconds))
        if self._embers is not None:
            yield Veil(draw=partial(self._embers.draw, pose=pose, seconds=seconds + 20))
        if self._falling is not None:
            yield Veil(draw=partial(self._falling.draw, seconds=seconds, light=200))

    def _card(self, pose: Pose, actor: _Actor, seconds: float) -> Card:
        draw = partial(actor.figure.draw, plane=self._plane(pose, actor, seconds), seconds=seconds)
        return Card(draw=draw, metres=actor.z - pose.z, velocity=(PACE, 0.0, 0.0))

    def _plane(self, pose: Pose, actor: _Actor, seconds: float) -> Affine:
        column, row = pose.project(self._size, actor.at(seconds), 0.0, actor.z)
        scale = pose.scale(self._size, actor.z)
        return np.array([[scale, 0, column], [0, -scale, row]], np.float64)

    def _shadows(self, light: Bytes, rows: Rows, seconds: float) -> None:
        for stand in self._stands:
            bundle = stand.bundle
            half = stand.cover.shape[1] / 6 / 2
            stage = Stage(left=-half, right=half, top=stand.cover.shape[0] / 6 - 0.6, pixels_per_metre=6.0)
            cast_shadow(light, rows, stand.cover, stage, replace(SHADOW, toward=1.5, across=0.8), x=bundle.x, z=bundle.z)
        shadow = NEAR_SHADOW if self._staging.animal_z < 14 else SHADOW
        for actor in self._actors:
            cover = actor.stage.blank()
            actor.figure.cast(cover, actor.stage.plane, seconds)
            cast_shadow(light, rows, cover, actor.stage, shadow, x=actor.at(seconds), z=actor.z)

    def _steps(self) -> dict[str, tuple[float, ...]]:
        steps = sorted(moment for actor in self._actors for moment in actor.figure.steps(self._duration))
        return {"footsteps": tuple(steps)} if steps else {}

    def _drawn(self) -> frozenset[str]:
        reading = self._reading
        known = set(ALWAYS) | {"volcanic ridges", "mountains", "smoke", "mirage", "heat shimmer", "lava seams", "basalt columns", "embers"}
        if self._actors:
            known |= {"long shadows", "dust spirals", "dust"}
        if named(reading, *ANIMALS):
            known |= {*ANIMALS, *CARGO, "prismatic flecks"}
        if named(reading, *PEOPLE):
            known |= {*PEOPLE, "coat"}
        seen = {element.key for element in reading.elements if element.key in known and element.key not in reading.removed}
        return frozenset(seen | (set(reading.weather) & {"haze", "clear", "rain", "snow"}))


class SaltFlats:
    """The salt plain."""

    name = "salt flats"

    def picture(self, request: PictureRequest) -> SaltFlatsPicture:
        """Build one shot; land, sky and ground are shared between the shots of a task."""
        return SaltFlatsPicture(request)


PLACE = SaltFlats()
