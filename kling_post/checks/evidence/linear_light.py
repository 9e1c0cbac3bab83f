"""From ICtCp, in which colours are measured, back to linear red, green and blue of the display."""

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

_LMS_FROM_ICTCP = np.linalg.inv(np.array([[2048, 2048, 0], [6610, -13613, 7003], [17933, -17390, -543]]) / 4096)
_BT2020_FROM_LMS = np.linalg.inv(np.array([[1688, 2146, 262], [683, 2951, 462], [99, 309, 3688]]) / 4096)
_BT709_FROM_BT2020 = np.linalg.inv(np.array([[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]]))
"""Linear light, ITU-R BT.2087."""
_WHITE_CD_M2 = 100.0
"""Of the display that the colour signal assumes, ITU-R BT.2035."""


def linear_rgb(ictcp: Values, *, wide_primaries: bool = False) -> Values:
    """Linear R, G and B, 0 black to 1 white, clipped to that range, of ICtCp (last axis of three): ITU-R BT.2100 backwards."""
    light = _light_cd_m2(ictcp @ _LMS_FROM_ICTCP.T) / _WHITE_CD_M2
    rgb = light @ _BT2020_FROM_LMS.T
    return np.asarray(np.clip(rgb if wide_primaries else rgb @ _BT709_FROM_BT2020.T, 0, 1))


def _light_cd_m2(signal: Values) -> Values:
    """Absolute light of a PQ signal, the EOTF of SMPTE ST 2084."""
    power = np.clip(signal, 0, 1) ** (32 / 2523)
    share = np.maximum(power - 3424 / 4096, 0) / (2413 / 128 - 2392 / 128 * power)
    return np.asarray(10_000 * share ** (16384 / 2610))
