"""Weighing what was measured: each thing gives its points for or against, evenly between two values, and the points are added up.

The points are those of a logistic regression on measurements that are cut off at both ends, scaled to 100 in all: a table that can be
read and changed, where a single number out of range cannot outweigh the rest.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that is weighed: nothing at ``low`` and below, all its points at ``high`` and above, evenly between."""

    name: str
    low: float
    high: float
    points: float
    """Of 100 in all; negative where it speaks against."""

    def share(self, measured: NDArray[np.float64]) -> NDArray[np.float64]:
        """How far each value lies on the way from ``low`` to ``high``, 0 to 1."""
        return np.asarray(np.clip((measured - self.low) / (self.high - self.low), 0.0, 1.0), np.float64)


@dataclass(frozen=True, slots=True)
class Curve:
    """One thing that is weighed whose points rise and fall: those of a line through its corners, level beyond both ends."""

    name: str
    at: tuple[float, ...]
    """Values of the corners, rising."""
    points: tuple[float, ...]
    """Points of each, of 100 in all; nothing at the lowest."""

    def given(self, measured: NDArray[np.float64]) -> NDArray[np.float64]:
        """The points of each value."""
        return np.asarray(np.interp(measured, self.at, self.points), np.float64)


def curves_percent(measured: Mapping[str, NDArray[np.float64]], table: Sequence[Curve]) -> NDArray[np.float64]:
    """The same as ``evidence_percent``, by a table of curves."""
    return np.asarray(np.sum([each.given(measured[each.name]) for each in table], axis=0), np.float64)


def evidence_percent(measured: Mapping[str, NDArray[np.float64]], table: Sequence[Evidence]) -> NDArray[np.float64]:
    """How much of all that could speak for it does so, 0 to 100, for each of the measured things.

    Args:
        measured: Values by name, each (things,).
        table: What is weighed, each by the name of its values.
    """
    total = np.zeros(len(next(iter(measured.values()))))
    for each in table:
        share = each.share(measured[each.name])
        total += each.points * share if each.points > 0 else each.points * (share - 1)
    return total
