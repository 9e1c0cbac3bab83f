"""Detail at the picture's own size and at two smaller ones, and the grid that block coding leaves."""

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.media.frames import FrameView, Plane
from kling_post.signals.series import FrameSeries
from kling_post.signals.signal import Series
from kling_post.vocabulary import MediaFacts

_GRID = 8
"""Block edges repeat every 8 samples in the codecs at hand; larger blocks repeat on multiples of it."""
_ROW_STEP = 4
"""Every fourth row is enough to see a grid across the whole picture."""


class SharpnessCollector:
    """Series on the 8-bit scale.

    ``gradient`` (frames, 3): mean squared difference of horizontal and vertical neighbours (codes squared) of full-size,
    half-size and quarter-size luma; at full size of every fourth row and its neighbour below. ``grid`` (frames, 8): mean absolute
    difference of horizontal neighbours by column modulo 8, entry k between columns 8n+k and 8n+k+1: a block grid lifts entry 7
    above the rest.
    """

    def __init__(self) -> None:
        self._series = FrameSeries()

    def add(self, frame: FrameView, previous: FrameView | None) -> None:
        """Measure one frame."""
        del previous
        scale = 1 / (1 << (frame.bit_depth - 8))
        finest, grid = _full_size(frame.luma)
        smaller = [_gradient(frame.reduced("luma", halvings)) for halvings in (1, 2)]
        self._series.add(gradient=np.array([finest, *smaller]) * scale**2, grid=grid * scale)

    def finish(self) -> Series:
        """The clip's series."""
        return self._series.stacked()


def _full_size(luma: Plane) -> tuple[float, NDArray[np.float64]]:
    """Mean squared neighbour difference, across and down together, and the steps by column modulo 8."""
    if min(luma.shape) < 2:
        return 0.0, np.zeros(_GRID)
    rows = luma[::_ROW_STEP]
    steps = cv2.absdiff(rows[:, 1:], rows[:, :-1])
    below = luma[1::_ROW_STEP]
    across = cv2.norm(steps, cv2.NORM_L2SQR) / rows.size
    down = cv2.norm(below, rows[: len(below)], cv2.NORM_L2SQR) / below.size
    columns = steps.shape[1] // _GRID * _GRID
    if columns == 0:
        return float(across + down) / 2, np.zeros(_GRID)
    by_column = cv2.reduce(steps[:, :columns], 0, cv2.REDUCE_SUM, dtype=cv2.CV_64F if steps.dtype == np.uint16 else cv2.CV_32S)
    phases: NDArray[np.float64] = np.asarray(by_column, np.float64).reshape(-1, _GRID).mean(axis=0) / len(rows)
    return float(across + down) / 2, phases


def _gradient(picture: Plane) -> float:
    """Mean squared neighbour difference, across and down together."""
    if min(picture.shape) < 2:
        return 0.0
    across = cv2.norm(picture[:, 1:], picture[:, :-1], cv2.NORM_L2SQR)
    down = cv2.norm(picture[1:], picture[:-1], cv2.NORM_L2SQR)
    return float(across + down) / (2 * picture.size)


class Sharpness:
    """Detail by size, and block grid."""

    name = "sharpness"
    version = 2

    def collector(self, facts: MediaFacts) -> SharpnessCollector:
        """A fresh collector."""
        del facts
        return SharpnessCollector()


SIGNAL = Sharpness()
