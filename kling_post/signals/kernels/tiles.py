"""Means over a fixed grid of tiles, of any picture size."""

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.signals.kernels.tile_grid import TILE_COLUMNS, TILE_ROWS

Floats = NDArray[np.float32]


def tile_means(picture: Floats) -> Floats:
    """The mean of each of 9 x 16 tiles of a float32 picture of shape (rows, columns), without rounding to codes.

    A sample across a tile's border counts to both sides by its share. (Matrix products with NumPy would say the same, but its
    linear algebra starts threads of its own, which cost more than the work.)
    """
    if not _in_whole_tiles(picture):
        return np.asarray(cv2.resize(picture, (TILE_COLUMNS, TILE_ROWS), interpolation=cv2.INTER_AREA), np.float32)
    return _summed_up(np.add.reduce(_by_tile_rows(picture), axis=1), picture.size)


def tile_products(one: Floats, other: Floats) -> Floats:
    """The mean over each tile of the product of two float32 pictures of one size."""
    if not (_in_whole_tiles(one) and _in_whole_tiles(other)):
        return tile_means(np.asarray(cv2.multiply(one, other), np.float32))
    # Multiplied and added up at once: the product as a picture would be written and read for nothing.
    return _summed_up(np.einsum("tij,tij->tj", _by_tile_rows(one), _by_tile_rows(other)), one.size)


def _in_whole_tiles(picture: Floats) -> bool:
    """Whether no sample lies across a border, as in 480x270: then lines are added up, in half the time and to the same digits."""
    rows, columns = picture.shape
    return not rows % TILE_ROWS and not columns % TILE_COLUMNS and picture.flags.c_contiguous


def _by_tile_rows(picture: Floats) -> Floats:
    return picture.reshape(TILE_ROWS, picture.shape[0] // TILE_ROWS, picture.shape[1])


def _summed_up(lines: Floats, samples: int) -> Floats:
    """Means of tiles from the sums of their columns, (9, columns)."""
    sums = np.add.reduce(lines.reshape(TILE_ROWS, TILE_COLUMNS, -1), axis=2)
    return np.asarray(sums * np.float32(TILE_ROWS * TILE_COLUMNS / samples), np.float32)
