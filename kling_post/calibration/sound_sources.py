"""What made sound is put together from: noise, rooms, strings, struck things and voices, each a mono wave by formula.

Voices are a pulse train through formant filters, strings are Karplus-Strong loops, struck things are decaying modes and noise, a
room is a few reflections and a diffuse tail. Everything is float64 at 48 kHz.
"""

import numpy as np
from numpy.typing import NDArray

Random = np.random.Generator
Wave = NDArray[np.float64]

RATE = 48_000


def normal(wave: Wave) -> Wave:
    """Turned to a peak of 1."""
    return np.asarray(wave / max(float(np.abs(wave).max()), 1e-9))


def add(mix: Wave, place: int, wave: Wave) -> None:
    """Mix a wave into another from a sample on; what would pass its end is left out."""
    room_left = len(mix) - place
    if room_left > 0:
        mix[place : place + len(wave)] += wave[:room_left]


def coloured(rng: Random, samples: int, exponent: float) -> Wave:
    """Noise whose amplitude falls with a power of frequency above 20 Hz."""
    spectrum = np.fft.rfft(rng.standard_normal(samples))
    spectrum /= np.maximum(np.fft.rfftfreq(samples, 1 / RATE), 20) ** exponent
    spectrum[np.fft.rfftfreq(samples, 1 / RATE) < 15] = 0
    return normal(np.fft.irfft(spectrum, samples))


def in_room(rng: Random, dry: Wave, *, seconds: float, share: float) -> Wave:
    """With a few reflections and a diffuse tail."""
    length = int(seconds * RATE)
    tail = rng.standard_normal(length) * np.exp(-np.arange(length) / (length / 6.9))
    tail[: int(0.004 * RATE)] = 0
    tail *= share / np.sqrt(np.square(tail).sum())
    for _ in range(6):
        tail[int(rng.uniform(0.002, 0.02) * RATE)] += share * rng.uniform(-0.6, 0.6)
    tail[0] += 1
    size = 1 << (len(dry) + length - 1).bit_length()
    return np.asarray(np.fft.irfft(np.fft.rfft(dry, size) * np.fft.rfft(tail, size), size)[: len(dry)])


def struck(rng: Random, pitch: tuple[float, float], decay_seconds: float, *, noise: float) -> Wave:
    """A few decaying modes and a burst of noise, the noise gone first."""
    time = np.arange(int(min(0.6, 8 * decay_seconds) * RATE)) / RATE
    base = rng.uniform(*pitch)
    modes = np.zeros(len(time))
    for ratio in (1, 1.6, 2.3):
        modes += np.sin(2 * np.pi * base * ratio * time + rng.uniform(0, 6)) * np.exp(-time * ratio / decay_seconds)
    burst = noise * rng.standard_normal(len(time)) * np.exp(-time / (0.6 * decay_seconds))
    return np.asarray((modes + burst) * np.minimum(np.arange(len(time)) / 12, 1))


def strokes(rng: Random, samples: int, *, per_second: float, pitch: tuple[float, float], decay: tuple[float, float], noise: float) -> Wave:
    """Things struck at chance places: so many a second, of chance pitch in Hz, decay in seconds and loudness."""
    mix = np.zeros(samples)
    for start in rng.integers(0, samples, max(1, int(per_second * samples / RATE))):
        add(mix, int(start), struck(rng, pitch, rng.uniform(*decay), noise=noise) * rng.uniform(0.3, 1))
    return mix


