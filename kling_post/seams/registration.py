"""How far the tiles of a picture stray from where their usual movement would put them, to hundredths of a pixel.

Dense flow is right to a tenth of a pixel or so, and wrong by another tenth at the next frame. Where the usual movement is known, the
other picture is brought back by it, the same way for every frame, and what is left is small enough to be linear: one solution of the
normal equations of each tile (B. D. Lucas and T. Kanade, "An Iterative Image Registration Technique", IJCAI 1981), with the residuals
bounded as in P. J. Huber's estimator, so that a thing that crosses the tile does not carry it along.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.seams.motion import Floats, in_tiles

_FINEST, _COARSEST = 1.0, 6.0
"""Standard deviations in pixels between which detail is compared: noise is finer, light is coarser."""
_MARGIN = 2
"""Pixels at the edge that neither gradient knows."""
_BOUND = 3.0
"""Robust deviations beyond which a pixel's difference counts no more than at the bound."""
_LEAST_STRUCTURE = 1e-7
_FARTHEST = 1.5
"""Pixels beyond which the solution is no longer linear."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """A picture as it is registered: all three (rows, columns)."""

    band: NDArray[np.float32]
    """Luma of the middle spatial frequencies."""
    right: NDArray[np.float32]
    """Its gradient along the rows."""
    down: NDArray[np.float32]

    @classmethod
    def of(cls, luma: NDArray[np.float32]) -> Self:
        """Of a luma picture (rows, columns; 0 to 1)."""
        band = np.asarray(cv2.GaussianBlur(luma, (0, 0), _FINEST) - cv2.GaussianBlur(luma, (0, 0), _COARSEST), np.float32)
        right, down = _gradients(band)
        return cls(band=band, right=right, down=down)


def structure(picture: Detail) -> Floats:
    """(tiles, 2, 2): the structure tensor of each tile, which says how well its movement can be known, and in which direction."""
    products = (picture.right**2, picture.right * picture.down, picture.down**2)
    return _tensors([_means(product) for product in products])


def stray_tiles(usual: Floats, before: Detail, after: Detail) -> Floats:
    """What each tile moves beyond its usual movement from one picture to another.

    Args:
        usual: (tile rows, tile columns, 2), fractions of the width to the right and down.
        before: The first picture.
        after: The second one, of the same size.

    Returns:
        The strays, shaped as ``usual`` and in its unit.
    """
    rows, columns = before.band.shape
    moved = cv2.resize((usual * columns).astype(np.float32), (columns, rows), interpolation=cv2.INTER_LINEAR)
    x = moved[..., 0] + np.arange(columns, dtype=np.float32)
    y = moved[..., 1] + np.arange(rows, dtype=np.float32)[:, None]
    inside = (x >= _MARGIN) & (x <= columns - 1 - _MARGIN) & (y >= _MARGIN) & (y <= rows - 1 - _MARGIN)
    back = np.asarray(cv2.remap(after.band, x, y, cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REPLICATE), np.float32)
    back_right, back_down = _gradients(back)
    right, down = (before.right + back_right) / 2, (before.down + back_down) / 2
    one, other = np.where(inside, before.band, 0), np.where(inside, back, 0)
    # A step of contrast is not a movement.
    gain = np.float32(np.sqrt(np.sum(one**2) / max(float(np.sum(other**2)), 1e-9)))
    off = one - gain * other
    bound = np.float32(_BOUND * 1.4826 * np.median(np.abs(off[::2, ::2])) + 1e-6)
    trust = np.where(inside, bound / np.maximum(np.abs(off), bound), 0).astype(np.float32)
    tensors = _tensors([_means(trust * product) for product in (right * right, right * down, down * down)])
    pull = np.stack([_means(trust * right * off), _means(trust * down * off)], axis=-1).reshape(-1, 2, 1)
    strays = np.linalg.solve(tensors + _LEAST_STRUCTURE * np.eye(2), pull)[..., 0]
    return np.asarray(np.clip(strays, -_FARTHEST, _FARTHEST).reshape(usual.shape) / columns, np.float64)


def _tensors(products: Sequence[Floats]) -> Floats:
    """(tiles, 2, 2) of the products of the gradients, right-right, right-down and down-down."""
    return np.asarray(np.stack(products, axis=-1).reshape(-1, 3)[:, (0, 1, 1, 2)].reshape(-1, 2, 2), np.float64)


def _gradients(picture: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    right, down = (np.asarray(cv2.Sobel(picture, cv2.CV_32F, *order, ksize=3, scale=1 / 8), np.float32) for order in ((1, 0), (0, 1)))
    return right, down


def _means(values: NDArray[np.floating]) -> Floats:
    """(tile rows, tile columns): of whole tiles, as in ``motion``."""
    return np.asarray(in_tiles(values).mean(axis=(1, 3)), np.float64)
