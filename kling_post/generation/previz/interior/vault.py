"""A barrel vault seen from within: each pixel's ray meets the cylinder, so that ribs and panes curve as they should."""

import cv2
import numpy as np

from kling_post.generation.previz.interior.canvas import Canvas
from kling_post.generation.previz.interior.noise import Field


class BarrelVault:
    """The cylinder of ``radius`` about the hall's middle at the height ``spring``; built once per canvas."""

    def __init__(self, canvas: Canvas, radius: float, spring: float) -> None:
        self.canvas, self.radius, self.spring = canvas, radius, spring
        lens = canvas.lens
        across, down = lens.vanishing
        self.rows = min(lens.size.height, max(1, int(np.ceil(down))))
        x = ((np.arange(lens.size.width, dtype=np.float32) + np.float32(0.5) - np.float32(across)) / np.float32(lens.focal_pixels))[None, :]
        y = ((np.float32(down) - np.arange(self.rows, dtype=np.float32) - np.float32(0.5)) / np.float32(lens.focal_pixels))[:, None]
        offset, lift = np.float32(lens.eye[0]), np.float32(spring - lens.eye[1])
        square = x**2 + y**2
        linear = y * lift - x * offset
        away = (linear + np.sqrt(np.maximum(linear**2 - square * (offset**2 + lift**2 - np.float32(radius) ** 2), 0))) / square
        self.away: Field = np.asarray(away, np.float32)
        self.angle: Field = np.asarray(np.arctan2(y * away - lift, x * away + offset), np.float32)

    def paint_lit(self, bay: Field, z: tuple[float, float], gain: float) -> None:
        """Paint one bay of a vault that does not shine by itself: lit from the far end, darker towards the camera."""
        share = float(np.clip(z[0] / 60, 0, 1))
        self.paint(bay * np.float32(gain * (0.45 + 0.75 * share)), z)

    def paint(self, bay: Field, z: tuple[float, float]) -> None:
        """Paint one bay (rows along the hall, columns from the right springing over the crown to the left) between two distances."""
        canvas, lens = self.canvas, self.canvas.lens
        near, far = z[0] - lens.eye[2], z[1] - lens.eye[2]
        if far <= 0.5:
            return
        near = max(near, 0.5)
        across, down = lens.vanishing
        reach = lens.focal_pixels * (self.radius + abs(lens.eye[0])) / near
        top = max(0, int(down - lens.focal_pixels * (self.spring - lens.eye[1] + self.radius) / near))
        bottom = min(self.rows, int(down - lens.focal_pixels * (self.spring - lens.eye[1]) / far) + 2)
        left, right = max(0, int(across - reach)), min(lens.size.width, int(across + reach) + 1)
        if top >= bottom or left >= right:
            return
        away, angle = self.away[top:bottom, left:right], self.angle[top:bottom, left:right]
        rows = int(np.clip(1.4 * lens.focal_pixels * (self.spring + self.radius) * (1 / near - 1 / far), 4, bay.shape[0]))
        columns = int(np.clip(1.2 * np.pi * self.radius * lens.focal_pixels / near, 8, bay.shape[1]))
        texture = np.asarray(cv2.resize(bay, (columns, rows), interpolation=cv2.INTER_AREA), np.float32)
        u = angle * np.float32(columns / np.pi) - np.float32(0.5)
        v = (away - np.float32(near)) * np.float32(rows / (far - near)) - np.float32(0.5)
        warped = np.empty((bottom - top, right - left, 4), np.float32)
        warped[..., :3] = cv2.remap(texture, u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        warped[..., 3] = (away >= near) & (away < far) & (angle > 0)
        warped[..., :3] *= warped[..., 3:]
        canvas.compose(warped, (left, top, right, bottom), np.asarray(1 / np.maximum(away, np.float32(0.3)), np.float32))