def plucked(rng: Random, pitch: float, samples: int) -> Wave:
    """A Karplus-Strong string, one period a step; without the mean of its noise, which would die away as a swing below all pitch."""
    period = max(2, round(RATE / pitch))
    loop = rng.uniform(-1, 1, period)
    loop = (loop + np.roll(loop, 1)) / 2 - loop.mean()
    out = np.empty((-(-samples // period), period))
    for row in out:
        row[:] = loop
        loop = 0.994 * (0.5 * loop + 0.5 * np.roll(loop, 1))
    faded = out.ravel()[:samples]
    return np.asarray(faded * np.clip((samples - np.arange(samples)) / 2400, 0, 1))


def pad(rng: Random, samples: int) -> Wave:
    """Four steady notes with vibrato that swell together."""
    time = np.arange(samples) / RATE
    vibrato = 0.004 * np.sin(2 * np.pi * 5 * time) / 5
    mix = np.zeros(samples)
    for pitch in 110 * 2 ** (rng.integers(0, 24, 4) / 12):
        mix += sum(np.sin(2 * np.pi * pitch * k * (time + vibrato) + rng.uniform(0, 6)) / k**1.5 for k in range(1, 7))
    return normal(mix * (0.6 + 0.4 * np.sin(2 * np.pi * 0.3 * time)))


_VOWELS = ((730, 1090, 2440), (270, 2290, 3010), (300, 870, 2240), (530, 1840, 2480), (570, 840, 2410))


def voice(rng: Random, samples: int) -> Wave:
    """Syllables of one voice: vowels, hissed and plosive onsets, and pauses."""
    mix, start, pitch = np.zeros(samples), int(0.1 * RATE), rng.uniform(95, 220)
    while start < samples:
        onset = rng.choice(["none", "fricative", "plosive"])
        if onset == "fricative":
            hiss = _hiss(rng, int(rng.uniform(0.05, 0.12) * RATE), 4000)
            add(mix, start, 0.25 * hiss * np.hanning(len(hiss)))
            start += int(0.8 * len(hiss))
        elif onset == "plosive":
            start += int(rng.uniform(0.03, 0.08) * RATE)
            burst = _hiss(rng, int(rng.uniform(0.008, 0.02) * RATE), 1500)
            add(mix, start, 0.5 * burst * np.exp(-np.arange(len(burst)) / (0.004 * RATE)))
            start += int(rng.uniform(0.005, 0.04) * RATE)
        vowel = _vowel(rng, int(rng.uniform(0.08, 0.3) * RATE), pitch * rng.uniform(0.85, 1.2))
        add(mix, start, vowel * rng.uniform(0.5, 1))
        start += len(vowel) + int(rng.choice([0.0, 0.01, 0.05, 0.3, 0.6], p=[0.4, 0.2, 0.2, 0.12, 0.08]) * RATE)
    return normal(mix)


def _vowel(rng: Random, samples: int, pitch: float) -> Wave:
    """Glottal pulses through three formants, made in the frequency domain."""
    glide = pitch * (1 + rng.uniform(-0.15, 0.15) * np.linspace(0, 1, samples))
    wander = np.convolve(rng.standard_normal(samples), np.ones(4800) / 4800**0.5, "same")[:samples]
    turns = np.cumsum(glide * np.clip(1 + 0.01 * wander, 0.9, 1.1)) / RATE
    pulses = np.diff(np.floor(turns), prepend=0.0) + 0.003 * rng.standard_normal(samples)
    frequency = np.fft.rfftfreq(samples, 1 / RATE)
    response = 1 / (1 + (frequency / 300) ** 2) ** 0.5 * 0.02 + sum(
        gain / (1 + ((frequency - formant) / width) ** 2)
        for formant, width, gain in zip(_VOWELS[rng.integers(len(_VOWELS))], (60, 90, 130), (1.0, 0.5, 0.25), strict=True)
    )
    wave = np.fft.irfft(np.fft.rfft(pulses) * response, samples)
    shape = np.clip(np.minimum(np.arange(samples) / (0.015 * RATE), (samples - np.arange(samples)) / (0.04 * RATE)), 0, 1)
    return np.asarray(normal(wave - wave.mean()) * shape)


def _hiss(rng: Random, samples: int, above: float) -> Wave:
    spectrum = np.fft.rfft(rng.standard_normal(samples))
    frequency = np.fft.rfftfreq(samples, 1 / RATE)
    return normal(np.fft.irfft(spectrum * (frequency / above) ** 2 / (1 + (frequency / above) ** 4), samples))
