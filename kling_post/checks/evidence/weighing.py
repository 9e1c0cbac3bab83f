"""Weighing what was measured: each thing gives its points, by a line through a few corners, and the points are added up.

The points are those of a logistic regression on measurements that are cut off at both ends, scaled to 100 in all: a table that can be
read and changed, where a single number out of range cannot outweigh the rest.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that is weighed: its points lie on lines from corner to corner, level beyond both ends."""

    name: str
    at: tuple[float, ...]
    """Values of the corners, rising."""
    points: tuple[float, ...]
    """Points of each, of 100 in all; nothing at the lowest."""

    def given(self, measured: NDArray[np.float64]) -> NDArray[np.float64]:
        """The points of each value."""
        return np.asarray(np.interp(measured, self.at, self.points), np.float64)


def evidence_percent(measured: Mapping[str, NDArray[np.float64]], table: Sequence[Evidence]) -> NDArray[np.float64]:
    """How much of all that could speak for it does so, 0 to 100, for each of the measured things.

    Args:
        measured: Values by name, each (things,).
        table: What is weighed, each by the name of its values.
    """
    return np.asarray(np.sum([each.given(measured[each.name]) for each in table], axis=0), np.float64)
