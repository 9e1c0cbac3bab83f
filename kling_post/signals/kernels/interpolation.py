"""The trace that enlarging by three halves or by three leaves: every third row and column is interpolated alike.

Interpolated samples are smoother than true ones, and how much smoother depends on where they lie between the samples of the smaller
picture. Enlarged by 3/2 or by 3, those places come back every three samples, and with them the size of the second difference (Gallagher
2005). The same happens every two samples after doubling; there the blocks of a coder leave a period of two as well, so it is not asked.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

_STRIP = 128
"""Rows, or columns, that are summed."""
_NEAR, _FAR = 4, 24
"""Frequencies beside the one in question, in steps of the resolution, that say how large it is by chance."""
_LEAST = 240
"""Samples along which a period of three can be told from its neighbours."""


def period_of_three(luma: NDArray[np.uint8] | NDArray[np.uint16]) -> NDArray[np.float64]:
    """How far a period of three samples stands out of the second difference, across and down; shape (2,), about 1 by chance.

    ``luma`` is the full-size plane, in codes of any depth; NaN for pictures too small.
    """
    rows, columns = luma.shape
    if min(rows, columns) < _LEAST:
        return np.full(2, np.nan)
    top, left = (rows - _STRIP) // 2, (columns - _STRIP) // 2
    across = luma[top : top + _STRIP].astype(np.float32)
    down = np.ascontiguousarray(luma[:, left : left + _STRIP].T).astype(np.float32)
    return np.array([_prominence(each) for each in (across, down)])


def _prominence(strip: NDArray[np.float32]) -> float:
    """Amplitude at a third of the sampling rate, over those beside it, of the mean second difference along the rows of a strip."""
    second = cv2.filter2D(strip, cv2.CV_32F, np.array([[1.0, -2.0, 1.0]], np.float32))[:, 1:-1]
    size = np.log(np.abs(second).mean(axis=0).astype(np.float64) + 0.05)
    size -= cv2.blur(size[None], (31, 1))[0]
    # A length that is a multiple of three has a frequency of exactly a third; of 48, and the transform is quick as well.
    size = size[: size.size // 48 * 48]
    spectrum = np.abs(np.fft.rfft(size * np.hanning(size.size)))
    third = size.size // 3
    beside = np.concatenate([spectrum[third - _FAR : third - _NEAR + 1], spectrum[third + _NEAR : third + _FAR + 1]])
    return float(spectrum[third] / max(1e-9, float(np.median(beside))))
