"""Powers as levels, and means of levels."""

import numpy as np
from numpy.typing import NDArray


def decibels(power: NDArray[np.floating]) -> NDArray[np.float64]:
    """Level of powers, or of ratios of powers; all above 0."""
    return np.asarray(10 * np.log10(power), np.float64)


def mean_db(levels: NDArray[np.float64], *, axis: int = -1) -> NDArray[np.float64]:
    """Level of the mean power of levels in decibels, along an axis."""
    return np.asarray(10 * np.log10(np.mean(10 ** (levels / 10), axis=axis)), np.float64)
