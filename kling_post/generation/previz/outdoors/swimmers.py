"""What swims: schools, a whale or a turtle where one is named, bubbles and specks."""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.generation.previz.contract import Element, PictureRequest, RgbFrame
from kling_post.generation.previz.interior.drifting import Specks, View
from kling_post.generation.previz.interior.noise import random
from kling_post.generation.previz.interior.palette import named_colour
from kling_post.generation.previz.outdoors.seabed import Sea

_GREAT_METRES = 1.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Fish:
    """Schools that cross the picture, and great ones where the prompt names them; their tails beat."""

    keys: tuple[str, ...]
    place: NDArray[np.float64]
    """(n, 3) metres, at the start of the shot."""
    speed: NDArray[np.float64]
    """(n,) metres a second to the right; below zero to the left."""
    length: NDArray[np.float64]
    phase: NDArray[np.float64]
    colour: NDArray[np.float64]
    """(n, 3) display values as lit near by."""
    haze: NDArray[np.float64]
    clear_metres: float
    span: float

    def draw(self, frame: RgbFrame, view: View, seconds: float) -> None:
        """Draw them far to near."""
        gone = view.pose.z - view.base.z
        x = (self.place[:, 0] + self.speed * seconds + self.span) % (2 * self.span) - self.span
        y = self.place[:, 1] + 0.06 * np.sin(0.9 * seconds + self.phase)
        for index in np.argsort(-self.place[:, 2]):
            z = float(self.place[index, 2])
            if z - gone < 1.2:
                continue
            column, row, scale = (float(v[0]) for v in view.project(x[index : index + 1], y[index : index + 1], np.array([z])))
            long = float(self.length[index]) * scale
            if not -long < column < frame.shape[1] + long:
                continue
            clear = float(np.exp(-(z - gone) / self.clear_metres))
            tint = self.colour[index] * clear + self.haze * (1 - clear)
            beat = float(np.sin(2 * np.pi * (2.2 * seconds / max(0.35, float(self.length[index]))) ** 1.0 + self.phase[index]))
            draw = _whale if float(self.length[index]) > _GREAT_METRES else _fish
            draw(frame, column, row, long, float(np.sign(self.speed[index])), beat, tint)


def _fish(frame: RgbFrame, x: float, y: float, long: float, way: float, beat: float, tint: NDArray[np.float64]) -> None:
    """One fish from the side: a body darker above and lighter below, a tail that swings, a fin and an eye."""
    step = np.linspace(0, 1, 13)
    half = 0.20 * np.sin(np.pi * step**0.7) ** 0.9 * (1 - 0.25 * step)
    bend = 0.05 * beat * step**2
    along = 0.5 - step
    back, belly = half + bend, -0.85 * half + bend
    body = np.concatenate([np.column_stack([along, back]), np.column_stack([along, belly])[::-1]])
    tail = np.array([(-0.42, 0.03), (-0.66, 0.19 + 0.1 * beat), (-0.58, 0.05 * beat), (-0.66, -0.17 + 0.1 * beat), (-0.42, -0.03)])
    tail[:, 1] += 0.05 * beat
    fin = np.array([(0.12, 0.17), (-0.1, 0.32), (-0.22, 0.15)])
    under = np.concatenate([np.column_stack([along, belly * 0.15]), np.column_stack([along, belly])[::-1]])
    for shape, gain in ((tail, 0.72), (fin, 0.7), (body, 0.85), (under, 1.2)):
        corners = np.column_stack([x + way * shape[:, 0] * long, y - shape[:, 1] * long])
        colour = tuple(float(v) for v in np.clip(tint * gain, 0, 255))
        cv2.fillPoly(frame, [np.round(corners * 16).astype(np.int32)], colour, cv2.LINE_AA, 4)
    if long > 14:
        eye = (round((x + way * 0.36 * long) * 16), round((y - 0.05 * long) * 16))
        cv2.circle(frame, eye, max(8, round(0.022 * long * 16)), tuple(float(v) for v in tint * 0.15), -1, cv2.LINE_AA, 4)


def _whale(frame: RgbFrame, x: float, y: float, long: float, way: float, beat: float, tint: NDArray[np.float64]) -> None:
    """A great swimmer from the side: a long body, a fluke that rises and falls, long fins."""
    step = np.linspace(0, 1, 25)
    sweep = 0.035 * beat * step**2.2
    along = 0.5 - step * 0.94
    back = 0.068 * np.sin(np.pi * np.clip(step * 1.02, 0, 1) ** 0.62) ** 0.8 + sweep
    belly = -0.085 * np.sin(np.pi * np.clip(step * 1.02, 0, 1) ** 0.5) ** 0.85 + sweep
    body = np.concatenate([np.column_stack([along, back]), np.column_stack([along, belly])[::-1]])
    under = np.concatenate([np.column_stack([along, 0.25 * back + 0.75 * belly])[:17], np.column_stack([along, belly])[:17][::-1]])
    rise = float(sweep[-1])
    fluke = np.array([(-0.41, rise), (-0.49, rise + 0.035 + 0.02 * beat), (-0.54, rise + 0.05 * beat), (-0.5, rise - 0.012 + 0.02 * beat)])
    fin = np.array([(0.24, -0.05), (0.12, -0.2 - 0.03 * beat), (0.08, -0.19 - 0.03 * beat), (0.15, -0.06)])
    ridge = np.array([(-0.14, 0.02), (-0.215, 0.066), (-0.24, 0.01)]) + np.array((0.0, 0.012 * beat))
    for shape, gain in ((fluke, 0.8), (ridge, 0.85), (body, 0.9), (under, 1.18), (fin, 0.78)):
        corners = np.column_stack([x + way * shape[:, 0] * long, y - shape[:, 1] * long])
        cv2.fillPoly(
            frame, [np.round(corners * 16).astype(np.int32)], tuple(float(v) for v in np.clip(tint * gain, 0, 255)), cv2.LINE_AA, 4
        )
    for groove in range(5):
        line = np.column_stack([along[2:13], (0.34 + 0.15 * groove) * belly[2:13]])
        corners = np.column_stack([x + way * line[:, 0] * long, y - line[:, 1] * long])
        cv2.polylines(
            frame,
            [np.round(corners * 16).astype(np.int32)],
            isClosed=False,
            color=tuple(float(v) for v in tint * 0.95),
            thickness=max(1, round(0.0016 * long)),
            lineType=cv2.LINE_AA,
            shift=4,
        )
    eye = (round((x + way * 0.36 * long) * 16), round((y + 0.012 * long) * 16))
    cv2.circle(frame, eye, max(8, round(0.0035 * long * 16)), tuple(float(v) for v in tint * 0.3), -1, cv2.LINE_AA, 4)


