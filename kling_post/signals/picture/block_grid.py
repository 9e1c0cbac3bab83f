"""The grid that block coding leaves: how much larger the steps between neighbours are where blocks meet."""

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from kling_post.media.frames import FrameView, Plane
from kling_post.signals.series import LookSeries
from kling_post.signals.signal import Series
from kling_post.vocabulary import MediaFacts

_GRID = 8
"""Block edges repeat every 8 samples in the codecs at hand; larger blocks repeat on multiples of it."""
_EVERY = 6
"""Frames from one look to the next: a starved coder shows its blocks for longer."""
_BANDS = 34
"""Rows of blocks that are asked for their steps downwards: as many samples as the sampled rows have."""

_USUAL = 0.8
"""Share of the rows and columns of blocks that the mean is of; those with the largest steps are left out."""


class BlockGridCollector:
    """Looks at every sixth frame, on the 8-bit scale.

    Series: ``looked`` (frames,) 1 where a frame was looked at; per look: ``frame`` (looks,) its index, ``steps`` (looks, 2, 8) the mean
    absolute difference of neighbours across, by column modulo 8, and down, by row modulo 8, in some 270 rows of full size, the largest
    left out; entry k between columns or rows 8n+k and 8n+k+1: a block grid lifts entry 7 above the rest.
    """

    def __init__(self) -> None:
        self._series = LookSeries(steps=(2, _GRID))

    def add(self, frame: FrameView, previous: FrameView | None) -> None:
        """Look at the frame, if it is its turn."""
        del previous
        self._series.passed(frame.index)
        if frame.index % _EVERY or min(frame.luma.shape) <= _GRID:
            return
        steps = np.stack([_across(frame.sampled_luma()), _down(frame.luma)])
        self._series.add(frame.index, steps=steps / (1 << (frame.bit_depth - 8)))

    def finish(self) -> Series:
        """The clip's series."""
        return self._series.stacked()


def _across(rows: Plane) -> NDArray[np.float64]:
    """Mean absolute difference of horizontal neighbours by column modulo 8."""
    columns = (rows.shape[1] - 1) // _GRID * _GRID
    by_column = _sums(cv2.absdiff(rows[:, 1 : columns + 1], rows[:, :columns]), axis=0)
    return _usual(by_column.reshape(-1, _GRID) / len(rows))


def _down(luma: Plane) -> NDArray[np.float64]:
    """Mean absolute difference of vertical neighbours by row modulo 8, in rows of blocks spread evenly over the picture."""
    blocks = (len(luma) - 1) // _GRID
    tops = range(0, blocks * _GRID, max(1, blocks // _BANDS) * _GRID)
    by_row = [_sums(cv2.absdiff(luma[top + 1 : top + _GRID + 1], luma[top : top + _GRID]), axis=1) for top in tops]
    return _usual(np.stack(by_row) / luma.shape[1])


def _usual(by_place: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of the steps of many blocks, (blocks, 8), the mean of the smaller ones: a frame's edge or a title is no grid."""
    kept = max(1, round(_USUAL * len(by_place)))
    return np.asarray(np.sort(by_place, axis=0)[:kept].mean(axis=0), np.float64)


def _sums(steps: MatLike, axis: int) -> NDArray[np.float64]:
    depth = cv2.CV_64F if steps.dtype == np.uint16 else cv2.CV_32S
    return np.asarray(cv2.reduce(steps, axis, cv2.REDUCE_SUM, dtype=depth), np.float64).ravel()


class BlockGrid:
    """Steps between neighbours by their place in the grid of blocks."""

    name = "block_grid"
    version = 1

    def collector(self, facts: MediaFacts) -> BlockGridCollector:
        """A fresh collector."""
        del facts
        return BlockGridCollector()


SIGNAL = BlockGrid()
