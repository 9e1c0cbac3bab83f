"""A straight line through a few values that single odd ones do not tilt."""

import numpy as np
from numpy.typing import NDArray


def steady_line(places: NDArray[np.int64], values: NDArray[np.float64]) -> tuple[float, float]:
    """Where the line stands at place 0, and its slope: the medians of the slopes between all pairs and of what they leave.

    H. Theil, "A Rank-Invariant Method of Linear and Polynomial Regression Analysis" (1950); P. K. Sen, JASA 63 (1968). One value alone
    has a level and no slope.
    """
    one, other = np.triu_indices(places.size, 1)
    slope = float(np.median((values[other] - values[one]) / (places[other] - places[one]))) if one.size else 0.0
    return float(np.median(values - slope * places)), slope
