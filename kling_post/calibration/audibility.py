"""Whether a short fault stands out of the sound that it is put into: a plain stand-in for a model of masking.

What is added to a sound is heard where it stands over what is around it, a steady tone where it does so within its critical band.
What is taken away is heard as a dip, or by its edges. The ear follows level through a temporal window of about 8 ms (Moore, Glasberg,
Plack and Biswas, JASA 83, 1988, equivalent rectangular duration); gaps are heard from 2 to 3 ms on in wide-band noise (Plomp, JASA
36, 1964) and from about 5 ms on in tones (Shailer and Moore, JASA 81, 1987). Behind that window a full gap of 4 ms, the middle, dips
by 3 dB in either, and one that a codec has half filled must be longer for as much.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

RATE = 48_000
LEAST_PROMINENCE_DB = 10.0
"""How far two third-octave bands of a click must stand over the sound around for it to be plainly heard."""
LEAST_DISTORTION_DB = 0.0
"""What clipping adds must be as loud as the sound itself in two bands; less is hidden by it."""
LEAST_TONE_DB = 0.0
"""A tone as loud as the sound within its critical band is plainly heard; in steady noise it is from 4 dB under it on."""
LEAST_DIP_DB = 3.0
"""Of a hole behind the ear's temporal window."""
_WINDOW = 480
_SPECTRUM = 4096
_FROM, _TO = -1440, 960
"""Thirty milliseconds before it and twenty behind it mask it, as neighbouring sounds do in hearing."""
_SMEARED = _WINDOW // 2 + 144
"""A window nearer than this holds some of what a codec has smeared over 3 ms."""
_EDGES_HZ = 500 * 2 ** (np.arange(16) / 3)
_HANN = np.hanning(_WINDOW)
_SHORT, _HOP = 128, 12
"""Windows of a hole's bands and their distance, in samples: a quarter of a millisecond."""
_DIP_EDGES_HZ = (0, 750, 1500, 3000, 6000, 12_000, 20_000)
_TEMPORAL = np.hanning(82)[1:-1] ** 2
"""The ear's temporal window in steps of ``_HOP``: Hann, squared, of 20 ms, whose equivalent rectangular duration is 7.5 ms."""
_TEMPORAL = _TEMPORAL / _TEMPORAL.sum()
_LOUD_DB = 10.0
_TONE_WINDOW = RATE // 2


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


def click_is_heard(sound: NDArray[np.float32], start: int, samples: int) -> bool:
    """Whether an impulse of so many samples is plainly heard in the sound as it was delivered."""
    return delivered_prominence_db(sound, start, samples) >= LEAST_PROMINENCE_DB


def hole_is_heard(sound: NDArray[np.float32], start: int, samples: int) -> bool:
    """Whether a hole is plainly heard in the sound as it is: by its dip, or by one of its edges, which clicks.

    Args:
        sound: (samples, channels) at 48 kHz, with the hole, coded or not.
        start: First sample of the hole, at least 40 ms behind the head, ...
        samples: ... and how long it is; 40 ms follow it.
    """
    if hole_dip_db(sound, start, samples) >= LEAST_DIP_DB:
        return True
    return max(delivered_prominence_db(sound, edge, 1) for edge in (start, start + samples)) >= LEAST_PROMINENCE_DB


def hole_dip_db(sound: NDArray[np.float32], start: int, samples: int) -> float:
    """How far the level dips in a hole, as the ear follows it, in the bands that are loud on both sides.

    Returns:
        Decibels from the quieter of the levels 10 ms beside the hole down to the lowest inside it, mean of the bands within 10 dB
        of the loudest; negative where the sound falls or rises over it.
    """
    reach = _WINDOW + len(_TEMPORAL) // 2 * _HOP
    steps = np.arange((samples + 2 * _WINDOW) // _HOP + len(_TEMPORAL)) * _HOP + start - reach - _SHORT // 2
    windows = sliding_window_view(sound, _SHORT, axis=0)[np.clip(steps, 0, len(sound) - _SHORT)] * np.hanning(_SHORT)
    places = np.searchsorted(np.fft.rfftfreq(_SHORT, 1 / RATE), _DIP_EDGES_HZ)
    power = np.add.reduceat(np.square(np.abs(np.fft.rfft(windows))).sum(axis=1), places, axis=1)[:, :-1] + 1e-9
    level = 10 * np.log10(np.stack([np.convolve(band, _TEMPORAL, "valid") for band in power.T], axis=1))
    inside = _WINDOW // _HOP
    beside = np.minimum(level[0], level[-1])
    loud = beside >= beside.max() - _LOUD_DB
    return float(beside[loud].mean() - level[inside:-inside, loud].mean(axis=1).min())


def tone_over_db(sound: NDArray[np.float32], hertz: float, level_dbfs: float) -> float:
    """By how many decibels a steady tone stands over the sound within its critical band, where the sound is quiet.

    Args:
        sound: (samples, channels) at 48 kHz without the tone, half a second or more.
        hertz: Its frequency.
        level_dbfs: Its level in every channel, of a sine at full scale about 0.

    Returns:
        Over the power in its equivalent rectangular band (Glasberg and Moore, Hearing Research 47, 1990) in that half second which
        a quarter of them do not pass.
    """
    count = len(sound) // _TONE_WINDOW
    windows = sound[: count * _TONE_WINDOW].mean(axis=1, dtype=np.float64).reshape(count, _TONE_WINDOW)
    shade = np.hanning(_TONE_WINDOW)
    power = 4 * np.square(np.abs(np.fft.rfft(windows * shade))) / (_TONE_WINDOW * np.square(shade).sum())
    width = 24.7 * (4.37 * hertz / 1000 + 1)
    near = np.abs(np.fft.rfftfreq(_TONE_WINDOW, 1 / RATE) - hertz) < width / 2
    return float(level_dbfs - 10 * np.log10(np.percentile(power[:, near].sum(axis=1), 25) + 1e-12))


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
