"""The rigid pieces of a colossal walking machine: brass, ceramic, soot-dark joints, a shrine for its back."""

from dataclasses import dataclass

import cv2
import numpy as np

from kling_post.generation.previz.picture.noise import FloatArray, generator, smoothstep, spectral_noise
from kling_post.generation.previz.picture.sculpt import Colour, Outline, Paint, Part, Workshop, limb
from kling_post.generation.previz.picture.tone import mix, rgb

HIP = 12.6
THIGH, SHIN = 6.15, 5.8
# Outlines in metres; the machine is 27 m tall, faces right, its feet stand at y = 0.
_FOOT = [(-1.9, 0.0), (3.3, 0.0), (3.5, 0.5), (2.7, 1.1), (1.2, 1.5), (0.9, 2.1), (-0.9, 2.1), (-1.2, 1.4), (-2.1, 0.9)]
_SHIN_PLATE = [(-0.95, 0.5), (1.15, 0.5), (1.35, -0.8), (1.05, -3.4), (0.75, -5.2), (-0.7, -5.2), (-0.95, -3.2)]
_THIGH_PLATE = [(-1.35, 0.9), (1.35, 0.9), (1.55, -1.0), (1.2, -4.0), (0.85, -5.6), (-0.85, -5.6), (-1.2, -4.0), (-1.55, -1.0)]
_PELVIS = [(-2.3, 11.6), (2.3, 11.6), (2.9, 12.9), (2.5, 14.3), (-2.5, 14.3), (-2.9, 12.9)]
_TORSO = [
    (-2.9, 13.9),
    (2.8, 13.9),
    (3.7, 16.0),
    (4.0, 18.6),
    (3.3, 21.2),
    (2.0, 22.4),
    (-2.4, 22.4),
    (-3.6, 21.0),
    (-4.1, 18.4),
    (-3.8, 15.9),
]
_BREAST = [(0.4, 15.2), (2.9, 15.0), (3.95, 17.2), (4.15, 19.0), (3.3, 21.0), (1.2, 21.3), (0.5, 18.4)]
_BACK_PLATE = [(-0.4, 15.4), (-2.9, 15.2), (-3.9, 17.3), (-4.0, 18.9), (-3.2, 20.8), (-1.0, 21.1), (-0.5, 18.4)]
_SHOULDER = [(-2.0, 20.4), (2.0, 20.4), (2.2, 21.6), (1.5, 22.9), (0.0, 23.4), (-1.5, 22.9), (-2.2, 21.6)]
_HEAD = [(1.5, 22.2), (3.3, 22.2), (4.0, 22.9), (4.1, 23.9), (3.5, 24.9), (2.4, 25.2), (1.4, 24.7), (1.1, 23.5)]
_VISOR = [(3.2, 23.5), (4.05, 23.45), (4.0, 23.85), (3.2, 23.95)]
_SHRINE = [
    (-3.6, 22.2),
    (0.4, 22.2),
    (0.3, 23.0),
    (-0.2, 23.1),
    (-0.2, 24.4),
    (1.0, 24.3),
    (0.3, 25.0),
    (-0.6, 25.5),
    (-0.6, 26.2),
    (0.1, 26.2),
    (-0.7, 26.9),
    (-1.55, 28.4),
    (-2.4, 26.9),
    (-3.2, 26.2),
    (-2.5, 26.2),
    (-2.5, 25.5),
    (-3.4, 25.0),
    (-4.1, 24.3),
    (-3.0, 24.4),
    (-3.0, 23.1),
    (-3.5, 23.0),
]
_BELLOWS = [(-2.5, 12.7), (2.5, 12.7), (2.9, 14.6), (-2.9, 14.6)]
_YOKE = [(-5.6, 22.05), (5.6, 22.05), (5.7, 22.35), (5.6, 22.5), (-5.6, 22.5), (-5.7, 22.35)]
_LANTERN = [(-0.28, 0.0), (0.28, 0.0), (0.42, -0.18), (0.36, -1.0), (0.2, -1.18), (-0.2, -1.18), (-0.36, -1.0), (-0.42, -0.18)]


