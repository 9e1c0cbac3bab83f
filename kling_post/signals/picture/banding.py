"""Steps of a code or two across areas that are otherwise flat: gradients that ran out of codes.

A contour of a band is a step of one or two 8-bit codes with nothing but equal samples for a while on both sides. Grain and dither leave no
such runs, edges of things are higher, and textures have no flat sides. (The idea of CAMBI, Tandon and others 2021, which counts steps
of low contrast between flat sides at several scales and weighs them by what an eye sees; this signal counts only.)
"""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.media.frames import FrameView
from kling_post.signals.kernels.tile_grid import TILE_COLUMNS, TILE_ROWS, TILES
from kling_post.signals.kernels.tiles import tile_means, tile_products
from kling_post.signals.series import LookSeries
from kling_post.signals.signal import Series
from kling_post.vocabulary import MediaFacts

_EVERY = 24
"""Frames from one look to the next: once a second."""
_COLUMNS = 960
"""Samples are picked, not averaged, until the longer side has at most about so many: averaging would smooth dither into bands."""
_SIDE = 7
"""Equal samples on each side of a step, of the picked picture: about one hundred-and-thirtieth of the width."""
_MOST_CODES = 2
"""Height of a step, 8-bit codes, at most; at least one."""


class BandingCollector:
    """Looks at one frame a second.

    Series: ``looked`` (frames,) 1 where a frame was looked at; per look: ``frame`` (looks,) its index, ``contours``
    (looks, 9, 16) the length of all contours in a tile in units of the tile's side, ``flat`` (looks, 9, 16) share of samples that
    equal the next one to the right and below, ``range`` (looks, 9, 16) the spread of luma in the tile were it a ramp, 8-bit codes.
    """

    def __init__(self) -> None:
        self._series = LookSeries(contours=TILES, flat=TILES, range=TILES)

    def add(self, frame: FrameView, previous: FrameView | None) -> None:
        """Look at the frame, if it is its turn."""
        del previous
        self._series.passed(frame.index)
        step = max(1, round(max(frame.luma.shape) / _COLUMNS))
        if frame.index % _EVERY or min(frame.luma.shape) < 32 * step:
            return
        picked = np.ascontiguousarray(frame.luma[::step, ::step])
        self._series.add(frame.index, **_bands(picked, 1 << (frame.bit_depth - 8)))

    def finish(self) -> Series:
        """The clip's series."""
        return self._series.stacked()


def _bands(picture: NDArray[Any], code: int) -> dict[str, NDArray[np.float32]]:
    """Contours, flat share and range of each tile; ``code`` is the height of one 8-bit code."""
    rows, columns = picture.shape
    contours = cv2.bitwise_or(_contours(picture, code), cv2.transpose(_contours(cv2.transpose(picture), code)))
    own = picture[:-1, :-1]
    equal = cv2.bitwise_and(cv2.compare(picture[:-1, 1:], own, cv2.CMP_EQ), cv2.compare(picture[1:, :-1], own, cv2.CMP_EQ))
    side = np.float32(np.sqrt(rows * columns / (TILE_ROWS * TILE_COLUMNS)))
    values = picture.astype(np.float32) / np.float32(code)
    mean = tile_means(values)
    # The standard deviation of an even ramp is its rise over the square root of twelve.
    rise = np.sqrt(np.maximum(tile_products(values, values) - mean * mean, 0) * 12)
    return {"contours": _share(contours) * side, "flat": _share(equal), "range": rise}


def _share(mask: Any) -> NDArray[np.float32]:
    """Of each tile, the share where a mask of 0 and 255 is set."""
    return tile_means(np.asarray(mask, np.float32)) / np.float32(255)


def _contours(picture: Any, code: int) -> NDArray[np.uint8]:
    """255 where a row takes a step of one or two 8-bit codes between two flat runs, 0 elsewhere."""
    steps = cv2.absdiff(picture[:, 1:], picture[:, :-1])
    _, changes = cv2.threshold(steps, 0, 1, cv2.THRESH_BINARY)
    around = cv2.boxFilter(np.asarray(changes, np.uint8), cv2.CV_8U, (2 * _SIDE + 1, 1), normalize=False, borderType=cv2.BORDER_REPLICATE)
    found = np.zeros(picture.shape, np.uint8)
    found[:, :-1] = cv2.bitwise_and(cv2.inRange(steps, code, _MOST_CODES * code), cv2.inRange(around, 1, 1))
    return found


class Banding:
    """Contours in gradients."""

    name = "banding"
    version = 2

    def collector(self, facts: MediaFacts) -> BandingCollector:
        """A fresh collector."""
        del facts
        return BandingCollector()


SIGNAL = Banding()
