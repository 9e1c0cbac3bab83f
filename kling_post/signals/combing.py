"""Whether two moments are woven row by row: what is left of interlaced video in a progressive file.

Where something moves, a row then differs more from its neighbours, which show another moment, than from the rows beyond them, which show
its own. In natural pictures, textures and grain included, it is never so: rows that lie further apart differ more.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.media.frames import FrameView, Plane
from kling_post.signals.series import FrameSeries
from kling_post.signals.signal import Series
from kling_post.signals.tiles import tile_means
from kling_post.vocabulary import MediaFacts

_EVERY = 7
"""Frames from one look to the next: every place of a five-frame film transfer comes up in turn."""
_COLUMNS = 4
"""Every fourth column says as much as all."""
_LEAST_ROWS = 72


class CombingCollector:
    """Full-size luma, every seventh frame, in 8-bit codes; NaN on the other frames and in pictures of fewer than 72 rows.

    Series: ``neighbours`` (frames, 9, 16) mean absolute difference of rows next to each other, tile by tile; ``beyond`` the same of rows
    two apart.
    """

    def __init__(self) -> None:
        self._series = FrameSeries()

    def add(self, frame: FrameView, previous: FrameView | None) -> None:
        """Measure one frame, if it is its turn."""
        del previous
        nothing = np.full((9, 16), np.nan)
        if frame.index % _EVERY or frame.luma.shape[0] < _LEAST_ROWS:
            self._series.add(neighbours=nothing, beyond=nothing)
            return
        rows: Plane = frame.luma[:, ::_COLUMNS].copy()
        scale = 1.0 / (1 << (frame.bit_depth - 8))
        self._series.add(neighbours=_apart(rows, 1) * scale, beyond=_apart(rows, 2) * scale)

    def finish(self) -> Series:
        """The clip's series."""
        return self._series.stacked()


def _apart(rows: Plane, distance: int) -> NDArray[np.float64]:
    return tile_means(cv2.absdiff(rows[distance:], rows[:-distance]).astype(np.float32)).astype(np.float64)


class Combing:
    """Two moments woven row by row."""

    name = "combing"
    version = 1

    def collector(self, facts: MediaFacts) -> CombingCollector:
        """A fresh collector."""
        del facts
        return CombingCollector()


SIGNAL = Combing()
