"""Blocks of any size, given out again as stretches with a margin of their surroundings on both sides."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from kling_post.signals.sound.signal import Samples

STRETCH_SAMPLES = 65_536


class MarginWindow:
    """Holds a stretch and its margins, so that a measurement near an edge sees what lies behind it; outside the file is silence."""

    def __init__(self, channels: int, margin: int) -> None:
        self._margin = margin
        self._held = np.zeros((channels, margin), np.float32)
        self._position = 0

    def add(self, block: Samples) -> Iterator[tuple[int, NDArray[np.float32]]]:
        """Take a block; give out (index of the first sample behind the left margin, planes with both margins)."""
        self._held = np.concatenate([self._held, block.T], axis=1)
        while self._held.shape[1] >= STRETCH_SAMPLES + 2 * self._margin:
            yield self._given(STRETCH_SAMPLES)

    def rest(self) -> Iterator[tuple[int, NDArray[np.float32]]]:
        """Give out what is left, silence behind it."""
        left = self._held.shape[1] - self._margin
        self._held = np.pad(self._held, ((0, 0), (0, self._margin)))
        while left > 0:
            size = min(left, STRETCH_SAMPLES)
            yield self._given(size)
            left -= size

    def _given(self, size: int) -> tuple[int, NDArray[np.float32]]:
        stretch = self._position, self._held[:, : size + 2 * self._margin]
        self._held = self._held[:, size:]
        self._position += size
        return stretch
