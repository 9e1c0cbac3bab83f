"""Linear light to display values: one film-like curve for every layer, and dither against banding."""

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.generation.previz.picture.noise import FloatArray, generator

Bytes = NDArray[np.uint8]

_SHOULDER = (2.51, 0.03, 2.43, 0.59, 0.14)
_STEPS = 16384
_TOP = 12.0


def _curve(linear: NDArray[np.float64]) -> NDArray[np.float64]:
    """K. Narkowicz's rational fit of the ACES filmic curve, then the display's inverse power."""
    a, b, c, d, e = _SHOULDER
    mapped = np.clip(linear * (a * linear + b) / (linear * (c * linear + d) + e), 0, 1)
    return np.asarray(mapped ** (1 / 2.2) * 255.0)


# Sampled over the square root of light, where the curve is nearly straight.
_TABLE = _curve(np.linspace(0, 1, _STEPS) ** 2 * _TOP).astype(np.float32)


def display(linear: FloatArray) -> FloatArray:
    """Display values, 0 to 255 as float32, of scene-linear light of any shape."""
    position = np.sqrt(np.clip(linear, 0, _TOP) * np.float32(1 / _TOP)) * np.float32(_STEPS - 1)
    return np.asarray(_TABLE[position.astype(np.int32)], np.float32)


@lru_cache(maxsize=4)
def _dither(rows: int, columns: int, channels: int) -> FloatArray:
    tile = generator(0, "dither").random((256, 256, 1), dtype=np.float32) - np.float32(0.5)
    return np.repeat(np.tile(tile, (rows // 256 + 1, columns // 256 + 1, 1))[:rows, :columns], channels, axis=2)


def to_bytes(values: FloatArray, *, dither: bool = False) -> Bytes:
    """Display values to 8 bits; ``dither`` adds fixed noise of one step so that smooth gradients do not band."""
    if dither:
        values = values + _dither(values.shape[0], values.shape[1], values.shape[2] if values.ndim == 3 else 1).reshape(values.shape)
    return np.asarray(cv2.convertScaleAbs(np.maximum(values, 0)), np.uint8).reshape(values.shape)


def mix(first: FloatArray, second: FloatArray, amount: FloatArray | float) -> FloatArray:
    """``first`` where ``amount`` is 0, ``second`` where it is 1."""
    return np.asarray(first + (second - first) * amount, np.float32)


def rgb(red: float, green: float, blue: float) -> FloatArray:
    """A colour as a (3,) float32 array of linear light."""
    return np.array([red, green, blue], np.float32)
