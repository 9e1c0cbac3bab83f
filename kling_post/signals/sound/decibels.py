"""Means of levels."""

import numpy as np
from numpy.typing import NDArray


def mean_db(levels: NDArray[np.float64], *, axis: int = -1) -> NDArray[np.float64]:
    """Level of the mean power of levels in decibels, along an axis."""
    return np.asarray(10 * np.log10(np.mean(10 ** (levels / 10), axis=axis)), np.float64)
