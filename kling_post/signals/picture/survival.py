"""Whether what a part of the picture shows is still there two seconds later: what things that slowly turn into others are told by.

Tiles are followed over five pictures half a second apart: from each to the next along the flow (dense inverse search, Kroeger and others
2016), at the place near by where the tile fits best (normalised cross-correlation). A thing that stays is found again at the end; one that
is covered, leaves, or moves too fast is lost on the way. What is never lost and yet not found again at the end has changed.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.media.frames import FrameView
from kling_post.signals.kernels.smooth_flow import CELL, Bytes, Floats, SmoothFlow, fetched
from kling_post.signals.kernels.tile_grid import TILE_COLUMNS, TILE_ROWS, TILES
from kling_post.signals.kernels.tiles import tile_means, tile_products
from kling_post.signals.kernels.working_size import stored_size, working_halvings
from kling_post.signals.series import LookSeries
from kling_post.signals.signal import Series
from kling_post.vocabulary import MediaFacts

STEP, STEPS = 12, 4
"""Frames from one picture to the next, and how often: 48 frames from the first to the last."""
_FIRST, _AGAIN = 4, 3
"""The first frame that is looked at, and after how many steps the next look begins."""
_GONE, _FOLLOWED = 0.6, 0.5
"""Only tiles less alike than the first at the end are followed, and no further once a step is less alike than the second."""
_STRUCTURED_CODES = 4.0
"""Root mean square of the steps over four samples, in the direction that has least, from which a tile has structure to follow."""
_SEARCHED = 5
"""How far around the flow's word a tile is looked for, samples of the working picture."""
_LEAST_ROWS = 144
"""Of the stored picture: smaller ones have too few samples in a tile."""


