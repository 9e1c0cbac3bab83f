"""Parts of the picture that turn into something else: each tile as a mix of what it showed before and what it shows afterwards.

The measurement of ``structure`` tile by tile. What moves through a tile is no mix of what was there and what will be there; a face or a
thing that melts into another one is.
"""

from collections import deque

import numpy as np

from kling_post.media.frames import FrameView
from kling_post.signals.kernels.tile_grid import TILES
from kling_post.signals.kernels.tiles import Floats, tile_means, tile_products
from kling_post.signals.kernels.working_size import stored_size, working_halvings
from kling_post.signals.series import LookSeries
from kling_post.signals.signal import Series
from kling_post.vocabulary import MediaFacts

SPAN = 8
"""Frames to either side that a frame is held against: what melts within a dozen frames has both ends in reach."""
_EVERY = 2
"""Frames from one look to the next."""


class LocalMixesCollector:
    """On luma at half the working size; every second frame is held against the ones eight before and after it.

    Series: ``looked`` (frames,) 1 for the frames held; per look: ``frame`` its index; ``share`` (looks, 9, 16) of the earlier picture in
    the best mix, ``residual`` what it leaves over the squared difference of the two, ``correlation`` of the two, -1 to 1, ``spread`` the
    smaller standard deviation of the two, 8-bit codes. All are free of the tile's mean, so that light may change.
    """

    def __init__(self) -> None:
        self._kept: deque[tuple[Floats, Floats, Floats]] = deque(maxlen=2 * SPAN // _EVERY + 1)
        self._series = LookSeries(share=TILES, residual=TILES, correlation=TILES, spread=TILES)

    def add(self, frame: FrameView, previous: FrameView | None) -> None:
        """Keep the frame's small picture, and hold the one eight frames ago against it."""
        del previous
        self._series.passed(frame.index)
        if frame.index % _EVERY:
            return
        picture = frame.codes("luma", working_halvings(stored_size(frame)) + 1)
        mean = tile_means(picture)
        self._kept.append((picture, mean, tile_products(picture, picture) - mean * mean))
        full = len(self._kept) == self._kept.maxlen
        if full and len({each[0].shape for each in self._kept}) == 1:
            middle = SPAN // _EVERY
            self._series.add(frame.index - SPAN, **_mixes(self._kept[0], self._kept[middle], self._kept[-1]))

    def finish(self) -> Series:
        """The clip's series."""
        return self._series.stacked()


def _mixes(
    earlier: tuple[Floats, Floats, Floats], middle: tuple[Floats, Floats, Floats], later: tuple[Floats, Floats, Floats]
) -> dict[str, Floats]:
    """Share, residual, correlation and spread of each tile, from pictures with their tiles' means and variances."""
    pairs = ((earlier, later), (middle, earlier), (middle, later))
    apart, with_earlier, with_later = (tile_products(one[0], other[0]) - one[1] * other[1] for one, other in pairs)
    # One squared code under every division: tiles with nothing in them have no mix worth naming.
    whole = np.maximum(earlier[2] + later[2] - 2 * apart, 0) + 1
    share = (with_earlier - with_later - apart + later[2]) / whole
    own = np.maximum(middle[2] + later[2] - 2 * with_later, 0)
    residual = np.maximum(own / whole - share * share, 0)
    variances = np.maximum(earlier[2], 0), np.maximum(later[2], 0)
    correlation = (apart + 1) / np.sqrt((variances[0] + 1) * (variances[1] + 1))
    return {"share": share, "residual": residual, "correlation": correlation, "spread": np.sqrt(np.minimum(*variances))}


class LocalMixes:
    """Tiles that turn into something else."""

    name = "local_mixes"
    version = 2

    def collector(self, facts: MediaFacts) -> LocalMixesCollector:
        """A fresh collector."""
        del facts
        return LocalMixesCollector()


SIGNAL = LocalMixes()
