"""Room tone laid under a clip: noise of a given spectrum that is nowhere a loop, eased in and out. Pure arrays.

Noise is made in overlapping frames, each with a spectrum of normal deviates drawn for that frame alone and a sine window: two such
windows half a frame apart add to an even power, so that the noise is even too and any stretch of it can be made by itself.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kling_post.edit.corrections import ToneBed

Stereo = NDArray[np.float32]
"""(samples, 2), full scale at 1.0."""
Floats = NDArray[np.float64]

_FRAME: Final = 4096
"""Samples; 85 ms at 48 kHz, bins of 12 Hz: the lowest band, 100 Hz, has two of them."""
_HOP: Final = _FRAME // 2
_BEFORE: Final = 1 << 20
"""Frames that a clip's sound may begin before its picture: numbers a generator is seeded with are not negative."""


def with_beds(sound: Stereo, beds: Sequence[ToneBed], sample_rate: int, *, clip_starts_at: int = 0) -> Stereo:
    """The sound with its tone beds under it.

    Args:
        sound: (samples, 2).
        beds: the clip's, their places counted from its first sample, all with the same bands.
        sample_rate: of the sound.
        clip_starts_at: the sample of ``sound`` at which the clip's first frame is shown.
    """
    first, last = (-clip_starts_at) // _HOP - 1, (len(sound) - clip_starts_at - 1) // _HOP
    result = sound.astype(np.float64)
    for number in range(first, last + 1):
        start = number * _HOP
        power = np.max([_share(bed, start + _HOP) ** 2 * _powers(bed) for bed in beds], axis=0)
        if not power.any():
            continue
        noise = _frame(power, beds[0], number, sample_rate)
        begin, end = start + clip_starts_at, start + clip_starts_at + _FRAME
        inside = slice(max(begin, 0), min(end, len(sound)))
        result[inside] += noise[inside.start - begin : inside.stop - begin]
    return result.astype(np.float32)


def _share(bed: ToneBed, place: int) -> float:
    """How much of the bed's amplitude is heard at a place of the clip."""
    away = max(bed.full.start - place, place - bed.full.stop, 0)
    if away >= bed.eased_samples:
        return float(away == 0)
    return float(1 + np.cos(np.pi * away / bed.eased_samples)) / 2


def _powers(bed: ToneBed) -> Floats:
    """Mean squares (bands, 2)."""
    return np.asarray(10 ** (np.array([(band.left_dbfs, band.right_dbfs) for band in bed.bands]) / 10))


def _frame(powers: Floats, bed: ToneBed, number: int, sample_rate: int) -> Floats:
    """One windowed frame of noise (_FRAME, 2) with the given mean square in each band of the bed."""
    edges = [band.hertz * 2 ** (-1 / 6) for band in bed.bands] + [bed.bands[-1].hertz * 2 ** (1 / 6)]
    places = np.searchsorted(np.fft.rfftfreq(_FRAME, 1 / sample_rate), edges)
    amplitudes = np.zeros((_FRAME // 2 + 1, 2))
    for (low, high), power in zip(pairwise(places), powers, strict=True):
        amplitudes[low:high] = np.sqrt(power / max(high - low, 1)) * _FRAME / 2
    chance = np.random.Generator(np.random.PCG64([bed.seed, _BEFORE + number]))
    one, other = chance.standard_normal((2, _FRAME // 2 + 1, 2)).view(np.complex128)[..., 0]
    both = np.stack([one, bed.correlation * one + np.sqrt(max(1 - bed.correlation**2, 0.0)) * other], axis=1)
    window = np.sin(np.pi * (np.arange(_FRAME) + 0.5) / _FRAME)
    return np.asarray(np.fft.irfft(amplitudes * both, _FRAME, axis=0) * window[:, None])
