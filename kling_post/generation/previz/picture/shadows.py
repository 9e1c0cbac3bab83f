"""Shadows that upright figures throw on the ground from a low sun."""

from dataclasses import dataclass

import cv2
import numpy as np

from kling_post.generation.previz.picture.ground import Rows, modulate
from kling_post.generation.previz.picture.layers import Affine
from kling_post.generation.previz.picture.tone import Bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowSun:
    """Where a shadow falls, per metre of height."""

    across: float
    toward: float
    """Metres toward the camera."""
    depth: float = 0.55
    """Share of the light that the shadow takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A picture of cover in a figure's own plane, in metres."""

    left: float
    right: float
    top: float
    pixels_per_metre: float = 44.0

    def blank(self) -> Bytes:
        """An empty cover picture."""
        rows = int(self.top * self.pixels_per_metre)
        return np.zeros((rows, int((self.right - self.left) * self.pixels_per_metre)), np.uint8)

    @property
    def plane(self) -> Affine:
        """Metres to pixels of the cover picture."""
        scale = self.pixels_per_metre
        return np.array([[scale, 0, -self.left * scale], [0, -scale, self.top * scale]], np.float64)


def cast_shadow(light: Bytes, rows: Rows, cover: Bytes, stage: Stage, sun: ShadowSun, *, x: float, z: float) -> None:
    """Darken the ground's light where a figure at (x, z) keeps off the sun, in place. Its edge softens with distance from the foot."""
    pose, size = rows.pose, rows.size
    scale = stage.pixels_per_metre
    soft = cv2.GaussianBlur(cover, (0, 0), 0.16 * scale)
    rise = np.linspace(1, 0, cover.shape[0], dtype=np.float32)[:, None]
    mixed = cover + (soft.astype(np.float32) - cover) * np.clip(rise * 1.6, 0, 1)
    # A far figure's shadow is squeezed hard: smooth it first by what one row of the picture covers.
    squeeze = scale * (z - pose.z) ** 2 / (pose.y * pose.focal * size.height) / max(sun.toward, 0.2) * 0.5
    if squeeze > 0.6:
        mixed = cv2.GaussianBlur(mixed, (0, 0), sigmaX=0.6, sigmaY=min(squeeze, cover.shape[0] / 4))
    # Rows of cover whose shadow would fall behind the camera are cut off.
    reach = (z - pose.z - 0.6) / max(sun.toward, 1e-6)
    first = max(0, int(np.ceil((stage.top - reach) * scale)))
    if first >= cover.shape[0] - 2:
        return
    mixed = mixed[first:]
    focal = pose.focal * size.height
    # Ground point: x + across * height, z - toward * height, with height falling by one pixel per row.
    x0, x1 = x + stage.left + sun.across * (stage.top - first / scale), -sun.across / scale
    z0, z1 = z - sun.toward * (stage.top - first / scale) - pose.z, sun.toward / scale
    centre, horizon = pose.centre(size), pose.horizon * size.height - rows.first
    matrix = np.array(
        [
            [focal / scale, focal * x1 + centre * z1, focal * (x0 - pose.x) + centre * z0],
            [0.0, horizon * z1, horizon * z0 + focal * pose.y],
            [0.0, z1, z0],
        ]
    )
    corners = matrix @ np.array([[0, cover.shape[1], 0, cover.shape[1]], [0, 0, len(mixed), len(mixed)], [1, 1, 1, 1]], np.float64)
    across, down = corners[0] / corners[2], corners[1] / corners[2]
    left, right = max(0, int(across.min())), min(size.width, int(np.ceil(across.max())))
    top, bottom = max(0, int(down.min())), min(light.shape[0], int(np.ceil(down.max())))
    if left >= right or top >= bottom:
        return
    matrix = np.array([[1, 0, -left], [0, 1, -top], [0, 0, 1]]) @ matrix
    factor = np.asarray(np.clip(128 - mixed * np.float32(0.5 * sun.depth), 0, 128), np.uint8)
    drawn = cv2.warpPerspective(
        factor, matrix, (right - left, bottom - top), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=128
    )
    region = light[top:bottom, left:right]
    modulate(region, np.asarray(drawn, np.uint8))
