"""Whether a short fault stands out of the sound that it is put into: a plain stand-in for a model of masking."""

import numpy as np
from numpy.typing import NDArray

RATE = 48_000
_WINDOW = 480
_SPECTRUM = 4096
_FROM, _TO = -1440, 960
"""Thirty milliseconds before it and twenty behind it mask it, as neighbouring sounds do in hearing."""
_EDGES_HZ = 500 * 2 ** (np.arange(16) / 3)
_HANN = np.hanning(_WINDOW)


def prominence_db(impulse: NDArray[np.float64], sound: NDArray[np.float32], start: int) -> float:
    """By how many decibels the second most prominent third-octave band of an impulse stands over the sound around it.

    Args:
        impulse: (samples,) what is added, at 48 kHz, a few samples long.
        sound: (samples, channels) without it.
        start: Where it is added.

    Returns:
        The impulse's energy over the largest energy of any 10 ms within 30 ms before and 20 ms after, bands from 500 Hz to 16 kHz.
    """
    masking = np.full(len(_EDGES_HZ) - 1, 1e-9)
    for shift in range(_FROM, _TO - _WINDOW // 2, _WINDOW // 2):
        first = start + shift - _WINDOW // 2
        if first >= 0 and first + _WINDOW <= len(sound):
            for channel in range(sound.shape[1]):
                masking = np.maximum(masking, _bands(sound[first : first + _WINDOW, channel] * _HANN))
    return float(np.sort(10 * np.log10(_bands(impulse) / masking))[-2])


def _bands(wave: NDArray[np.floating]) -> NDArray[np.float64]:
    power = np.square(np.abs(np.fft.rfft(wave, _SPECTRUM)))
    places = np.searchsorted(np.fft.rfftfreq(_SPECTRUM, 1 / RATE), _EDGES_HZ)
    return np.asarray(np.add.reduceat(power, places)[:-1] + 1e-12, np.float64)
