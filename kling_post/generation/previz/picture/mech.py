"""A colossal machine that walks on two jointed legs: its weight, its arms, its ribbons and swinging lanterns."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.generation.previz.contract import RgbFrame
from kling_post.generation.previz.picture.gait import Gait, bend
from kling_post.generation.previz.picture.layers import Affine, affine, shine
from kling_post.generation.previz.picture.mech_parts import HIP, SHIN, THIGH, MechParts, make_mech_parts
from kling_post.generation.previz.picture.noise import FloatArray
from kling_post.generation.previz.picture.particles import soft_spot
from kling_post.generation.previz.picture.sculpt import Colour, Part, Workshop
from kling_post.generation.previz.picture.tone import display, mix, rgb

Put = Callable[[Part, tuple[float, float], float], None]

_LANTERN_PLACES = ((-5.5, 1.5), (-4.4, 2.5), (-3.1, 1.7), (3.2, 1.8), (4.4, 2.6), (5.5, 1.5))
_RIBBONS = (
    (-4.9, 22.1, 7.2, 0),
    (-3.9, 22.0, 9.4, 1),
    (-2.6, 21.5, 6.4, 2),
    (-1.4, 24.4, 5.4, 1),
    (2.2, 21.4, 6.0, 0),
    (3.6, 22.0, 8.2, 2),
    (5.0, 22.1, 6.4, 1),
    (-3.6, 25.0, 4.2, 2),
    (-1.55, 28.0, 6.2, 0),
)
_CLOTH: tuple[Colour, ...] = ((0.66, 0.60, 0.52), (0.40, 0.075, 0.045), (0.62, 0.33, 0.09))


@dataclass(frozen=True, slots=True, kw_only=True)
class Mech:
    """The machine, walking to the right of its plane."""

    parts: MechParts
    gait: Gait
    phase: float
    ribbons: bool
    lanterns: bool
    cloth: tuple[tuple[int, int, int], ...]
    """Display colours of the ribbons."""
    glow: NDArray[np.uint8]

    def weight(self, seconds: float) -> tuple[float, float, float]:
        """Rise of the body (metres), its pitch (degrees) and its sway ahead (metres): it sinks and shudders at each footfall."""
        step = self.gait.period_seconds / 2
        since = ((seconds / self.gait.period_seconds + self.phase) % 0.5) * self.gait.period_seconds
        settle = float(np.exp(-since * 2.6) * np.sin(since * 9.0)) * 0.16 * min(1.0, since * 8)
        swing = since / step
        rise = 0.34 * float(np.sin(np.pi * swing) ** 2) - 0.2 - settle
        return rise, 0.9 * float(np.sin(2 * np.pi * swing)) + 1.2, 0.25 * float(np.sin(2 * np.pi * swing - 0.6))

    def draw(self, frame: RgbFrame, plane: Affine, seconds: float) -> None:
        """Draw into the frame; ``plane`` takes metres about the machine's middle on the ground to pixels."""
        self._cloth(frame, plane, seconds, behind=True)
        self._build(seconds, lambda part, joint, degrees: part.draw(frame, plane, joint, degrees))
        self._cloth(frame, plane, seconds, behind=False)
        self._lanterns(frame, plane, seconds)

    def cast(self, cover: NDArray[np.uint8], plane: Affine, seconds: float) -> None:
        """Add the silhouette to a picture of cover."""
        self._build(seconds, lambda part, joint, degrees: part.cast(cover, plane, joint, degrees))

    def _build(self, seconds: float, put: Put) -> None:
        rise, pitch, sway = self.weight(seconds)
        middle = (sway, HIP + rise)
        for side in (1, 0):
            if side == 0:
                for part in self.parts.body:
                    put(part, middle, pitch * -1)
            self._leg(seconds, side, middle, put)
            self._arm(seconds, side, middle, put)
        put(self.parts.shoulder, middle, -pitch)

    def _leg(self, seconds: float, side: int, middle: tuple[float, float], put: Put) -> None:
        ahead, lift, toes = self.gait.foot(seconds, self.phase + 0.5 * side)
        hip = (middle[0] + (0.5 if side else -0.3), middle[1])
        ankle = (ahead, 1.4 + lift)
        thigh, shin, knee = bend(hip, ankle, THIGH, SHIN, forward=True)
        put(self.parts.feet[side], (ahead, lift), -0.5 * toes)
        put(self.parts.pistons[side], (knee[0] - 1.25 * float(np.cos(np.deg2rad(shin))), knee[1] - 0.4), shin + 6)
        put(self.parts.ankles[side], ankle, shin)
        put(self.parts.shins[side], knee, shin)
        put(self.parts.pistons[side], (hip[0] + 1.5 * float(np.cos(np.deg2rad(thigh))), hip[1] - 0.6), thigh - 5)
        put(self.parts.thighs[side], hip, thigh)
        put(self.parts.knees[side], knee, thigh)
        put(self.parts.knees[side], hip, 0.0)

    def _arm(self, seconds: float, side: int, middle: tuple[float, float], put: Put) -> None:
        beat = 2 * np.pi * (seconds / self.gait.period_seconds + self.phase + 0.5 * side)
        upper = -10 + 13 * float(np.sin(beat + 0.4))
        angle = np.deg2rad(upper)
        shoulder = (middle[0] + (0.6 if side else -0.2), middle[1] + 8.2)
        elbow = (shoulder[0] + 4.6 * float(np.sin(angle)), shoulder[1] - 4.6 * float(np.cos(angle)))
        put(self.parts.forearms[side], elbow, upper + 16 + 9 * float(np.sin(beat - 0.3)))
        put(self.parts.arms[side], shoulder, upper)
        put(self.parts.knees[side], elbow, 0.0)

    def _hang(self, seconds: float, place: float, length: float) -> float:
        """Swing of something that hangs, in degrees: a slow pendulum driven by the steps."""
        beat = 2 * np.pi * seconds / self.gait.period_seconds
        return 5.5 * float(np.sin(2 * beat - 0.9 + 0.3 * length)) + 3.0 * float(np.sin(seconds * 3.13 / np.sqrt(length) + place * 2.1))

    def _lanterns(self, frame: RgbFrame, plane: Affine, seconds: float) -> None:
        if not self.lanterns:
            return
        rise, _, sway = self.weight(seconds)
        for x, length in _LANTERN_PLACES:
            swing = np.deg2rad(self._hang(seconds, x, length))
            top = np.array([x + sway, 22.2 + rise])
            end = top + length * np.array([np.sin(swing), -np.cos(swing)])
            points = np.stack([plane[:, :2] @ top + plane[:, 2], plane[:, :2] @ end + plane[:, 2]])
            cv2.line(frame, *_fixed(points), (38, 28, 20), max(1, round(0.07 * plane[0, 0])), cv2.LINE_AA, 4)
            self.parts.lantern.draw(frame, plane, (float(end[0]), float(end[1])), float(np.rad2deg(swing)))
            at = plane[:, :2] @ (end - np.array([0, 0.6])) + plane[:, 2]
            shine(frame, self.glow, affine(scale_x=plane[0, 0] * 3.4 / 64, at=(float(at[0]), float(at[1])), anchor=(32, 32)), amount=0.3)

    def _cloth(self, frame: RgbFrame, plane: Affine, seconds: float, *, behind: bool) -> None:
        if not self.ribbons:
            return
        rise, _, sway = self.weight(seconds)
        for number, (x, y, length, colour) in enumerate(_RIBBONS):
            if (number % 3 == 2) != behind:
                continue
            down = np.linspace(0, 1, 33)
            wave = 0.5 * np.sin(down * 5.2 - seconds * 3.3 + number * 1.7) + 0.22 * np.sin(down * 11 - seconds * 5.9 + number)
            drift = -1.5 * down**1.3 + np.deg2rad(self._hang(seconds, x, length * 0.5)) * length * 0.5 * down
            across = x + sway + drift + wave * down * (0.5 + 0.06 * length)
            width = 0.36 + 0.1 * np.sin(down * 7 - seconds * 3.3 + number * 1.7)
            height = y + rise - down * length * 0.97
            self._strip(frame, plane, across, height, width, self.cloth[colour], np.cos(down * 5.2 - seconds * 3.3 + number * 1.7))

    def _strip(
        self,
        frame: RgbFrame,
        plane: Affine,
        across: FloatArray,
        height: FloatArray,
        width: FloatArray,
        colour: tuple[int, int, int],
        facing: FloatArray,
    ) -> None:
        left = np.stack([across - width, height], axis=1) @ plane[:, :2].T + plane[:, 2]
        right = np.stack([across + width, height], axis=1) @ plane[:, :2].T + plane[:, 2]
        for k in range(len(across) - 1):
            quad = np.stack([left[k], right[k], right[k + 1], left[k + 1]])
            shade = 0.78 + 0.22 * float(facing[k])
            painted = tuple(int(channel * shade) for channel in colour)
            cv2.fillConvexPoly(frame, np.round((quad - 0.5) * 16).astype(np.int32), painted, cv2.LINE_AA, 4)

    def footfalls(self, duration_seconds: float, before: float = 0.0) -> tuple[tuple[float, float], ...]:
        """Moments (seconds) of footfalls and where the foot lands, in metres from the machine's middle at that moment."""
        reach = self.gait.stride * self.gait.duty / 2
        moments: list[tuple[float, float]] = []
        for side in (0, 1):
            offset = self.phase + 0.5 * side
            count = int(np.floor(offset)) - 2
            while (moment := (count - offset) * self.gait.period_seconds) < duration_seconds:
                if moment >= -before:
                    moments.append((round(moment, 4), reach))
                count += 1
        return tuple(sorted(moments))


def _fixed(points: NDArray[np.float64]) -> tuple[tuple[int, int], tuple[int, int]]:
    whole = np.round((points - 0.5) * 16).astype(int)
    return (int(whole[0, 0]), int(whole[0, 1])), (int(whole[1, 0]), int(whole[1, 1]))


def make_mech(workshop: Workshop, *, phase: float, ribbons: bool, lanterns: bool) -> Mech:
    """A machine ready to walk."""
    light = workshop.studio
    cloth = []
    for colour in _CLOTH:
        lit = rgb(*colour) * (rgb(*light.sky) * 0.9 + rgb(*light.sun) * 0.16)
        shown = display(mix(lit, rgb(*light.haze), light.haze_share))
        cloth.append((int(shown[0]), int(shown[1]), int(shown[2])))
    return Mech(
        parts=make_mech_parts(workshop),
        gait=Gait(period_seconds=4.4, stride=9.6, duty=0.63, lift=2.1),
        phase=phase,
        ribbons=ribbons,
        lanterns=lanterns,
        cloth=tuple(cloth),
        glow=soft_spot(64, (1.3, 0.5, 0.1), power=3.2),
    )
