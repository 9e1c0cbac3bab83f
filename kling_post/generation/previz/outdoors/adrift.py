"""What drifts in space: tumbling rocks, and the ship or the astronaut whom the prompt names."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kling_post.generation.previz.contract import PictureRequest, RgbFrame
from kling_post.generation.previz.interior.drifting import View
from kling_post.generation.previz.interior.noise import random
from kling_post.generation.previz.outdoors.spacecraft import astronaut, rock, ship
from kling_post.generation.previz.picture.layers import Layer as Sprite
from kling_post.generation.previz.picture.layers import affine, lay, turned


@dataclass(frozen=True, slots=True, kw_only=True)
class Rocks:
    """Tumbling rocks, and the craft or the astronaut whom the prompt names."""

    keys: tuple[str, ...]
    place: NDArray[np.float64]
    """(n, 3) metres."""
    speed: NDArray[np.float64]
    radius: NDArray[np.float64]
    spin: NDArray[np.float64]
    """(n, 2) degrees: at the start, and a second."""
    sprites: tuple[Sprite, ...]
    which: NDArray[np.int64]

    def draw(self, frame: RgbFrame, view: View, seconds: float) -> None:
        """Draw them far to near."""
        place = self.place + self.speed * seconds
        gone = view.pose.z - view.base.z
        for index in np.argsort(-place[:, 2]):
            if place[index, 2] - gone < 5:
                continue
            column, row, scale = (float(v[0]) for v in view.project(*(place[index, axis : axis + 1] for axis in range(3))))
            sprite = self.sprites[int(self.which[index])]
            size = 2 * float(self.radius[index]) * scale / sprite.shape[1]
            middle = (sprite.shape[1] / 2, sprite.shape[0] / 2)
            matrix = affine(scale_x=size, at=(column, row), anchor=middle)
            lay(frame, sprite, turned(matrix, float(self.spin[index, 0] + self.spin[index, 1] * seconds), middle))


def drifting(request: PictureRequest) -> tuple[Rocks, ...]:
    """Rocks where the prompt names asteroids or names nobody; a ship, a station or an astronaut where it names one."""
    reading = request.reading
    draw = random((request.seed, 911))
    words = reading.prompt.lower()
    layers = []
    count = 46 if any(word in words for word in ("asteroid", "meteor", "debris", "comet")) else 9
    texels = max(24, round(request.size.width * 0.1))
    rocks = tuple(rock((request.seed, 912, number), texels) for number in range(4))
    away = draw.uniform(16, 108, count)
    side = np.where(draw.random(count) < 0.5, -1, 1) * draw.uniform(0.12, 0.75, count)
    place = np.column_stack([side * away, draw.uniform(-0.34, 0.3, count) * away, away])
    layers.append(
        Rocks(
            keys=("planet",),
            place=place,
            speed=draw.normal(0, 0.2, (count, 3)),
            radius=0.22 * draw.gamma(1.6, 1.0, count) + 0.11,
            spin=np.column_stack([draw.uniform(0, 360, count), draw.normal(0, 6, count)]),
            sprites=rocks,
            which=draw.integers(0, len(rocks), count),
        )
    )
    craft = next((key for key in ("spacecraft", "aircraft", "person") if reading.element(key) is not None), None)
    if craft is not None:
        sprite = astronaut(texels * 2) if craft == "person" else ship(texels * 4)
        far, radius = (16.0, 2.7) if craft == "person" else (30.0, 7.5)
        layers.append(
            Rocks(
                keys=(craft,),
                place=np.array([(-0.24 * far, 0.02 * far, far)]),
                speed=np.array([(0.12, 0.04, 0.3)]) * (1.0 if craft == "person" else 2.6),
                radius=np.array([radius]),
                spin=np.array([(-14.0, 3.0)]) if craft == "person" else np.array([(-4.0, 0.3)]),
                sprites=(sprite,),
                which=np.array([0]),
            )
        )
    return tuple(layers)
