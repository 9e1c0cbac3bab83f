"""Collects the numbers of each frame and stacks them at the end: the growing part of every collector.

Small arrays cost NumPy more for the call than for the sums. What is worked out from a few dozen numbers a frame is therefore worked
out for ``BLOCK_FRAMES`` frames at a time.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

BLOCK_FRAMES = 32
"""Frames whose tile sums and the like wait to be worked out together: some hundred kilobytes at most."""
_ROOM_FRAMES = 256
"""Frames that room is made for at a time: a number by itself would take a dozen times its eight bytes."""


class FrameSeries:
    """Named values, one set per frame, in order."""

    def __init__(self) -> None:
        self._columns: dict[str, _Column] = {}

    def add(self, **values: ArrayLike) -> None:
        """Append one frame's values; the same names and shapes at every frame."""
        for name, value in values.items():
            if name not in self._columns:
                self._columns[name] = _Column(np.asarray(value))
            self._columns[name].append(value)

    def add_block(self, **values: ArrayLike) -> None:
        """Append the values of several frames at once, the frame first in each."""
        for name, value in values.items():
            rows = np.asarray(value)
            if name not in self._columns:
                self._columns[name] = _Column(rows[0])
            for row in rows:
                self._columns[name].append(row)

    def stacked(self) -> Mapping[str, NDArray[np.float64]]:
        """Every series with the frame index first; nothing is kept, so that a long clip's numbers are not there twice."""
        return {name: self._columns.pop(name).values() for name in list(self._columns)}


class LookSeries:
    """Named maps of the frames that are looked at, one in several, and which those are.

    Stacked: ``looked`` (frames,) 1 where a frame was looked at, ``frame`` (looks,) its index, and each map with the look first.
    """

    def __init__(self, **shapes: tuple[int, ...]) -> None:
        """The maps' names and shapes, which hold for a clip without a look too."""
        self._shapes = shapes
        self._passed = 0
        self._frames: list[int] = []
        self._maps = FrameSeries()

    def passed(self, index: int) -> None:
        """Count a frame, whether it is looked at or not."""
        self._passed = index + 1

    def add(self, index: int, **maps: ArrayLike) -> None:
        """Append what the look at frame ``index`` has shown."""
        self._frames.append(index)
        self._maps.add(**maps)

    def stacked(self) -> Mapping[str, NDArray[np.float64]]:
        """Every series; nothing is kept."""
        looked = np.zeros(self._passed)
        looked[self._frames] = 1
        nothing = {name: np.zeros((0, *shape)) for name, shape in self._shapes.items()}
        return {"looked": looked, "frame": np.array(self._frames, np.float64), **nothing, **self._maps.stacked()}


class _Column:
    """One growing series. Maps that are float32 already stay so until the end: half the room, and no digit less."""

    def __init__(self, first: NDArray[np.generic]) -> None:
        self._kind = np.float32 if first.ndim and first.dtype == np.float32 else np.float64
        self._shape = first.shape
        self._rooms: list[NDArray[np.float32] | NDArray[np.float64]] = []
        self._filled = _ROOM_FRAMES

    def append(self, value: ArrayLike) -> None:
        if self._filled == _ROOM_FRAMES:
            self._rooms.append(np.empty((_ROOM_FRAMES, *self._shape), self._kind))
            self._filled = 0
        self._rooms[-1][self._filled] = value
        self._filled += 1

    def values(self) -> NDArray[np.float64]:
        *full, last = self._rooms
        return np.concatenate([*full, last[: self._filled]], dtype=np.float64)
