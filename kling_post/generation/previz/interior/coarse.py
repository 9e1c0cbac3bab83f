"""A coarse grid of nodes over the picture: smooth fields are made on it and enlarged exactly, a whole number of pixels per cell."""

from dataclasses import dataclass

import cv2
import numpy as np

from kling_post.generation.previz.interior.noise import Field
from kling_post.vocabulary import Size

_CELLS_ACROSS = 320
_BORDER = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Nodes at the centres of square cells, two cells past each edge so that enlarging never runs into a border."""

    step: int
    """Pixels per cell."""
    cells_across: int
    cells_down: int

    @classmethod
    def of(cls, size: Size) -> "Grid":
        """The grid for a picture size."""
        step = max(1, -(-size.width // _CELLS_ACROSS))
        return cls(step=step, cells_across=-(-size.width // step) + 2 * _BORDER, cells_down=-(-size.height // step) + 2 * _BORDER)

    @property
    def across(self) -> Field:
        """Pixel columns of the nodes, from the picture's left edge."""
        return (np.arange(self.cells_across, dtype=np.float32) - np.float32(_BORDER - 0.5)) * np.float32(self.step)

    @property
    def down(self) -> Field:
        """Pixel rows of the nodes, from the picture's top edge."""
        return (np.arange(self.cells_down, dtype=np.float32) - np.float32(_BORDER - 0.5)) * np.float32(self.step)

    def full(self, field: Field, rows: int, columns: int) -> Field:
        """A field on the nodes at the picture's size; straight lines stay straight."""
        size = (self.cells_across * self.step, self.cells_down * self.step)
        fine = np.asarray(cv2.resize(field, size, interpolation=cv2.INTER_LINEAR), np.float32)
        edge = _BORDER * self.step
        return fine[edge : edge + rows, edge : edge + columns]
