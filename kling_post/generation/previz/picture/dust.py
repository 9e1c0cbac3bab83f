"""Dust thrown up by heavy feet, pebbles that slide, grit in the light, and the shafts of light themselves."""

from dataclasses import dataclass

import cv2
import numpy as np

from kling_post.generation.previz.contract import RgbFrame
from kling_post.generation.previz.picture.camera import Pose
from kling_post.generation.previz.picture.layers import affine, lay, shine
from kling_post.generation.previz.picture.noise import FloatArray, generator, smoothstep, spectral_noise
from kling_post.generation.previz.picture.particles import soft_puff, soft_spot
from kling_post.generation.previz.picture.tone import display, rgb
from kling_post.vocabulary import Size

Colour = tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Footfall:
    """Where and when a heavy foot lands: seconds in the shot and metres of the world."""

    seconds: float
    x: float
    z: float


class FootDust:
    """Dust that billows out from footfalls, and pebbles that skip away from them."""

    def __init__(
        self, footfalls: tuple[Footfall, ...], *, seed: int, colour: Colour, dust: bool, pebbles: bool, scale: float = 1.0
    ) -> None:
        self._footfalls, self._dust, self._pebbles, self._scale = footfalls, dust, pebbles, scale
        self._seed = seed
        self._puffs = [soft_puff(96, colour, 0.42, generator(seed, "foot dust", number)) for number in range(4)]
        shown = display(rgb(*colour) * np.float32(0.22))
        self._stone = (int(shown[0]), int(shown[1]), int(shown[2]))

    def draw(self, frame: RgbFrame, pose: Pose, seconds: float, *, near: float, far: float) -> None:
        """Lay the dust of footfalls between two depths over the frame."""
        for number, footfall in enumerate(self._footfalls):
            age = seconds - footfall.seconds
            if 0 <= age < 5.5 and near <= footfall.z < far:
                draws = generator(self._seed, "footfall", number).uniform(-1, 1, (26, 6))
                if self._dust:
                    self._billow(frame, pose, footfall, age, draws)
                if self._pebbles:
                    self._skip(frame, pose, footfall, age, draws)

    def _billow(self, frame: RgbFrame, pose: Pose, footfall: Footfall, age: float, draws: FloatArray) -> None:
        size = Size(frame.shape[1], frame.shape[0])
        for k, draw in enumerate(draws):
            life = 2.6 + 2.6 * abs(draw[0])
            part = age / life
            if part >= 1:
                continue
            out = (1 - np.exp(-age * 1.7)) * (2.6 + 3.2 * abs(draw[1])) * np.sign(draw[2]) * self._scale
            height = (0.25 + 1.9 * abs(draw[3])) * (1 - np.exp(-age * 0.9)) * self._scale
            radius = (0.7 + 2.6 * part**0.6) * (0.7 + 0.4 * abs(draw[4])) * self._scale
            depth = footfall.z - 0.5 + draw[5]
            at = pose.project(size, footfall.x + out + 0.5 * age, height, depth)
            across = 2 * radius * pose.scale(size, depth)
            opacity = min(1.0, age * 5) * (1 - part) ** 1.4 * 0.8
            lay(
                frame,
                self._puffs[k % 4],
                affine(scale_x=across / 96, scale_y=0.72 * across / 96, at=at, anchor=(48, 48)),
                opacity=float(opacity),
            )

    def _skip(self, frame: RgbFrame, pose: Pose, footfall: Footfall, age: float, draws: FloatArray) -> None:
        size = Size(frame.shape[1], frame.shape[0])
        for draw in draws:
            run = 1 - np.exp(-age * (1.2 + abs(draw[0])))
            out = run * (1.5 + 5 * abs(draw[1])) * np.sign(draw[2]) * self._scale
            bounce = abs(np.sin(age * (4 + 3 * abs(draw[3])))) * np.exp(-age * 1.6) * (0.5 + 1.2 * abs(draw[4])) * self._scale
            depth = footfall.z - 0.5 - (1.5 + 4.5 * run) * abs(draw[3])
            column, row = pose.project(size, footfall.x + out, float(bounce), depth)
            radius = (
                (0.02 + 0.06 * abs(draw[5]) ** 2) * self._scale * pose.scale(size, depth) * min(1.0, age * 10) * min(1.0, (5.5 - age) / 1.5)
            )
            if radius > 0.3:
                centre = (round(column * 16), round((row - radius * 0.7) * 16))
                cv2.circle(frame, centre, max(1, round(radius * 16)), self._stone, -1, cv2.LINE_AA, 4)


