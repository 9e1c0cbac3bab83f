"""A vast stone quarry at golden hour: terraces on all sides, a colossal machine walking its floor, works on the walls."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial

import cv2
import numpy as np

from kling_post.generation.previz.contract import PictureRequest, Reading, RgbFrame
from kling_post.generation.previz.geometry.country import Card, Ground, SeenCountry, Surface, Veil
from kling_post.generation.previz.picture.camera import CameraPath, Pose, Reach
from kling_post.generation.previz.picture.dust import FootDust, Footfall, Grit, LightShafts
from kling_post.generation.previz.picture.flocks import Burst, Flocks
from kling_post.generation.previz.picture.grade import falling_weather, hour_table
from kling_post.generation.previz.picture.ground import Rows, ground_rows
from kling_post.generation.previz.picture.layers import Affine
from kling_post.generation.previz.picture.mech import make_mech
from kling_post.generation.previz.picture.noise import generator
from kling_post.generation.previz.picture.people import PALE, Walker, make_walker
from kling_post.generation.previz.picture.quarry_land import FOCAL, GOLDEN, NEAREST_METRES, Pit, quarry_land
from kling_post.generation.previz.picture.rigging import Cable, Lift, draw_cable, draw_lift
from kling_post.generation.previz.picture.rubble import scatter_slabs
from kling_post.generation.previz.picture.salt_land import snapped
from kling_post.generation.previz.picture.sculpt import Studio, Workshop
from kling_post.generation.previz.picture.shadows import ShadowSun, Stage, cast_shadow
from kling_post.generation.previz.picture.tone import Bytes

_STUDIO = Studio(
    sun=(4.2, 2.5, 1.0),
    sun_direction=(-0.76, 0.5, -0.35),
    sky=(0.27, 0.24, 0.21),
    bounce=(0.30, 0.175, 0.075),
    haze=(0.40, 0.24, 0.105),
    rim=1.4,
)
_SHADOW = ShadowSun(across=0.95, toward=0.62, depth=0.66)
_MECH_DEPTH = 46.0
_MAST = 9.0
_CABLE_ENDS = (
    ((-150.0, 240.0), (165.0, 215.0), 15.0, 3.0),
    ((-128.0, 175.0), (120.0, 330.0), 9.0, -2.4),
    ((-96.0, 310.0), (140.0, 165.0), 11.0, 2.0),
)
"""Where cables stand on the walls (x, z of both ends), their sag and the speed of their buckets, in metres."""
_LIFTS = (
    Lift(x=-52, z=262, foot=0, height=58, phase=0.1),
    Lift(x=66, z=250, foot=0, height=72, width=4.2, phase=0.45),
    Lift(x=118, z=240, foot=33, height=44, phase=0.7),
)


_SLABS = (
    (-3.6, 7.5, 1.7),
    (4.9, 9.0, 2.0),
    (-8.8, 13.0, 2.6),
    (9.6, 15.5, 3.2),
    (2.2, 19.0, 1.6),
    (-14.5, 21.0, 3.6),
    (17.0, 25.0, 4.2),
    (-5.2, 27.0, 2.2),
    (-22.0, 33.0, 4.6),
    (8.0, 35.0, 2.6),
    (25.0, 39.0, 4.4),
    (-13.0, 43.5, 3.2),
    (3.0, 44.6, 2.4),
    (14.0, 44.0, 2.8),
    (-32.0, 52.0, 5.5),
    (30.0, 60.0, 6.0),
    (-9.0, 64.0, 4.0),
    (47.0, 76.0, 7.0),
    (-46.0, 80.0, 7.0),
    (12.0, 88.0, 5.0),
)
"""Blocks on the floor: x, z and width in metres."""


def _rig(pit: Pit) -> tuple[Cable, ...]:
    """Cables between masts that stand on the terraces."""
    ends = np.array([end for first, last, _, _ in _CABLE_ENDS for end in (first, last)], np.float32)
    tops = pit.height(ends[:, :1].copy(), ends[:, 1:].copy())[:, 0] + _MAST
    cables = []
    for number, (first, last, sag, speed) in enumerate(_CABLE_ENDS):
        start, stop = (first[0], float(tops[2 * number]), first[1]), (last[0], float(tops[2 * number + 1]), last[1])
        cables.append(Cable(first=start, last=stop, sag=sag, buckets=3, metres_per_second=speed, thickness=0.24, mast=_MAST))
    return tuple(cables)


def _named(reading: Reading, *keys: str) -> bool:
    return any(reading.element(key) is not None for key in keys)


class QuarryPicture(SeenCountry):
    """One shot in the quarry."""

    notes: tuple[str, ...] = ()

    def __init__(self, request: PictureRequest) -> None:
        reading = request.reading
        self._reading, self._rate, self._size, self._seed = reading, request.rate, request.size, request.seed
        self._duration = float(request.frames / request.rate)
        horizon = snapped(0.70 if reading.framing in {"low angle", "wide"} else 0.60, request.size)
        self._base = Pose(y=1.3, horizon=horizon, focal=FOCAL)
        reach = Reach(dolly=1.7, truck=1.2, crane=1.15, crane_horizon=0.026)
        self._path = CameraPath(base=self._base, moves=reading.camera, reach=reach, duration_seconds=self._duration, seed=request.seed)
        outlook = self._path.outlook(request.size, nearest_metres=NEAREST_METRES)
        self._land = quarry_land(request.seed, request.size, self._base, outlook)
        workshop = Workshop(
            studio=replace(_STUDIO, haze_share=0.10),
            pixels_per_metre=self._base.scale(self._size, _MECH_DEPTH - 3) * 1.05,
            seed=request.seed,
        )
        self._mech = (
            make_mech(workshop, phase=0.06, ribbons=_named(reading, "ribbons"), lanterns=_named(reading, "lanterns"))
            if _named(reading, "mech")
            else None
        )
        self._speed = self._mech.gait.speed if self._mech is not None else 1.3
        self._mech_x = -0.5 * self._speed * self._duration - 1.5
        self._people = self._attendants(reading)
        self._slabs = (
            scatter_slabs(
                replace(_STUDIO, haze_share=0.05),
                self._size,
                self._base,
                seed=request.seed,
                top=(0.46, 0.28, 0.13),
                front=(0.36, 0.195, 0.082),
                places=_SLABS,
            )
            if _named(reading, "slabs")
            else ()
        )
        self._cables = _rig(Pit(request.seed))
        self._effects(reading)
        self.events: Mapping[str, tuple[float, ...]] = self._steps()
        self.drawn = self._drawn()

    def _attendants(self, reading: Reading) -> tuple[tuple[Walker, float, float], ...]:
        """Walkers with their place beside the machine (metres from its middle) and their depth."""
        named = reading.element("attendants") or reading.element("person")
        if named is None:
            return ()
        rng = generator(self._seed, "attendants")
        workshop = Workshop(
            studio=replace(_STUDIO, haze_share=0.08), pixels_per_metre=self._base.scale(self._size, _MECH_DEPTH - 12), seed=self._seed
        )
        makes = [make_walker(workshop, PALE, phase=float(phase), height=1.8, speed=self._speed) for phase in (0.1, 0.45, 0.75)]
        count = max(named.count, 3) if named.key == "attendants" else named.count
        places = [(-9.5, -5.0), (-6.2, -7.5), (7.4, -6.4), (10.2, -4.0), (4.8, -9.2), (-12.5, 3.5), (13.0, 4.0), (-3.2, -10.5)]
        return tuple(
            (makes[number % 3], x + float(rng.uniform(-0.8, 0.8)), _MECH_DEPTH + z)
            for number, (x, z) in enumerate(places[: min(count + 2, len(places))])
        )

    def _effects(self, reading: Reading) -> None:
        seed, lines = self._seed, self._size.height
        self._hour, self._falling = hour_table(reading), falling_weather(reading, seed)
        falls: tuple[Footfall, ...] = ()
        if self._mech is not None:
            falls = tuple(
                Footfall(seconds=moment, x=self._mech_x + self._speed * moment + ahead, z=_MECH_DEPTH)
                for moment, ahead in self._mech.footfalls(self._duration, before=5.0)
            )
        self._dust = FootDust(
            falls, seed=seed, colour=(0.50, 0.30, 0.12), dust=_named(reading, "dust"), pebbles=_named(reading, "pebbles"), scale=1.35
        )
        self._grit = Grit(seed=seed, count=90, colour=(1.1, 0.72, 0.32), lines=lines) if _named(reading, "dust", "sunbeams") else None
        self._shafts = LightShafts(self._size, seed=seed, colour=(0.40, 0.26, 0.10)) if _named(reading, "sunbeams") else None
        self._flocks: Flocks | None = None
        if (birds := reading.element("birds")) is not None:
            count = int(np.clip(birds.count * 8, 28, 60))
            half = self._duration / 2
            bursts = (
                Burst(seconds=0.16 * self._duration, x=-64, y=24, z=120, along=26, heading=(9.0, 4.6, -5.0), birds=count),
                Burst(seconds=half, x=70, y=34, z=130, along=30, heading=(-9.5, 4.8, -6.0), birds=count),
                Burst(seconds=half + 0.2 * self._duration, x=-30, y=22, z=190, along=40, heading=(6.0, 6.0, -3.0), birds=count),
            )
            self._flocks = Flocks(bursts, seed=seed, colour=(250, 240, 222), shade=(206, 186, 158), span=2.4)

    def frame(self, index: int) -> RgbFrame:
        """Draw one frame."""
        seconds = float(index / self._rate)
        pose = self._path.at(seconds)
        frame = np.empty((self._size.height, self._size.width, 3), np.uint8)
        self._land.sky.draw(frame, pose)
        rows = ground_rows(self._size, pose)
        light = self._land.ground_light(rows, seconds)
        self._shadows(light, rows, seconds)
        self._land.paint(frame, rows, light)
        for number, wall in enumerate(self._land.walls):
            wall.draw(frame, pose)
            if number == 0:
                self._works(frame, pose, seconds)
        if self._flocks is not None:
            self._flocks.draw(frame, pose, seconds)
        self._figures(frame, pose, seconds)
        if self._shafts is not None:
            self._shafts.draw(frame, pose, seconds, sun_across=GOLDEN.sun_across, sun_up=GOLDEN.sun_up)
        if self._grit is not None:
            self._grit.draw(frame, seconds)
        if self._hour is not None:
            cv2.LUT(frame, self._hour, dst=frame)
        if self._falling is not None:
            self._falling.draw(frame, seconds, light=200)
        return frame

    def _works(self, frame: RgbFrame, pose: Pose, seconds: float) -> None:
        if _named(self._reading, "lifts"):
            for lift in _LIFTS:
                draw_lift(frame, pose, lift, seconds, (92, 60, 32), (255, 214, 140))
        if _named(self._reading, "cables"):
            for cable in self._cables:
                draw_cable(frame, pose, cable, seconds + 9, (84, 54, 30))

    def _figures(self, frame: RgbFrame, pose: Pose, seconds: float) -> None:
        behind = [person for person in self._people if person[2] >= _MECH_DEPTH]
        before = [person for person in self._people if person[2] < _MECH_DEPTH]
        slabs = list(self._slabs)
        for group, near, far in ((behind, _MECH_DEPTH + 0.1, 1e9), (before, 0.0, _MECH_DEPTH + 0.1)):
            for walker, x, z in sorted(group, key=lambda person: -person[2]):
                while slabs and slabs[0].z > z:
                    slabs.pop(0).draw(frame, pose)
                walker.draw(frame, self._plane(pose, self._mech_x + x + self._speed * seconds, z), seconds)
            while slabs and slabs[0].z >= max(near, _MECH_DEPTH * (group is behind)):
                slabs.pop(0).draw(frame, pose)
            if group is behind and self._mech is not None:
                self._mech.draw(frame, self._plane(pose, self._mech_x + self._speed * seconds, _MECH_DEPTH), seconds)
            self._dust.draw(frame, pose, seconds, near=near, far=far)

    def _surfaces(self, pose: Pose, seconds: float) -> Iterator[Surface]:
        """What ``frame`` draws, in its order; light shafts are light, not things."""
        yield Ground()
        for number, wall in enumerate(self._land.walls):
            yield Card(draw=partial(wall.draw, pose=pose), metres=wall.distance - (pose.z - wall.base.z))
            if number == 0:
                yield Veil(draw=partial(self._works, pose=pose, seconds=seconds))
        if self._flocks is not None:
            yield Veil(draw=partial(self._flocks.draw, pose=pose, seconds=seconds))
        yield from sorted(self._standing_cards(pose, seconds), key=lambda card: -card.metres)
        yield Veil(draw=partial(self._dust.draw, pose=pose, seconds=seconds, near=0.0, far=1e9))
        if self._grit is not None:
            yield Veil(draw=partial(self._grit.draw, seconds=seconds))
        if self._falling is not None:
            yield Veil(draw=partial(self._falling.draw, seconds=seconds, light=200))

    def _standing_cards(self, pose: Pose, seconds: float) -> Iterator[Card]:
        middle = self._mech_x + self._speed * seconds
        figures = [(walker.draw, middle + x, z) for walker, x, z in self._people]
        if self._mech is not None:
            figures.append((self._mech.draw, middle, _MECH_DEPTH))
        for draw, x, z in figures:
            placed = partial(draw, plane=self._plane(pose, x, z), seconds=seconds)
            yield Card(draw=placed, metres=z - pose.z, velocity=(self._speed, 0.0, 0.0))
        for slab in self._slabs:
            if slab.z - pose.z > 1.5:
                wide = 3 * slab.half
                box = (slab.x - wide, -wide, slab.x + wide, wide)
                yield Card(draw=partial(slab.draw, pose=pose), metres=slab.z - pose.z, box=box)

    def _plane(self, pose: Pose, x: float, z: float) -> Affine:
        column, row = pose.project(self._size, x, 0.0, z)
        scale = pose.scale(self._size, z)
        return np.array([[scale, 0, column], [0, -scale, row]], np.float64)

    def _shadows(self, light: Bytes, rows: Rows, seconds: float) -> None:
        if self._mech is not None:
            stage = Stage(left=-8.0, right=8.0, top=30.0, pixels_per_metre=14.0)
            cover = stage.blank()
            self._mech.cast(cover, stage.plane, seconds)
            cast_shadow(light, rows, cover, stage, _SHADOW, x=self._mech_x + self._speed * seconds, z=_MECH_DEPTH)
        for walker, x, z in self._people:
            stage = Stage(left=-1.0, right=1.2, top=2.3, pixels_per_metre=30.0)
            cover = stage.blank()
            walker.cast(cover, stage.plane, seconds)
            cast_shadow(light, rows, cover, stage, _SHADOW, x=self._mech_x + x + self._speed * seconds, z=z)

    def _steps(self) -> dict[str, tuple[float, ...]]:
        events: dict[str, tuple[float, ...]] = {}
        if self._mech is not None:
            events["heavy footsteps"] = tuple(moment for moment, _ in self._mech.footfalls(self._duration))
        if self._people:
            events["footsteps"] = tuple(sorted({moment for walker, _, _ in self._people for moment in walker.steps(self._duration)}))
        return events

    def _drawn(self) -> frozenset[str]:
        known = {
            "terraces",
            "slabs",
            "sun",
            "clouds",
            "dust",
            "pebbles",
            "sunbeams",
            "lifts",
            "cables",
            "birds",
            "mech",
            "long shadows",
            "haze",
        }
        if self._mech is not None:
            known |= {"ribbons", "lanterns", "metal", "ceramic plates"}
        if self._people:
            known |= {"attendants", "person", "coat"}
        reading = self._reading
        seen = {element.key for element in reading.elements if element.key in known and element.key not in reading.removed}
        return frozenset(seen | (set(reading.weather) & {"haze", "clear", "rain", "snow"}))


class Quarry:
    """The quarry."""

    name = "quarry"

    def picture(self, request: PictureRequest) -> QuarryPicture:
        """Build one shot."""
        return QuarryPicture(request)


PLACE = Quarry()
