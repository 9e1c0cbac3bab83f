"""Whether fine texture keeps its shape while the thing that carries it rests or moves smoothly: what boiling is told by.

A look takes a frame and the one eight frames later, and moves the later one onto the earlier along a smoothed flow (dense inverse
search, Kroeger and others 2016). Grain is gone after one frame and leaves the rest of the texture alike at any distance; a texture that
boils is alike after one frame and another one after eight, on coarse shapes that are the same all along. Where the two frames
differ, the flow may be wrong just as well: such tiles are looked at again, a quarter at a time, each at the place near by where it fits
best (normalised cross-correlation). Only detail that is found nowhere near has changed.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.media.frames import FrameView
from kling_post.signals.kernels.smooth_flow import Bytes, Floats, SmoothFlow, fetched, leaving
from kling_post.signals.kernels.tile_grid import TILE_COLUMNS, TILE_ROWS, TILES
from kling_post.signals.kernels.tiles import tile_means, tile_products
from kling_post.signals.kernels.working_size import stored_size, working_halvings
from kling_post.signals.series import LookSeries
from kling_post.signals.signal import Series
from kling_post.vocabulary import MediaFacts

REACH = 8
"""Frames from the earlier to the later picture of a look."""
_EVERY, _FIRST = 32, 8
"""Frames from one look to the next, and the first frame that is looked at: a take's first ones have faults of their own."""
_CELLS = 4
"""Cells along each side of a tile. Each counts alike, so that one strong edge does not speak for a tile of texture."""
_TEXTURED_CODES = 1.5
"""Standard deviation of fine detail from which a cell is textured, 8-bit codes."""
_ALIKE, _COARSE_ALIKE, _MOSTLY = 0.65, 0.85, 0.7
"""Looked at again are tiles below the first, of coarse shapes at least as alike as the second, with this share of textured cells."""
_LEAST_ROWS = 144
"""Smaller pictures have no fine texture."""
_SEARCHED = 128
"""How far around a quarter of a tile is searched, as a part of the longer side: 7 samples of 960."""


class TextureCollector:
    """Looks at luma at twice the working size, once in 32 frames.

    Series: ``looked`` (frames,) 1 for the first frame of each look; per look: ``frame`` its index; ``textured`` (looks, 9, 16) share of
    each tile's cells with fine texture; ``coarse`` correlation of the tile's coarse shapes after eight frames, -1 to 1; ``after_1`` and
    ``after_8`` that of its fine detail, at the place where it fits best. ``after_1`` is measured only where ``after_8`` is low, and is
    1 elsewhere; ``after_8`` is NaN where it is low and was not looked at again, and where the tile leaves the picture meanwhile.
    """

    def __init__(self) -> None:
        self._flow = SmoothFlow()
        self._first: _Picture | None = None
        self._second: _Picture | None = None
        self._series = LookSeries(textured=TILES, coarse=TILES, after_1=TILES, after_8=TILES)

    def add(self, frame: FrameView, previous: FrameView | None) -> None:
        """Keep the frame, or hold it against the one kept, if it is its turn."""
        del previous
        self._series.passed(frame.index)
        since = (frame.index - _FIRST) % _EVERY
        if frame.index < _FIRST or since not in {0, 1, REACH} or min(frame.luma.shape) < _LEAST_ROWS:
            return
        picture = _Picture.of(frame)
        if since == 0:
            self._first = picture
        elif since == 1:
            self._second = picture
        elif self._first and self._second and self._first.working.shape == self._second.working.shape == picture.working.shape:
            self._series.add(frame.index - REACH, **self._look(self._first, self._second, picture))

    def finish(self) -> Series:
        """The clip's series."""
        return self._series.stacked()

    def _look(self, first: "_Picture", second: "_Picture", later: "_Picture") -> dict[str, Floats]:
        """Textured, coarse, after_1 and after_8 of each tile."""
        flow = self._flow.between(first.working, later.working)
        own, moved = _fine(first.detailed), _fine(fetched(later.detailed, flow))
        shapes, moved_shapes = _coarse(first.small), _coarse(fetched(later.small, flow))
        textured, after_reach = _likeness(own, moved)
        products = [tile_products(one, other) for one, other in ((shapes, moved_shapes), (shapes, shapes), (moved_shapes, moved_shapes))]
        coarse = (products[0] + 1) / np.sqrt((products[1] + 1) * (products[2] + 1))
        after_one = np.ones_like(after_reach)
        unlike = after_reach < _ALIKE
        doubtful = _beside_others(unlike & (coarse >= _COARSE_ALIKE) & (textured >= _MOSTLY))
        after_reach[unlike & ~doubtful] = np.nan
        after_reach[tile_means(leaving(flow)) > 0.1] = np.nan
        beside = _fine(fetched(second.detailed, self._flow.between(first.working, second.working))) if doubtful.any() else own
        for row, column in np.argwhere(doubtful):
            after_reach[row, column] = _best_fit(own, moved, row, column)
            if after_reach[row, column] < _ALIKE:
                after_one[row, column] = _best_fit(own, beside, row, column)
        return {"textured": textured, "coarse": np.asarray(coarse, np.float32), "after_1": after_one, "after_8": after_reach}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Picture:
    """Luma at three sizes, 8-bit codes: for fine detail, for the flow, for coarse shapes."""

    detailed: Bytes
    working: Bytes
    small: Bytes

    @classmethod
    def of(cls, frame: FrameView) -> "_Picture":
        halvings = max(0, working_halvings(stored_size(frame)) - 1)
        detailed, working, small = (frame.luma_eight_bit(halvings + more) for more in range(3))
        return cls(detailed=detailed, working=working, small=small)


