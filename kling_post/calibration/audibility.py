"""Whether a short fault stands out of the sound that it is put into: a plain stand-in for a model of masking."""

import numpy as np
from numpy.typing import NDArray

RATE = 48_000
_WINDOW = 480
_SPECTRUM = 4096
_FROM, _TO = -1440, 960
"""Thirty milliseconds before it and twenty behind it mask it, as neighbouring sounds do in hearing."""
_SMEARED = _WINDOW // 2 + 144
"""A window nearer than this holds some of what a codec has smeared over 3 ms."""
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


def delivered_prominence_db(sound: NDArray[np.float32], start: int, samples: int) -> float:
    """The same of an impulse that is in the sound already, behind a codec that has smeared it or taken it away.

    Args:
        sound: (samples, channels) as it was delivered, at 48 kHz.
        start: Where the impulse was added, ...
        samples: ... and how long it was.

    Returns:
        The energy of the 10 ms around it, in the channel where it stands out most, over the largest energy of any 10 ms beside.
    """
    middle, best = start + samples // 2, -np.inf
    for channel in range(sound.shape[1]):
        masking, own = np.full(len(_EDGES_HZ) - 1, 1e-9), np.full(len(_EDGES_HZ) - 1, 1e-12)
        for shift in range(_FROM, _TO - _WINDOW // 2, _WINDOW // 4):
            first = middle + shift - _WINDOW // 2
            if first < 0 or first + _WINDOW > len(sound) or _SMEARED > abs(shift) > 0:
                continue
            bands = _bands(sound[first : first + _WINDOW, channel] * _HANN)
            masking, own = (masking, bands) if shift == 0 else (np.maximum(masking, bands), own)
        best = max(best, float(np.sort(10 * np.log10(own / masking))[-2]))
    return best


def distortion_db(clean: NDArray[np.float32], faulty: NDArray[np.float32]) -> float:
    """By how many decibels what a fault adds all over the sound stands over the sound itself, where that is most.

    Args:
        clean: (samples, channels) at 48 kHz.
        faulty: The same with the fault.

    Returns:
        Of the 10 ms in which most is added, the fourth most prominent: the second most prominent third-octave band of what is
        added there, over the sound's largest energy in it from 30 ms before to 20 ms after. About 0 where it is as loud as the
        sound; -99 where nothing is added.
    """
    count = len(clean) // _WINDOW
    added = (faulty[: count * _WINDOW].astype(np.float64) - clean[: count * _WINDOW]).reshape(count, _WINDOW, -1)
    power = np.square(added).sum(axis=(1, 2))
    found = []
    for place in np.argsort(-power)[:12]:
        for channel in range(clean.shape[1] if power[place] > 0 else 0):
            masking = np.full(len(_EDGES_HZ) - 1, 1e-9)
            for beside in range(max(0, place - 3), min(count, place + 2)):
                masking = np.maximum(masking, _bands(clean[beside * _WINDOW : (beside + 1) * _WINDOW, channel] * _HANN))
            found.append(float(np.sort(10 * np.log10(_bands(added[place, :, channel] * _HANN) / masking))[-2]))
    return sorted(found)[-min(4, len(found))] if found else -99.0


def _bands(wave: NDArray[np.floating]) -> NDArray[np.float64]:
    power = np.square(np.abs(np.fft.rfft(wave, _SPECTRUM)))
    places = np.searchsorted(np.fft.rfftfreq(_SPECTRUM, 1 / RATE), _EDGES_HZ)
    return np.asarray(np.add.reduceat(power, places)[:-1] + 1e-12, np.float64)
