"""Open country: hills, sky and ground dressed after the reading, with whoever the prompt names crossing it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from kling_post.generation.previz.contract import CameraMove, Element, PictureRequest, Reading, RgbFrame
from kling_post.generation.previz.geometry.country import Band, Card, Ground, SeenCountry, Surface, Veil
from kling_post.generation.previz.picture.air import Shimmer
from kling_post.generation.previz.picture.animals import PackAnimal, make_caravan
from kling_post.generation.previz.picture.camera import CameraPath, Pose, Reach
from kling_post.generation.previz.picture.craft import Boat, Car, make_boat, make_car
from kling_post.generation.previz.picture.daylight import Daylight, daylight
from kling_post.generation.previz.picture.flocks import Burst, Flocks
from kling_post.generation.previz.picture.glass import GlassColours
from kling_post.generation.previz.picture.grade import falling_weather
from kling_post.generation.previz.picture.ground import ground_rows
from kling_post.generation.previz.picture.layers import Affine
from kling_post.generation.previz.picture.noise import generator
from kling_post.generation.previz.picture.open_land import SCENERY, OpenLand, open_land, with_mountains
from kling_post.generation.previz.picture.people import Walker, Wardrobe, make_walker
from kling_post.generation.previz.picture.salt_land import FOCAL, snapped
from kling_post.generation.previz.picture.sculpt import Colour, Workshop
from kling_post.generation.previz.picture.shadows import Stage, cast_shadow
from kling_post.generation.previz.picture.trees import Tree, Wood
from kling_post.generation.previz.words import vocabulary

_PEOPLE = ("person", "traveler", "attendants", "archivist", "violinist")
_ANIMALS = ("pack animal", "caravan", "animal")
_FRAMINGS: Mapping[str, tuple[float, float, float]] = {
    "wide": (1.7, 0.47, 17.0),
    "medium": (1.6, 0.46, 8.5),
    "close": (1.5, 0.44, 4.6),
    "low angle": (0.5, 0.66, 9.0),
    "aerial": (24.0, 0.34, 46.0),
    "eye level": (1.65, 0.48, 8.0),
}
"""Height of the camera, its horizon, and how far away the subject is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Actor:
    figure: Walker | PackAnimal | Car | Boat
    x: float
    z: float
    speed: float
    stage: Stage


def colour_of(element: Element | None, otherwise: Colour) -> Colour:
    """Linear albedo of the colour that an element was given."""
    if element is None or element.colour is None:
        return otherwise
    entry = vocabulary("colours").get(element.colour)
    if not entry:
        return otherwise
    red, green, blue = ((float(channel) / 255) ** 2.2 for channel in entry["rgb"])
    return red, green, blue


