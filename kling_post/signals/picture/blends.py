"""Whether a frame is a mix of its two neighbours instead of a picture of its own: what rate conversion by blending leaves.

A moving edge stands in one place in a true frame; in a mix it stands in two, each at half its strength. So the mix of its neighbours
explains a blended frame all but fully, and its gradients have less energy than theirs, where something moves. A true frame of even
movement leaves a tenth to a third of the squared change unexplained and is as sharp as its neighbours, motion blur and all.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.media.frames import FrameView
from kling_post.signals.kernels.tile_grid import TILE_COLUMNS, TILE_ROWS
from kling_post.signals.kernels.tiles import Floats, tile_means, tile_products
from kling_post.signals.kernels.working_size import stored_size, working_halvings
from kling_post.signals.series import BLOCK_FRAMES, FrameSeries
from kling_post.signals.signal import Series
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
        self._waiting: list[Floats] = []

    def add(self, frame: FrameView, previous: FrameView | None) -> None:
        """Measure the frame before this one, now that the one after it is known."""
        del previous
        halvings = working_halvings(stored_size(frame))
        # Every second row says as much at half the time.
        picture = frame.codes("luma", halvings)
        rows = np.ascontiguousarray(picture[::2])
        later = (rows, _energy(rows, picture[1::2]))
        if self._kept:
            known = len(self._kept) == 2 and len({picture.shape for picture, _ in (*self._kept, later)}) == 1
            # Zeros do not move: such a frame comes out as one of which nothing is known.
            self._waiting.append(
                _sums(self._kept[0], self._kept[1], later) if known else np.zeros((7, TILE_ROWS, TILE_COLUMNS), np.float32)
            )
        self._kept = [*self._kept, later][-2:]
        if len(self._waiting) == BLOCK_FRAMES:
            self._work_out()

    def finish(self) -> Series:
        """The clip's series."""
        self._work_out()
        self._series.add(residual=np.nan, share=np.nan, energy=np.nan, moving=0.0)
        return self._series.stacked()

    def _work_out(self) -> None:
        if self._waiting:
            self._series.add_block(**_blends(np.stack(self._waiting).astype(np.float64)))
            self._waiting = []


def _sums(earlier: tuple[Floats, Floats], middle: tuple[Floats, Floats], later: tuple[Floats, Floats]) -> Floats:
    """What is needed of each tile to tell a mix, (7, 9, 16).

    The change between the neighbours squared, its product with the frame's own change from the later one, that squared, the means of
    both, the energy of the frame's gradients and that of its neighbours'.
    """
    between = np.asarray(cv2.subtract(earlier[0], later[0]), np.float32)
    own = np.asarray(cv2.subtract(middle[0], later[0]), np.float32)
    products = (tile_products(one, two) for one, two in ((between, between), (between, own), (own, own)))
    return np.stack([*products, tile_means(between), tile_means(own), middle[1], (earlier[1] + later[1]) / 2])


def _blends(sums: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """The series of several frames from their sums, (frames, 7, 9, 16)."""
    whole, shared, other, mean, own_mean, energy, around = sums.reshape(*sums.shape[:2], -1).swapaxes(0, 1)
    # Without their means, so that a pulse of brightness is no movement.
    whole, shared, other = whole - mean**2, shared - mean * own_mean, other - own_mean**2
    moving = whole > _MOVING
    left = np.maximum(other - shared**2 / np.where(moving, whole, 1), 0)
    whole, shared, left, energy, around = (np.where(moving, each, 0).sum(axis=1) for each in (whole, shared, left, energy, around))
    known = np.where(whole > 0, whole, np.nan)
    energy = np.where(whole > 0, (energy + 1) / (around + 1), np.nan)
    return {"residual": left / known, "share": shared / known, "energy": energy, "moving": moving.mean(axis=1)}


def _energy(rows: Floats, below: Floats) -> Floats:
    """Mean squared step of each tile from a sample to the next one, across and down; ``below`` the rows under ``rows``."""
    rows = rows[: len(below)]
    if min(below.shape) < 2:
        return np.zeros((TILE_ROWS, TILE_COLUMNS), np.float32)
    steps = np.zeros_like(rows)
    np.subtract(rows[:, 1:], rows[:, :-1], out=steps[:, :-1])
    across = tile_products(steps, steps)
    np.subtract(below, rows, out=steps)
    return across + tile_products(steps, steps)


class Blends:
    """Mixes of neighbouring frames."""

    name = "blends"
    version = 3

    def collector(self, facts: MediaFacts) -> BlendsCollector:
        """A fresh collector."""
        del facts
        return BlendsCollector()


SIGNAL = Blends()
