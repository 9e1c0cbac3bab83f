"""How fast the picture moves, and how much of the change between two frames movement explains."""

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.media.frames import FrameView
from kling_post.signals.kernels.accord import Accord
from kling_post.signals.kernels.tile_grid import TILE_COLUMNS, TILE_ROWS
from kling_post.signals.kernels.tiles import tile_means
from kling_post.signals.kernels.working_size import stored_size, working_halvings
from kling_post.signals.series import BLOCK_FRAMES, FrameSeries
from kling_post.signals.signal import Series
from kling_post.vocabulary import MediaFacts

_SMALLER = 1
"""The flow is searched at half the working size (240x135): the same medians and residuals at a fifth of the time."""
_SAMPLE_STEP = 2
"""Every second row and column of the flow enters the percentiles."""


_NAMES = ("median", "p95", "across", "down", "residual")


class MotionCollector:
    """Dense inverse search flow (Kroeger and others 2016, OpenCV's ultrafast preset) at half the working size.

    Series, NaN at frame 0, lengths in pixels of the stored picture per frame: ``median`` and ``p95`` of the flow's length;
    ``across`` and ``down`` the median displacement (the camera's path); ``residual`` mean absolute difference, in 8-bit codes,
    that is left after moving the frame before along the flow; ``residual_tiles`` (frames, 9, 16) the same per tile;
    ``accord`` (frames, 13) how much of each step's movement is that of earlier steps (see ``Accord``), squared pixels.
    """

    def __init__(self) -> None:
        self._series = FrameSeries()
        self._flow = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)  # type: ignore[attr-defined]
        self._accord = Accord()
        self._grid: NDArray[np.float32] | None = None
        self._waiting: list[NDArray[np.float64]] = []

    def add(self, frame: FrameView, previous: FrameView | None) -> None:
        """Measure one frame against the one before."""
        halvings = working_halvings(stored_size(frame)) + _SMALLER
        later = frame.luma_eight_bit(halvings)
        if previous is None or previous.luma.shape != frame.luma.shape or min(later.shape) < 16:
            self._work_out()
            self._accord.restart()
            nothing = {"residual_tiles": np.full((TILE_ROWS, TILE_COLUMNS), np.nan, np.float32), "accord": self._accord.none}
            self._series.add(**dict.fromkeys(_NAMES, np.nan), **nothing)
            return
        earlier = previous.luma_eight_bit(halvings)
        # Flow from the later to the earlier picture, so that the earlier one can be fetched to where the later one is.
        flow = self._flow.calc(later, earlier, None)
        places = self._lattice(later.shape) + flow
        moved = cv2.remap(earlier, places, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)  # type: ignore[call-overload]
        tiles = tile_means(cv2.absdiff(later, moved).astype(np.float32))
        sampled = flow[::_SAMPLE_STEP, ::_SAMPLE_STEP] * np.float32(1 << halvings)
        columns, rows = (np.ascontiguousarray(sampled[..., axis]).ravel() for axis in (0, 1))
        lengths = cv2.magnitude(columns, rows).ravel()
        middle, high = len(lengths) // 2, len(lengths) * 95 // 100
        median, p95 = np.partition(lengths, (middle, high))[[middle, high]]
        # With a second rank to find, NumPy finds the middle one of a smooth field in a third of the time.
        across, down = (np.partition(values, (middle, high))[middle] for values in (columns, rows))
        self._series.add(median=median, p95=p95, across=-across, down=-down, residual=tiles.mean(), residual_tiles=tiles)
        self._waiting.append(cv2.resize(flow, (TILE_COLUMNS, TILE_ROWS), interpolation=cv2.INTER_AREA).astype(np.float64) * (1 << halvings))
        if len(self._waiting) == BLOCK_FRAMES:
            self._work_out()

    def finish(self) -> Series:
        """The clip's series."""
        self._work_out()
        return self._series.stacked()

    def _work_out(self) -> None:
        if self._waiting:
            fields = np.stack(self._waiting)
            self._series.add_block(accord=self._accord.with_steps(fields, fields))
            self._waiting = []

    def _lattice(self, shape: tuple[int, ...]) -> NDArray[np.float32]:
        if self._grid is None or self._grid.shape[:2] != shape:
            self._grid = np.dstack(np.meshgrid(np.arange(shape[1]), np.arange(shape[0]))).astype(np.float32)
        return self._grid


class Motion:
    """Dense flow between neighbouring frames."""

    name = "motion"
    version = 5

    def collector(self, facts: MediaFacts) -> MotionCollector:
        """A fresh collector."""
        del facts
        return MotionCollector()


SIGNAL = Motion()
