"""Make a picture sharper or softer, so that it is as sharp as the one before it, and let that go unseen.

Sharper: a Gaussian blur is taken back by its regularised inverse (N. Wiener, "Extrapolation, Interpolation, and Smoothing of Stationary
Time Series", 1949): of what the blur has left of a frequency, all is given back as long as that is much, and ever less as it comes near
to nothing, where only noise would grow. An unsharp mask strengthens coarse detail with the fine, and with it contrast, and leaves halos.
Softer: part of what a Gaussian takes away is taken away.
"""

from functools import lru_cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.edit.corrections import Refocusing
from kling_post.edit.reframe import share_left
from kling_post.media.encode import Planes
from kling_post.media.frames import halvings_to

_WIDEST: Final = 1920
"""Lengths are in pixels of the largest exact halving that is no wider, as sharpness is measured."""
_SOFTENED_BY: Final = 1.5
"""Sigma of the Gaussian, in such pixels, by which pictures are softened."""
_NOISE: Final = 0.015
"""Of the picture's power: no frequency grows by more than (1 + n) / (2 sqrt n), a factor of 4.1."""
_LEAST_CODES: Final = 2.0
"""Changes of fewer 8-bit codes than about this are left out: flat parts hold nothing but what the encoder made of them."""
_KERNEL_SIGMAS: Final = 6
"""Cut off nearer, the inverse leaves halos of its own."""

Floats = NDArray[np.float32]


def refocused(planes: Planes, refocusing: Refocusing, frame: int) -> Planes:
    """The picture of the clip's frame ``frame`` (from 0) with as much of the refocusing as is left there; luma only."""
    left = share_left(frame, refocusing.eased_frames)
    if not left or not (refocusing.blur_pixels or refocusing.softened):
        return planes
    luma = planes[0]
    pixel = 1 << halvings_to(luma.shape[1], _WIDEST)
    # Not in code values: rounding the filtered picture would be grain.
    exact = luma.astype(np.float32)
    if refocusing.blur_pixels:
        change = _given_back(exact, refocusing.blur_pixels * pixel, one_code=1 if luma.dtype == np.uint8 else 4)
    else:
        change = refocusing.softened * (cv2.GaussianBlur(exact, (0, 0), _SOFTENED_BY * pixel) - exact)
    # Never beyond what the picture has: sharpening must not make new blacks and whites.
    return np.clip(np.rint(exact + left * change), int(luma.min()), int(luma.max())).astype(luma.dtype), planes[1], planes[2]


def _given_back(luma: Floats, sigma: float, *, one_code: int) -> Floats:
    """What taking back a Gaussian blur changes; little changes are left out."""
    kernel = _inverse_blur(round(sigma, 3))
    change = cv2.filter2D(luma, cv2.CV_32F, kernel, borderType=cv2.BORDER_REFLECT_101) - luma
    energy = change * change
    return np.asarray(change * (energy / (energy + np.float32((_LEAST_CODES * one_code) ** 2))), np.float32)


@lru_cache(maxsize=4)
def _inverse_blur(sigma: float) -> Floats:
    """The kernel (rows, columns) that takes a Gaussian blur back; the same in all directions, its sum 1."""
    radius = int(np.ceil(_KERNEL_SIGMAS * sigma)) + 2
    size = 1 << (4 * radius).bit_length()
    cycles = np.fft.fftfreq(size)
    blur = np.exp(-2 * (np.pi * sigma) ** 2 * (cycles[:, None] ** 2 + cycles**2))
    inverse = np.fft.fftshift(np.fft.ifft2(blur / (blur**2 + _NOISE)).real)
    middle = slice(size // 2 - radius, size // 2 + radius + 1)
    kernel = inverse[middle, middle]
    return np.asarray(kernel / kernel.sum(), np.float32)
