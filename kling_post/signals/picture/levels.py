"""How code values are used: extremes, shares beyond the legal and preferred ranges, gamut, and unused low bits."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.media import color
from kling_post.media.frames import FrameView
from kling_post.signals.kernels.perceptual import unclipped_rgb
from kling_post.signals.kernels.working_size import stored_size, working_halvings
from kling_post.signals.series import FrameSeries
from kling_post.signals.signal import Series
from kling_post.vocabulary import MediaFacts

PREFERRED_LOW, PREFERRED_HIGH = 5, 246
"""EBU R103: the preferred range of 8-bit luma and colour-difference codes; 20 and 984 in 10 bit are the same levels."""


class LevelsCollector:
    """Shares are of the picture's area, 0 to 1, after a small reduction that keeps overshoot of single samples out (R103).

    Of large pictures some of the rows are looked at, 270 of full size, 135 and 67 of reduced ones. Series per frame: ``minimum`` and
    ``maximum`` luma code of the full-size picture, 8-bit scale; ``below_preferred`` and ``above_preferred`` (luma under 5, over 246);
    ``below_black`` (under 16) and ``above_white`` (over 235); ``gamut`` share of pixels whose R, G or B leaves -5 % to 105 %;
    ``low_bits`` share of samples whose bits below the eighth are not all zero (NaN for 8-bit files). For the clip: ``histogram``
    (256,) shares of luma codes.
    """

    def __init__(self, facts: MediaFacts) -> None:
        self._series = FrameSeries()
        self._full_range = facts.color_range == "full"
        self._weights = color.luma_weights(facts.color_matrix, height=min(facts.size.width, facts.size.height))
        self._histogram = np.zeros(256)

    def add(self, frame: FrameView, previous: FrameView | None) -> None:
        """Measure one frame."""
        del previous
        scale = 1 / (1 << (frame.bit_depth - 8))
        working = working_halvings(stored_size(frame))
        reduced = frame.luma_eight_bit(max(0, working - 1))
        picture = _thinned(reduced, 135)
        shares = cv2.calcHist([picture], [0], None, [256], [0, 256]).ravel().astype(np.float64) / picture.size
        self._histogram += shares
        lowest, highest, _, _ = cv2.minMaxLoc(frame.sampled_luma())
        self._series.add(
            minimum=lowest * scale,
            maximum=highest * scale,
            below_preferred=shares[:PREFERRED_LOW].sum(),
            above_preferred=shares[PREFERRED_HIGH + 1 :].sum(),
            below_black=shares[:16].sum(),
            above_white=shares[236:].sum(),
            gamut=self._outside_gamut(frame, working + 1),
            low_bits=_low_bits(frame),
        )

    def finish(self) -> Series:
        """The clip's series."""
        series = dict(self._series.stacked())
        frames = max(1, len(series.get("minimum", ())))
        return {**series, "histogram": self._histogram / frames}

    def _outside_gamut(self, frame: FrameView, halvings: int) -> float:
        if frame.chroma_blue is None or halvings < 1:
            return 0.0
        luma = frame.codes("luma", halvings)
        blue, red = frame.codes("chroma_blue", halvings - 1), frame.codes("chroma_red", halvings - 1)
        rows, columns = (min(plane.shape[axis] for plane in (luma, blue, red)) for axis in (0, 1))
        stack = cv2.merge([_thinned(plane[:rows, :columns], 67) for plane in (luma, blue, red)])
        rgb = unclipped_rgb(np.asarray(stack, np.float32), full_range=self._full_range, weights=self._weights)
        inside = cv2.inRange(rgb, (-0.05, -0.05, -0.05), (1.05, 1.05, 1.05))
        return float(1 - cv2.countNonZero(inside) / np.asarray(inside).size)


def _thinned(plane: NDArray[Any], rows: int) -> NDArray[Any]:
    """About so many rows of a plane, at least, evenly spread; all where it has less than twice as many."""
    return plane[:: max(1, len(plane) // rows)]


def _low_bits(frame: FrameView) -> float:
    if frame.bit_depth <= 8:
        return float("nan")
    sampled = frame.luma[::16, ::4]
    return float(np.count_nonzero(sampled & ((1 << (frame.bit_depth - 8)) - 1)) / sampled.size)


class Levels:
    """Use of code values."""

    name = "levels"
    version = 2

    def collector(self, facts: MediaFacts) -> LevelsCollector:
        """A fresh collector."""
        return LevelsCollector(facts)


SIGNAL = Levels()