def _fine(picture: Bytes) -> Floats:
    """Detail between two and about a dozen samples long."""
    return _between(picture, 2, 7)


def _coarse(picture: Bytes) -> Floats:
    """Of a picture of a quarter the size: shapes between about a dozen and sixty samples of the larger one."""
    return _between(picture, 3, 15)


def _between(picture: Bytes, short: int, long: int) -> Floats:
    """The picture's means over squares of one size, less those of a larger one."""
    return np.asarray(cv2.subtract(cv2.blur(picture, (short, short)), cv2.blur(picture, (long, long)), dtype=cv2.CV_32F), np.float32)


def _beside_others(tiles: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Those with two more among the eight around: a single tile is no place where texture boils."""
    around = cv2.boxFilter(tiles.astype(np.float32), -1, (3, 3), normalize=False, borderType=cv2.BORDER_CONSTANT)
    return np.asarray(tiles & (around > 2.5), bool)


def _likeness(own: Floats, moved: Floats) -> tuple[Floats, Floats]:
    """Of each tile the share of textured cells, and the median of their correlations; 1 where no cell is textured."""
    # One squared code beside every variance: where there is nothing, nothing has changed.
    energy = _means(own * own)
    cells = (_means(own * moved) + 1) / np.sqrt((energy + 1) * (_means(moved * moved) + 1))
    textured = energy > _TEXTURED_CODES**2
    counts = _by_tile(textured).sum(axis=2)
    # Cells without texture are sorted behind the others.
    ordered = np.sort(_by_tile(np.where(textured, cells, np.float32(np.inf))), axis=2)
    middle = np.take_along_axis(ordered, np.maximum(counts - 1, 0)[..., None] // 2, axis=2)[..., 0]
    return np.asarray(counts / _CELLS**2, np.float32), np.asarray(np.where(counts > 0, middle, 1), np.float32)


def _means(picture: Floats) -> Floats:
    """Over each cell."""
    size = (TILE_COLUMNS * _CELLS, TILE_ROWS * _CELLS)
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.float32)


def _by_tile(values: NDArray[np.generic]) -> NDArray[np.generic]:
    """Values of cells as (9, 16, 16): those of each tile together."""
    blocks = values.reshape(TILE_ROWS, _CELLS, TILE_COLUMNS, _CELLS)
    return blocks.swapaxes(1, 2).reshape(TILE_ROWS, TILE_COLUMNS, _CELLS**2)


def _best_fit(own: Floats, other: Floats, row: int, column: int) -> float:
    """Median over the quarters of a tile of their best correlation with the other picture near by, -1 to 1."""
    reach = max(own.shape) // _SEARCHED
    rows, columns = (_halves(own.shape[axis], count, place) for axis, count, place in ((0, TILE_ROWS, row), (1, TILE_COLUMNS, column)))
    fits = []
    for top, bottom in rows:
        for left, right in columns:
            around = other[max(0, top - reach) : bottom + reach, max(0, left - reach) : right + reach]
            fits.append(float(cv2.matchTemplate(around, own[top:bottom, left:right], cv2.TM_CCOEFF_NORMED).max()))
    return float(np.median(fits))


def _halves(length: int, count: int, place: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """Where the two halves of one of so many equal parts begin and end."""
    first, middle, last = ((2 * place + half) * length // (2 * count) for half in range(3))
    return (first, middle), (middle, last)


class Texture:
    """Fine texture over several frames."""

    name = "texture"
    version = 1

    def collector(self, facts: MediaFacts) -> TextureCollector:
        """A fresh collector."""
        del facts
        return TextureCollector()


SIGNAL = Texture()
