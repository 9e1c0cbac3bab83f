"""Whether an impulse stands over its surroundings as hearing has it, and whether the lines of the spectrum go on behind it.

A click leaves a chord or a vowel as it was: the lines of its spectrum are the same before and after. Where one note ends and the next
begins they are others.
"""

from itertools import pairwise

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from kling_post.signals.sound.decibels import decibels
from kling_post.signals.sound.power_spectra import band_edges, power_spectra

_LINES_SECONDS, _ASIDE_SECONDS = 0.032, 0.004
_LINES_EDGES_HZ = (100, 1000, 4000)
_HEARD_SECONDS, _HOP_SECONDS, _NEAREST_HOPS = 0.01, 0.0025, 3
_HEARD_HOPS = (-12, 6)
"""Windows whose middles lie up to 30 ms before and 12.5 ms after mask it; nearer than 8 ms is what a codec has smeared."""
_THIRD_OCTAVES_HZ = 500 * 2 ** (np.arange(16) / 3)
_LINES_FLOOR, _HEARD_FLOOR = 1e-6, 1e-9

LINES = ("unmasked_db", "low_lines_kept", "middle_lines_kept")

Places = NDArray[np.int64]
Values = NDArray[np.float64]


def impulse_lines(planes: NDArray[np.float32], channel: int, at: Places, rate: int) -> tuple[Values, ...]:
    """What ``LINES`` names, of each impulse.

    Args:
        planes: (channels, samples).
        channel: The one that the impulses are in.
        at: (impulses,) samples, each at least 37 ms from both ends.
        rate: Samples per second.

    Returns:
        Three times (impulses,): by how many decibels the second most prominent third-octave band of the 10 ms around it, from 500 Hz to
        16 kHz, stands over the largest of any 10 ms from 35 ms before to 17.5 ms after, in the channel where that is most; and how alike
        the spectra of the 32 ms before and after are from 100 Hz to 1 kHz and from 1 to 4 kHz (coefficient of Bhattacharyya, 0 to 1).
    """
    size, aside = round(_LINES_SECONDS * rate), round(_ASIDE_SECONDS * rate)
    before, after = (_spectra(planes[channel], at + first, size) + _LINES_FLOOR for first in (-aside - size, aside))
    edges = np.searchsorted(np.fft.rfftfreq(size, 1 / rate), _LINES_EDGES_HZ)
    kept = []
    for low, high in pairwise(edges):
        one, other = before[:, low:high], after[:, low:high]
        kept.append(np.sqrt(one * other).sum(axis=1) / np.sqrt(one.sum(axis=1) * other.sum(axis=1)))
    return np.max([_unmasked(plane, at, rate) for plane in planes], axis=0), *kept


def _unmasked(plane: NDArray[np.float32], at: Places, rate: int) -> Values:
    size, hop = round(_HEARD_SECONDS * rate), round(_HOP_SECONDS * rate)
    edges = band_edges(_THIRD_OCTAVES_HZ, size, rate)
    first, last = _HEARD_HOPS
    hops = np.array([0, *(each for each in range(first, last) if abs(each) > _NEAREST_HOPS)])
    power = _spectra(plane, (at[:, None] + hops * hop - size // 2).ravel(), size).reshape(len(at), len(hops), -1)
    bands = np.add.reduceat(power[..., : edges[-1]], edges[:-1], axis=2) + _HEARD_FLOOR
    return decibels(np.sort(bands[:, 0] / bands[:, 1:].max(axis=1), axis=1)[:, -2])


def _spectra(plane: NDArray[np.float32], starts: Places, size: int) -> Values:
    return power_spectra(sliding_window_view(plane, size)[starts] * np.hanning(size).astype(np.float32)).astype(np.float64)
