"""A decoded frame as the decoder's own planes, and its small pictures, each made at most once."""

from dataclasses import dataclass, field
from fractions import Fraction

import cv2
import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.uint8] | NDArray[np.uint16]

SAMPLED_ROWS = 270
"""Rows of a full-size picture that are enough where a sample will do."""


def rows_apart(rows: int) -> int:
    """One row in so many is sampled: 8 of 2160, 4 of 1080, each of up to 539.

    >>> rows_apart(2160), rows_apart(1080), rows_apart(539)
    (8, 4, 1)
    """
    return max(1, rows // SAMPLED_ROWS)


def halvings_to(width: int, widest: int) -> int:
    """How often a picture must be halved to be no wider than ``widest``."""
    halvings = 0
    while width >> halvings > widest:
        halvings += 1
    return halvings


@dataclass(slots=True, kw_only=True)
class FrameView:
    """One frame of planar YCbCr, native bit depth, no copy: valid only until the runner lets go of it.

    Planes are (rows, columns) arrays of code values as stored: uint8 for 8-bit, uint16 (low bits used) for more.
    """

    index: int
    """Display order, from 0."""
    seconds: Fraction
    """Presentation time as stored."""
    bit_depth: int
    luma: Plane
    chroma_blue: Plane | None
    chroma_red: Plane | None
    damaged: bool = False
    """Whether the decoder had to make up parts of it: the stream is damaged here or a reference is missing."""
    _scaled: dict[tuple[str, int], Plane] = field(default_factory=dict)
    _codes: dict[tuple[str, int], NDArray[np.float32]] = field(default_factory=dict)
    _eight_bit: dict[int, NDArray[np.uint8]] = field(default_factory=dict)
    _sampled: Plane | None = None
    shared: dict[str, NDArray[np.float32]] = field(default_factory=dict)
    """What one signal has worked out of the frame and another one needs too, by a name they agree on."""

    def codes(self, plane: str, halvings: int) -> NDArray[np.float32]:
        """``reduced`` as float32 on the 8-bit scale, whatever the depth: 10-bit code 941 is 235.25. Made once per frame."""
        key = (plane, halvings)
        if key not in self._codes:
            values = self.reduced(plane, halvings).astype(np.float32)
            if self.bit_depth > 8:
                values *= np.float32(1 / (1 << (self.bit_depth - 8)))
            self._codes[key] = values
        return self._codes[key]

    def luma_eight_bit(self, halvings: int) -> NDArray[np.uint8]:
        """Reduced luma as contiguous 8-bit codes, for methods that know no other form. Made once per frame."""
        if halvings not in self._eight_bit:
            stored = self.reduced("luma", halvings)
            scaled = stored if self.bit_depth == 8 else cv2.convertScaleAbs(stored, alpha=1 / (1 << (self.bit_depth - 8)))
            self._eight_bit[halvings] = np.ascontiguousarray(scaled, np.uint8)
        return self._eight_bit[halvings]

    def sampled_luma(self) -> Plane:
        """Some 270 rows of full-size luma, evenly spread, contiguous: what full-size signals share. Made once per frame.

        A pass over all of a 4K plane waits for memory more than for the processor; so does one over the frame before, which has
        left the caches by then, while its sample has not.
        """
        if self._sampled is None:
            rows: Plane = self.luma[:: rows_apart(self.luma.shape[0])].copy()
            self._sampled = rows
            return rows
        return self._sampled

    def reduced(self, plane: str, halvings: int) -> Plane:
        """A plane at 1/2**halvings of its own size, area-averaged by a cascade of exact halvings.

        ``plane`` is ``luma``, ``chroma_blue`` or ``chroma_red``. Each step is made once per frame, whoever asks.
        """
        if halvings == 0:
            stored: Plane = getattr(self, plane)
            return stored
        key = (plane, halvings)
        if key not in self._scaled:
            larger = self.reduced(plane, halvings - 1)
            rows, columns = max(1, larger.shape[0] // 2), max(1, larger.shape[1] // 2)
            # Odd sizes lose their last row or column, so that every step stays the fast exact 2x2 mean.
            even = larger[: rows * 2, : columns * 2] if min(larger.shape) > 1 else larger
            self._scaled[key] = cv2.resize(even, (columns, rows), interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
        return self._scaled[key]
