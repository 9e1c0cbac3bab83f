"""Whether a frame is a mix of its two neighbours instead of a picture of its own: what rate conversion by blending leaves.

A moving edge stands in one place in a true frame; in a mix it stands in two, each at half its strength. So the mix of its neighbours
explains a blended frame all but fully, and its gradients have less energy than theirs, where something moves. A true frame of even
movement leaves a tenth to a third of the squared change unexplained and is as sharp as its neighbours, motion blur and all.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.media.frames import FrameView
from kling_post.signals.series import FrameSeries
from kling_post.signals.signal import Series
from kling_post.signals.tiles import Floats, tile_means
from kling_post.signals.working_size import stored_size, working_halvings
from kling_post.vocabulary import MediaFacts

_MOVING = 64.0
"""A tile moves where the neighbours differ by more than this on average, codes squared. Below it nobody sees edges stand double, and
coders at low rates make every other frame a mix themselves: frames predicted from both sides whose corrections they leave out."""


class BlendsCollector:
    """Each frame against the one before and the one after, on the working picture; NaN at both ends and where nothing moves.

    Series: ``residual`` what the best mix of the neighbours leaves, tile by tile, over their squared difference; ``share`` of the
    earlier one in it, 0 to 1 in a mix; ``energy`` of the frame's gradients over the mean of its neighbours'; ``moving`` the share of
    tiles with movement, to which the other three belong.
    """

    def __init__(self) -> None:
        self._series = FrameSeries()
        self._kept: list[tuple[Floats, Floats]] = []

    def add(self, frame: FrameView, previous: FrameView | None) -> None:
        """Measure the frame before this one, now that the one after it is known."""
        del previous
        halvings = working_halvings(stored_size(frame))
        # Every second row says as much at half the time.
        later = (np.ascontiguousarray(frame.codes("luma", halvings)[::2]), _energy(frame.luma_eight_bit(halvings)))
        if self._kept:
            known = len(self._kept) == 2 and len({picture.shape for picture, _ in (*self._kept, later)}) == 1
            self._series.add(**(_blend(self._kept[0], self._kept[1], later) if known else _UNKNOWN))
        self._kept = [*self._kept, later][-2:]

    def finish(self) -> Series:
        """The clip's series."""
        self._series.add(**_UNKNOWN)
        return self._series.stacked()


_UNKNOWN = {"residual": np.nan, "share": np.nan, "energy": np.nan, "moving": 0.0}


def _blend(earlier: tuple[Floats, Floats], middle: tuple[Floats, Floats], later: tuple[Floats, Floats]) -> dict[str, float]:
    between = cv2.subtract(earlier[0], later[0])
    own = cv2.subtract(middle[0], later[0])
    whole, shared, other = (
        tile_means(cv2.multiply(one, two).astype(np.float32, copy=False)).astype(np.float64)
        for one, two in ((between, between), (between, own), (own, own))
    )
    means = [tile_means(each.astype(np.float32, copy=False)).astype(np.float64) for each in (between, own)]
    # Without their means, so that a pulse of brightness is no movement.
    whole, shared, other = whole - means[0] ** 2, shared - means[0] * means[1], other - means[1] ** 2
    moving = whole > _MOVING
    if not moving.any():
        return _UNKNOWN
    whole, shared, other = whole[moving], shared[moving], other[moving]
    left = np.maximum(other - shared**2 / whole, 0).sum()
    around = (earlier[1] + later[1])[moving].sum() / 2
    return {
        "residual": left / whole.sum(),
        "share": shared.sum() / whole.sum(),
        "energy": (middle[1][moving].sum() + 1) / (around + 1),
        "moving": float(moving.mean()),
    }


def _energy(picture: NDArray[np.uint8]) -> Floats:
    """Mean squared step between neighbours, across and down, of each tile."""
    if min(picture.shape) < 2:
        return np.zeros((9, 16), np.float32)
    rows = picture[:-1:2]
    across, down = cv2.absdiff(rows[:, 1:], rows[:, :-1]), cv2.absdiff(picture[1::2, :-1], rows[:, :-1])
    squares = cv2.multiply(across, across, dtype=cv2.CV_32F)
    cv2.accumulateSquare(down, squares)
    return tile_means(squares.astype(np.float32, copy=False))


class Blends:
    """Mixes of neighbouring frames."""

    name = "blends"
    version = 2

    def collector(self, facts: MediaFacts) -> BlendsCollector:
        """A fresh collector."""
        del facts
        return BlendsCollector()


SIGNAL = Blends()
