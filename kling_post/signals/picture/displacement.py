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
from kling_post.signals.kernels.accord import Accord
from kling_post.signals.kernels.tiles import Floats, tile_means, tile_products
from kling_post.signals.kernels.working_size import stored_size, working_halvings
from kling_post.signals.series import BLOCK_FRAMES, FrameSeries
from kling_post.signals.signal import Series
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
        self._sums = _TileSums()
        self._waiting: list[Tensors] = []

    def add(self, frame: FrameView, previous: FrameView | None) -> None:
        """Measure one frame against the one before."""
        if previous is None or previous.luma.shape != frame.luma.shape:
            self._work_out()
            self._accord.restart()
            self._series.add(**dict.fromkeys(_NAMES, np.nan), accord=self._accord.none)
            return
        halvings = working_halvings(stored_size(frame))
        later = frame.codes("luma", halvings)
        self._pixels = later.size
        self._waiting.append(self._sums.of(previous.codes("luma", halvings), later))
        if len(self._waiting) == BLOCK_FRAMES:
            self._work_out()

    def finish(self) -> Series:
        """The clip's series."""
        self._work_out()
        return self._series.stacked()

    def _work_out(self) -> None:
        if self._waiting:
            numbers, field, pull = _measured(np.stack(self._waiting), self._pixels)
            self._series.add_block(**numbers, accord=self._accord.with_steps(field, pull))
            self._waiting = []


_NAMES = ("whole", "tile_median", "tile_p90", "textured", "tile_ratio", "difference", "tile_change", "gradient", "noise")


def displacement(earlier: Floats, later: Floats) -> dict[str, float]:
    """The displacement between two float32 pictures of one size, as ``DisplacementCollector`` names it."""
    numbers = _measured(_TileSums().of(earlier, later)[None], later.size)[0]
    return {name: float(values[0]) for name, values in numbers.items()}


Tensors = NDArray[np.float64]


class _TileSums:
    """The means over each tile of the products that a displacement is solved from; its room is used again for every step."""

    def __init__(self) -> None:
        self._room: list[Floats] = []

    def of(self, earlier: Floats, later: Floats) -> Tensors:
        """Means of xx, xy, yy, xt, yt, tt and of the absolute difference, (7, 9, 16); x and y the gradient, t the difference."""
        if not self._room or self._room[0].shape != later.shape:
            self._room = [np.empty(later.shape, np.float32) for _ in range(4)]
        middle, difference, across, down = self._room
        cv2.addWeighted(earlier, 0.5, later, 0.5, 0, dst=middle)
        cv2.subtract(later, earlier, dst=difference)
        cv2.Sobel(middle, cv2.CV_32F, 1, 0, dst=across, ksize=3, scale=1 / 8)
        cv2.Sobel(middle, cv2.CV_32F, 0, 1, dst=down, ksize=3, scale=1 / 8)
        pairs = (across, across), (across, down), (down, down), (across, difference), (down, difference), (difference, difference)
        means = [tile_products(one, other) for one, other in pairs]
        return np.stack([*means, tile_means(np.abs(difference, out=middle))]).astype(np.float64)


def _measured(sums: Tensors, pixels: int) -> tuple[dict[str, Tensors], Tensors, Tensors]:
    """The numbers of each step, the displacement of its tiles and the pull of the difference on them, both (steps, 2, 9, 16).

    Args:
        sums: What ``_TileSums`` gave for each step, (steps, 7, 9, 16).
        pixels: Samples of the working picture.
    """
    xx, xy, yy, xt, yt, tt, changed = sums.reshape(*sums.shape[:2], -1).swapaxes(0, 1)
    whole = _solved(*(product.mean(axis=1) for product in (xx, xy, yy, xt, yt)))[0]
    lengths, explained, spread, field = _solved(xx, xy, yy, xt, yt)
    unexplained = np.maximum(tt - explained, 0) * (lengths.shape[1] / pixels)
    noise = unexplained * spread
    textured = _weaker_gradient(xx, xy, yy) > _MINIMUM_GRADIENT
    tiles = textured.sum(axis=1)
    moved = np.sort(np.where(textured, np.sqrt(np.maximum(lengths**2 - _NOISE_MARGIN * noise, 0)), np.inf), axis=1)
    most, usual = changed.max(axis=1), _quantile(np.sort(changed, axis=1), np.full(len(changed), changed.shape[1]), 0.5)
    numbers = {
        "whole": whole,
        "tile_median": _quantile(moved, tiles, 0.5),
        "tile_p90": _quantile(moved, tiles, 0.9),
        "textured": textured.mean(axis=1),
        "tile_ratio": (most + _DIFFERENCE_FLOOR) / (usual + _DIFFERENCE_FLOOR),
        "difference": changed.mean(axis=1),
        "tile_change": most,
        "gradient": (xx + yy).mean(axis=1) / 2,
        "noise": unexplained.mean(axis=1),
    }
    return numbers, field.swapaxes(0, 1), -np.stack([xt, yt], axis=1)


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


def _quantile(ordered: Tensors, counts: NDArray[np.int64], share: float) -> Tensors:
    """Of the first so many values of each row, interpolated like ``numpy.percentile``; NaN of none."""
    rows, last = np.arange(len(ordered)), np.maximum(counts - 1, 0)
    place = share * last
    low = place.astype(np.int64)
    below, above = (np.where(counts > 0, ordered[rows, each], np.nan) for each in (low, np.minimum(low + 1, last)))
    return np.asarray(below + (place - low) * (above - below))


def _weaker_gradient(xx: Tensors, xy: Tensors, yy: Tensors) -> Tensors:
    """The smaller eigenvalue of each tile's structure tensor: gradient in the direction that has least of it."""
    return np.asarray((xx + yy) / 2 - np.hypot((xx - yy) / 2, xy))


class Displacement:
    """Small movement between neighbouring frames."""

    name = "displacement"
    version = 5

    def collector(self, facts: MediaFacts) -> DisplacementCollector:
        """A fresh collector."""
        del facts
        return DisplacementCollector()


SIGNAL = Displacement()
