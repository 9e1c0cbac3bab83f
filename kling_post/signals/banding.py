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
from kling_post.signals.signal import Series
from kling_post.signals.tiles import tile_means
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
        self._frames = 0
        self._looks: list[tuple[int, NDArray[np.float64]]] = []

    def add(self, frame: FrameView, previous: FrameView | None) -> None:
        """Look at the frame, if it is its turn."""
        del previous
        self._frames = frame.index + 1
        step = max(1, round(max(frame.luma.shape) / _COLUMNS))
        if frame.index % _EVERY or min(frame.luma.shape) < 32 * step:
            return
        picked = np.ascontiguousarray(frame.luma[::step, ::step])
        self._looks.append((frame.index, _bands(picked, 1 << (frame.bit_depth - 8))))

    def finish(self) -> Series:
        """The clip's series."""
        looked = np.zeros(self._frames)
        frames = [frame for frame, _ in self._looks]
        looked[frames] = 1
        maps = np.stack([maps for _, maps in self._looks]) if self._looks else np.zeros((0, 3, 9, 16))
        return {"looked": looked, "frame": np.array(frames, float), "contours": maps[:, 0], "flat": maps[:, 1], "range": maps[:, 2]}


def _bands(picture: NDArray[Any], code: int) -> NDArray[np.float64]:
    """Contours, flat share and range of each tile, (3, 9, 16); ``code`` is the height of one 8-bit code."""
    rows, columns = picture.shape
    contours = _contours(picture, code) | np.ascontiguousarray(_contours(np.ascontiguousarray(picture.T), code).T)
    equal = (picture[:-1, 1:] == picture[:-1, :-1]) & (picture[1:, :-1] == picture[:-1, :-1])
    side = np.sqrt(rows * columns / (9 * 16))
    values = picture.astype(np.float32) / np.float32(code)
    mean = tile_means(values)
    # The standard deviation of an even ramp is its rise over the square root of twelve.
    rise = np.sqrt(np.maximum(tile_means(values * values) - mean * mean, 0) * 12)
    return np.stack([tile_means(contours.astype(np.float32)) * side, tile_means(equal.astype(np.float32)), rise]).astype(np.float64)


def _contours(picture: NDArray[Any], code: int) -> NDArray[np.bool_]:
    """True where a row takes a step of one or two 8-bit codes between two flat runs."""
    steps = cv2.absdiff(picture[:, 1:], picture[:, :-1])
    changes = (steps > 0).astype(np.uint8)
    around = cv2.boxFilter(changes, cv2.CV_8U, (2 * _SIDE + 1, 1), normalize=False, borderType=cv2.BORDER_REPLICATE)
    found = np.zeros(picture.shape, bool)
    found[:, :-1] = (steps >= code) & (steps <= _MOST_CODES * code) & (np.asarray(around) == 1)
    return found


class Banding:
    """Contours in gradients."""

    name = "banding"
    version = 1

    def collector(self, facts: MediaFacts) -> BandingCollector:
        """A fresh collector."""
        del facts
        return BandingCollector()


SIGNAL = Banding()
