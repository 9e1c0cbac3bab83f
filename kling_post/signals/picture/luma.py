"""Brightness over time: mean, percentiles, tile means and the difference to the frame before."""

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.media.frames import FrameView, Plane
from kling_post.signals.kernels.tiles import tile_means
from kling_post.signals.kernels.working_size import stored_size, working_halvings
from kling_post.signals.series import FrameSeries
from kling_post.signals.signal import Series
from kling_post.vocabulary import MediaFacts

PERCENTILES = (1, 10, 50, 90, 99)


class LumaCollector:
    """All values are code values on the 8-bit scale (10-bit codes divided by 4); range (0, 255).

    Series: ``mean`` (frames,); ``percentiles`` (frames, 5) of the working picture at 1, 10, 50, 90 and 99 %; ``spread`` its
    standard deviation; ``tiles`` (frames, 9, 16); ``difference`` mean absolute difference of full-size luma to the frame before, in
    some 270 rows; ``identical`` 1 where luma and chroma equal the frame before sample for sample. Both are NaN at frame 0.
    """

    def __init__(self) -> None:
        self._series = FrameSeries()

    def add(self, frame: FrameView, previous: FrameView | None) -> None:
        """Measure one frame."""
        halvings = working_halvings(stored_size(frame))
        picture = frame.codes("luma", halvings)
        # OpenCV takes both from 8-bit codes in a twentieth of the time.
        mean, deviation = cv2.meanStdDev(frame.reduced("luma", halvings) if frame.bit_depth == 8 else picture)
        self._series.add(
            mean=mean[0, 0],
            spread=deviation[0, 0],
            percentiles=percentiles(frame.luma_eight_bit(halvings)),
            tiles=tile_means(picture),
            difference=_difference(frame, previous),
            identical=_identical(frame, previous),
        )

    def finish(self) -> Series:
        """The clip's series."""
        return self._series.stacked()


def percentiles(picture: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Code values below which 1, 10, 50, 90 and 99 % of the samples lie, interpolated inside the code."""
    histogram = cv2.calcHist([picture], [0], None, [256], [0, 256]).ravel().astype(np.float64)
    reached = np.cumsum(histogram) / picture.size
    wanted = np.array(PERCENTILES) / 100
    codes = np.searchsorted(reached, wanted)
    below = np.where(codes > 0, reached[codes - 1], 0.0)
    share = histogram[codes] / picture.size
    return codes + (wanted - below) / np.where(share > 0, share, 1.0)


def _difference(frame: FrameView, previous: FrameView | None) -> float:
    if previous is None or previous.luma.shape != frame.luma.shape:
        return float("nan")
    rows = frame.sampled_luma()
    return cv2.norm(rows, previous.sampled_luma(), cv2.NORM_L1) / rows.size / (1 << (frame.bit_depth - 8))


def _identical(frame: FrameView, previous: FrameView | None) -> float:
    if previous is None:
        return float("nan")
    # The sample decides nearly always; the whole planes are read only where it agrees.
    samples = frame.sampled_luma(), previous.sampled_luma()
    pairs = (samples, (frame.luma, previous.luma), (frame.chroma_blue, previous.chroma_blue), (frame.chroma_red, previous.chroma_red))
    return float(all(_same(one, other) for one, other in pairs))


def _same(one: Plane | None, other: Plane | None) -> bool:
    if one is None or other is None:
        return one is other
    return one.shape == other.shape and np.array_equal(one[0], other[0]) and cv2.norm(one, other, cv2.NORM_INF) == 0


class Luma:
    """Brightness over time."""

    name = "luma"
    version = 2

    def collector(self, facts: MediaFacts) -> LumaCollector:
        """A fresh collector."""
        del facts
        return LumaCollector()


SIGNAL = Luma()