class OpenCountryPicture(SeenCountry):
    """One shot in open country."""

    def __init__(self, request: PictureRequest, kind: str) -> None:
        reading = request.reading
        self._reading, self._rate, self._size, self._seed = reading, request.rate, request.size, request.seed
        self._duration = float(request.frames / request.rate)
        self._light: Daylight = daylight(reading, request.seed)
        scenery = SCENERY[kind]
        if reading.element("mountains") is not None or reading.element("volcanic ridges") is not None:
            scenery = with_mountains(scenery)
        self._wet = scenery.soil == "water"
        height, horizon, self._distance = _FRAMINGS.get(reading.framing, _FRAMINGS["medium"])
        self._base = Pose(y=height, horizon=snapped(horizon, request.size), focal=FOCAL)
        stars = self._light.dark and not set(reading.weather) & {"storm", "rain", "snow", "fog", "cloudy"}
        misty = bool(set(reading.weather) & {"fog", "haze", "storm"}) or reading.element("haze") is not None
        speed = 1.35
        reach = Reach(dolly=0.14 * self._distance, truck=speed, crane=0.12 * height + 0.5, crane_horizon=0.02, orbit_depth=self._distance)
        self._creeps = not reading.camera and (reading.framing == "aerial" or not self._peopled(reading))
        moves = (CameraMove(kind="dolly", direction=1, pace=0.4),) if self._creeps else reading.camera
        self._path = CameraPath(base=self._base, moves=moves, reach=reach, duration_seconds=self._duration, seed=request.seed)
        outlook = self._path.outlook(request.size, nearest_metres=scenery.country.near)
        self._land: OpenLand = open_land(scenery, self._light, request.size, self._base, outlook, request.seed, misty=misty, stars=stars)
        self._actors = self._cast(speed)
        self._wood = self._plant(scenery.trees)
        self._air_things()
        self.drawn = self._drawn(stars=stars, wooded=self._wood is not None)
        steps = sorted(moment for actor in self._actors for moment in actor.figure.steps(self._duration))
        self.events: Mapping[str, tuple[float, ...]] = {"footsteps": tuple(steps)} if steps else {}
        self.notes = self._notes()

    @staticmethod
    def _peopled(reading: Reading) -> bool:
        return any(reading.element(key) is not None for key in (*_PEOPLE, *_ANIMALS, "vehicle", "boat"))

    def _notes(self) -> tuple[str, ...]:
        notes = []
        animal = self._reading.element("animal")
        if animal is not None:
            notes.append(f'"{animal.phrase}" is drawn as the long-necked stand-in for any four-legged animal.')
        if self._creeps:
            notes.append("The prompt names no camera move and nobody who moves: the camera creeps forward.")
        return tuple(notes)

    # ------------------------------------------------------------------------------------------- who is in it

    def _cast(self, speed: float) -> tuple[_Actor, ...]:
        reading = self._reading
        workshop = Workshop(
            studio=self._light.studio(haze_share=float(np.clip(1 - np.exp(-self._distance / self._light.haze_metres), 0, 0.7))),
            pixels_per_metre=min(self._base.scale(self._size, self._distance) * 1.05, 900.0),
            seed=self._seed,
        )
        actors = [*self._walkers(workshop, speed), *self._herd(workshop)]
        start = -0.5 * speed * self._duration
        vehicle, boat = reading.element("vehicle"), reading.element("boat")
        if vehicle is not None and not self._wet:
            car = make_car(workshop, colour_of(vehicle, (0.30, 0.32, 0.35)), speed=5.0)
            stage = Stage(left=-2.6, right=2.6, top=2.2)
            actors.append(_Actor(figure=car, x=-2.5 * self._duration, z=self._distance * 1.25, speed=5.0, stage=stage))
        if boat is not None or (vehicle is not None and self._wet):
            sail = make_boat(workshop, colour_of(boat or vehicle, (0.22, 0.10, 0.06)))
            actors.append(_Actor(figure=sail, x=start - 1, z=self._distance * 2.4, speed=1.5, stage=Stage(left=-3, right=3.6, top=7.6)))
        return tuple(sorted(actors, key=lambda actor: -actor.z))

    def _walkers(self, workshop: Workshop, speed: float) -> list[_Actor]:
        named = [element for key in _PEOPLE if (element := self._reading.element(key)) is not None]
        if not named or self._wet:
            return []
        coat = self._reading.element("coat")
        main = colour_of(coat if coat is not None and coat.colour else named[0], (0.20, 0.13, 0.09))
        wardrobe = Wardrobe(skirt=tuple(0.55 * c for c in main), tunic=tuple(0.8 * c for c in main), cape=main, trim=(0.30, 0.24, 0.16))  # type: ignore[arg-type]
        count = min(max(element.count for element in named), 7)
        makes = [make_walker(workshop, wardrobe, phase=0.31 * number, speed=speed) for number in range(min(count, 3))]
        start = -0.5 * speed * self._duration + 0.4
        rng = generator(self._seed, "walkers")
        return [
            _Actor(
                figure=makes[number % len(makes)],
                x=start - (1.7 + 0.5 * float(rng.uniform())) * number,
                z=self._distance * (1 + 0.12 * float(rng.uniform(-1, 1)) * (number > 0)),
                speed=speed,
                stage=Stage(left=-1.0, right=1.2, top=2.3),
            )
            for number in range(count)
        ]

    def _herd(self, workshop: Workshop) -> list[_Actor]:
        named = [element for key in _ANIMALS if (element := self._reading.element(key)) is not None]
        if not named or self._wet:
            return []
        reading, sky = self._reading, self._light.sky
        glass = GlassColours(
            sky=sky.middle, glow=sky.horizon, ground=self._light.ground, sun=self._light.sun, sun_side=-1.0 if sky.sun_across < 0 else 1.0
        )
        herd = make_caravan(
            workshop,
            glass,
            count=min(max(element.count for element in named), 6),
            seed=self._seed,
            saddled=reading.element("saddle") is not None,
            spheres=reading.element("glass sphere") is not None,
            maps=reading.element("paper maps") is not None,
        )
        depth = self._distance * 1.55 + 3
        start = -0.5 * herd[0].gait.speed * self._duration + 1.5
        stage = Stage(left=-2.4, right=3.4, top=5.4)
        return [
            _Actor(figure=animal, x=start - 5.4 * number, z=depth + 0.9 * number, speed=animal.gait.speed, stage=stage)
            for number, animal in enumerate(herd)
        ]

    def _plant(self, usual: int) -> Wood | None:
        named = self._reading.element("tree") is not None
        if "tree" in self._reading.removed or self._wet or not (usual or named):
            return None
        count = max(usual, 26 if named else 0)
        rng = generator(self._seed, "wood")
        dense = count > 20
        trees = []
        for number in range(count):
            depth = 17 + 105 * ((number + float(rng.uniform())) / count) ** 1.5 if dense else float(rng.uniform(60, 170))
            side = 1 if number % 2 else -1
            gap = 5.0 + 0.10 * depth
            across = side * (gap + float(rng.uniform(0, 1)) ** 1.3 * (0.85 * depth - gap * 0.4 + 4))
            trees.append(Tree(x=across, z=depth, height=float(rng.uniform(9, 16)) if dense else float(rng.uniform(6, 11)), shape=number))
        wintry = self._land.soil.dark[2] > 0.3
        kind = "fir" if wintry or "pine" in self._reading.prompt.lower() or rng.random() < 0.4 else "broad"
        leaf: Colour = (0.09, 0.13, 0.12) if wintry else (0.05, 0.085, 0.028) if kind == "fir" else (0.10, 0.14, 0.035)
        leaf = colour_of(self._reading.element("leaves") or self._reading.element("tree"), leaf)
        return Wood(
            tuple(trees),
            self._light.studio(haze_share=0.0),
            self._light.sky.horizon,
            self._light.haze_metres * 0.5,
            self._size,
            self._base,
            seed=self._seed,
            kind=kind,
            leaf=leaf,
        )

    def _air_things(self) -> None:
        reading = self._reading
        self._falling = falling_weather(reading, self._seed)
        self._flocks: Flocks | None = None
        if (birds := reading.element("birds")) is not None:
            burst = Burst(seconds=-3.0, x=-26, y=9, z=70, along=40, heading=(7.0, 1.6, 1.5), birds=int(np.clip(birds.count * 3, 9, 40)))
            tone = 60 if self._light.dark else 235
            self._flocks = Flocks((burst,), seed=self._seed, colour=(tone, tone, tone), shade=(tone * 3 // 4,) * 3)
        hot = reading.element("heat shimmer") is not None or reading.element("mirage") is not None or self._land.soil.metres == 9.0
        self._shimmer = Shimmer(seed=self._seed, strength=1.0, mirage=0.45) if hot and not self._light.dark else None
        if self._wet:
            self._shimmer = Shimmer(seed=self._seed, strength=0.6, mirage=0.75, band=0.05)

    # ------------------------------------------------------------------------------------------- frame by frame

    def frame(self, index: int) -> RgbFrame:
        """Draw one frame."""
        seconds = float(index / self._rate)
        pose = self._path.at(seconds)
        frame = np.empty((self._size.height, self._size.width, 3), np.uint8)
        self._land.draw_far(frame, pose)
        rows = ground_rows(self._size, pose)
        light = self._land.ground_light(rows, seconds)
        if self._light.shadow is not None and not self._wet:
            for actor in self._actors:
                cover = actor.stage.blank()
                actor.figure.cast(cover, actor.stage.plane, seconds)
                cast_shadow(light, rows, cover, actor.stage, self._light.shadow, x=actor.x + actor.speed * seconds, z=actor.z)
        self._land.paint(frame, rows, light)
        if self._shimmer is not None:
            self._shimmer.draw(frame, pose, seconds)
        if self._land.mist is not None:
            self._land.mist.draw(frame, pose, seconds)
        self._standing(frame, pose, seconds)
        if self._flocks is not None:
            self._flocks.draw(frame, pose, seconds)
        if self._falling is not None:
            self._falling.draw(frame, seconds, light=int(150 + 95 * min(1.0, self._light.ground[1])))
        return frame

    def _standing(self, frame: RgbFrame, pose: Pose, seconds: float) -> None:
        """Trees and figures, far to near."""
        behind = 1e9
        for actor in self._actors:
            if self._wood is not None:
                self._wood.draw(frame, pose, seconds, near=actor.z, far=behind)
            behind = actor.z
            if actor.z - pose.z > 1:
                actor.figure.draw(frame, self._plane(pose, actor, seconds), seconds)
        if self._wood is not None:
            self._wood.draw(frame, pose, seconds, near=0.0, far=behind, wind=float("wind" in self._reading.weather))

    def _surfaces(self, pose: Pose, seconds: float) -> Iterator[Surface]:
        """What ``frame`` draws, in its order."""
        for ridge in self._land.ridges:
            yield Card(draw=partial(ridge.draw, pose=pose), metres=ridge.distance - (pose.z - ridge.base.z))
        yield Ground(flows=self._wet)
        if self._shimmer is not None:
            yield Band(above=0.055, below=0.055)
        if self._land.mist is not None:
            yield Veil(draw=partial(self._land.mist.draw, pose=pose, seconds=seconds))
        yield from sorted(self._standing_cards(pose, seconds), key=lambda card: -card.metres)
        if self._flocks is not None:
            yield Veil(draw=partial(self._flocks.draw, pose=pose, seconds=seconds))
        if self._falling is not None:
            yield Veil(draw=partial(self._falling.draw, seconds=seconds, light=200))

    def _standing_cards(self, pose: Pose, seconds: float) -> Iterator[Card]:
        for actor in self._actors:
            if actor.z - pose.z > 1:
                draw = partial(actor.figure.draw, plane=self._plane(pose, actor, seconds), seconds=seconds)
                yield Card(draw=draw, metres=actor.z - pose.z, velocity=(actor.speed, 0.0, 0.0))
        if self._wood is not None:
            windy = float("wind" in self._reading.weather)
            for tree in self._wood.trees:
                if tree.z - pose.z >= 4:
                    one = partial(self._wood.draw, pose=pose, seconds=seconds, near=tree.z, far=tree.z + 1e-6, wind=windy)
                    wide, tall = 0.6 * tree.height, tree.height
                    box = (tree.x - wide, -0.1 * tall, tree.x + wide, 1.25 * tall)
                    yield Card(draw=one, metres=tree.z - pose.z, velocity=(0.0, 0.0, 0.0), box=box)

    def _plane(self, pose: Pose, actor: _Actor, seconds: float) -> Affine:
        column, row = pose.project(self._size, actor.x + actor.speed * seconds, 0.0, actor.z)
        scale = pose.scale(self._size, actor.z)
        return np.array([[scale, 0, column], [0, -scale, row]], np.float64)

    def _drawn(self, *, stars: bool, wooded: bool) -> frozenset[str]:
        reading = self._reading
        soil = self._land.soil
        known = (
            {"clouds", "mountains", "birds", "heat shimmer", "mirage"}
            if not self._wet
            else {"clouds", "mountains", "birds", "water", "waves", "ripples"}
        )
        if self._light.sky.disc > 0 and self._light.sky.sun_up < 0.6:
            known |= {"moon"} if self._light.dark else {"sun"}
        if stars:
            known |= {"stars"}
        if wooded:
            known |= {"tree", "greenery"}
        if soil.metres == 9.0:
            known |= {"sand"}
        if soil.metres == 6.0:
            known |= {"grass", "greenery"}
        if self._land.mist is not None:
            known |= {"haze"}
        if self._light.shadow is not None and self._actors:
            known |= {"long shadows"}
        for kind, keys in (
            (Walker, (*_PEOPLE, "coat")),
            (PackAnimal, (*_ANIMALS, "saddle", "glass sphere", "paper maps")),
            (Car, ("vehicle",)),
            (Boat, ("boat", "vehicle")),
        ):
            if any(isinstance(actor.figure, kind) for actor in self._actors):
                known |= set(keys)
        seen = {element.key for element in reading.elements if element.key in known and element.key not in reading.removed}
        return frozenset(seen | (set(reading.weather) & {"rain", "snow", "fog", "haze", "cloudy", "clear", "storm"}))


class OpenCountry:
    """Open country of one kind."""

    def __init__(self, name: str) -> None:
        self.name = name

    def picture(self, request: PictureRequest) -> OpenCountryPicture:
        """Build one shot. A reading that kept the name of a place without a file of its own is drawn as the nearest kind."""
        kind = request.reading.place if self.name == "plain" and request.reading.place in SCENERY else self.name
        return OpenCountryPicture(request, kind)


PLACE = OpenCountry("plain")
