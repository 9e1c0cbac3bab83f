"""Pack animals: long-necked and shaggy, between camel and llama, with saddles, cradles and glass spheres."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kling_post.generation.previz.contract import RgbFrame
from kling_post.generation.previz.picture.gait import Gait, bend
from kling_post.generation.previz.picture.glass import GlassColours, GlassSphere, make_sphere
from kling_post.generation.previz.picture.layers import Affine, Layer
from kling_post.generation.previz.picture.noise import FloatArray, smoothstep
from kling_post.generation.previz.picture.sculpt import Colour, Part, Workshop, limb
from kling_post.generation.previz.picture.tone import mix, rgb

Put = Callable[[Part, tuple[float, float], float], None]
"""How a walk hands over a part, its joint and its angle."""

_TORSO = [
    (-1.52, 2.62),
    (-1.42, 2.98),
    (-1.05, 3.2),
    (-0.5, 3.27),
    (0.0, 3.33),
    (0.5, 3.27),
    (0.95, 3.16),
    (1.3, 2.98),
    (1.46, 2.6),
    (1.34, 2.2),
    (0.95, 1.99),
    (0.4, 1.9),
    (-0.2, 1.93),
    (-0.8, 2.06),
    (-1.25, 2.16),
    (-1.46, 2.36),
]
_NECK = [
    (1.18, 2.2),
    (1.55, 2.36),
    (1.84, 2.72),
    (1.98, 3.2),
    (2.04, 3.74),
    (2.12, 4.12),
    (2.3, 4.22),
    (2.62, 4.17),
    (2.86, 4.14),
    (2.96, 4.24),
    (2.95, 4.38),
    (2.76, 4.47),
    (2.52, 4.56),
    (2.4, 4.68),
    (2.3, 4.72),
    (2.26, 4.98),
    (2.17, 5.0),
    (2.12, 4.7),
    (1.94, 4.6),
    (1.74, 4.28),
    (1.6, 3.8),
    (1.46, 3.38),
    (1.2, 3.14),
    (0.86, 3.06),
    (0.8, 2.6),
]
_SADDLE = [
    (-0.9, 3.25),
    (-0.6, 3.33),
    (0.0, 3.4),
    (0.6, 3.33),
    (0.88, 3.24),
    (0.98, 2.8),
    (1.0, 2.2),
    *[(0.96 - 0.08 * step, 2.13 if step % 2 else 2.24) for step in range(25)],
    (-1.0, 2.2),
    (-0.98, 2.8),
]
_TAIL = [(-0.06, 0.04), (-0.12, -0.3), (-0.14, -0.7), (-0.07, -1.02), (0.02, -0.72), (0.05, -0.3), (0.07, 0.04)]
_HOOF = [(-0.1, 0.04), (0.0, 0.09), (0.1, 0.04), (0.2, -0.07), (0.25, -0.13), (0.24, -0.17), (-0.14, -0.17), (-0.15, -0.1)]
_ANKLE = 0.16
"""Height of the ankle over the sole, in metres."""
_HIPS = ((1.0, 2.42), (-1.08, 2.48))
_BONES = ((1.18, 1.27), (1.22, 1.32))
# Which half of the body, phase of the step, far side: the lateral walk of camels, near hind before near fore.
_LEGS = ((1, 0.0, False), (0, 0.22, False), (1, 0.5, True), (0, 0.72, True))


def _woven(x: FloatArray, y: FloatArray) -> FloatArray:
    """Copper weave: diamonds of bright and dark thread between borders."""
    thread = 0.5 + 0.5 * np.sin((x + y) * 62) * np.sin((x - y) * 62)
    diamond = np.abs(np.mod(x * 2.6 + 20, 1) - 0.5) + np.abs(np.mod(y * 2.6 + 20.2, 1) - 0.5)
    border = smoothstep(0.74, 0.78, np.abs(x)) + smoothstep(-2.46, -2.38, -y)
    colour = mix(rgb(0.62, 0.21, 0.065), rgb(0.95, 0.42, 0.15), (smoothstep(0.42, 0.52, diamond) * 0.75 + 0.25 * thread)[..., None])
    colour = mix(colour, rgb(0.17, 0.05, 0.045), np.clip(border * 0.75 + (diamond < 0.16) * 0.6, 0, 1)[..., None])
    return np.asarray(colour * (0.72 + 0.5 * thread)[..., None], np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnimalParts:
    """What all animals of a caravan share."""

    torso: Part
    neck: Part
    tail: Part
    upper: tuple[Part, Part, Part, Part]
    """Fore near, hind near, fore far, hind far."""
    lower: tuple[Part, Part, Part, Part]
    hooves: tuple[Part, Part]
    """Near side, far side."""
    saddle: Part | None
    cradle: Part | None


@dataclass(frozen=True, slots=True)
class _Coat:
    """Wool: paler on the back, sooty on muzzle, ears and feet."""

    base: Colour

    def __call__(self, x: FloatArray, y: FloatArray) -> FloatArray:
        muzzle = smoothstep(2.66, 2.92, x) * smoothstep(3.9, 4.1, y)
        belly = smoothstep(-2.5, -1.9, -y) * (x < 1.2) * 0.45
        eye = ((x - 2.52) ** 2 + (y - 4.43) ** 2 < 0.0016).astype(np.float32)
        return mix(
            np.broadcast_to(rgb(*self.base), (*x.shape, 3)), rgb(0.045, 0.03, 0.025), np.clip(muzzle * 0.8 + belly + eye, 0, 1)[..., None]
        )


@dataclass(frozen=True, slots=True)
class _Sock:
    """Wool that thins to dark skin down the leg."""

    base: Colour
    length: float

    def __call__(self, x: FloatArray, y: FloatArray) -> FloatArray:
        down = smoothstep(0.15, 1.0, -y / self.length)
        return mix(np.broadcast_to(rgb(*self.base), (*x.shape, 3)), rgb(0.07, 0.05, 0.04), (0.75 * down)[..., None])


def make_parts(workshop: Workshop, coat: Colour, *, saddled: bool) -> AnimalParts:
    """Sculpt the parts for one coat."""
    upper: list[Part] = []
    lower: list[Part] = []
    for dim in (1.0, 0.5):
        for half, (first, second) in enumerate(_BONES):
            thigh = limb(first, 0.62 if half == 0 else 0.78, 0.27, bulge=0.05)
            upper.append(workshop.part([thigh], coat, roundness=0.2, texture=0.4, grain=(0.14, 0.5), dim=dim))
            shank = limb(second - _ANKLE, 0.26, 0.14)
            lower.append(workshop.part([shank], _Sock(coat, second), roundness=0.11, texture=0.35, grain=(0.14, 0.5), dim=dim))
    return AnimalParts(
        torso=workshop.part([_TORSO], _Coat(coat), pivot=(0.0, 2.4), roundness=0.62, texture=0.45, grain=(0.14, 0.45)),
        neck=workshop.part([_NECK], _Coat(coat), pivot=(1.2, 2.7), roundness=0.3, texture=0.4, grain=(0.14, 0.5)),
        tail=workshop.part([_TAIL], coat, roundness=0.1, texture=1.0, grain=(0.1, 0.6)),
        upper=tuple(upper),  # type: ignore[arg-type]
        lower=tuple(lower),  # type: ignore[arg-type]
        hooves=tuple(workshop.part([_HOOF], (0.075, 0.055, 0.045), roundness=0.08, texture=0.1, dim=dim) for dim in (1.0, 0.5)),  # type: ignore[arg-type]
        saddle=workshop.part([_SADDLE], _woven, pivot=(0.0, 2.4), roundness=0.5, gloss=0.7, texture=0.12, grain=(0.1, 0.1), smooth=False)
        if saddled
        else None,
        cradle=_cradle(workshop) if saddled else None,
    )


def _cradle(workshop: Workshop) -> Part:
    """A copper basket of posts and a ring, on the saddle."""
    posts: list[list[tuple[float, float]]] = []
    for x, lean in ((-0.5, -0.14), (-0.17, -0.05), (0.17, 0.05), (0.5, 0.14)):
        posts.append([(x - 0.035, 3.2), (x + 0.035, 3.2), (x + lean + 0.03, 3.72), (x + lean - 0.03, 3.72)])
    ring = [(-0.68, 3.7), (0.0, 3.6), (0.68, 3.7), (0.68, 3.77), (0.0, 3.68), (-0.68, 3.77)]
    base = [(-0.6, 3.3), (-0.52, 3.42), (0.0, 3.46), (0.52, 3.42), (0.6, 3.3), (0.0, 3.2)]
    return workshop.part([*posts, ring, base], (0.75, 0.28, 0.09), pivot=(0.0, 2.4), roundness=0.05, gloss=1.6, smooth=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PackAnimal:
    """One animal of the caravan, walking to the right of its plane."""

    parts: AnimalParts
    sphere: GlassSphere | None
    gait: Gait
    phase: float
    """Share of the walk's period by which this animal is ahead."""

    def _pose(self, seconds: float) -> tuple[float, float, float]:
        beat = 2 * np.pi * (seconds / self.gait.period_seconds + self.phase)
        return 0.045 * float(np.sin(2 * beat)), 1.1 * float(np.sin(beat)), 3.2 * float(np.sin(2 * beat - 0.7)) + 1.4 * float(np.sin(beat))

    def draw(self, frame: RgbFrame, plane: Affine, seconds: float, *, sphere_light: Layer | None = None) -> None:
        """Draw into the frame; ``plane`` takes metres about the animal's middle on the ground to pixels."""
        self._walk(seconds, lambda part, joint, degrees: part.draw(frame, plane, joint, degrees))
        if self.sphere is not None:
            bob, pitch, _ = self._pose(seconds)
            lean = np.deg2rad(pitch)
            centre = (-1.72 * float(np.sin(lean)), 2.4 + bob + 1.85 * float(np.cos(lean)))
            self.sphere.draw(frame, plane, centre, 0.78, seconds + 7 * self.phase, light=sphere_light)

    def cast(self, cover: NDArray[np.uint8], plane: Affine, seconds: float) -> None:
        """Add the silhouette to a picture of cover."""
        self._walk(seconds, lambda part, joint, degrees: part.cast(cover, plane, joint, degrees))

    def _walk(self, seconds: float, put: Put) -> None:
        bob, pitch, nod = self._pose(seconds)
        for half, offset, far in _LEGS:
            if far:
                self._leg(seconds, half, offset, bob, put, side=1)
        put(self.parts.tail, (-1.47, 2.9 + bob), 6 * float(np.sin(seconds * 2.3 + self.phase * 9)))
        put(self.parts.torso, (0.0, 2.4 + bob), pitch)
        for half, offset, far in _LEGS:
            if not far:
                self._leg(seconds, half, offset, bob, put, side=0)
        put(self.parts.neck, (1.2, 2.7 + bob), pitch + nod)
        for part in (self.parts.saddle, self.parts.cradle):
            if part is not None:
                put(part, (0.0, 2.4 + bob), pitch)

    def _leg(self, seconds: float, half: int, offset: float, bob: float, put: Put, *, side: int) -> None:
        ahead, lift, toes = self.gait.foot(seconds, offset + self.phase)
        hip = (_HIPS[half][0], _HIPS[half][1] + bob)
        ankle = (hip[0] + ahead - 0.05, lift + _ANKLE)
        first, second = _BONES[half]
        thigh, shank, knee = bend(hip, ankle, first, second - _ANKLE, forward=half == 0)
        put(self.parts.hooves[side], ankle, -1.1 * toes)
        put(self.parts.lower[half + 2 * side], knee, shank)
        put(self.parts.upper[half + 2 * side], hip, thigh)

    def steps(self, duration_seconds: float) -> tuple[float, ...]:
        """Seconds at which a foot comes down."""
        moments = [moment for _, offset, _ in _LEGS for moment in self.gait.steps(offset + self.phase, duration_seconds)]
        return tuple(sorted(moments))


def make_caravan(
    workshop: Workshop, colours: GlassColours, *, count: int, seed: int, saddled: bool, spheres: bool, maps: bool
) -> tuple[PackAnimal, ...]:
    """Animals that share parts by coat and differ in phase."""
    coats: tuple[Colour, ...] = ((0.24, 0.15, 0.10), (0.34, 0.25, 0.18), (0.17, 0.11, 0.085))
    made = [make_parts(workshop, coats[number % 3], saddled=saddled) for number in range(min(count, 3))]
    gait = Gait(period_seconds=1.9, stride=2.5, duty=0.63, lift=0.34)
    rng = np.random.default_rng(seed)
    return tuple(
        PackAnimal(
            parts=made[number % len(made)],
            sphere=make_sphere(workshop, colours, 0.78, number, maps=maps) if spheres else None,
            gait=gait,
            phase=float(rng.uniform(0, 1)) * 0.15 + number * 0.37,
        )
        for number in range(count)
    )