class SurvivalCollector:
    """Looks at luma at the working size, 48 frames at a time, once in 36 frames.

    Series: ``looked`` (frames,) 1 for the first frame of each look; per look: ``frame`` its index, ``remaining`` the share of tiles with
    structure that have some at the end too (a fade leaves none); (looks, 9, 16) each: ``found`` how well the tile is found again at the
    end, -1 to 1, NaN where it has no structure at either end or was lost; ``steps`` how well it was found at each step, the least;
    ``apart`` how far its movement lies from the camera's, the most of any step, per cent of the longer side.
    """

    def __init__(self) -> None:
        self._flow = SmoothFlow()
        self._kept: list[_Picture] = []
        self._flows: list[Floats] = []
        self._series = LookSeries(found=TILES, steps=TILES, apart=TILES, remaining=())

    def add(self, frame: FrameView, previous: FrameView | None) -> None:
        """Keep the frame, if it is its turn, and sum up where it ends a look."""
        del previous
        self._series.passed(frame.index)
        if frame.index % STEP != _FIRST or min(frame.luma.shape) < _LEAST_ROWS:
            return
        picture = _Picture.of(frame)
        if self._kept and self._kept[-1].codes.shape != picture.codes.shape:
            self._kept, self._flows = [], []
        if self._kept:
            self._flows.append(self._flow.between(self._kept[-1].codes, picture.codes))
        self._kept.append(picture)
        if len(self._flows) == STEPS:
            self._series.add(frame.index - STEP * STEPS, **self._look())
            self._kept, self._flows = self._kept[_AGAIN:], self._flows[_AGAIN:]

    def finish(self) -> Series:
        """The clip's series."""
        return self._series.stacked()

    def _look(self) -> dict[str, Floats | float]:
        """Found, steps and apart of each tile, and the share of tiles that keep their structure."""
        first, last = self._kept[0], self._kept[-1]
        arrived = _detail(fetched(last.codes, self._flow.between(first.codes, last.codes)))
        found = _alike(first.detail, arrived)
        structured = _structured(first.detail)
        remaining = structured & _structured(arrived)
        found[~remaining] = np.nan
        steps = np.ones_like(found)
        longer = max(first.codes.shape)
        apart = np.max([_apart(flow) for flow in self._flows], axis=0) * (100 / longer)
        for row, column in np.argwhere(found < _GONE):
            found[row, column], steps[row, column] = self._followed(row, column, arrived)
        return {"found": found, "steps": steps, "apart": apart, "remaining": float(remaining.sum() / max(1, structured.sum()))}

    def _followed(self, row: int, column: int, arrived: Floats) -> tuple[float, float]:
        """How well a tile is found again at the end of its way, and the least of the steps; NaN and 0 where it was lost.

        It may be found in ``arrived`` too, the last picture as the flow brings it back: what has come nearer has its old size there.
        """
        rows, columns = self._kept[0].codes.shape
        half = max(rows // (2 * TILE_ROWS), columns // (2 * TILE_COLUMNS))
        begun = place = (2 * row + 1) * rows // (2 * TILE_ROWS), (2 * column + 1) * columns // (2 * TILE_COLUMNS)
        least = 1.0
        for flow, earlier, later in zip(self._flows, self._kept[:-1], self._kept[1:], strict=True):
            across, down = flow[min(place[0] // CELL, flow.shape[0] - 1), min(place[1] // CELL, flow.shape[1] - 1)]
            expected = place[0] + round(float(down)), place[1] + round(float(across))
            alike, place = _best_fit(earlier.detail, place, later.detail, expected, half)
            least = min(least, alike)
            if least < _FOLLOWED:
                return np.nan, 0.0
        ends = (self._kept[-1].detail, place), (arrived, begun)
        return max(_best_fit(self._kept[0].detail, begun, last, expected, half)[0] for last, expected in ends), least


@dataclass(frozen=True, slots=True, kw_only=True)
class _Picture:
    codes: Bytes
    detail: Floats
    """The shapes of the picture between three and about twenty samples long: neither grain nor light."""

    @classmethod
    def of(cls, frame: FrameView) -> "_Picture":
        codes = frame.luma_eight_bit(working_halvings(stored_size(frame)))
        return cls(codes=codes, detail=_detail(codes))


def _detail(codes: Bytes) -> Floats:
    return np.asarray(cv2.subtract(cv2.blur(codes, (3, 3)), cv2.blur(codes, (17, 17)), dtype=cv2.CV_32F), np.float32)


def _alike(one: Floats, other: Floats) -> Floats:
    """Correlation of each tile, with one squared code beside every variance: where there is nothing, nothing has changed."""
    means = tile_means(one), tile_means(other)
    shared = tile_products(one, other) - means[0] * means[1]
    variances = [tile_products(each, each) - mean * mean for each, mean in zip((one, other), means, strict=True)]
    return np.asarray((shared + 1) / np.sqrt((variances[0] + 1) * (variances[1] + 1)), np.float32)


def _structured(detail: Floats) -> NDArray[np.bool_]:
    """Tiles with steps in every direction: a straight edge can slide along itself."""
    across, down = (np.asarray(cv2.Sobel(detail, cv2.CV_32F, *way, ksize=3, scale=0.5), np.float32) for way in ((1, 0), (0, 1)))
    xx, xy, yy = tile_products(across, across), tile_products(across, down), tile_products(down, down)
    weaker = (xx + yy) / 2 - np.hypot((xx - yy) / 2, xy)
    return np.asarray(weaker >= _STRUCTURED_CODES**2, bool)


def _best_fit(one: Floats, place: tuple[int, int], other: Floats, expected: tuple[int, int], half: int) -> tuple[float, tuple[int, int]]:
    """How well a square around a place is found in another picture, and where; -1 where it lies beyond a border."""
    own = _square(one, place, half)
    around = _square(other, expected, half + _SEARCHED)
    if own is None or around is None:
        return -1.0, expected
    _, alike, _, (right, below) = cv2.minMaxLoc(cv2.matchTemplate(around, own, cv2.TM_CCOEFF_NORMED))
    return float(alike), (expected[0] - _SEARCHED + below, expected[1] - _SEARCHED + right)


def _square(picture: Floats, middle: tuple[int, int], half: int) -> Floats | None:
    top, left = middle[0] - half, middle[1] - half
    inside = top >= 0 and left >= 0 and top + 2 * half <= picture.shape[0] and left + 2 * half <= picture.shape[1]
    return picture[top : top + 2 * half, left : left + 2 * half] if inside else None


def _apart(flow: Floats) -> Floats:
    """How far each tile's movement lies from the camera's, in samples, (9, 16).

    The camera's is the affine field that most tiles agree on: least squares, each time weighed anew by what was left (Holland and Welsch
    1977, with Cauchy's weights).
    """
    moved = cv2.resize(flow, (TILE_COLUMNS, TILE_ROWS), interpolation=cv2.INTER_AREA).reshape(-1, 2).astype(np.float64)
    down, across = np.mgrid[-1 : 1 : TILE_ROWS * 1j, -1 : 1 : TILE_COLUMNS * 1j].reshape(2, -1)
    basis = np.stack([np.ones_like(across), across, down], axis=1)
    weights = np.ones(len(basis))
    for _ in range(8):
        weighed = basis * weights[:, None]
        camera = np.linalg.solve(weighed.T @ basis, weighed.T @ moved)
        left = np.hypot(*(moved - basis @ camera).T)
        weights = 1 / (1 + (left / max(0.3, float(np.median(left)))) ** 2)
    return np.asarray(left.reshape(TILE_ROWS, TILE_COLUMNS), np.float32)


class Survival:
    """Tiles that are followed for two seconds."""

    name = "survival"
    version = 1

    def collector(self, facts: MediaFacts) -> SurvivalCollector:
        """A fresh collector."""
        del facts
        return SurvivalCollector()


SIGNAL = Survival()
