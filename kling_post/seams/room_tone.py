"""What lies under the sound on both sides of a join: the noise floor, band by band.

The floor of a band is the fifth percentile of its level over short stretches: what stays when nobody speaks and nothing happens. Clips
that were generated one by one each bring a room of their own, and the join is heard even where their loudness agrees.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_STRETCH_SECONDS = 0.043
_LEAST_STRETCHES = 12
_LOWEST_HERTZ, _HIGHEST_HERTZ = 100.0, 8000.0
_INAUDIBLE_DBFS = -80.0
"""Floors of a band below this are all the same."""
_FLOOR_PERCENTILE = 5
_BANDS_THAT_TELL = 3


def band_centres(sample_rate: int, highest_hertz: float = _HIGHEST_HERTZ) -> Floats:
    """The middles of the third-octave bands from 100 Hz up (IEC 61260-1, base 2), in hertz."""
    centres = 1000 * 2.0 ** (np.arange(-10, 14) / 3)
    return np.asarray(centres[(centres >= _LOWEST_HERTZ) & (centres <= min(highest_hertz, 0.4 * sample_rate))])


def in_band(frequencies: NDArray[np.floating], centre: float) -> NDArray[np.bool_]:
    """Which of some frequencies lie in the third-octave band about a middle, both in hertz."""
    return np.asarray((frequencies >= centre * 2 ** (-1 / 6)) & (frequencies < centre * 2 ** (1 / 6)))


def noise_floor_dbfs(samples: NDArray[np.float32], sample_rate: int, *, highest_hertz: float = _HIGHEST_HERTZ) -> Floats:
    """The floor of each third-octave band from 100 Hz to 8 kHz, -80 dBFS at the least.

    Args:
        samples: (samples, channels), full scale 1; channels are added as powers.
        sample_rate: Samples a second.
        highest_hertz: No band's middle lies above it.

    Returns:
        (bands,); empty where the sound is too short to tell a floor, about 0.3 s.
    """
    length = 1 << round(np.log2(_STRETCH_SECONDS * sample_rate))
    starts = np.arange(0, len(samples) - length + 1, length // 2)
    if len(starts) < _LEAST_STRETCHES:
        return np.zeros(0)
    window = np.hanning(length)
    stretches = samples.astype(np.float64)[starts[:, None] + np.arange(length)] * window[:, None]
    power = (np.abs(np.fft.rfft(stretches, axis=1)) ** 2).sum(axis=2) * 2 / (length * np.sum(window**2))
    frequencies = np.fft.rfftfreq(length, 1 / sample_rate)
    bands = np.stack([power[:, in_band(frequencies, centre)].sum(axis=1) for centre in band_centres(sample_rate, highest_hertz)])
    floors = np.percentile(bands, _FLOOR_PERCENTILE, axis=1)
    return np.asarray(np.maximum(10 * np.log10(floors + 1e-12), _INAUDIBLE_DBFS))


def room_tone_step_db(before: Floats, after: Floats) -> float:
    """How far the floor steps: the third largest step of any band, so that one hum does not make a room. 0 where it cannot be told."""
    if not (before.size and after.size):
        return 0.0
    steps = after - before
    order = np.argsort(-np.abs(steps))
    return float(steps[order[_BANDS_THAT_TELL - 1]])


def floor_step_db(before: Floats, after: Floats) -> float | None:
    """How far the floor as a whole steps: the median of the bands that are audible on both sides; None where too few of them are."""
    if not (before.size and after.size):
        return None
    audible = (before > _INAUDIBLE_DBFS) & (after > _INAUDIBLE_DBFS)
    return float(np.median((after - before)[audible])) if 2 * np.count_nonzero(audible) >= len(before) else None
