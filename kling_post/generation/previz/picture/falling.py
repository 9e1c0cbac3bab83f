"""Rain, snowfall and stars."""

import cv2
import numpy as np

from kling_post.generation.previz.contract import RgbFrame
from kling_post.generation.previz.picture.noise import generator
from kling_post.generation.previz.picture.sky import Sky


class Falling:
    """Drops or flakes in three sheets of depth, drawn at half size and laid over the frame. Each one wraps outside the frame."""

    def __init__(self, kind: str, *, seed: int, count: int) -> None:
        """``kind`` is ``rain`` or ``snow``."""
        self._kind = kind
        self._draws = generator(seed, kind).uniform(0, 1, (count, 6))

    def draw(self, frame: RgbFrame, seconds: float, *, light: int) -> None:
        """Lay the fall over the frame; ``light`` (0 to 255) is how bright it shows."""
        height, width = frame.shape[0] // 2, frame.shape[1] // 2
        cover = np.zeros((height, width), np.uint8)
        for draw in self._draws:
            near = 0.25 + 0.75 * draw[0] ** 2
            if self._kind == "rain":
                self._drop(cover, draw, near, seconds)
            else:
                self._flake(cover, draw, near, seconds)
        strength = 0.30 if self._kind == "rain" else 0.85
        alpha = cv2.convertScaleAbs(cv2.resize(cover, (frame.shape[1], frame.shape[0]), interpolation=cv2.INTER_LINEAR), alpha=strength)
        spread = cv2.merge([alpha] * 3)
        cv2.multiply(frame, cv2.bitwise_not(spread), dst=frame, scale=1 / 255)
        cv2.add(frame, cv2.convertScaleAbs(spread, alpha=light / 255), dst=frame)

    @staticmethod
    def _drop(cover: RgbFrame, draw: np.ndarray, near: float, seconds: float) -> None:
        height, width = cover.shape[:2]
        down = (draw[1] + seconds * (1.5 + 1.3 * near)) % 1.2 - 0.1
        across = (draw[2] + 0.07 * seconds) % 1.1 - 0.05
        long = 0.035 + 0.05 * near
        first = (round(across * width * 16), round(down * height * 16))
        last = (round((across * width + 0.05 * long * width) * 16), round((down + long) * height * 16))
        cv2.line(cover, first, last, int(90 + 150 * near), max(1, round(near * height / 700)), cv2.LINE_AA, 4)

    @staticmethod
    def _flake(cover: RgbFrame, draw: np.ndarray, near: float, seconds: float) -> None:
        height, width = cover.shape[:2]
        down = (draw[1] + seconds * (0.06 + 0.12 * near)) % 1.16 - 0.08
        across = (draw[2] + seconds * 0.02 * near + 0.012 * np.sin(seconds * (0.8 + draw[3]) + 6.3 * draw[4])) % 1.1 - 0.05
        radius = (0.35 + 2.6 * near**2) * height / 540
        cv2.circle(
            cover,
            (round(across * width * 16), round(down * height * 16)),
            max(8, round(radius * 16)),
            int(110 + 130 * draw[5]),
            -1,
            cv2.LINE_AA,
            4,
        )


def add_stars(sky: Sky, *, seed: int, lines: int, count: int = 900) -> None:
    """Put stars into a rendered sky, fewer toward the horizon; in place."""
    rng = generator(seed, "stars")
    rows, columns = sky.pixels.shape[:2]
    for _ in range(count):
        across, height, bright = rng.uniform(0, columns), rng.uniform(0.02, 1.0) ** 0.8, rng.uniform(0, 1) ** 4
        row = sky.anchor[1] * (1 - height)
        if not 0 <= row < rows - 2:
            continue
        level = int(60 + 190 * bright)
        tint = (level, level, min(255, int(level * rng.uniform(0.95, 1.15))))
        radius = max(6, round((0.5 + 1.0 * bright) * 16 * lines / 1080))
        cv2.circle(sky.pixels, (round(across * 16), round(row * 16)), radius, tint, -1, cv2.LINE_AA, 4)
