"""What moves in the air of a still, chosen by the reading: snow, dust, scraps of paper, birds."""

from dataclasses import dataclass

import numpy as np

from kling_post.generation.previz.contract import PictureRequest, RgbFrame
from kling_post.generation.previz.interior.drifting import Birds, Layer, Powder, Scraps, Specks, View
from kling_post.generation.previz.interior.noise import random
from kling_post.generation.previz.interior.relief import Relief
from kling_post.generation.previz.picture.camera import Pose


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """All that moves in the air of one shot."""

    layers: tuple[Layer, ...]
    relief: Relief
    drawn: frozenset[str]

    def draw(self, frame: RgbFrame, pose: Pose, base: Pose, seconds: float) -> None:
        """Draw it over the frame, in place."""
        view = View(relief=self.relief, pose=pose, base=base, width=frame.shape[1], height=frame.shape[0])
        for layer in self.layers:
            layer.draw(frame, view, seconds)


def drift_for(request: PictureRequest, relief: Relief) -> Drift:
    """The layers that the reading asks for; fine dust where it asks for none, so that the air is never dead."""
    reading, seed = request.reading, (request.seed, 511)
    layers: list[Layer] = []
    named = {element.key for element in reading.elements} - set(reading.removed)
    weather = set(reading.weather) - set(reading.removed)
    if named & {"snow powder"} or "snow" in weather:
        layers.append(
            _specks((*seed, 1), ("snow powder", "snow"), 1500, radius=0.011, fall=0.42, drift=0.14, colour=(240, 247, 250), opacity=0.85)
        )
    if "snow powder" in named:
        layers.append(_powder((*seed, 2), float(request.frames / request.rate)))
    if "frost crystals" in named:
        layers.append(
            _specks(
                (*seed, 3), ("frost crystals",), 420, radius=0.006, fall=0.05, drift=0.06, colour=(214, 255, 244), opacity=1.0, twinkle=1.0
            )
        )
    if named & {"paper scraps", "paper maps"}:
        layers.append(_scraps((*seed, 4)))
    if "birds" in named:
        layers.append(_birds((*seed, 5), float(request.frames / request.rate)))
    if named & {"dust motes", "dust"} or not layers:
        strength = 0.55 if named & {"dust motes", "dust"} else 0.3
        layers.append(
            _specks(
                (*seed, 6),
                ("dust motes", "dust"),
                800,
                radius=0.006,
                fall=0.02,
                drift=0.05,
                colour=(255, 240, 214),
                opacity=strength,
                twinkle=0.8,
            )
        )
    drawn = frozenset(key for layer in layers for key in layer.keys if key in named or key in weather)
    return Drift(layers=tuple(layers), relief=relief, drawn=drawn)


def _specks(
    key: tuple[int, ...],
    keys: tuple[str, ...],
    count: int,
    *,
    radius: float,
    fall: float,
    drift: float,
    colour: tuple[int, int, int],
    opacity: float,
    twinkle: float = 0.0,
) -> Specks:
    draw = random(key)
    box = (9.0, 5.5, 13.0)
    start = draw.random((count, 3)) * (2 * box[0], 2 * box[1], box[2])
    speed = np.column_stack([draw.normal(drift, drift, count), -fall * draw.uniform(0.6, 1.4, count), draw.normal(0, 0.05, count)])
    sway = np.column_stack([draw.uniform(0.02, 0.12, count), draw.uniform(0.1, 0.4, count), draw.random(count)])
    return Specks(
        keys=keys,
        start=start,
        box=box,
        speed=speed,
        sway=sway,
        radius_metres=radius * draw.uniform(0.5, 1.5, count),
        colour=colour,
        opacity=opacity,
        twinkle=twinkle,
    )


def _powder(key: tuple[int, ...], seconds: float) -> Powder:
    draw = random(key)
    bursts = max(3, round(seconds / 1.5))
    side = np.where(np.arange(bursts) % 2 == 0, -1.0, 1.0)
    away = draw.uniform(14, 34, bursts)
    source = np.column_stack(
        [side * draw.uniform(6.2, 7.6, bursts), draw.uniform(3.0, 0.3 * away), away, draw.uniform(-1.0, seconds - 1.0, bursts)]
    )
    grain = np.dstack(
        [
            draw.uniform(0, 1.3, (bursts, 320)),
            draw.normal(0, 1, (bursts, 320)),
            draw.uniform(1.4, 3.4, (bursts, 320)),
            draw.uniform(0.006, 0.03, (bursts, 320)),
        ]
    )
    return Powder(keys=("snow powder",), source=source, grain=grain)


def _scraps(key: tuple[int, ...], count: int = 46) -> Scraps:
    draw = random(key)
    orbit = np.column_stack(
        [
            draw.uniform(1.2, 5.0, count),
            draw.random(count),
            draw.choice([-1, 1], count, p=[0.2, 0.8]) * draw.uniform(0.03, 0.085, count),
            draw.uniform(-1.2, 6.5, count),
            draw.uniform(8, 30, count),
            draw.uniform(-0.08, 0.16, count),
        ]
    )
    spin = np.column_stack([draw.uniform(-0.35, 0.35, count), draw.uniform(0.1, 0.5, count), draw.random(count), draw.random(count)])
    return Scraps(keys=("paper scraps", "paper maps"), orbit=orbit, spin=spin, size=draw.uniform(0.14, 0.34, count))


def _birds(key: tuple[int, ...], seconds: float, count: int = 13) -> Birds:
    draw = random(key)
    away = draw.uniform(34, 58, count)
    start = np.column_stack(
        [-0.62 * away - draw.uniform(0, 8, count), draw.uniform(5, 13, count), away, draw.uniform(2.2, 3.6, count), draw.random(count)]
    )
    velocity = np.column_stack([draw.uniform(7.5, 10.5, count), draw.uniform(-0.2, 0.5, count), draw.uniform(-0.8, 0.2, count)])
    return Birds(keys=("birds",), start=start, velocity=velocity, enters=0.4 * seconds)
