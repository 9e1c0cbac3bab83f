"""One colour transform of a clip: its formula, and its way to 4:2:0 code values at 4K speed.

The formula is that of the ASC Color Decision List, v1.2: slope, offset and power of each of R'G'B', then saturation. Where these do
not reach (a cast that depends on hue), a 3 x 3 matrix stands before them. Values are R'G'B' as shown, 0 black and 1 white; below 0
the power is left out, as in the ASC's variant that does not clamp, so that nothing is lost that the file still holds.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.media.encode import Planes

Floats = NDArray[np.float64]
Triple = tuple[float, float, float]

LUMA_WEIGHTS: Final = (0.2126, 0.7152, 0.0722)
"""ITU-R BT.709, by which the ASC's saturation weighs too."""
_ONES: Final = (1.0, 1.0, 1.0)
_NOTHING: Final = (0.0, 0.0, 0.0)
_STRIP_ROWS: Final = 64
"""Even, and divisible by the dither's rows; a strip of a 4K frame and what is made from it stay in a core's own cache."""
_FINER: Final = 16
"""Steps to a code value before the result is rounded to one."""
_DITHER: Final = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]], np.int32)
"""Bayer's ordered pattern: what lies between two codes comes out as that share of the pixels, the same in every frame."""
_KR, _KG, _KB = LUMA_WEIGHTS
_TO_RGB: Final = np.array(
    [[1, 0, 2 * (1 - _KR)], [1, -2 * (1 - _KB) * _KB / _KG, -2 * (1 - _KR) * _KR / _KG], [1, 2 * (1 - _KB), 0]],
)
_TO_YCBCR: Final = np.linalg.inv(_TO_RGB)
_SPANS, _ZEROS = np.array([219.0, 224.0, 224.0]), np.array([16.0, 128.0, 128.0])


@dataclass(frozen=True, slots=True, kw_only=True)
class ColourTransform:
    """R'G'B' to R'G'B'; the built-in values change nothing."""

    slope: Triple = _ONES
    offset: Triple = _NOTHING
    power: Triple = _ONES
    saturation: float = 1.0
    matrix: tuple[Triple, Triple, Triple] | None = None
    """Applied first; None where an ASC CDL says everything."""

    @property
    def is_cdl(self) -> bool:
        """Whether an ASC CDL carries all of it."""
        return self.matrix is None

    def apply(self, rgb: Floats) -> Floats:
        """Transform R'G'B' (..., 3)."""
        mixed = rgb if self.matrix is None else rgb @ np.array(self.matrix).T
        graded = mixed * np.array(self.slope) + np.array(self.offset)
        if self.power != _ONES:
            graded = np.where(graded > 0, np.maximum(graded, 0) ** np.array(self.power), graded)
        if self.saturation != 1.0:
            luma = graded @ np.array(LUMA_WEIGHTS)
            graded = luma[..., None] + self.saturation * (graded - luma[..., None])
        return np.asarray(graded)

    def cube(self, size: int = 33) -> Floats:
        """The transform at the corners of a cube: (size**3, 3), red running fastest as in a ``.cube`` file, held within 0 to 1."""
        steps = np.linspace(0.0, 1.0, size)
        blue, green, red = np.meshgrid(steps, steps, steps, indexing="ij")
        return np.clip(self.apply(np.stack([red, green, blue], axis=-1).reshape(-1, 3)), 0.0, 1.0)


def rgb_of_codes(codes: Floats) -> Floats:
    """R'G'B' of 8-bit limited-range BT.709 Y, Cb, Cr (..., 3), not clipped."""
    return np.asarray(((codes - _ZEROS) / _SPANS) @ _TO_RGB.T)


def codes_of_rgb(rgb: Floats) -> Floats:
    """8-bit limited-range BT.709 Y, Cb, Cr (..., 3) of R'G'B', neither rounded nor clipped."""
    return np.asarray(rgb @ _TO_YCBCR.T * _SPANS + _ZEROS)


