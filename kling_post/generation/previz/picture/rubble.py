"""Broken slabs that lie about: tilted blocks with a lit top and a shaded, sawn front."""

from dataclasses import dataclass

import numpy as np

from kling_post.generation.previz.contract import RgbFrame
from kling_post.generation.previz.picture.camera import Pose
from kling_post.generation.previz.picture.noise import FloatArray, generator, smoothstep
from kling_post.generation.previz.picture.sculpt import Colour, Part, Studio, Workshop
from kling_post.generation.previz.picture.tone import mix, rgb
from kling_post.vocabulary import Size


@dataclass(frozen=True, slots=True, kw_only=True)
class Slab:
    """One block on the ground, in metres."""

    part: Part
    x: float
    z: float
    half: float

    def draw(self, frame: RgbFrame, pose: Pose) -> None:
        """Lay the block over the frame, unless the camera has passed it."""
        if self.z - pose.z < 1.5:
            return
        size = Size(frame.shape[1], frame.shape[0])
        column, row = pose.project(size, self.x, 0.0, self.z)
        scale = pose.scale(size, self.z)
        self.part.draw(frame, np.array([[scale, 0, column], [0, -scale, row]], np.float64), (0.0, 0.0))


@dataclass(frozen=True, slots=True)
class _Faces:
    """A top that leans toward the viewer and a front with bedding lines."""

    top: Colour
    front: Colour
    edge: float
    lean: float
    seed: int

    def __call__(self, x: FloatArray, y: FloatArray) -> FloatArray:
        rng = generator(self.seed, "slab")
        height = y - self.edge - self.lean * x
        beds = 0.82 + 0.18 * np.sin(y * rng.uniform(14, 22) + 2 * np.sin(x * 2.1)) * np.sin(x * 0.7 + rng.uniform(0, 6))
        grit = 0.93 + 0.07 * np.sin(x * 37 + 3 * np.sin(y * 41)) * np.sin(y * 53)
        front = rgb(*self.front) * (beds * grit)[..., None]
        top = rgb(*self.top) * grit[..., None]
        lip = np.exp(-((height / 0.03) ** 2))
        colour = mix(front, top, smoothstep(-0.01, 0.015, height)[..., None])
        return np.asarray(colour * (1 + 0.35 * lip)[..., None], np.float32)


def scatter_slabs(
    studio: Studio, size: Size, pose: Pose, *, seed: int, top: Colour, front: Colour, places: tuple[tuple[float, float, float], ...]
) -> tuple[Slab, ...]:
    """Blocks at (x, z, width) places, far to near."""
    slabs = []
    for number, (x, z, width) in enumerate(places):
        rng = generator(seed, "slabs", number)
        workshop = Workshop(studio=studio, pixels_per_metre=min(pose.scale(size, z) * 1.05, 900.0), seed=seed)
        half, tall = width / 2, width * float(rng.uniform(0.16, 0.3))
        lean = float(rng.uniform(-0.12, 0.12))
        back = tall * float(rng.uniform(0.25, 0.5))
        outline = [
            (-half * 1.02, -0.04 * width),
            (half * 0.98, -0.05 * width),
            (half * 1.03, tall + lean * half),
            (half * float(rng.uniform(0.65, 0.85)), tall + back + lean * half),
            (half * 0.1, tall + back * float(rng.uniform(0.9, 1.15))),
            (-half * float(rng.uniform(0.6, 0.9)), tall + back * 0.92 - lean * half),
            (-half * 1.0, tall - lean * half),
        ]
        faces = _Faces(top=top, front=front, edge=tall, lean=lean, seed=seed + number)
        part = workshop.part([outline], faces, roundness=0.05 * width, texture=0.25, smooth=False)
        slabs.append(Slab(part=part, x=x, z=z, half=half))
    return tuple(sorted(slabs, key=lambda slab: -slab.z))