class Grit:
    """Specks that hang in the light and drift."""

    def __init__(self, *, seed: int, count: int, colour: Colour, lines: int) -> None:
        self._draws = generator(seed, "grit").uniform(0, 1, (count, 7))
        self._spot = soft_spot(16, colour, power=2.2)
        self._lines = lines

    def draw(self, frame: RgbFrame, seconds: float) -> None:
        """Add the specks' light; each one comes, drifts and goes."""
        height, width = frame.shape[:2]
        for draw in self._draws:
            phase = (seconds / (5 + 4 * draw[0]) + draw[1]) % 1.0
            across = draw[2] + 0.05 * (phase - 0.5) + 0.006 * np.sin(seconds * 0.9 + 9 * draw[3])
            down = 0.15 + 0.75 * draw[4] - 0.035 * phase + 0.005 * np.sin(seconds * 1.2 + 7 * draw[5])
            radius = (0.9 + 2.2 * draw[6] ** 3) * self._lines / 1080
            amount = float(np.sin(np.pi * phase)) * (0.35 + 0.65 * draw[5])
            shine(frame, self._spot, affine(scale_x=radius / 4, at=(across * width, down * height), anchor=(8, 8)), amount=amount)


class LightShafts:
    """Sunbeams that fan out from the sun through dusty air: smooth noise over the angle about the sun, slowly turning."""

    def __init__(self, size: Size, *, seed: int, colour: Colour, strength: float = 1.0) -> None:
        self._size = Size(max(64, size.width // 8), max(36, size.height // 8))
        self._table = spectral_noise((1, 1024), beta=0.9, rng=generator(seed, "shafts"))
        self._drift = spectral_noise((256, 256), beta=1.6, rng=generator(seed, "shaft dust"))
        self._light = np.asarray(rgb(*colour) * np.float32(strength), np.float32)

    def draw(self, frame: RgbFrame, pose: Pose, seconds: float, *, sun_across: float, sun_up: float) -> None:
        """Add the shafts' light to the frame."""
        height, width = frame.shape[:2]
        small = self._size
        focal = pose.focal * small.height
        sun_x = small.width / 2 + pose.shift * small.height + sun_across * focal
        sun_y = pose.horizon * small.height - sun_up * focal
        x = np.arange(small.width, dtype=np.float32)[None] + 0.5 - np.float32(sun_x)
        y = np.arange(small.height, dtype=np.float32)[:, None] + 0.5 - np.float32(sun_y)
        angle = np.arctan2(y, x)
        distance = np.hypot(x, y) / small.height
        rows = np.zeros(angle.shape, np.float32)
        one = cv2.remap(
            self._table,
            np.asarray((angle * 46 + 300 + seconds * 0.55) % 1024, np.float32),
            rows,
            cv2.INTER_CUBIC,
            borderMode=cv2.BORDER_WRAP,
        )
        two = cv2.remap(
            self._table,
            np.asarray((angle * 90 + 700 - seconds * 0.8) % 1024, np.float32),
            rows,
            cv2.INTER_CUBIC,
            borderMode=cv2.BORDER_WRAP,
        )
        beams = smoothstep(-0.3, 1.7, np.asarray(one + 0.55 * two, np.float32))
        dust_x = np.asarray((x * 90 / small.height - seconds * 1.6) % 256, np.float32)
        dust_y = np.asarray((y * 90 / small.height + seconds * 0.8) % 256, np.float32)
        dust_x, dust_y = np.broadcast_arrays(dust_x, dust_y)
        dust = cv2.remap(self._drift, dust_x.copy(), dust_y.copy(), cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
        falls = np.exp(-distance * 1.25) * smoothstep(0.03, 0.3, np.asarray(distance, np.float32))
        amount = beams * falls * (0.8 + 0.25 * np.clip(dust, -1.5, 1.5))
        light = np.clip(amount[..., None] * self._light * 255, 0, 150)
        enlarged = cv2.resize(np.asarray(light, np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
        cv2.add(frame, cv2.convertScaleAbs(enlarged), dst=frame)
