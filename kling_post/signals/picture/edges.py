"""What the picture's edges show: the brightest value that each row and column ever reaches, and the outermost lines as stored.

What stays dark through a whole clip is a border, not night. A line or two of another brightness along an edge, as crops and
resizers leave them, is gone from the working picture; so the outermost lines are looked at in full size.
"""

import numpy as np
from numpy.typing import NDArray

from kling_post.media.frames import FrameView, Plane
from kling_post.signals.kernels.working_size import stored_size, working_halvings
from kling_post.signals.series import FrameSeries
from kling_post.signals.signal import Series
from kling_post.vocabulary import MediaFacts

EDGE_LINES = 8
"""Lines of the stored picture that are looked at along each edge."""
_SIDES = 4
"""Top, bottom, left and right, lines counted from the edge inwards."""


class EdgesCollector:
    """Measured on the working picture (longer side up to 480), 8-bit codes, and on the outermost stored lines.

    Series for the clip: ``row_maximum`` (rows,) and ``column_maximum`` (columns,), the largest luma over all frames. Per frame:
    ``brightest`` (frames,) the largest luma of the frame; ``edge_lines`` (frames, 4, 8) mean luma of each of the outermost lines at
    the top, bottom, left and right, and ``edge_steps`` (frames, 4, 7) mean absolute difference of each to the next one inwards,
    along the line; both NaN in pictures with fewer than 32 lines.
    """

    def __init__(self) -> None:
        self._series = FrameSeries()
        self._rows: NDArray[np.uint8] | None = None
        self._columns: NDArray[np.uint8] | None = None

    def add(self, frame: FrameView, previous: FrameView | None) -> None:
        """Measure one frame."""
        del previous
        picture = frame.luma_eight_bit(working_halvings(stored_size(frame)))
        # NumPy's own maximum is 25 times as fast as OpenCV's reduction along rows, with the same result.
        rows, columns = picture.max(axis=1), picture.max(axis=0)
        lines, steps = _outermost(frame.luma, frame.sampled_luma(), 1 / (1 << (frame.bit_depth - 8)))
        self._series.add(brightest=rows.max(), edge_lines=lines, edge_steps=steps)
        if self._rows is None or self._columns is None or self._rows.shape != rows.shape or self._columns.shape != columns.shape:
            self._rows, self._columns = rows, columns
        else:
            self._rows, self._columns = np.maximum(self._rows, rows), np.maximum(self._columns, columns)

    def finish(self) -> Series:
        """The clip's series."""
        assert self._rows is not None
        assert self._columns is not None
        maxima = {"row_maximum": self._rows.astype(np.float64), "column_maximum": self._columns.astype(np.float64)}
        return {**self._series.stacked(), **maxima}


def _outermost(luma: Plane, rows: Plane, scale: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Means and steps of the outermost lines, (4, 8) and (4, 7), in 8-bit codes.

    Every fourth sample of a level line is enough, and of an upright one those in the sampled ``rows``.
    """
    if min(luma.shape) < 4 * EDGE_LINES:
        return np.full((_SIDES, EDGE_LINES), np.nan), np.full((_SIDES, EDGE_LINES - 1), np.nan)
    level = np.stack([luma[:EDGE_LINES, ::4], luma[: -EDGE_LINES - 1 : -1, ::4]])
    upright = np.stack([rows[:, :EDGE_LINES].T, rows[:, : -EDGE_LINES - 1 : -1].T])
    means, steps = zip(*(_along(lines.astype(np.float32)) for lines in (level, upright)), strict=True)
    return np.concatenate(means) * scale, np.concatenate(steps) * scale


def _along(lines: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean of each line and mean difference to the next; lines (sides, 8, samples)."""
    differences = np.subtract(lines[:, 1:], lines[:, :-1])
    means = [each.mean(axis=2, dtype=np.float32) for each in (lines, np.abs(differences, out=differences))]
    return means[0].astype(np.float64), means[1].astype(np.float64)


class Edges:
    """What the picture's edges show."""

    name = "edges"
    version = 3

    def collector(self, facts: MediaFacts) -> EdgesCollector:
        """A fresh collector."""
        del facts
        return EdgesCollector()


SIGNAL = Edges()
