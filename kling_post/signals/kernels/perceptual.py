"""From stored codes to ICtCp, the space in which a difference of 1 is just visible (ITU-R BT.2100, BT.2124)."""

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_BT709_TO_BT2020 = np.array([[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]])
"""Linear light, ITU-R BT.2087."""
_BT2020_TO_LMS = np.array([[1688, 2146, 262], [683, 2951, 462], [99, 309, 3688]]) / 4096
_LMS_TO_ICTCP = np.array([[2048, 2048, 0], [6610, -13613, 7003], [17933, -17390, -543]]) / 4096
_REFERENCE_WHITE_CD_M2 = 100.0
"""White of the reference display for standard dynamic range, ITU-R BT.2035."""


def unclipped_rgb(codes: NDArray[np.float32], *, full_range: bool, weights: tuple[float, float]) -> NDArray[np.float32]:
    """R'G'B', nominally 0 to 1, from Y, Cb, Cr on the 8-bit scale, both (rows, columns, 3), by ITU-R BT.709 section 3."""
    luma_gain, chroma_gain = (1 / 255, 1 / 255) if full_range else (1 / 219, 1 / 224)
    red_weight, blue_weight = weights
    green_weight = 1 - red_weight - blue_weight
    red, blue = 2 * (1 - red_weight), 2 * (1 - blue_weight)
    rows = np.array([[1, 0, red], [1, -blue * blue_weight / green_weight, -red * red_weight / green_weight], [1, blue, 0]])
    rows *= (luma_gain, chroma_gain, chroma_gain)
    shift = -rows @ np.array([0 if full_range else 16, 128, 128])
    return np.asarray(cv2.transform(codes, np.column_stack([rows, shift])), np.float32)


def ictcp(rgb: Floats, *, wide_primaries: bool = False) -> Floats:
    """ICtCp of display-referred SDR R'G'B' 0 to 1 (gamma 2.4, white at 100 cd/m2); last axis of three in and out."""
    to_lms = _BT2020_TO_LMS if wide_primaries else _BT2020_TO_LMS @ _BT709_TO_BT2020
    light = _REFERENCE_WHITE_CD_M2 * rgb**2.4
    return perceptual_quantiser(light @ to_lms.T) @ _LMS_TO_ICTCP.T


def perceptual_quantiser(light_cd_m2: Floats) -> Floats:
    """Signal 0 to 1 of absolute light, the inverse of SMPTE ST 2084's EOTF.

    >>> bool(perceptual_quantiser(np.array([10_000.0]))[0] == 1.0)
    True
    """
    power = (np.maximum(light_cd_m2, 0) / 10_000) ** (2610 / 16384)
    return np.asarray(((3424 / 4096 + 2413 / 128 * power) / (1 + 2392 / 128 * power)) ** (2523 / 32))


def delta_e_itp(one: Floats, other: Floats) -> Floats:
    """ITU-R BT.2124: 720 * sqrt(dI^2 + (dCt/2)^2 + dCp^2) between ICtCp values (last axis 3)."""
    step = (one - other) * np.array([1.0, 0.5, 1.0])
    return np.asarray(720 * np.sqrt((step**2).sum(axis=-1)))
