"""How much of a picture is stepped: what the encoder has left of bands that were put in, and what it has made of its own.

At a high rate factor an encoder takes the grain out of a sky and codes what is left in whole codes: the file has bands that nobody put
in, and a check that names them is right. Told here from single patches of equal samples, not by the contours that the check counts.
"""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.media.decode import decode

LOOK = 48
"""The frame that is looked at: the middle of a clip."""
STEPPED_SHARE = 0.48
"""Of the picture, from which a clip counts as banded: four fifths of the sky that the defect fills."""
_LEAST_PATCH = 0.001
"""Of the picture: smaller patches of equal samples are texture."""
_MOST_CODES = 2
_APART = 7
"""Samples within which the next patch begins."""

Bytes = NDArray[np.uint8]
Mask = NDArray[np.bool_]


def stepped_share(luma: Bytes) -> float:
    """Share of samples, (height, width) 8-bit codes, in large patches of one code beside others of one or two codes more or less."""
    patches = np.zeros_like(luma)
    for code, alike in _alike(luma):
        patches[alike] = code
    kernel = np.ones((_APART, _APART), np.uint8)
    filled = patches > 0
    above = cv2.dilate(patches, kernel).astype(np.int16) - patches
    below = patches - cv2.erode(np.where(filled, patches, 255).astype(np.uint8), kernel).astype(np.int16)
    step = filled & (((above > 0) & (above <= _MOST_CODES)) | ((below > 0) & (below <= _MOST_CODES)))
    kept = 0
    for code in np.unique(patches[step]):
        _, labels = cv2.connectedComponents((patches == code).astype(np.uint8), connectivity=4)
        kept += int(np.isin(labels, np.unique(labels[step & (patches == code)])).sum())
    return kept / luma.size


def stepped_in(path: Path) -> float:
    """The same of a file's middle frame; 0 where it has none."""
    luma = look_at(path)
    return 0.0 if luma is None else stepped_share(luma)


def look_at(path: Path) -> Bytes | None:
    """Luma of a file's middle frame, 8-bit codes; None where it has none."""
    return next((frame.luma_eight_bit(0) for frame in decode(path) if frame.index == LOOK), None)


def _alike(luma: Bytes) -> list[tuple[int, Mask]]:
    """Codes with the large patches that have them, black aside."""
    least = _LEAST_PATCH * luma.size
    found = []
    for code in np.flatnonzero(np.bincount(luma.ravel(), minlength=256) >= least):
        _, labels, sizes, _ = cv2.connectedComponentsWithStats((luma == code).astype(np.uint8), connectivity=4)
        large = 1 + np.flatnonzero(sizes[1:, cv2.CC_STAT_AREA] >= least)
        if code and len(large):
            found.append((int(code), np.isin(labels, large)))
    return found
