"""The movement of the picture as a whole, from the movement of its tiles: each tile counts by what it shows and by how steadily it moves.

A tile of clear sky says nothing, an edge says something across itself only, and water or leaves say what they do and not what the camera
does. So the shift, zoom and roll that fit the tiles best are weighed with each tile's structure tensor (as in B. D. Lucas and T. Kanade,
"An Iterative Image Registration Technique", IJCAI 1981) and with how much the tile varies from step to step; what still does not fit
drops out by Tukey's biweight.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.seams.motion import TILE_COLUMNS, TILE_ROWS, Floats, Step

_ROUNDS = 6
_LEAST_STRUCTURE = 1e-6
"""Of squared luma a pixel, about a tenth of an 8-bit code: keeps the system solvable where nothing is to be seen."""
_LEAST_VARIATION = 0.05 / 320
"""Of the picture's width: what the flow itself strays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """How a whole picture moves."""

    right: float
    """Fraction of the picture's width."""
    down: float
    zoom: float
    """Growth about the centre."""

    @property
    def length(self) -> float:
        """Of the shift, a fraction of the width."""
        return float(np.hypot(self.right, self.down))


@dataclass(frozen=True, slots=True, kw_only=True)
class TileWeights:
    """What each tile of a picture can tell."""

    tensors: Floats
    """(tiles, 2, 2): structure tensors over variances."""
    aspect: float
    """Height of the picture over its width."""

    def whole(self, field: Floats) -> Whole:
        """Shift and zoom of a field of tiles (rows, columns, 2), fractions of the width."""
        design = _design(field.shape[0], field.shape[1], self.aspect)
        moved = field.reshape(-1, 2)
        importance = np.trace(self.tensors, axis1=1, axis2=2)
        kept = np.ones(len(moved))
        solution = np.zeros(4)
        for _ in range(_ROUNDS):
            weighted = self.tensors * kept[:, None, None]
            turned = np.einsum("nai,nab->nib", design, weighted)
            system = np.einsum("nib,nbj->ij", turned, design)
            right_side = np.einsum("nib,nb->i", turned, moved)
            solution = np.linalg.solve(system + np.eye(4) * 1e-12 * max(float(np.trace(system)), 1e-30), right_side)
            error = moved - design @ solution
            off = np.sqrt(np.maximum(np.einsum("na,nab,nb->n", error, self.tensors, error), 0))
            scale = 4.685 * 1.4826 * max(_weighted_median(off, importance), 1e-12)
            kept = np.clip(1 - (off / scale) ** 2, 0, None) ** 2
        return Whole(right=float(solution[0]), down=float(solution[1]), zoom=float(solution[2]))


def tile_weights(pictures: Sequence[NDArray[np.float32]], sides: Sequence[tuple[Sequence[Step], Floats]]) -> TileWeights:
    """What the tiles of a shot can tell.

    Args:
        pictures: Luma (rows, columns; 0 to 1) of some frames of it.
        sides: Steps of stretches of the shot, each with its usual field.
    """
    rows, columns = pictures[0].shape
    structure = np.mean([_structure(picture) for picture in pictures], axis=0)
    tensors = structure.reshape(-1, 3)[:, (0, 1, 1, 2)].reshape(-1, 2, 2) + _LEAST_STRUCTURE * np.eye(2)
    strays = [
        np.median(np.sum((np.stack([step.tiles for step in steps]) - field) ** 2, axis=-1), axis=0) for steps, field in sides if len(steps)
    ]
    varies = np.max(strays, axis=0).ravel() + _LEAST_VARIATION**2
    return TileWeights(tensors=tensors / varies[:, None, None], aspect=rows / columns)


def _structure(picture: NDArray[np.float32]) -> Floats:
    """(tile rows, tile columns, 3): means of the products of the gradients, right-right, right-down and down-down."""
    soft = cv2.GaussianBlur(picture, (0, 0), 1.0)
    right, down = (cv2.Sobel(soft, cv2.CV_32F, *order, ksize=3, scale=1 / 8) for order in ((1, 0), (0, 1)))
    rows, columns = picture.shape
    tile_rows, tile_columns = min(TILE_ROWS, rows), min(TILE_COLUMNS, columns)
    high, wide = rows // tile_rows, columns // tile_columns
    top, left = (rows - tile_rows * high) // 2, (columns - tile_columns * wide) // 2

    def mean(values: NDArray[np.float32]) -> Floats:
        cut = values[top : top + tile_rows * high, left : left + tile_columns * wide]
        return np.asarray(cut.reshape(tile_rows, high, tile_columns, wide).mean(axis=(1, 3)), np.float64)

    return np.stack([mean(right * right), mean(right * down), mean(down * down)], axis=-1)


def _design(tile_rows: int, tile_columns: int, aspect: float) -> Floats:
    """(tiles, 2, 4): how shift right, shift down, zoom and roll move each tile's centre."""
    across = (np.arange(tile_columns) + 0.5) / tile_columns - 0.5
    along = ((np.arange(tile_rows) + 0.5) / tile_rows - 0.5) * aspect
    x, y = (axis.ravel() for axis in np.meshgrid(across, along))
    ones, none = np.ones_like(x), np.zeros_like(x)
    return np.stack([np.stack([ones, none, x, -y], axis=1), np.stack([none, ones, y, x], axis=1)], axis=1)


def _weighted_median(values: Floats, weights: Floats) -> float:
    order = np.argsort(values)
    reached = np.cumsum(weights[order])
    return float(values[order[min(int(np.searchsorted(reached, reached[-1] / 2)), len(values) - 1)]])
