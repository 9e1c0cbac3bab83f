"""From linear light to the picture: glow around bright places, rays from them, a filmic curve and a fine grain."""

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.generation.previz.contract import RgbFrame
from kling_post.generation.previz.interior.noise import Field, Key, blurred, random, resized

_DISPLAY_GAMMA = 2.4  # ITU-R BT.1886


def glow(light: Field, *, threshold: float, strength: float) -> None:
    """Add the scatter of a real lens around what is brighter than ``threshold``, in place: four widths, wider ones fainter."""
    rows, columns = light.shape[:2]
    small = resized(light, max(2, rows // 4), max(2, columns // 4))
    bright = np.maximum(small - np.float32(threshold), 0)
    bright = bright / (1 + bright * np.float32(0.15))
    total = np.zeros_like(small)
    for width, weight in ((0.003, 0.4), (0.01, 0.3), (0.03, 0.2), (0.09, 0.14)):
        total += weight * blurred(bright, width * columns / 4)
    light += np.float32(strength) * resized(total, rows, columns)


def rays(light: Field, towards: tuple[float, float], *, threshold: float, strength: float, tint: tuple[float, float, float]) -> None:
    """Add shafts that stream away from a bright place (pixels), in place: a zoom blur of what is bright, at an eighth of the size.

    What stands before the light leaves a dark shaft behind it, as in mist.
    """
    rows, columns = light.shape[:2]
    small_rows, small_columns = max(2, rows // 8), max(2, columns // 8)
    bright = np.maximum(resized(light, small_rows, small_columns).mean(axis=2) - np.float32(threshold), 0)
    bright = bright / (1 + bright)
    x, y = towards[0] * small_columns / columns, towards[1] * small_rows / rows
    for octave in range(5):
        scale = 1 + 0.42 / 2 ** (4 - octave)
        matrix = np.array([[scale, 0, x * (1 - scale)], [0, scale, y * (1 - scale)]], np.float32)
        moved = np.asarray(cv2.warpAffine(bright, matrix, (small_columns, small_rows), flags=cv2.INTER_LINEAR), np.float32)
        bright = (bright + moved * np.float32(0.96)) / 2
    light += np.float32(strength) * resized(bright, rows, columns)[..., None] * np.array(tint, np.float32)


def developed(light: Field, key: Key, *, exposure: float = 1.0, vignette: float = 0.25, grain: float = 0.006) -> RgbFrame:
    """The picture of linear light: filmic curve, darker corners, grain that also breaks up banding.

    The curve is the rational fit of the ACES reference rendering published by K. Narkowicz (2015); the display is BT.1886.
    """
    rows, columns = light.shape[:2]
    y = np.linspace(-1, 1, rows, dtype=np.float32)[:, None] ** 2
    x = np.linspace(-1, 1, columns, dtype=np.float32)[None, :] ** 2
    falloff = np.float32(exposure) * (1 - np.float32(vignette) * ((x + y) / 2) ** 1.5)
    picture = np.empty((rows, columns, 3), np.uint8)
    noise = random((*key, 9001))
    for top in range(0, rows, 256):  # in strips: the curve needs several copies
        bottom = min(rows, top + 256)
        value = light[top:bottom] * falloff[top:bottom, :, None]
        value = value * (2.51 * value + 0.03) / (value * (2.43 * value + 0.59) + 0.14)
        value = np.asarray(cv2.pow(np.clip(value, 0, 1), 1 / _DISPLAY_GAMMA), np.float32)
        value += (noise.random((bottom - top, columns, 1), np.float32) - np.float32(0.5)) * np.float32(2 * grain)
        picture[top:bottom] = np.clip(value * 255 + 0.5, 0, 255)
    return picture


def linear(red: float, green: float, blue: float) -> NDArray[np.float32]:
    """Linear light of a colour as seen on the display, 0 to 255."""
    return np.asarray((np.array([red, green, blue], np.float64) / 255) ** _DISPLAY_GAMMA, np.float32)
