"""Trees as sculpted layers: firs and broad crowns, in a few shapes and sizes that a wood repeats."""

from dataclasses import dataclass

import numpy as np

from kling_post.generation.previz.contract import RgbFrame
from kling_post.generation.previz.picture.camera import Pose
from kling_post.generation.previz.picture.layers import Layer, affine, lay
from kling_post.generation.previz.picture.noise import FloatArray, generator
from kling_post.generation.previz.picture.sculpt import Colour, Outline, Part, Studio, Workshop
from kling_post.generation.previz.picture.tone import rgb
from kling_post.vocabulary import Size

_DEPTHS = (16.0, 40.0, 110.0)


def _ragged(points: Outline, amount: float, rng: np.random.Generator) -> Outline:
    return [(x + float(rng.uniform(-amount, amount)), y + float(rng.uniform(-amount, amount))) for x, y in points]


def _fir(rng: np.random.Generator) -> list[Outline]:
    """A trunk and tiers of drooping boughs, 12 m tall."""
    outlines: list[Outline] = [[(-0.18, -0.2), (0.18, -0.2), (0.08, 6.0), (-0.08, 6.0)]]
    for tier in range(9):
        level, wide = 1.3 + tier * 1.13, 2.7 * (1 - tier / 9.6)
        teeth = []
        for step in range(13):
            part = step / 6 - 1
            droop = -0.35 * abs(part) * wide * 0.5
            teeth.append((part * wide, level + droop + (0.0 if step % 2 else -0.38 * (1 - tier / 12))))
        outlines.append([*_ragged(teeth, 0.12, rng), (0.22, level + 1.9), (-0.22, level + 1.9)])
    return outlines


def _broad(rng: np.random.Generator) -> list[Outline]:
    """A trunk, boughs and a crown of leafy balls, 9 m tall."""
    outlines: list[Outline] = [
        [(-0.3, -0.2), (0.32, -0.2), (0.2, 3.4), (0.9, 5.4), (0.7, 5.5), (0.0, 4.0), (-0.8, 5.6), (-1.0, 5.5), (-0.18, 3.2)]
    ]
    for _ in range(26):
        angle, reach = rng.uniform(0, 2 * np.pi), rng.uniform(0, 1) ** 0.5
        centre = (2.9 * reach * np.cos(angle), 6.0 + 2.3 * reach * np.sin(angle))
        radius = rng.uniform(0.6, 1.25)
        ring = np.linspace(0, 2 * np.pi, 22, endpoint=False)
        outlines.append(
            [
                (centre[0] + radius * rng.uniform(0.82, 1.12) * np.cos(a), centre[1] + radius * rng.uniform(0.82, 1.12) * np.sin(a))
                for a in ring
            ]
        )
    return outlines


@dataclass(frozen=True, slots=True)
class _Leaves:
    """Foliage over bark, darker below and inside."""

    leaf: Colour
    bark: Colour
    bare: float

    def __call__(self, x: FloatArray, y: FloatArray) -> FloatArray:
        trunk = (np.abs(x) < 0.34) & (y < self.bare)
        fleck = 0.8 + 0.25 * np.sin(x * 17 + 3 * np.sin(y * 13)) * np.sin(y * 19 + 2 * np.sin(x * 11))
        shade = 0.5 + 0.6 * np.clip(y / 9, 0, 1)
        return np.asarray(np.where(trunk[..., None], rgb(*self.bark), rgb(*self.leaf) * (fleck * shade)[..., None]), np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """One standing tree: metres, and which shape."""

    x: float
    z: float
    height: float
    shape: int


class Wood:
    """Trees that share a few shapes, each at three sizes so that far ones stay smooth."""

    def __init__(
        self,
        trees: tuple[Tree, ...],
        studio: Studio,
        haze: Colour,
        haze_metres: float,
        size: Size,
        pose: Pose,
        *,
        seed: int,
        kind: str,
        leaf: Colour,
    ) -> None:
        """``kind`` is ``fir`` or ``broad``."""
        self.trees = tuple(sorted(trees, key=lambda tree: -tree.z))
        self._tall = 12.0 if kind == "fir" else 9.0
        self._parts: list[list[Part]] = []
        for number, depth in enumerate(_DEPTHS):
            share = float(np.clip(1 - np.exp(-depth * (1.0, 1.2, 1.7)[number] / haze_metres), 0, 0.9))
            light = Studio(
                sun=studio.sun,
                sun_direction=studio.sun_direction,
                sky=studio.sky,
                bounce=studio.bounce,
                haze=haze,
                haze_share=share,
                rim=studio.rim,
            )
            workshop = Workshop(studio=light, pixels_per_metre=pose.scale(size, depth + pose.z), seed=seed)
            paint = _Leaves(leaf, (0.10, 0.065, 0.045), 3.2 if kind == "broad" else 1.2)
            shapes = [(_fir if kind == "fir" else _broad)(generator(seed, "tree", shape)) for shape in range(3)]
            self._parts.append(
                [workshop.part(shape, paint, roundness=0.5, texture=1.3, grain=(0.35, 0.3), smooth=False) for shape in shapes]
            )

    def draw(self, frame: RgbFrame, pose: Pose, seconds: float, *, near: float, far: float, wind: float = 0.0) -> None:
        """Draw the trees between two depths, far to near, swaying a little."""
        size = Size(frame.shape[1], frame.shape[0])
        for tree in self.trees:
            away = tree.z - pose.z
            if not near <= tree.z < far or away < 4:
                continue
            band = next((number for number in (2, 1) if away >= _DEPTHS[number] * 0.8), 0)
            part = self._parts[band][tree.shape % 3]
            scale = pose.scale(size, tree.z) / part.pixels_per_metre * tree.height / self._tall
            matrix = affine(scale_x=scale, at=pose.project(size, tree.x, 0.0, tree.z), anchor=part.pivot)
            sway = 0.004 * (0.4 + wind) * float(np.sin(seconds * 1.3 + tree.x))
            matrix[0, 1] += sway * scale
            matrix[0, 2] -= sway * scale * part.pivot[1]
            lay(frame, Layer(part.picture.rgba), matrix)