@lru_cache(maxsize=4)
def _tables(transform: ColourTransform, bits: int) -> tuple[NDArray[np.uint16], NDArray[np.int16]]:
    """What becomes of luma, and what is added to Cb and to Cr, in sixteenths of a code.

    Luma is found by Cb and Cr in 64 steps each and Y; a chroma by itself in 256 steps, the other one and Y in 64 each. Within a step of
    64 the transform bends by less than a tenth of an 8-bit code, but what is added to a chroma follows that chroma.
    """
    scale = 2.0 ** (bits - 8)
    coarse = np.arange(64) * 4 + 2 - 0.5 / scale
    fine = np.arange(1 << bits) / scale
    shades = np.empty((64, 64, len(fine)), np.uint16)
    for place in range(64):  # a slice at a time, to keep the intermediate arrays small
        red, luma = np.meshgrid(coarse, fine, indexing="ij")
        codes = np.stack([luma, np.full_like(luma, coarse[place]), red], axis=-1)
        shown = codes_of_rgb(transform.apply(rgb_of_codes(codes)))[..., 0]
        shades[place] = np.clip(np.rint(shown * scale * _FINER), scale * _FINER, (255 * scale - 1) * _FINER)
    blue, red, luma = np.meshgrid(coarse, coarse, coarse, indexing="ij")
    codes = np.stack([luma, blue, red], axis=-1)
    added = (codes_of_rgb(transform.apply(rgb_of_codes(codes))) - codes) * scale * _FINER
    own_first = (added[..., 1], np.swapaxes(added[..., 2], 0, 1))
    finer = np.stack([_finer_steps(each.astype(np.float32)).reshape(-1) for each in own_first])
    return shades.reshape(-1), np.rint(finer).astype(np.int16)


def _finer_steps(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Values at the middles of 64 steps of the first axis as values at 256 steps, on straight lines between them."""
    places = np.clip((np.arange(256) - 1.5) / 4, 0, 63)
    low = np.minimum(places.astype(np.int64), 62)
    part = (places - low).astype(np.float32)[:, None, None]
    return np.asarray((1 - part) * values[low] + part * values[low + 1])


def graded(planes: Planes, transform: ColourTransform, *, share: float = 1.0) -> Planes:
    """Limited-range BT.709 4:2:0 planes, 8 or (16-bit integers) 10 bits, with the transform.

    ``share`` below 1 shows that much of it, mixed in code values. Chroma is read where it stands for four luma samples. The mean of an
    even colour comes out right to a fraction of a code, by a dither that stands still.
    """
    bits = 8 if planes[0].dtype == np.uint8 else 10
    shades, added = _tables(transform, bits)
    luma, blue, red = planes
    changed = (np.empty_like(luma), np.empty_like(blue), np.empty_like(red))
    for top in range(0, len(luma), _STRIP_ROWS):
        half = slice(top // 2, (top + _STRIP_ROWS) // 2)
        strip = (luma[top : top + _STRIP_ROWS], blue[half], red[half])
        parts = (changed[0][top : top + _STRIP_ROWS], changed[1][half], changed[2][half])
        _grade_strip(strip, parts, shades, added, bits)
    if share >= 1.0:
        return changed
    mixed = [cv2.addWeighted(old, 1 - share, new, share, 0) for old, new in zip(planes, changed, strict=True)]
    return mixed[0], mixed[1], mixed[2]


def _grade_strip(strip: Planes, parts: Planes, shades: NDArray[np.uint16], added: NDArray[np.int16], bits: int) -> None:
    """Look up one strip, writing into ``parts``."""
    luma, blue, red = strip
    coarser = bits - 6
    colour = ((blue.astype(np.int32) >> coarser) << 6) | (red.astype(np.int32) >> coarser)
    full = (blue.shape[1] * 2, blue.shape[0] * 2)
    place = cv2.resize(colour << bits, full, interpolation=cv2.INTER_NEAREST)[: luma.shape[0], : luma.shape[1]]
    parts[0][...] = (shades[place + luma] + _pattern(luma.shape)) // _FINER
    small = cv2.resize(luma, blue.shape[::-1], interpolation=cv2.INTER_AREA)
    shade = small.astype(np.int32) >> coarser
    highest = (1 << bits) - 2
    for channel, (plane, other) in enumerate(((blue, red), (red, blue))):
        near = ((plane.astype(np.int32) >> (bits - 8)) << 12) | ((other.astype(np.int32) >> coarser) << 6) | shade
        finer = plane.astype(np.int32) * _FINER + added[channel].take(near) + _pattern(plane.shape)
        parts[channel + 1][...] = np.clip(finer >> 4, 1, highest)


@lru_cache(maxsize=8)
def _pattern(shape: tuple[int, ...]) -> NDArray[np.uint16]:
    """The dither over so many rows and columns."""
    return np.tile(_DITHER, (-(-shape[0] // 4), -(-shape[1] // 4)))[: shape[0], : shape[1]].astype(np.uint16)
