"""A white salt plain cracked into plates, under black smoking ridges at dawn, with a caravan crossing it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import cv2
import numpy as np

from kling_post.generation.previz.contract import PictureRequest, Reading, RgbFrame
from kling_post.generation.previz.picture.air import Shimmer
from kling_post.generation.previz.picture.animals import PackAnimal, make_caravan
from kling_post.generation.previz.picture.camera import CameraPath, Pose, Reach
from kling_post.generation.previz.picture.columns import Bundle, Stand, build_stand
from kling_post.generation.previz.picture.glass import GlassColours, glass_back
from kling_post.generation.previz.picture.ground import Rows, ground_rows
from kling_post.generation.previz.picture.layers import Affine, Layer
from kling_post.generation.previz.picture.particles import DustSpirals, Embers, Fleck, PrismaticFlecks, blend
from kling_post.generation.previz.picture.people import INDIGO, Walker, make_walker
from kling_post.generation.previz.picture.salt_land import FOCAL, SaltLand, salt_land, snapped
from kling_post.generation.previz.picture.sculpt import Studio, Workshop
from kling_post.generation.previz.picture.shadows import ShadowSun, Stage, cast_shadow
from kling_post.generation.previz.picture.tone import Bytes
from kling_post.vocabulary import Size

_STUDIO = Studio(
    sun=(6.0, 3.4, 1.6),
    sun_direction=(-0.66, 0.28, -0.70),
    sky=(0.33, 0.35, 0.48),
    bounce=(0.36, 0.28, 0.26),
    haze=(0.52, 0.34, 0.25),
    rim=1.5,
)
_GLASS = GlassColours(sky=(0.22, 0.25, 0.38), glow=(1.2, 0.62, 0.28), ground=(0.34, 0.32, 0.36), sun=(3.0, 1.9, 1.0), sun_side=-1)
_GOLD_GLASS = replace(_GLASS, sky=(0.75, 0.52, 0.24), glow=(1.9, 1.1, 0.42))
_FIERCE_GLASS = replace(_GLASS, sky=(0.95, 0.20, 0.03), glow=(3.2, 0.75, 0.08), ground=(0.30, 0.14, 0.09))
_SHADOW = ShadowSun(across=1.35, toward=2.6, depth=0.6)
_NEAR_SHADOW = replace(_SHADOW, across=0.85, toward=1.55)
_PACE = 1.32
"""Metres per second of the caravan, and so of a camera that keeps level with it."""
_ALWAYS = frozenset({"cracked plates", "sun", "clouds", "haze"})
_ANIMALS = ("pack animal", "caravan", "animal")
_PEOPLE = ("traveler", "mirror mask", "caravan", "person")
_CARGO = {"saddle": "saddle", "glass sphere": "glass sphere", "paper maps": "paper maps"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Staging:
    """Where the camera starts and where the caravan walks."""

    y: float
    horizon: float
    reach: Reach
    animal_x: float
    animal_z: float
    spacing: float
    guide_x: float
    guide_z: float


_WIDE = Staging(
    y=1.7, horizon=0.45, reach=Reach(dolly=2.4, truck=1.6, crane=0.7), animal_x=4.6, animal_z=19.0, spacing=5.6, guide_x=8.3, guide_z=18.2
)
_ALONGSIDE = Staging(
    y=1.55,
    horizon=0.47,
    reach=Reach(dolly=1.0, truck=_PACE, crane=0.4),
    animal_x=-0.2,
    animal_z=9.6,
    spacing=5.5,
    guide_x=2.75,
    guide_z=6.6,
)
_GATEWAY = Staging(
    y=0.55,
    horizon=0.72,
    reach=Reach(dolly=2.4, truck=1.4, crane=2.1, crane_horizon=0.072),
    animal_x=-0.6,
    animal_z=24.0,
    spacing=5.6,
    guide_x=3.2,
    guide_z=23.0,
)
_BUNDLES = (
    Bundle(x=-78, z=165, width=74, height=46, thickness=2.8, leaning=0.5),
    Bundle(x=84, z=150, width=70, height=60, thickness=2.8, leaning=-0.5),
    Bundle(x=-34, z=84, width=32, height=46, leaning=0.75),
    Bundle(x=38, z=78, width=34, height=52, leaning=-0.75),
    Bundle(x=-33, z=47, width=15, height=17, thickness=1.7, leaning=-0.4),
    Bundle(x=30, z=40, width=13, height=24, thickness=1.7, leaning=0.5),
)


def _named(reading: Reading, *keys: str) -> bool:
    return any(reading.element(key) is not None for key in keys)


def staging_for(reading: Reading) -> Staging:
    """Which of the three set-ups a reading asks for: a gateway of columns, alongside the caravan, or the wide plain."""
    if _named(reading, "basalt columns"):
        return _GATEWAY
    if reading.framing in {"medium", "close", "eye level"} and _named(reading, *_ANIMALS, *_PEOPLE):
        return _ALONGSIDE
    return replace(_WIDE, y=0.6, horizon=0.6) if reading.framing == "low angle" else _WIDE


@dataclass(frozen=True, slots=True, kw_only=True)
class _Actor:
    """A figure with its place at the start of the shot, in metres."""

    figure: PackAnimal | Walker
    x: float
    z: float
    stage: Stage

    def at(self, seconds: float) -> float:
        return self.x + _PACE * seconds


class SaltFlatsPicture:
    """One shot on the salt."""

    notes: tuple[str, ...] = ()

    def __init__(self, request: PictureRequest) -> None:
        reading = request.reading
        self._reading, self._rate, self._size, self._seed = reading, request.rate, request.size, request.seed
        self._duration = float(request.frames / request.rate)
        self._staging = staging_for(reading)
        self._land: SaltLand = salt_land(request.seed, request.size, lava=_named(reading, "lava seams"))
        base = Pose(y=self._staging.y, horizon=snapped(self._staging.horizon, request.size), focal=FOCAL)
        self._base = base
        self._path = CameraPath(
            base=base, moves=reading.camera, reach=self._staging.reach, duration_seconds=self._duration, seed=request.seed
        )
        self._actors = self._cast()
        self._stands = self._gateway() if _named(reading, "basalt columns") else ()
        self._shimmer = Shimmer(seed=request.seed, strength=2.6 if _named(reading, "heat shimmer") else 1.0, mirage=0.6)
        self._effects()
        self.drawn = self._drawn()
        self.events: Mapping[str, tuple[float, ...]] = self._steps()

    def _cast(self) -> tuple[_Actor, ...]:
        reading, staging = self._reading, self._staging
        workshop = Workshop(studio=self._studio(), pixels_per_metre=self._base.scale(self._size, staging.guide_z) * 1.05, seed=self._seed)
        actors: list[_Actor] = []
        if _named(reading, *_ANIMALS):
            whole = _named(reading, "caravan")
            cargo = {key: _named(reading, key) or (whole and key not in reading.removed) for key in _CARGO}
            counts = [element.count for key in ("pack animal", "animal") if (element := reading.element(key)) is not None]
            count = 3 if whole and not any(number > 3 for number in counts) else max([1, *counts])
            caravan = make_caravan(
                workshop,
                _GLASS,
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
        if _named(reading, *_PEOPLE):
            guide = make_walker(workshop, INDIGO, phase=0.2, speed=_PACE)
            actors.append(_Actor(figure=guide, x=staging.guide_x, z=staging.guide_z, stage=Stage(left=-1.0, right=1.2, top=2.3)))
        return tuple(sorted(actors, key=lambda actor: -actor.z))

    def _studio(self) -> Studio:
        return replace(_STUDIO, haze_share=float(np.clip(self._staging.animal_z / 240, 0, 0.3)))

    def _gateway(self) -> tuple[Stand, ...]:
        stands = []
        for bundle in _BUNDLES:
            haze = float(1 - np.exp(-bundle.z / 520))
            stands.append(build_stand(bundle, _STUDIO, self._size, self._base, seed=self._seed, haze_share=haze))
        return tuple(stands)

    def _effects(self) -> None:
        reading, seed, lines = self._reading, self._seed, self._size.height
        self._embers: Embers | None = None
        self._spirals: DustSpirals | None = None
        self._flecks: PrismaticFlecks | None = None
        if _named(reading, "embers"):
            sources = ((-48.0, 170.0, 12.0), (40.0, 190.0, 16.0), (6.0, 120.0, 5.0), (-14.0, 66.0, 3.0), (17.0, 58.0, 3.0))
            self._embers = Embers(seed=seed, count=130, sources=sources, lines=lines, size_metres=0.05)
        if _named(reading, "dust spirals", "dust"):
            self._spirals = DustSpirals(seed=seed, count=3, colour=(0.62, 0.50, 0.42))
        if _named(reading, "prismatic flecks"):
            self._flecks = PrismaticFlecks(_flecks(self._staging, seed), seed=seed)
        fierce = _named(reading, "embers", "heat shimmer") and _named(reading, "glass sphere")
        side = 256
        self._turning_glass = (glass_back(side, _GOLD_GLASS), glass_back(side, _FIERCE_GLASS)) if fierce else None

    def frame(self, index: int) -> RgbFrame:
        """Draw one frame."""
        seconds = float(index / self._rate)
        pose = self._path.at(seconds)
        frame = np.empty((self._size.height, self._size.width, 3), np.uint8)
        self._land.draw_far(frame, pose, seconds, ridges=True, smoke="smoke" not in self._reading.removed)
        rows = ground_rows(self._size, pose)
        light = self._land.ground_light(rows)
        self._shadows(light, rows, seconds)
        self._land.paint(frame, rows, light)
        self._shimmer.draw(frame, pose, seconds)
        self._land.mist.draw(frame, pose, seconds)
        self._figures(frame, pose, seconds)
        if self._turning_glass is not None:
            cv2.LUT(frame, _grade(self._progress(seconds)), dst=frame)
        if self._embers is not None:
            self._embers.draw(frame, pose, seconds + 20)
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
        if self._flecks is not None:
            self._flecks.draw(frame, pose, seconds, x=self._staging.animal_x + _PACE * seconds)

    def _plane(self, pose: Pose, actor: _Actor, seconds: float) -> Affine:
        column, row = pose.project(self._size, actor.at(seconds), 0.0, actor.z)
        scale = pose.scale(self._size, actor.z)
        return np.array([[scale, 0, column], [0, -scale, row]], np.float64)

    def _shadows(self, light: Bytes, rows: Rows, seconds: float) -> None:
        for stand in self._stands:
            bundle = stand.bundle
            half = stand.cover.shape[1] / 6 / 2
            stage = Stage(left=-half, right=half, top=stand.cover.shape[0] / 6 - 0.6, pixels_per_metre=6.0)
            cast_shadow(light, rows, stand.cover, stage, replace(_SHADOW, toward=1.5, across=0.8), x=bundle.x, z=bundle.z)
        shadow = _NEAR_SHADOW if self._staging.animal_z < 14 else _SHADOW
        for actor in self._actors:
            cover = actor.stage.blank()
            actor.figure.cast(cover, actor.stage.plane, seconds)
            cast_shadow(light, rows, cover, actor.stage, shadow, x=actor.at(seconds), z=actor.z)

    def _steps(self) -> dict[str, tuple[float, ...]]:
        steps = sorted(moment for actor in self._actors for moment in actor.figure.steps(self._duration))
        return {"footsteps": tuple(steps)} if steps else {}

    def _drawn(self) -> frozenset[str]:
        reading = self._reading
        known = set(_ALWAYS) | {"volcanic ridges", "mountains", "smoke", "mirage", "heat shimmer"}
        if self._actors:
            known |= {"long shadows"}
        if _named(reading, *_ANIMALS):
            known |= {*_ANIMALS, *_CARGO}
        if _named(reading, *_PEOPLE):
            known |= set(_PEOPLE)
        known |= {"lava seams", "basalt columns", "embers", "dust spirals", "dust", "prismatic flecks"}
        return frozenset({element.key for element in reading.elements if element.key in known and element.key not in reading.removed}) | (
            {"haze"} & set(reading.weather)
        )


def _flecks(staging: Staging, seed: int) -> tuple[Fleck, ...]:
    """Flecks that slide over the flanks of the first animals and over the ground before them."""
    rng = np.random.default_rng(seed)
    flanks = [
        Fleck(
            across=(start - 0.5, start + 0.6),
            height=float(rng.uniform(2.1, 3.0)),
            length=float(rng.uniform(0.16, 0.3)),
            depth=staging.animal_z,
            flat=False,
        )
        for start in (-1.0, -0.6, 0.4, 0.9, -0.2)
    ]
    ground = [
        Fleck(
            across=(start, start + float(rng.uniform(0.5, 1.3))),
            height=0.0,
            length=float(rng.uniform(0.2, 0.42)),
            depth=staging.animal_z - float(rng.uniform(0.6, 3.4)),
            flat=True,
        )
        for start in np.linspace(-3.4, 3.2, 11)
    ]
    return (*flanks, *ground)


def _grade(progress: float) -> Bytes:
    """The light turning from pale gold to fierce orange, as a table for all colours at once: (256, 1, 3)."""
    level = np.arange(256, dtype=np.float64)[:, None] / 255
    gold = np.clip(level * np.array([1.04, 0.99, 0.84]), 0, 1)
    power, gain = np.array([0.80, 1.28, 1.9]), np.array([1.0, 0.80, 0.40])
    fierce = np.clip(level**power * gain, 0, 1)
    return np.round((gold + (fierce - gold) * progress) * 255).astype(np.uint8).reshape(256, 1, 3)


class SaltFlats:
    """The salt plain."""

    name = "salt flats"

    def picture(self, request: PictureRequest) -> SaltFlatsPicture:
        """Build one shot; land, sky and ground are shared between the shots of a task."""
        return SaltFlatsPicture(request)


PLACE = SaltFlats()
