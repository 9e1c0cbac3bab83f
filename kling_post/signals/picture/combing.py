"""Whether two moments are woven row by row: what is left of interlaced video in a progressive file.

Where something moves, a row then differs more from its neighbours, which show another moment, than from the rows beyond them, which show
its own. In natural pictures, textures and grain included, it is never so: rows that lie further apart differ more.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.media.frames import FrameView, Plane
from kling_post.signals.kernels.tile_grid import TILE_COLUMNS, TILE_ROWS, TILES
from kling_post.signals.series import LookSeries
from kling_post.signals.signal import Series
from kling_post.vocabulary import MediaFacts

_EVERY = 7
"""Frames from one look to the next: every place of a five-frame film transfer comes up in turn."""
_LEAST_COLUMNS = 32
_LEAST_ROWS = 72


class CombingCollector:
    """Full-size luma, every seventh frame, in 8-bit codes; no looks at pictures of fewer than 72 rows or 32 columns.

    Series: ``looked`` (frames,) 1 where a frame was looked at; per look: ``frame`` its index, ``neighbours`` (looks, 9, 16) mean
    absolute difference of rows next to each other, tile by tile, and ``beyond`` the same of rows two apart.
    """

    def __init__(self) -> None:
        self._series = LookSeries(neighbours=TILES, beyond=TILES)

    def add(self, frame: FrameView, previous: FrameView | None) -> None:
        """Measure one frame, if it is its turn."""
        del previous
        self._series.passed(frame.index)
        if frame.index % _EVERY or frame.luma.shape[0] < _LEAST_ROWS or frame.luma.shape[1] < _LEAST_COLUMNS:
            return
        scale = np.float32(1 / (1 << (frame.bit_depth - 8)))
        self._series.add(frame.index, neighbours=_apart(frame.luma, 1) * scale, beyond=_apart(frame.luma, 2) * scale)

    def finish(self) -> Series:
        """The clip's series."""
        return self._series.stacked()


def _apart(luma: Plane, distance: int) -> NDArray[np.float32]:
    """Mean absolute difference of rows so far apart, tile by tile, in codes as stored.

    Row of tiles by row of tiles, whose differences stay in the cache until they are added up.
    """
    kind = cv2.CV_64F if luma.dtype == np.uint16 else cv2.CV_32S
    rows, columns = luma.shape[0] - distance, luma.shape[1]
    means = np.empty(TILES, np.float32)
    across = np.arange(TILE_COLUMNS + 1) * columns // TILE_COLUMNS
    for place in range(TILE_ROWS):
        first, end = place * rows // TILE_ROWS, (place + 1) * rows // TILE_ROWS
        steps = cv2.absdiff(luma[first + distance : end + distance], luma[first:end])
        sums = np.asarray(cv2.reduce(steps, 0, cv2.REDUCE_SUM, dtype=kind), np.float64)[0]
        means[place] = np.add.reduceat(sums, across[:-1]) / (np.diff(across) * (end - first))
    return means


class Combing:
    """Two moments woven row by row."""

    name = "combing"
    version = 4

    def collector(self, facts: MediaFacts) -> CombingCollector:
        """A fresh collector."""
        del facts
        return CombingCollector()


SIGNAL = Combing()
