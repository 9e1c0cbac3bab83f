"""How far the picture moves from frame to frame, finely enough to tell a held frame from a very slow move.

A plain difference cannot: under grain or after a codec, a held frame differs from the one before by as much as a slow pan does.
The least-squares displacement that explains the difference by the picture's gradient (Lucas and Kanade 1981, one step, no
pyramid) stays near zero for anything that is not movement, because grain and coding noise do not follow the gradient. It is
solved for the whole picture and for each tile, so that zooms and local movement are seen too. Large movement is under-read:
this signal is about small ones, ``motion`` about the rest.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.media.frames import FrameView
from kling_post.signals.accord import Accord
from kling_post.signals.series import FrameSeries
from kling_post.signals.signal import Series
from kling_post.signals.tiles import Floats, tile_means
from kling_post.signals.working_size import stored_size, working_halvings
from kling_post.vocabulary import MediaFacts

_MINIMUM_GRADIENT = 4.0
"""Mean squared gradient (codes squared per working pixel squared) below which a tile shows no movement of any kind."""
_NOISE_MARGIN = 4.0
"""How much of the squared length that noise would show is taken off a tile's: coding noise is less random than white noise."""
_DIFFERENCE_FLOOR = 0.25
"""Added to both sides of the tile ratio, in codes: rounding of the 8-bit working picture."""


class DisplacementCollector:
    """Displacement in pixels of the working picture (longer side up to 480); every series is NaN at frame 0.

    Series: ``whole`` the whole picture's; ``tile_median`` and ``tile_p90`` over tiles with enough gradient (NaN without
    any), less what the noise of the difference would feign;
    ``textured`` the share of such tiles; ``tile_ratio`` the largest over the median tile difference: near 1 where the whole
    picture changes alike (grain, re-encoding), large where one thing moves; ``difference`` mean absolute difference of the
    working pictures in 8-bit codes, freed of grain by the reduction, and ``tile_change`` that of the tile that changes most;
    ``accord`` (frames, 13) how much of each step's movement is that of earlier steps (see ``Accord``), every tile weighted by
    what its gradient can tell: codes squared; over ``gradient``, the mean squared gradient along one axis, it is squared pixels;
    ``noise`` what white noise of the size of the unexplained difference adds to a step's product with itself.
    """

    def __init__(self) -> None:
        self._series = FrameSeries()
        self._accord = Accord()

    def add(self, frame: FrameView, previous: FrameView | None) -> None:
        """Measure one frame against the one before."""
        if previous is None or previous.luma.shape != frame.luma.shape:
            self._accord.restart()
            self._series.add(**dict.fromkeys(_NAMES, np.nan), accord=self._accord.none)
            return
        halvings = working_halvings(stored_size(frame))
        numbers, field, pull = _measured(previous.codes("luma", halvings), frame.codes("luma", halvings))
        self._series.add(**numbers, accord=self._accord.with_step(field, pull))

    def finish(self) -> Series:
        """The clip's series."""
        return self._series.stacked()


_NAMES = ("whole", "tile_median", "tile_p90", "textured", "tile_ratio", "difference", "tile_change", "gradient", "noise")


def displacement(earlier: Floats, later: Floats) -> dict[str, float]:
    """The displacement between two float32 pictures of one size, as ``DisplacementCollector`` names it."""
    return _measured(earlier, later)[0]


def _measured(earlier: Floats, later: Floats) -> "tuple[dict[str, float], Tensors, Tensors]":
    """The numbers of one step, each tile's displacement and the pull of the difference on it, both (2, 9, 16)."""
    middle = cv2.addWeighted(earlier, 0.5, later, 0.5, 0)
    difference = cv2.subtract(later, earlier)
    across = cv2.Sobel(middle, cv2.CV_32F, 1, 0, ksize=3, scale=1 / 8)
    down = cv2.Sobel(middle, cv2.CV_32F, 0, 1, ksize=3, scale=1 / 8)
    products = [
        tile_means(cv2.multiply(one, other).astype(np.float32, copy=False))
        for one, other in (
            (across, across),
            (across, down),
            (down, down),
            (across, difference),
            (down, difference),
            (difference, difference),
        )
    ]
    xx, xy, yy, xt, yt, tt = (product.astype(np.float64) for product in products)
    whole = float(_solved(*(np.array([product.mean()]) for product in (xx, xy, yy, xt, yt)))[0][0])
    lengths, explained, spread, field = _solved(xx, xy, yy, xt, yt)
    unexplained = np.maximum(tt - explained, 0) * (lengths.size / earlier.size)
    noise = unexplained * spread
    textured = _weaker_gradient(xx, xy, yy) > _MINIMUM_GRADIENT
    moved = np.sort(np.sqrt(np.maximum(lengths**2 - _NOISE_MARGIN * noise, 0))[textured])
    changed = tile_means(cv2.absdiff(earlier, later).astype(np.float32, copy=False))
    numbers = {
        "whole": whole,
        "tile_median": _quantile(moved, 0.5),
        "tile_p90": _quantile(moved, 0.9),
        "textured": float(textured.mean()),
        "tile_ratio": float((changed.max() + _DIFFERENCE_FLOOR) / (_quantile(np.sort(changed, axis=None), 0.5) + _DIFFERENCE_FLOOR)),
        "difference": float(changed.mean()),
        "tile_change": float(changed.max()),
        "gradient": float((xx + yy).mean()) / 2,
        "noise": float(unexplained.mean()),
    }
    return numbers, field, -np.stack([xt, yt])


Tensors = NDArray[np.float64]


def _solved(xx: Tensors, xy: Tensors, yy: Tensors, xt: Tensors, yt: Tensors) -> tuple[Tensors, Tensors, Tensors, Tensors]:
    """The least-squares displacement, slightly damped so that a flat tile reads zero instead of noise.

    Returns its length, the mean squared difference that it explains, and the trace of the inverted tensor: times the variance
    of what it leaves, and over the number of samples, that is the squared length which noise alone would show. Last the
    displacement itself, across and down.
    """
    damping = 0.02 * (xx + yy) + 1e-3
    xx, yy = xx + damping, yy + damping
    determinant = xx * yy - xy * xy
    across, down = -(yy * xt - xy * yt) / determinant, -(xx * yt - xy * xt) / determinant
    return np.hypot(across, down), -(across * xt + down * yt), (xx + yy) / determinant, np.stack([across, down])


def _quantile(ordered: Tensors, share: float) -> float:
    """Interpolated like ``numpy.percentile``, at a tenth of its cost; NaN of nothing."""
    if not ordered.size:
        return float("nan")
    place = share * (ordered.size - 1)
    low = int(place)
    high = min(low + 1, ordered.size - 1)
    return float(ordered[low] + (place - low) * (ordered[high] - ordered[low]))


def _weaker_gradient(xx: Tensors, xy: Tensors, yy: Tensors) -> Tensors:
    """The smaller eigenvalue of each tile's structure tensor: gradient in the direction that has least of it."""
    return np.asarray((xx + yy) / 2 - np.hypot((xx - yy) / 2, xy))


class Displacement:
    """Small movement between neighbouring frames."""

    name = "displacement"
    version = 4

    def collector(self, facts: MediaFacts) -> DisplacementCollector:
        """A fresh collector."""
        del facts
        return DisplacementCollector()


SIGNAL = Displacement()
