"""Robed walkers seen from the side: layers of cloth that swing, a hood, a mask or a face in shadow, a staff."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kling_post.generation.previz.contract import RgbFrame
from kling_post.generation.previz.picture.gait import Gait
from kling_post.generation.previz.picture.layers import Affine
from kling_post.generation.previz.picture.noise import FloatArray, smoothstep
from kling_post.generation.previz.picture.sculpt import Colour, Part, Workshop
from kling_post.generation.previz.picture.tone import mix, rgb

# All outlines in metres for a person of 1.8 m who faces right, feet at the origin; each hangs from its own joint.
_SKIRT = [
    (-0.17, 1.12),
    (0.02, 1.18),
    (0.19, 1.12),
    (0.24, 0.7),
    (0.32, 0.2),
    (0.36, 0.06),
    (0.2, 0.09),
    (0.06, 0.05),
    (-0.1, 0.09),
    (-0.3, 0.05),
    (-0.4, 0.09),
    (-0.32, 0.4),
    (-0.24, 0.8),
]
_TUNIC = [
    (-0.18, 1.42),
    (0.0, 1.5),
    (0.17, 1.42),
    (0.2, 1.1),
    (0.24, 0.72),
    (0.27, 0.56),
    (0.1, 0.6),
    (-0.04, 0.54),
    (-0.2, 0.6),
    (-0.33, 0.52),
    (-0.28, 0.8),
    (-0.22, 1.12),
]
_CAPE = [
    (0.12, 1.5),
    (0.16, 1.42),
    (0.14, 1.2),
    (0.06, 0.98),
    (-0.08, 0.82),
    (-0.26, 0.68),
    (-0.46, 0.58),
    (-0.42, 0.82),
    (-0.33, 1.1),
    (-0.24, 1.36),
    (-0.14, 1.54),
    (0.0, 1.57),
]
_HOOD = [
    (-0.05, 1.42),
    (-0.19, 1.52),
    (-0.2, 1.68),
    (-0.13, 1.8),
    (0.0, 1.85),
    (0.1, 1.81),
    (0.14, 1.72),
    (0.12, 1.6),
    (0.12, 1.48),
    (0.06, 1.42),
]
_FACE = [(0.04, 1.52), (0.02, 1.66), (0.05, 1.77), (0.11, 1.78), (0.155, 1.7), (0.16, 1.62), (0.13, 1.53), (0.09, 1.48)]
_SLEEVE = [(-0.07, 0.05), (-0.1, -0.2), (-0.1, -0.42), (0.0, -0.5), (0.1, -0.4), (0.09, -0.18), (0.07, 0.05)]
_BOOT = [(-0.07, 0.34), (0.06, 0.34), (0.06, 0.12), (0.17, 0.05), (0.18, 0.0), (-0.08, 0.0)]
_STAFF = [(-0.016, -1.05), (0.016, -1.05), (0.02, 0.95), (0.0, 0.99), (-0.02, 0.95)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wardrobe:
    """Colours of a walker's clothes, and what the face shows."""

    skirt: Colour
    tunic: Colour
    cape: Colour
    trim: Colour
    mirror_mask: bool = False
    reflection: tuple[Colour, Colour, Colour] = ((0.42, 0.46, 0.60), (6.0, 1.5, 0.15), (0.60, 0.52, 0.48))
    """Sky, the glow along the horizon, and ground, as a mirror mask shows them."""
    staff: bool = False


INDIGO = Wardrobe(
    skirt=(0.022, 0.028, 0.11), tunic=(0.045, 0.06, 0.22), cape=(0.03, 0.036, 0.15), trim=(0.5, 0.34, 0.16), mirror_mask=True, staff=True
)
PALE = Wardrobe(skirt=(0.5, 0.42, 0.31), tunic=(0.6, 0.52, 0.4), cape=(0.68, 0.6, 0.48), trim=(0.3, 0.2, 0.12))


@dataclass(frozen=True, slots=True)
class _Cloth:
    """Cloth with folds that fan out downward and a trimmed hem."""

    colour: Colour
    trim: Colour
    hem: float

    def __call__(self, x: FloatArray, y: FloatArray) -> FloatArray:
        fan = x / (0.35 + np.clip(1.6 - y, 0, 2) * 0.45)
        fold = 0.72 + 0.3 * np.sin(fan * 34 + 3 * np.sin(y * 4)) + 0.14 * np.sin(fan * 71 + y * 5)
        edge = smoothstep(-self.hem - 0.075, -self.hem - 0.06, -y) * (1 - smoothstep(-self.hem - 0.03, -self.hem - 0.015, -y))
        colour = mix(np.broadcast_to(rgb(*self.colour), (*x.shape, 3)), rgb(*self.trim), np.clip(edge, 0, 1)[..., None])
        return np.asarray(colour * np.clip(fold, 0.3, 1.4)[..., None], np.float32)


