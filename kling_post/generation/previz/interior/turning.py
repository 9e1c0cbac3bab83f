"""How one picture turns into another: slowly where light or things differ, leaf by leaf where green has grown."""

from dataclasses import dataclass

import cv2
import numpy as np

from kling_post.generation.previz.contract import RgbFrame
from kling_post.generation.previz.interior.alignment import Alignment
from kling_post.generation.previz.interior.noise import Field, blurred, fractal, smooth
from kling_post.vocabulary import Size

_WIDTH = 1920


@dataclass(frozen=True, slots=True, kw_only=True)
class Turning:
    """When each place turns: it begins at ``start`` and takes ``length`` of the shot, both (rows, columns) with their sum at most 1."""

    start: Field
    length: Field

    def share(self, at: float, size: Size) -> Field:
        """Share of the last picture, (size.height, size.width), at a moment 0 to 1; 0 everywhere at 0 and 1 everywhere at 1."""
        part = np.clip((np.float32(at) - self.start) / self.length, 0, 1)
        part = part * part * (3 - 2 * part)
        return np.asarray(cv2.resize(part, (size.width, size.height), interpolation=cv2.INTER_LINEAR), np.float32)


def turning_between(first: RgbFrame, last: RgbFrame, alignment: Alignment, seed: int) -> Turning:
    """When each place of the picture turns; one plain dissolve where the images do not lie over each other."""
    width = min(_WIDTH, first.shape[1])
    height = max(2, round(first.shape[0] * width / first.shape[1]))
    if alignment.kind == "apart":
        return Turning(start=np.zeros((2, 2), np.float32), length=np.ones((2, 2), np.float32))
    a, b = (cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA) for image in (first, last))
    if alignment.kind == "moved":
        scale = np.diag([width, width, 1.0])
        b = cv2.warpPerspective(
            b, scale @ np.linalg.inv(alignment.homography) @ np.linalg.inv(scale), (width, height), borderMode=cv2.BORDER_REPLICATE
        )
    tone_a, tone_b = (np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2Lab), np.float32) for image in (a, b))
    hue = np.hypot(tone_b[..., 1] - tone_a[..., 1], tone_b[..., 2] - tone_a[..., 2])
    fine = np.abs((tone_b[..., 0] - blurred(tone_b[..., 0], width / 120)) - (tone_a[..., 0] - blurred(tone_a[..., 0], width / 120)))
    new = smooth(blurred(hue * np.float32(0.6) + fine, width / 640), 7, 20)
    # Leaves come one by one. A hand that has moved must not: it would break into specks, where a dissolve is calm.
    greener = np.minimum(tone_a[..., 1] - tone_b[..., 1], np.float32(128) - tone_b[..., 1])
    new = new * smooth(blurred(np.maximum(greener, 0), width / 160), 1, 4)
    shape = (height, width)
    order = 0.5 * fractal((seed, 531), shape, (3, 5), octaves=4) + 0.5 * fractal((seed, 532), shape, (54, 96), octaves=3, gain=0.7)
    up = 1 - np.linspace(0, 1, height, dtype=np.float32)[:, None]
    order = smooth(order, 0.25, 0.75) * np.float32(0.7) + np.float32(0.3) * up
    length = np.asarray(1 - new * np.float32(0.72), np.float32)
    return Turning(start=np.asarray(order * (1 - length), np.float32), length=length)
