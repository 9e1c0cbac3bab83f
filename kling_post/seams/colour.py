"""From Y'CbCr planes to ICtCp, the space in which colour differences are counted.

ITU-R BT.2100 defines ICtCp; ITU-R BT.2124 defines the difference Delta E ITP in it: 1 is just visible to the most adapted eye.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# ITU-R BT.2087: linear light of BT.709 primaries as BT.2020 primaries.
_BT709_TO_BT2020 = np.array([[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]])
# ITU-R BT.2100 table 7.
_BT2020_TO_LMS = np.array([[1688, 2146, 262], [683, 2951, 462], [99, 309, 3688]]) / 4096
_LMS_TO_ICTCP = np.array([[2048, 2048, 0], [6610, -13613, 7003], [17933, -17390, -543]]) / 4096

_REFERENCE_WHITE_CD_M2 = 100.0
"""ITU-R BT.2035: white of the reference SDR display."""


def rgb_from_ycbcr(luma: Floats, chroma_blue: Floats, chroma_red: Floats, *, weights: tuple[float, float]) -> Floats:
    """R'G'B' from luma 0 to 1 and chroma -0.5 to 0.5; any shape in, that shape and a last axis of three out, clipped to 0 to 1.

    ``weights`` are those of red and blue in luma: (0.2126, 0.0722) for ITU-R BT.709.
    """
    red_weight, blue_weight = weights
    red = luma + 2 * (1 - red_weight) * chroma_red
    blue = luma + 2 * (1 - blue_weight) * chroma_blue
    green = (luma - red_weight * red - blue_weight * blue) / (1 - red_weight - blue_weight)
    return np.clip(np.stack([red, green, blue], axis=-1), 0.0, 1.0)


def _perceptual_quantiser(light_cd_m2: Floats) -> Floats:
    """The inverse EOTF of SMPTE ST 2084: cd/m2 to a signal of 0 to 1."""
    power = (np.maximum(light_cd_m2, 0) / 10_000) ** (2610 / 16384)
    signal: Floats = ((3424 / 4096 + 2413 / 128 * power) / (1 + 2392 / 128 * power)) ** (2523 / 32)
    return signal


def ictcp_from_rgb(rgb: Floats) -> Floats:
    """ICtCp of SDR R'G'B' (BT.709 primaries, 0 to 1, shown with the BT.1886 gamma of 2.4 at 100 cd/m2); last axis of three."""
    light = _REFERENCE_WHITE_CD_M2 * rgb**2.4
    return _perceptual_quantiser(light @ (_BT2020_TO_LMS @ _BT709_TO_BT2020).T) @ _LMS_TO_ICTCP.T


def delta_e_itp(one: Floats, other: Floats) -> Floats:
    """ITU-R BT.2124: 720 * sqrt(dI^2 + (dCt / 2)^2 + dCp^2) between ICtCp values; last axis of three."""
    step = (one - other) * np.array([1.0, 0.5, 1.0])
    distance: Floats = 720.0 * np.sqrt((step**2).sum(axis=-1))
    return distance
