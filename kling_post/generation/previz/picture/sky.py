"""The sky: a gradient that warms toward the sun, with drawn-out clouds, rendered once and moved with the lens."""

from dataclasses import dataclass

import cv2
import numpy as np

from kling_post.generation.previz.contract import RgbFrame
from kling_post.generation.previz.picture.camera import Outlook, Pose
from kling_post.generation.previz.picture.layers import affine, warped
from kling_post.generation.previz.picture.noise import FloatArray, generator, smoothstep, spectral_noise
from kling_post.generation.previz.picture.tone import Bytes, display, mix, rgb, to_bytes
from kling_post.vocabulary import Size

Colour = tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class SkyLook:
    """Colours in linear light, and where the sun stands (picture heights from the vanishing point, at focal 1)."""

    horizon: Colour
    middle: Colour
    zenith: Colour
    sun: Colour = (1.0, 0.75, 0.45)
    sun_across: float = -0.42
    sun_up: float = 0.06
    glow: float = 1.0
    """How far and strongly the sun lights the air around it."""
    disc: float = 1.0
    """Brightness of the sun's disc; 0 hides it."""
    clouds: float = 0.4
    cloud_light: Colour = (0.9, 0.72, 0.62)
    cloud_shade: Colour = (0.36, 0.36, 0.45)

    def light(self, across: FloatArray, up: FloatArray) -> FloatArray:
        """Clear-sky light, shape of the inputs + (3,), for directions as (x / z, y / z)."""
        height = np.clip(np.abs(up), 0, 1)[..., None]
        colour = mix(rgb(*self.horizon), rgb(*self.middle), smoothstep(0.0, 0.26, height))
        colour = mix(colour, rgb(*self.zenith), smoothstep(0.12, 0.75, height))
        wide = (across - self.sun_across) ** 2 * 0.5 + (np.abs(up) - self.sun_up) ** 2 * 1.6
        near = (across - self.sun_across) ** 2 + (np.abs(up) - self.sun_up) ** 2
        glow = 0.42 * np.exp(-wide * 3.2) + 0.55 * np.exp(-near * 26) + 1.1 * np.exp(-near * 260)
        colour = colour + rgb(*self.sun) * (np.float32(self.glow) * glow)[..., None]
        disc = np.exp(-((near / 0.017**2) ** 2)) * np.float32(6 * self.disc)
        return np.asarray(colour + rgb(1.0, 0.93, 0.8) * disc[..., None], np.float32)

    def horizon_light(self, across: FloatArray) -> FloatArray:
        """Light of the haze along the horizon: the sky just above it, without the disc."""
        near = (across - self.sun_across) ** 2
        glow = np.float32(self.glow) * (0.42 * np.exp(-near * 1.6) + 0.4 * np.exp(-near * 20))
        return np.asarray(rgb(*self.horizon) + rgb(*self.sun) * glow[..., None], np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sky:
    """A rendered sky, anchored to the horizon and the vanishing point."""

    pixels: Bytes
    focal: float
    anchor: tuple[float, float]
    """Column of the vanishing point and row of the horizon in ``pixels``."""

    def draw(self, frame: RgbFrame, pose: Pose) -> None:
        """Fill the frame from its top to the horizon."""
        rows, columns = frame.shape[:2]
        bottom = min(rows, int(np.ceil(pose.horizon * rows)) + 1)
        size = Size(columns, rows)
        scale = pose.focal / self.focal
        left = self.anchor[0] - pose.centre(size)
        top = self.anchor[1] - pose.horizon * rows
        held = 0 <= left <= self.pixels.shape[1] - columns and 0 <= top <= self.pixels.shape[0] - bottom
        if scale == 1 and held and left == int(left) and top == int(top):
            frame[:bottom] = self.pixels[int(top) : int(top) + bottom, int(left) : int(left) + columns]
            return
        matrix = affine(scale_x=scale, at=(pose.centre(size), pose.horizon * rows), anchor=self.anchor)
        frame[:bottom] = warped(self.pixels, matrix, (0, 0, columns, bottom))


def _wrapped(tile: FloatArray, columns: FloatArray, rows: FloatArray) -> FloatArray:
    return np.asarray(cv2.remap(tile, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP), np.float32)


def cloud_cover(look: SkyLook, across: FloatArray, up: FloatArray, seed: int) -> tuple[FloatArray, FloatArray]:
    """Cover (0 to 1) and light (0 to 1) of clouds on a flat ceiling, seen in perspective: thin and long near the horizon."""
    tile = spectral_noise((1024, 1024), beta=1.75, rng=generator(seed, "clouds"), stretch=0.45)
    fine = spectral_noise((1024, 1024), beta=1.25, rng=generator(seed, "cloud wisps"), stretch=0.5)
    depth = 1.0 / np.maximum(up + 0.05, 0.04)
    columns = np.asarray((across * depth * 46 + 300) % 1024, np.float32)
    rows = np.asarray((depth * 60) % 1024, np.float32)
    body = _wrapped(tile, columns, rows)
    wisps = _wrapped(fine, (columns * 3) % 1024, (rows * 3) % 1024)
    cover = smoothstep(0.0, 1.7, np.asarray(body + 0.22 * wisps, np.float32)) * smoothstep(0.015, 0.16, up)
    toward = np.float32(np.sign(look.sun_across) * -5)
    lit = np.clip(0.62 - 0.28 * (body - _wrapped(tile, (columns + toward) % 1024, (rows + 4) % 1024)) * 3 - 0.18 * cover, 0, 1)
    return np.asarray(cover, np.float32), np.asarray(lit, np.float32)


def build_sky(look: SkyLook, size: Size, base: Pose, outlook: Outlook, *, seed: int) -> Sky:
    """Render a sky that covers every pose of an outlook.

    Computed at a quarter of the size (it is smooth), enlarged, then dithered.
    """
    margin = int(np.ceil(outlook.beside * size.height / 4)) * 4 + 8
    above = int(np.ceil(outlook.above * size.height / 4)) * 4 + 8
    width = size.width + 2 * margin
    step = 4 if size.height >= 1000 else 2
    anchor = (size.width / 2 + margin, above)
    across = ((np.arange(width // step, dtype=np.float32) + 0.5) * step - anchor[0]) / (size.height * base.focal)
    up = (anchor[1] - (np.arange((above + 8) // step, dtype=np.float32) + 0.5) * step) / (size.height * base.focal)
    across, up = np.broadcast_arrays(across[None], up[:, None])
    colour = look.light(across, up)
    if look.clouds > 0:
        cover, lit = cloud_cover(look, across, up, seed)
        shade = mix(rgb(*look.cloud_shade), rgb(*look.cloud_light), lit[..., None])
        shade = (
            shade + rgb(*look.sun) * (np.exp(-((across - look.sun_across) ** 2 + (up - look.sun_up) ** 2) * 7) * look.glow * 0.5)[..., None]
        )
        colour = mix(colour, shade, (cover * np.float32(look.clouds))[..., None])
    enlarged = cv2.resize(display(colour), (width, (above + 8) // step * step), interpolation=cv2.INTER_CUBIC)
    return Sky(
        pixels=to_bytes(np.asarray(enlarged, np.float32), dither=True), focal=base.focal, anchor=(float(anchor[0]), float(anchor[1]))
    )
