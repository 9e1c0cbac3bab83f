"""Detail at the picture's own size and at two smaller ones, and the grid that block coding leaves."""

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.media.frames import FrameView, Plane, rows_apart
from kling_post.signals.series import FrameSeries
from kling_post.signals.signal import Series
from kling_post.vocabulary import MediaFacts

_GRID = 8
"""Block edges repeat every 8 samples in the codecs at hand; larger blocks repeat on multiples of it."""
_EVERY = 6
"""Frames from one look at the gradients to the next: detail does not come and go from frame to frame."""
_PAIRS = 4
"""Of the sampled rows, every fourth is asked for its gradient: squares need fewer samples than a grid of one code's height."""


class SharpnessCollector:
    """Series on the 8-bit scale.

    ``gradient`` (frames, 3): mean squared difference of horizontal and vertical neighbours (codes squared) of full-size,
    half-size and quarter-size luma, in some 70 rows of every sixth frame, NaN on the others. ``grid`` (frames, 8): mean absolute
    difference of horizontal neighbours by column modulo 8 in some 270 rows of full size, entry k between columns 8n+k and 8n+k+1: a
    block grid lifts entry 7 above the rest.
    """

    def __init__(self) -> None:
        self._series = FrameSeries()

    def add(self, frame: FrameView, previous: FrameView | None) -> None:
        """Measure one frame."""
        del previous
        scale = 1 / (1 << (frame.bit_depth - 8))
        looked = frame.index % _EVERY == 0
        gradients = [_gradient(frame.reduced("luma", halvings)) if looked else np.nan for halvings in (0, 1, 2)]
        self._series.add(gradient=np.array(gradients) * scale**2, grid=_grid(frame.sampled_luma()) * scale)

    def finish(self) -> Series:
        """The clip's series."""
        return self._series.stacked()


def _grid(rows: Plane) -> NDArray[np.float64]:
    """Mean absolute difference of horizontal neighbours by column modulo 8."""
    columns = (rows.shape[1] - 1) // _GRID * _GRID
    if columns <= 0 or len(rows) < 2:
        return np.zeros(_GRID)
    steps = cv2.absdiff(rows[:, 1 : columns + 1], rows[:, :columns])
    by_column = cv2.reduce(steps, 0, cv2.REDUCE_SUM, dtype=cv2.CV_64F if steps.dtype == np.uint16 else cv2.CV_32S)
    by_phase = cv2.reduce(np.asarray(by_column, np.float64).reshape(-1, _GRID), 0, cv2.REDUCE_SUM)
    phases: NDArray[np.float64] = np.asarray(by_phase, np.float64).ravel() * (_GRID / (len(rows) * columns))
    return phases


def _gradient(picture: Plane) -> float:
    """Mean squared neighbour difference, across and down together."""
    if min(picture.shape) < 2:
        return 0.0
    every = _PAIRS * rows_apart(len(picture))
    rows, below = picture[::every], picture[1::every]
    across = cv2.norm(rows[:, 1:], rows[:, :-1], cv2.NORM_L2SQR) / rows.size
    down = cv2.norm(below, rows[: len(below)], cv2.NORM_L2SQR) / below.size
    return float(across + down) / 2


class Sharpness:
    """Detail by size, and block grid."""

    name = "sharpness"
    version = 4

    def collector(self, facts: MediaFacts) -> SharpnessCollector:
        """A fresh collector."""
        del facts
        return SharpnessCollector()


SIGNAL = Sharpness()
