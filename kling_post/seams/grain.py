"""How strong the noise of a picture is: its standard deviation in the flattest parts, where noise is all that varies.

Each tile is filtered with the difference of two Laplacians, which leaves nothing of even surfaces and slopes (J. Immerkaer, "Fast Noise
Variance Estimation", Computer Vision and Image Understanding 64, 1996); of the tiles that are neither black nor white, the flattest
quarter is kept. Tiles are taken from the picture as stored, since scaling down would average the noise away.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

_TILE = 24
_TILES_ACROSS, _TILES_DOWN = 20, 12
_KERNEL = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
_FLATTEST = 25
_FEWEST_TILES = 8
_DARKEST, _LIGHTEST = 24.0, 226.0
"""Mean 8-bit codes between which noise is not clipped."""


def grain_codes(luma: NDArray[np.generic], bit_depth: int = 8) -> tuple[float, float]:
    """How strong the noise of a luma plane (rows, columns) is, as the standard deviation of white noise in 8-bit codes.

    Returns:
        From the finest detail, and from that of half the size, where white noise reads half as much and texture about as much. NaN where no
        part of the picture can tell.
    """
    rows, columns = luma.shape
    if min(rows, columns) < 2 * _TILE:
        return float("nan"), float("nan")
    tops = np.unique(np.linspace(0, rows - _TILE, min(_TILES_DOWN, rows // _TILE)).astype(int))
    lefts = np.unique(np.linspace(0, columns - _TILE, min(_TILES_ACROSS, columns // _TILE)).astype(int))
    stored = np.stack([luma[top : top + _TILE, left : left + _TILE] for top in tops for left in lefts])
    tiles = stored.astype(np.float32) * np.float32(2.0 ** (8 - bit_depth))
    means = tiles.mean(axis=(1, 2))
    tiles = tiles[(means > _DARKEST) & (means < _LIGHTEST)]
    if len(tiles) < _FEWEST_TILES:
        return float("nan"), float("nan")
    fine = _deviations(tiles)
    flattest = np.argsort(fine)[: max(2, len(tiles) * 2 * _FLATTEST // 100)]
    half = cv2.resize(tiles[flattest].reshape(-1, _TILE), (_TILE // 2, len(flattest) * _TILE // 2), interpolation=cv2.INTER_AREA)
    return float(np.percentile(fine, _FLATTEST)), float(np.median(_deviations(half.reshape(-1, _TILE // 2, _TILE // 2))))


def _deviations(tiles: NDArray[np.float32]) -> NDArray[np.float32]:
    """Of each of some square tiles (tiles, side, side) the standard deviation of the noise."""
    side = tiles.shape[1]
    # One tall picture of all the tiles: one call of the filter, with the seams between them cut off afterwards.
    filtered = cv2.filter2D(tiles.reshape(-1, side), cv2.CV_32F, _KERNEL).reshape(tiles.shape)[:, 1:-1, 1:-1]
    # For Gaussian noise the mean of |response| is 6 sigma sqrt(2 / pi).
    return np.asarray(np.sqrt(np.pi / 2) / 6 * np.abs(filtered).mean(axis=(1, 2)), np.float32)
