"""The movement of the picture as a whole, from the movement of its tiles: each tile counts by what it shows and by how steadily it moves.

A tile of clear sky says nothing, an edge says something across itself only, and water or leaves say what they do and not what the camera
does. So the shift, zoom and roll that fit the tiles best are weighed with each tile's structure tensor (as in B. D. Lucas and T. Kanade,
"An Iterative Image Registration Technique", IJCAI 1981) and with how much the tile varies from step to step; what still does not fit
drops out by Tukey's biweight.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kling_post.seams.motion import Floats

WHOLE = ("right", "down", "zoom", "roll")
"""What a whole picture does, an array of these four: shift as fractions of the width, growth about the centre, radians clockwise."""
_ROUNDS = 6
_LEAST_STRUCTURE = 1e-6
"""Of squared luma a pixel, about a tenth of an 8-bit code: keeps the system solvable where nothing is to be seen."""
_LEAST_VARIATION = 0.02 / 320
"""Of the picture's width: what the registration of a tile itself strays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TileWeights:
    """What each tile of a picture can tell."""

    tensors: Floats
    """(tiles, 2, 2): structure tensors over variances."""
    aspect: float
    """Height of the picture over its width."""

    def whole(self, field: Floats) -> Floats:
        """(4,): what the picture does as a whole, from a field of tiles (rows, columns, 2) in fractions of the width."""
        design = _design(field.shape[0], field.shape[1], self.aspect)
        moved = field.reshape(-1, 2)
        weighted, flat = self.tensors @ design, design.reshape(-1, 4)
        importance = np.trace(self.tensors, axis1=1, axis2=2)
        kept: Floats = np.ones(len(moved))
        solution = np.zeros(4)
        for _ in range(_ROUNDS):
            turned = (weighted * kept[:, None, None]).reshape(-1, 4)
            system = turned.T @ flat
            solution = np.asarray(
                np.linalg.solve(system + np.eye(4) * 1e-12 * max(float(np.trace(system)), 1e-30), turned.T @ moved.ravel()), np.float64
            )
            off = self._misfits(moved - (flat @ solution).reshape(-1, 2))
            scale = 4.685 * 1.4826 * max(_weighted_median(off, importance), 1e-12)
            kept = np.clip(1 - (off / scale) ** 2, 0, None) ** 2
        return solution

    def unevenness(self, field: Floats, whole: Floats) -> float:
        """How far the tiles of a field typically are from moving as the whole picture does, in deviations of their own."""
        error = (field - field_of(whole, field.shape, self.aspect)).reshape(-1, 2)
        return _weighted_median(self._misfits(error), np.trace(self.tensors, axis1=1, axis2=2))

    def _misfits(self, error: Floats) -> Floats:
        """(tiles,): how much errors (tiles, 2) are of what the tiles can tell."""
        return np.asarray(np.sqrt(np.maximum(np.sum(error * (self.tensors @ error[..., None])[..., 0], axis=1), 0)))


def tile_weights(tensors: Floats, sides: Sequence[Sequence[Floats]], aspect: float) -> TileWeights:
    """What the tiles of a shot can tell.

    Args:
        tensors: (tiles, 2, 2): structure tensors of the shot.
        sides: Of stretches of the shot, fields (tile rows, tile columns, 2) that would be 0 if the picture moved as it usually does.
        aspect: Height of the picture over its width.
    """
    varies = np.max([np.mean(np.sum(np.stack(strays) ** 2, axis=-1), axis=0) for strays in sides if len(strays)], axis=0)
    variance = varies.ravel() + _LEAST_VARIATION**2
    return TileWeights(tensors=(tensors + _LEAST_STRUCTURE * np.eye(2)) / variance[:, None, None], aspect=aspect)


def field_of(whole: Floats, shape: tuple[int, ...], aspect: float) -> Floats:
    """How the tiles move where the whole picture moves like ``whole``, as a field of that shape: (tile rows, tile columns, 2)."""
    return np.asarray((_design(shape[0], shape[1], aspect) @ whole).reshape(shape))


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
