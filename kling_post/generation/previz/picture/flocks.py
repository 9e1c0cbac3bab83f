"""Birds that burst from a ledge and wheel away, wings beating."""

from dataclasses import dataclass

import cv2
import numpy as np

from kling_post.generation.previz.contract import RgbFrame
from kling_post.generation.previz.picture.camera import Pose
from kling_post.generation.previz.picture.noise import generator
from kling_post.vocabulary import Size


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst:
    """One flock: when it takes off and from where (seconds, metres), and where it heads (metres per second)."""

    seconds: float
    x: float
    y: float
    z: float
    along: float
    """Metres of ledge that it sits on."""
    heading: tuple[float, float, float]
    birds: int = 40


class Flocks:
    """White birds, all flocks of a shot."""

    def __init__(
        self, bursts: tuple[Burst, ...], *, seed: int, colour: tuple[int, int, int], shade: tuple[int, int, int], span: float = 1.5
    ) -> None:
        self._bursts, self._seed, self._colour, self._shade, self._span = bursts, seed, colour, shade, span

    def draw(self, frame: RgbFrame, pose: Pose, seconds: float) -> None:
        """Draw every bird that has taken off."""
        for number, burst in enumerate(self._bursts):
            draws = generator(self._seed, "flock", number).uniform(0, 1, (burst.birds, 8))
            for draw in draws:
                age = seconds - burst.seconds - 1.3 * draw[0] ** 1.5
                if age > 0:
                    self._bird(frame, pose, burst, age, draw)

    def _bird(self, frame: RgbFrame, pose: Pose, burst: Burst, age: float, draw: np.ndarray) -> None:
        size = Size(frame.shape[1], frame.shape[0])
        speed = 1 - np.exp(-age * 1.1)
        swirl = 2.2 + 3 * draw[1]
        turn = age * (0.8 + 0.7 * draw[2]) + 6.3 * draw[3]
        x = burst.x + burst.along * (draw[4] - 0.5) + burst.heading[0] * (0.75 + 0.5 * draw[5]) * age * speed + swirl * np.sin(turn) * speed
        y = burst.y + burst.heading[1] * (0.6 + 0.8 * draw[6]) * age * speed + 0.6 * swirl * np.sin(turn * 1.4 + 1) * speed + 1.2 * speed
        z = burst.z + burst.heading[2] * (0.7 + 0.6 * draw[7]) * age * speed
        if z - pose.z < 5:
            return
        column, row = pose.project(size, float(x), float(y), float(z))
        half = self._span / 2 * pose.scale(size, float(z)) * min(1.0, age * 4)
        if half < 0.4 or not (-half < column < size.width + half and -half < row < size.height + half):
            return
        beat = 2 * np.pi * age * (3.6 + 1.6 * draw[1]) + 6.3 * draw[2]
        lift = 0.62 * float(np.sin(beat)) + 0.12
        facing = 1.0 if burst.heading[0] >= 0 else -1.0
        for side in (-1.0, 1.0):
            # A wing of two joints, foreshortened on the far side.
            reach = half * (0.95 if side < 0 else 0.7)
            bend = 0.5 * lift + 0.25 * float(np.cos(beat))
            wing = np.array(
                [
                    (0.26 * facing, 0.02),
                    (0.18 * facing + 0.35 * side, 0.6 * lift + 0.05),
                    (-0.12 * facing + 0.95 * side, lift + bend * 0.4),
                    (-0.14 * facing + 0.4 * side, 0.5 * lift - 0.08),
                    (-0.30 * facing, -0.03),
                ]
            )
            points = np.stack([column + wing[:, 0] * reach, row - wing[:, 1] * reach], axis=1)
            cv2.fillPoly(frame, [np.round((points - 0.5) * 16).astype(np.int32)], self._colour if side < 0 else self._shade, cv2.LINE_AA, 4)
        body = np.array([(0.5 * facing, 0.05), (0.15 * facing, 0.13), (-0.5 * facing, 0.02), (0.1 * facing, -0.09)])
        points = np.stack([column + body[:, 0] * half, row - body[:, 1] * half], axis=1)
        cv2.fillPoly(frame, [np.round((points - 0.5) * 16).astype(np.int32)], self._colour, cv2.LINE_AA, 4)