@dataclass(frozen=True, slots=True)
class _Mirror:
    """Polished metal that shows sky above, ground below and a bright line between them."""

    reflection: tuple[Colour, Colour, Colour]

    def __call__(self, x: FloatArray, y: FloatArray) -> FloatArray:
        height = (y - 1.63) / 0.14
        sky, glow, ground = (rgb(*colour) for colour in self.reflection)
        colour = mix(np.broadcast_to(ground, (*x.shape, 3)), sky, smoothstep(-0.1, 0.25, np.asarray(height, np.float32))[..., None])
        return np.asarray(colour + glow * np.exp(-((height + 0.02 + 0.05 * np.sin(x * 90)) ** 2) * 160)[..., None], np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Walker:
    """One robed person, walking to the right of the plane; negative plane scale turns it round."""

    boots: tuple[Part, Part]
    skirt: Part
    tunic: Part
    cape: Part
    hood: Part
    face: Part
    sleeve: Part
    staff: Part | None
    gait: Gait
    phase: float
    height: float = 1.8

    def _plane(self, plane: Affine) -> Affine:
        scaled = plane.copy()
        scaled[:, :2] *= self.height / 1.8
        scaled[:, 0] *= 0.84
        return scaled

    def draw(self, frame: RgbFrame, plane: Affine, seconds: float) -> None:
        """Draw into the frame; ``plane`` takes metres about the feet to pixels."""
        own = self._plane(plane)
        for part, joint, degrees, stretch in self._parts(seconds):
            part.draw(frame, own, joint, degrees, stretch)

    def cast(self, cover: NDArray[np.uint8], plane: Affine, seconds: float) -> None:
        """Add the silhouette to a picture of cover."""
        own = self._plane(plane)
        for part, joint, degrees, stretch in self._parts(seconds):
            part.cast(cover, own, joint, degrees, stretch)

    def _parts(self, seconds: float) -> list[tuple[Part, tuple[float, float], float, tuple[float, float]]]:
        beat = 2 * np.pi * (seconds / self.gait.period_seconds + self.phase)
        bob = 0.022 * float(np.cos(2 * beat))
        swing = float(np.sin(beat))
        plain = (1.0, 1.0)
        parts: list[tuple[Part, tuple[float, float], float, tuple[float, float]]] = []
        for part, offset in zip(self.boots, (0.5, 0.0), strict=True):
            ahead, lift, pitch = self.gait.foot(seconds, offset + self.phase)
            parts.append((part, (0.62 * ahead, 0.62 * lift), -0.7 * pitch, plain))
        if self.staff is not None:
            parts.append((self.staff, (0.36 + 0.05 * swing, 1.02 + bob), 5 + 7 * swing, plain))
        flutter = float(np.sin(seconds * 5.1 + self.phase * 9))
        parts += [
            (self.skirt, (0.0, 1.1 + bob), 1.5 * swing, (1.0 + 0.13 * abs(swing), 1.0)),
            (self.tunic, (0.0, 1.4 + bob), 1.8 * swing - 0.8, (1.0 + 0.06 * abs(swing), 1.0)),
            (self.cape, (0.0, 1.5 + bob), -3 - 2.5 * flutter - 1.5 * swing, (1.0, 1.0 + 0.02 * flutter)),
            (self.sleeve, (0.03, 1.42 + bob), (34 if self.staff is not None else 6) + 10 * swing, plain),
            (self.hood, (0.0, 1.45 + bob), 1.2 * float(np.sin(2 * beat)), plain),
            (self.face, (0.0, 1.45 + bob), 1.2 * float(np.sin(2 * beat)), plain),
        ]
        return parts

    def steps(self, duration_seconds: float) -> tuple[float, ...]:
        """Seconds at which a foot comes down."""
        return tuple(sorted(self.gait.steps(self.phase, duration_seconds) + self.gait.steps(self.phase + 0.5, duration_seconds)))


def make_walker(workshop: Workshop, wardrobe: Wardrobe, *, phase: float, height: float = 1.8, speed: float = 1.32) -> Walker:
    """Sculpt a walker who keeps pace at ``speed`` metres per second."""
    make = workshop.part
    face = _Mirror(wardrobe.reflection) if wardrobe.mirror_mask else (0.05, 0.035, 0.03)
    boots = tuple(make([_BOOT], (0.06, 0.04, 0.03), pivot=(0.0, 0.0), roundness=0.06, dim=dim) for dim in (0.5, 1.0))
    return Walker(
        boots=(boots[0], boots[1]),
        skirt=make([_SKIRT], _Cloth(wardrobe.skirt, wardrobe.trim, 0.05), pivot=(0.0, 1.1), roundness=0.16),
        tunic=make([_TUNIC], _Cloth(wardrobe.tunic, wardrobe.trim, 0.54), pivot=(0.0, 1.4), roundness=0.14),
        cape=make([_CAPE], _Cloth(wardrobe.cape, wardrobe.trim, 0.58), pivot=(0.0, 1.5), roundness=0.12),
        hood=make([_HOOD], _Cloth(wardrobe.cape, wardrobe.trim, 1.3), pivot=(0.0, 1.45), roundness=0.13),
        face=make([_FACE], face, pivot=(0.0, 1.45), roundness=0.06, gloss=0.5 if wardrobe.mirror_mask else 0.0),
        sleeve=make([_SLEEVE], _Cloth(wardrobe.tunic, wardrobe.trim, -0.44), roundness=0.08),
        staff=make([_STAFF], (0.09, 0.05, 0.03), roundness=0.02, smooth=False) if wardrobe.staff else None,
        gait=Gait(period_seconds=1.1 * height / 1.8, stride=speed * 1.1, duty=0.6, lift=0.16),
        phase=phase,
        height=height,
    )