@dataclass(frozen=True, slots=True)
class _Metal:
    """Brushed brass with panel lines, rivets and soot running down; or ceramic with crackle."""

    seed: int
    base: Colour
    panel: float
    brushed: bool = True

    def __call__(self, x: FloatArray, y: FloatArray) -> FloatArray:
        rng = generator(self.seed, "metal", round(self.panel * 100))
        tile = spectral_noise((256, 256), beta=1.1, rng=rng)
        stretch = (5.0, 170.0) if self.brushed else (30.0, 30.0)
        grain = cv2.remap(
            tile, np.float32(1) * (x * stretch[0]) % 256, (y * stretch[1]) % 256, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP
        )
        stain = cv2.remap(tile, (x * 40) % 256, (y * 6 + 80) % 256, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
        line_x = np.abs(np.mod(x / self.panel + 0.5 + 0.13 * np.floor(y / self.panel), 1) - 0.5) * self.panel
        line_y = np.abs(np.mod(y / self.panel + 0.31, 1) - 0.5) * self.panel
        seam = np.clip(1 - np.minimum(line_x, line_y) / 0.045, 0, 1)
        rivet_x = np.mod(x / 0.42, 1) - 0.5
        rivet = np.exp(-((rivet_x**2) * 60 + ((line_y - 0.17) / 0.06) ** 2))
        colour = np.broadcast_to(rgb(*self.base), (*x.shape, 3)) * (1 + (0.07 if self.brushed else 0.05) * grain)[..., None]
        soot = np.clip((0.5 if self.brushed else 0.7) * smoothstep(0.5, 2.0, np.asarray(stain, np.float32)) + 0.8 * seam, 0, 0.94)
        colour = mix(colour, rgb(0.035, 0.028, 0.022), soot[..., None])
        return np.asarray(colour * (1 + 0.5 * rivet)[..., None], np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class MechParts:
    """The machine's rigid pieces; pairs are near and far side."""

    feet: tuple[Part, Part]
    shins: tuple[Part, Part]
    thighs: tuple[Part, Part]
    knees: tuple[Part, Part]
    ankles: tuple[Part, Part]
    pistons: tuple[Part, Part]
    arms: tuple[Part, Part]
    forearms: tuple[Part, Part]
    body: tuple[Part, ...]
    shoulder: Part
    lantern: Part


def _joint(x: FloatArray, y: FloatArray) -> FloatArray:
    """A soot-dark bearing with brass rings and bolts."""
    radius, angle = np.hypot(x, y), np.arctan2(y, x)
    ring = np.exp(-(((radius - 0.98) / 0.07) ** 2)) + np.exp(-(((radius - 0.42) / 0.1) ** 2))
    bolt = np.exp(-(((radius - 0.7) / 0.06) ** 2) - (np.sin(angle * 4) / 0.35) ** 2)
    return mix(np.broadcast_to(rgb(0.045, 0.038, 0.033), (*x.shape, 3)), rgb(0.42, 0.25, 0.085), np.clip(ring + bolt, 0, 1)[..., None])


def _slats(_x: FloatArray, y: FloatArray) -> FloatArray:
    """Leather bellows: dark folds."""
    fold = 0.5 + 0.5 * np.sin(y * 21)
    return np.asarray(rgb(0.13, 0.08, 0.05) * (0.25 + fold)[..., None], np.float32)


def _flame(x: FloatArray, y: FloatArray) -> FloatArray:
    """A lit lantern: bright glass between a dark cap, foot and ribs."""
    frame = np.clip(smoothstep(-0.2, -0.14, y) + smoothstep(0.98, 1.04, -y) + np.exp(-(((np.abs(x) - 0.2) / 0.035) ** 2)), 0, 1)
    heart = np.exp(-((x / 0.3) ** 2) - ((y + 0.62) / 0.4) ** 2)
    return mix(rgb(3.4, 1.35, 0.3) * (0.5 + 1.2 * heart)[..., None], rgb(0.06, 0.04, 0.03), frame[..., None])


def _disc(radius: float, corners: int = 20) -> Outline:
    return [(radius * float(np.cos(a)), radius * float(np.sin(a))) for a in np.linspace(0, 2 * np.pi, corners, endpoint=False)]


def make_mech_parts(workshop: Workshop) -> MechParts:
    """Sculpt the pieces."""
    seed = workshop.seed
    brass, dark_brass = _Metal(seed, (0.40, 0.235, 0.075), 1.9), _Metal(seed, (0.24, 0.14, 0.055), 1.3)
    ceramic = _Metal(seed, (0.50, 0.44, 0.36), 2.4, brushed=False)
    soot: Colour = (0.05, 0.042, 0.036)

    def pair(outline: Outline, paint: Colour | Paint, *, roundness: float, smooth: bool = False, metal: float = 0.9) -> tuple[Part, Part]:
        near, far = (
            workshop.part([outline], paint, roundness=roundness, gloss=0.7, metal=metal, smooth=smooth, dim=dim) for dim in (1.0, 0.42)
        )
        return near, far

    middle = (0.0, HIP)

    def fixed(
        outline: Outline, paint: Colour | Paint, *, roundness: float, gloss: float = 0.7, smooth: bool = False, metal: float = 0.9
    ) -> Part:
        return workshop.part([outline], paint, pivot=middle, roundness=roundness, gloss=gloss, metal=metal, smooth=smooth)

    body = (
        fixed(_SHRINE, dark_brass, roundness=0.5),
        fixed(_PELVIS, soot, roundness=1.0, metal=0.4),
        fixed(_BELLOWS, _slats, roundness=1.2, metal=0.0),
        fixed(_TORSO, brass, roundness=2.6, smooth=True),
        fixed(_BACK_PLATE, dark_brass, roundness=1.0, smooth=True),
        fixed(_BREAST, ceramic, roundness=1.4, smooth=True, metal=0.25),
        fixed(_HEAD, brass, roundness=1.0, smooth=True),
        fixed(_VISOR, (5.0, 2.2, 0.6), roundness=0.2, gloss=0.0, metal=0.0),
        fixed(_YOKE, dark_brass, roundness=0.2),
    )
    return MechParts(
        feet=pair(_FOOT, brass, roundness=0.7),
        shins=pair(_SHIN_PLATE, ceramic, roundness=0.9, metal=0.25),
        thighs=pair(_THIGH_PLATE, brass, roundness=1.2),
        knees=pair(_disc(1.15), _joint, roundness=0.35, smooth=True, metal=0.2),
        ankles=pair(_disc(0.8), _joint, roundness=0.25, smooth=True, metal=0.2),
        pistons=pair(
            [(-0.2, 0.4), (0.2, 0.4), (0.2, -2.4), (0.12, -2.4), (0.12, -5.4), (-0.12, -5.4), (-0.12, -2.4), (-0.2, -2.4)],
            (0.10, 0.085, 0.07),
            roundness=0.15,
        ),
        arms=pair(limb(4.6, 1.7, 1.3), dark_brass, roundness=0.7, smooth=True),
        forearms=pair(limb(4.9, 1.5, 0.9), brass, roundness=0.6, smooth=True),
        body=body,
        shoulder=workshop.part([_SHOULDER], ceramic, pivot=middle, roundness=1.2, gloss=0.8, smooth=True),
        lantern=workshop.part([_LANTERN], _flame, roundness=0.25, smooth=False),
    )
