"""Means over a fixed grid of tiles, of any picture size."""

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.signals.tile_grid import TILE_COLUMNS, TILE_ROWS

Floats = NDArray[np.float32]


def tile_means(picture: Floats) -> Floats:
    """The mean of each of 9 x 16 tiles of a float32 picture of shape (rows, columns), without rounding to codes.

    A sample across a tile's border counts to both sides by its share. (Matrix products with NumPy would say the same, but its
    linear algebra starts threads of its own, which cost more than the work.)
    """
    return np.asarray(cv2.resize(picture, (TILE_COLUMNS, TILE_ROWS), interpolation=cv2.INTER_AREA), np.float32)
