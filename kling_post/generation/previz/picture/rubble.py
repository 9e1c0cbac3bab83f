"""Broken slabs that lie about: tilted blocks with a lit top and a shaded, sawn front."""

from dataclasses import dataclass

import cv2
import numpy as np

from kling_post.generation.previz.contract import RgbFrame
from kling_post.generation.previz.picture.camera import Pose
from kling_post.generation.previz.picture.layers import Layer, affine, lay
from kling_post.generation.previz.picture.noise import FloatArray, generator, smoothstep, spectral_noise
from kling_post.generation.previz.picture.particles import soft_puff
from kling_post.generation.previz.picture.sculpt import Colour, Part, Studio, Workshop
from kling_post.generation.previz.picture.tone import mix, rgb
from kling_post.vocabulary import Size


@dataclass(frozen=True, slots=True, kw_only=True)
class Slab:
    """One block on the ground, in metres."""

    part: Part
    shadow: Layer
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
        squash = 0.24 + 0.5 * pose.y / max(self.z - pose.z, 1.0)
        under = affine(
            scale_x=self.half * 2.9 * scale / 96,
            scale_y=self.half * squash * scale / 96,
            at=(column + 0.25 * self.half * scale, row),
            anchor=(48, 48),
        )
        lay(frame, self.shadow, under)
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
        beds = 0.9 + 0.1 * np.sin(y * rng.uniform(14, 22) + x * rng.uniform(-1, 1)) * np.sin(x * 0.7 + rng.uniform(0, 6))
        beds = beds * (0.35 + 0.65 * smoothstep(-0.02, 0.3 * max(self.edge, 0.05), y))
        tile = spectral_noise((128, 128), beta=0.9, rng=rng)
        grit = 1 + 0.10 * cv2.remap(tile, (x * 60) % 128, (y * 60) % 128, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
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
    shadow = soft_puff(96, (0.02, 0.01, 0.006), 0.75, generator(seed, "slab shadow"))
    for number, (x, z, width) in enumerate(places):
        rng = generator(seed, "slabs", number)
        workshop = Workshop(studio=studio, pixels_per_metre=min(pose.scale(size, z) * 1.05, 900.0), seed=seed)
        half, tall = width / 2, width * float(rng.uniform(0.07, 0.2))
        lean = float(rng.uniform(-0.14, 0.14))
        back = tall * float(rng.uniform(0.35, 0.7))
        outline = [
            (-half * 1.02, -0.04 * width),
            (half * float(rng.uniform(0.75, 0.95)), -0.05 * width),
            (half * float(rng.uniform(0.85, 1.0)), tall * 0.4),
            (half * float(rng.uniform(0.9, 1.1)), tall + lean * half),
            (half * float(rng.uniform(0.5, 0.85)), tall + back + lean * half),
            (half * float(rng.uniform(0.1, 0.35)), tall + back * float(rng.uniform(0.75, 1.2))),
            (-half * float(rng.uniform(0.1, 0.3)), tall + back * float(rng.uniform(0.8, 1.1)) - lean * half * 0.3),
            (-half * float(rng.uniform(0.55, 0.9)), tall + back * 0.92 - lean * half),
            (-half * float(rng.uniform(0.95, 1.08)), tall - lean * half),
            (-half * float(rng.uniform(0.9, 1.0)), tall * 0.45),
        ]
        faces = _Faces(top=top, front=front, edge=tall, lean=lean, seed=seed + number)
        part = workshop.part([outline], faces, roundness=0.03 * width, texture=0.05, grain=(0.3, 0.3), smooth=False)
        slabs.append(Slab(part=part, shadow=shadow, x=x, z=z, half=half))
    return tuple(sorted(slabs, key=lambda slab: -slab.z))
