"""What is known of the truth of a join, where it is read from the coded file."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from kling_post.calibration.seam_alterations import LIMIT_OF

Floats = NDArray[np.float64]

_MOST = 0.5
"""Of the limit: a step that is known less well than that leaves open what the truth is."""
_OF_A_MEDIAN = 1.2533 * 1.4826
"""Standard error of a median over the median deviation from it and the root of the count."""


def with_known(steps: Mapping[str, float], found: Mapping[str, tuple[float, float]]) -> dict[str, float]:
    """The steps with those that were ``found``, each with its error: NaN where that is too large; what was unknown (NaN) stays so."""
    known = {name: size if abs(off) <= _MOST * LIMIT_OF[name] else float("nan") for name, (size, off) in found.items()}
    return dict(steps) | {name: size for name, size in known.items() if not np.isnan(steps[name])}


def median_error(values: Floats) -> Floats:
    """(figures,): standard error of the medians of (frames, figures)."""
    return np.asarray(_OF_A_MEDIAN * np.median(np.abs(values - np.median(values, axis=0)), axis=0) / np.sqrt(len(values)))
