"""Synthetic pictures: textures with the spectrum of natural scenes, moved by parts of a pixel, and grain."""

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.vocabulary import Size

RgbFrame = NDArray[np.uint8]


def texture(size: Size, rng: np.random.Generator, *, exponent: float = 1.2) -> RgbFrame:
    """A colour picture whose amplitude falls with frequency as 1/f**exponent, as natural scenes do (Field 1987)."""
    rows, columns = np.fft.fftfreq(size.height)[:, None], np.fft.rfftfreq(size.width)[None, :]
    frequency = np.hypot(rows, columns)
    frequency[0, 0] = np.inf
    shared = _noise(frequency, exponent, size, rng)
    planes = [0.8 * shared + 0.45 * _noise(frequency, exponent + 0.2, size, rng) for _ in range(3)]
    centre = rng.uniform(95, 140, size=3)
    picture = np.stack([plane * 42 + level for plane, level in zip(planes, centre, strict=True)], axis=-1)
    return np.asarray(np.clip(picture, 8, 247), np.uint8)


def _noise(frequency: NDArray[np.float64], exponent: float, size: Size, rng: np.random.Generator) -> NDArray[np.float64]:
    spectrum = np.fft.rfft2(rng.standard_normal((size.height, size.width))) / frequency**exponent
    values = np.fft.irfft2(spectrum, s=(size.height, size.width))
    return np.asarray((values - values.mean()) / values.std())


def round_part(size: Size, *, middle: tuple[float, float], radius: float, edge: float) -> NDArray[np.float32]:
    """1 inside a circle about ``middle`` (row, column), 0 outside, with a soft edge of so many pixels: (height, width, 1)."""
    rows, columns = np.mgrid[0 : size.height, 0 : size.width]
    distance = np.hypot(rows - middle[0], columns - middle[1])
    return np.asarray(np.clip((radius - distance) / edge + 0.5, 0, 1), np.float32)[..., None]


def moved(picture: RgbFrame, size: Size, *, left: float, top: float, scale: float = 1.0) -> RgbFrame:
    """The window of ``size`` at a place in parts of a pixel, bicubic; ``scale`` above 1 looks closer, about the window's middle."""
    inverse = 1 / scale
    centre = (size.width * (1 - inverse) / 2 + left, size.height * (1 - inverse) / 2 + top)
    matrix = np.array([[inverse, 0, centre[0]], [0, inverse, centre[1]]], np.float64)
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(picture, matrix, (size.width, size.height), flags=flags, borderMode=cv2.BORDER_REFLECT_101), np.uint8)


def pan(size: Size, count: int, rng: np.random.Generator, *, pixels: float, exponent: float = 1.2) -> Iterator[RgbFrame]:
    """A texture that goes by at an even pace, pixels a frame."""
    wide = Size(size.width + int(np.ceil(abs(pixels) * count)) + 8, size.height)
    wide = Size(wide.width + wide.width % 2, wide.height)
    picture = texture(wide, rng, exponent=exponent)
    for index in range(count):
        yield moved(picture, size, left=4 + pixels * index, top=0)


def grained(frame: RgbFrame, sigma: float, rng: np.random.Generator) -> RgbFrame:
    """Fresh white grain of that standard deviation, 8-bit codes, alike in the three channels."""
    if sigma <= 0:
        return frame
    noise = rng.standard_normal(frame.shape[:2], dtype=np.float32)[..., None] * np.float32(sigma)
    return np.clip(np.rint(frame + noise), 0, 255).astype(np.uint8)
