"""Collects the numbers of each frame and stacks them at the end: the growing part of every collector.

Small arrays cost NumPy more for the call than for the sums. What is worked out from a few dozen numbers a frame is therefore worked
out for ``BLOCK_FRAMES`` frames at a time.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

BLOCK_FRAMES = 32
"""Frames whose tile sums and the like wait to be worked out together: some hundred kilobytes at most."""


class FrameSeries:
    """Named values, one set per frame, in order."""

    def __init__(self) -> None:
        self._rows: dict[str, list[NDArray[np.float64]]] = {}

    def add(self, **values: ArrayLike) -> None:
        """Append one frame's values; the same names and shapes at every frame."""
        for name, value in values.items():
            self._rows.setdefault(name, []).append(np.asarray(value, np.float64))

    def add_block(self, **values: ArrayLike) -> None:
        """Append the values of several frames at once, the frame first in each."""
        for name, value in values.items():
            self._rows.setdefault(name, []).extend(np.asarray(value, np.float64))

    def stacked(self) -> Mapping[str, NDArray[np.float64]]:
        """Every series with the frame index first."""
        return {name: np.stack(rows) for name, rows in self._rows.items()}