_Swimmer = tuple[tuple[float, float, float], float, float, NDArray[np.float64]]
"""Place, speed, length and colour."""


def swimmers(request: PictureRequest, sea: Sea) -> tuple[Fish | Specks, ...]:
    """Two schools, bubbles and floating specks; great animals where the prompt names a whale, a shark or a turtle."""
    reading = request.reading
    if "fish" in reading.removed:
        return (_specks(request, sea),)
    draw = random((request.seed, 891))
    everybody = [*_schools(reading.element("fish"), sea, draw), *_great(reading.element("fish"))]
    place, speed, length, colour = zip(*everybody, strict=True)
    haze = np.clip(sea.deep * 0.72 + sea.bright * 0.14, 0, 1) ** (1 / 2.2) * 255
    fish = Fish(
        keys=("fish",),
        place=np.array(place, np.float64),
        speed=np.array(speed, np.float64),
        length=np.array(length, np.float64),
        phase=draw.uniform(0, 6.28, len(place)),
        colour=np.array(colour, np.float64),
        haze=np.asarray(haze, np.float64),
        clear_metres=sea.clear_metres,
        span=14.0,
    )
    return (_specks(request, sea), fish, _bubbles(request))


def _schools(named: Element | None, sea: Sea, draw: np.random.Generator) -> Iterator[_Swimmer]:
    """Two schools of small fish that cross each other's way; the first takes the prompt's colour."""
    schools = [
        (int(draw.integers(16, 26)), 0.24, float(draw.uniform(-0.5, 1.0)), float(draw.uniform(6, 10)), 0.55 * way) for way in (1, -1)
    ]
    colours = [np.array((238.0, 186.0, 64.0)), np.array((196.0, 214.0, 224.0))]
    if named is not None and named.colour is not None:
        colours[0] = np.clip(named_colour(named.colour, (238, 186, 64)), 0, 1) ** (1 / 2.2) * 255.0
    for (count, long, height, away, pace), paint in zip(schools, colours, strict=True):
        middle = float(draw.uniform(-2.5, 2.5))
        for _ in range(count):
            place = (middle + draw.normal(0, 1.1), height + draw.normal(0, 0.32), away + draw.normal(0, 0.9))
            speed, length = pace * draw.uniform(0.9, 1.1), long * draw.uniform(0.8, 1.2)
            yield place, speed, length, paint * draw.uniform(0.85, 1.1) * (0.25 + 0.75 * sea.light)


def _great(named: Element | None) -> Iterator[_Swimmer]:
    """Whales, sharks, turtles: grey bodies, one behind the other."""
    words = named.phrase.lower() if named is not None else ""
    if named is None or not any(word in words for word in ("whale", "shark", "turtle", "dolphin", "ray", "orca")):
        return
    whale = "whale" in words or "orca" in words
    for number in range(min(named.count, 4)):
        place = (-1.5 - 4.0 * number, 1.2 + 0.8 * number, (15.0 if whale else 9.0) + 3 * number)
        yield place, 0.7, 9.0 if whale else 2.6, np.array((92.0, 104.0, 116.0))


def _specks(request: PictureRequest, sea: Sea) -> Specks:
    draw = random((request.seed, 892))
    count, box = 500, (7.0, 4.0, 9.0)
    return Specks(
        keys=("dust motes",),
        start=draw.random((count, 3)) * (2 * box[0], 2 * box[1], box[2]),
        box=box,
        speed=np.column_stack([draw.normal(0.03, 0.03, count), draw.normal(-0.01, 0.02, count), draw.normal(0, 0.02, count)]),
        sway=np.column_stack([draw.uniform(0.02, 0.06, count), draw.uniform(0.1, 0.3, count), draw.random(count)]),
        radius_metres=0.005 * draw.uniform(0.5, 1.4, count),
        colour=(190, 232, 236),
        opacity=0.35 * sea.light + 0.1,
        twinkle=0.5,
    )


def _bubbles(request: PictureRequest) -> Specks:
    draw = random((request.seed, 893))
    count, box = 70, (5.0, 3.5, 8.0)
    start = draw.random((count, 3)) * np.array((0.5, 2 * box[1], 2.5)) + np.array((box[0] - 2.2, 0.0, 2.0))
    return Specks(
        keys=("bubbles",),
        start=start,
        box=box,
        speed=np.column_stack([draw.normal(0, 0.02, count), draw.uniform(0.45, 0.8, count), draw.normal(0, 0.01, count)]),
        sway=np.column_stack([draw.uniform(0.03, 0.08, count), draw.uniform(0.4, 0.9, count), draw.random(count)]),
        radius_metres=0.014 * draw.uniform(0.4, 1.5, count),
        colour=(226, 248, 250),
        opacity=0.7,
        twinkle=0.2,
    )
