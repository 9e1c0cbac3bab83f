"""Clean sound made by formula: music, speech, percussion and ambience that no check may complain of, though much of it looks like a fault.

Each kind is a function of a source of chance and a length in samples, and returns (samples, 2) float32 at 48 kHz, peak at -4.4
dBFS, faded over 20 ms at both ends as a cut clip should be. Voices are a pulse train through formant filters, strings are
Karplus-Strong loops, struck things are decaying modes and noise in a small room, ambience is shaped noise.
"""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

Sound = NDArray[np.float32]
Random = np.random.Generator
Wave = NDArray[np.float64]

RATE = 48_000
_PEAK = 0.6
_FADE_SECONDS = 0.02


def music(rng: Random, samples: int) -> Sound:
    """Chords and a melody of plucked strings, with a soft pad beneath."""
    mix = 0.15 * _pad(rng, samples)
    for start in np.arange(0, samples, RATE // 4):
        if rng.random() < 0.8:
            _add(mix, int(start), _plucked(rng, 110 * 2 ** (rng.integers(0, 36) / 12), min(RATE, samples)) * rng.uniform(0.3, 1))
    return _stereo(rng, _in_room(rng, mix, seconds=0.5, share=0.2))


def rests(rng: Random, samples: int) -> Sound:
    """Notes of a keyboard that end abruptly, with rests between: full level, nothing, full level."""
    mix, start = np.zeros(samples), 0
    while start < samples:
        length = int(rng.uniform(0.1, 0.4) * RATE)
        time = np.arange(length) / RATE
        pitch = 220 * 2 ** (rng.integers(0, 24) / 12)
        note = sum(np.sin(2 * np.pi * pitch * k * time) / k for k in range(1, 6)) * np.exp(-time / 0.5)
        released = np.clip(np.minimum(np.arange(length) / 100, (length - np.arange(length)) / 480), 0, 1)
        _add(mix, start, note * released)
        start += length + int(rng.choice([0.0, 0.04, 0.08, 0.2, 0.4]) * RATE)
    return _stereo(rng, mix + 3e-4 * rng.standard_normal(samples), width=0.05)


def speech(rng: Random, samples: int) -> Sound:
    """Voiced syllables, fricatives, plosives with their closures, and pauses."""
    return _stereo(rng, _in_room(rng, _voice(rng, samples), seconds=0.25, share=0.12) + 2e-4 * rng.standard_normal(samples), width=0.05)


def gated_speech(rng: Random, samples: int) -> Sound:
    """The same behind a noise gate: digital silence in every pause, opened in 5 ms and closed in 80, as gates are set for voices."""
    voice = _voice(rng, samples) + 1e-3 * rng.standard_normal(samples)
    loud = np.convolve(np.abs(voice), np.ones(960) / 960, "same") > 0.02
    opened = np.convolve(loud.astype(float), np.hanning(480) / np.hanning(480).sum(), "same")
    closing = np.concatenate([np.zeros(3840), np.linspace(1, 0, 3840)])
    held = np.minimum(np.convolve(loud.astype(float), closing[3840:], "full")[:samples], 1)
    return _stereo(rng, voice * np.maximum(opened, held), width=0.0, floor=0.0)


def drums(rng: Random, samples: int) -> Sound:
    """A kit: kick, snare and hats on a grid that is not quite even."""
    mix, step = np.zeros(samples), int(RATE * rng.uniform(0.1, 0.17))
    for beat, start in enumerate(range(0, samples, step)):
        place = start + int(rng.integers(0, 400))
        if beat % 4 == 0:
            _add(mix, place, 1.2 * _struck(rng, (50, 70), 0.12, noise=0.05))
        if beat % 8 == 4:
            _add(mix, place, _struck(rng, (180, 220), 0.07, noise=0.8))
        if rng.random() < 0.7:
            _add(mix, place, 0.25 * _struck(rng, (6000, 9000), rng.uniform(0.01, 0.05), noise=1.0))
    return _stereo(rng, _in_room(rng, mix, seconds=0.3, share=0.1))


def castanets(rng: Random, samples: int) -> Sound:
    """Castanets and wood blocks: attacks of well under a millisecond, decays of a few."""
    mix = _strokes(rng, samples, per_second=7, pitch=(1500, 4000), decay=(0.003, 0.012), noise=0.6)
    return _stereo(rng, _in_room(rng, mix, seconds=0.3, share=0.15))


def claps(rng: Random, samples: int) -> Sound:
    """A few hand claps and finger snaps in a quiet room, far from each other."""
    mix = _strokes(rng, samples, per_second=0.9, pitch=(900, 2500), decay=(0.004, 0.015), noise=2.0)
    return _stereo(rng, _in_room(rng, mix, seconds=0.4, share=0.2) + 0.04 * _coloured(rng, samples, 0.5))


def footsteps(rng: Random, samples: int) -> Sound:
    """Heels on stone in a hall."""
    mix = _strokes(rng, samples, per_second=1.8, pitch=(90, 900), decay=(0.008, 0.04), noise=0.7)
    return _stereo(rng, _in_room(rng, mix, seconds=0.8, share=0.25) + 0.01 * _coloured(rng, samples, 0.9))


def keys(rng: Random, samples: int) -> Sound:
    """Typing: dry ticks at uneven distances, each a press and a release."""
    mix = np.zeros(samples)
    start = int(0.1 * RATE)
    while start < samples:
        for later, level in ((0, 1.0), (int(rng.uniform(0.05, 0.09) * RATE), 0.4)):
            _add(mix, start + later, level * _struck(rng, (1800, 5000), rng.uniform(0.002, 0.006), noise=1.0))
        start += int(rng.uniform(0.09, 0.35) * RATE)
    return _stereo(rng, _in_room(rng, mix, seconds=0.2, share=0.15) + 2e-3 * _coloured(rng, samples, 0.5))


def rain(rng: Random, samples: int) -> Sound:
    """Drops on leaves over a steady rush."""
    drops = np.zeros(samples)
    for place in rng.integers(0, max(1, samples - 300), samples // 70):
        drops[place : place + 200] += rng.uniform(0, 1) ** 4 * np.exp(-np.arange(200) / 30) * np.sin(np.arange(200) * rng.uniform(0.2, 1.0))
    return _stereo(rng, drops - drops.mean() + 0.2 * _coloured(rng, samples, 0.4))


def fire(rng: Random, samples: int) -> Sound:
    """Crackle over a low roar."""
    mix = _strokes(rng, samples, per_second=18, pitch=(800, 6000), decay=(0.0006, 0.004), noise=0.8)
    return _stereo(rng, _in_room(rng, mix, seconds=0.2, share=0.1) + 0.15 * _coloured(rng, samples, 0.8))


def wind(rng: Random, samples: int) -> Sound:
    """Wind that swells."""
    swell = 0.3 + 0.7 * np.abs(np.sin(2 * np.pi * rng.uniform(0.05, 0.2) * np.arange(samples) / RATE + rng.uniform(0, 6)))
    return _stereo(rng, _coloured(rng, samples, 1.0) * swell, width=0.5)


def room(rng: Random, samples: int) -> Sound:
    """A quiet room: ventilation, and little else."""
    return (_stereo(rng, _coloured(rng, samples, 0.7), width=0.4) * np.float32(0.05)).astype(np.float32)


def birds(rng: Random, samples: int) -> Sound:
    """Chirps and whistles of birds over leaves."""
    mix = 0.03 * _coloured(rng, samples, 0.5)
    for start in np.sort(rng.integers(0, max(1, samples - RATE // 2), max(1, 3 * samples // RATE))):
        time = np.arange(int(rng.uniform(0.04, 0.25) * RATE)) / RATE
        sweep = rng.uniform(2500, 6000) + rng.uniform(-8000, 8000) * time
        _add(mix, int(start), np.sin(2 * np.pi * np.cumsum(sweep) / RATE) * np.hanning(len(time)) * rng.uniform(0.2, 1))
    return _stereo(rng, _in_room(rng, mix, seconds=0.5, share=0.1))


def square(rng: Random, samples: int) -> Sound:
    """A synthesizer's square wave: flat tops and steps by design."""
    time = np.arange(samples) / RATE
    beat = np.where(np.sin(2 * np.pi * 2 * time) > 0, 1, 0.4)
    return _stereo(rng, np.sign(np.sin(2 * np.pi * rng.uniform(80, 300) * time)) * beat, width=0.0)


def organ(rng: Random, samples: int) -> Sound:
    """Long steady notes, as narrow and stable as a whine, but several, and they change."""
    mix, start = np.zeros(samples), 0
    while start < samples:
        length = int(rng.uniform(1.0, 2.2) * RATE)
        time = np.arange(length) / RATE
        ramp = np.clip(np.minimum(time / 0.05, time[::-1] / 0.08), 0, 1)
        for pitch in 110 * 2 ** (rng.integers(0, 36, 3) / 12):
            _add(mix, start, ramp * sum(np.sin(2 * np.pi * pitch * k * time + rng.uniform(0, 6)) / k for k in (1, 2, 3, 4, 8)))
        start += length
    return _stereo(rng, _in_room(rng, mix, seconds=0.8, share=0.2))


def bass(rng: Random, samples: int) -> Sound:
    """A bass line around 50 Hz: hum by pitch, music by nature."""
    mix, start = 0.01 * _coloured(rng, samples, 0.5), 0
    while start < samples:
        length = int(rng.uniform(0.3, 0.8) * RATE)
        time = np.arange(length) / RATE
        pitch = 50.0 * 2 ** (rng.choice([0, 0, 3, 5, 7]) / 12)
        note = np.sin(2 * np.pi * pitch * time) + 0.3 * np.sin(4 * np.pi * pitch * time)
        _add(mix, start, note * np.minimum(time / 0.01, 1) * np.exp(-time / 0.6) * np.clip(time[::-1] / 0.02, 0, 1))
        start += length
    return _stereo(rng, mix, width=0.02)


def wide(rng: Random, samples: int) -> Sound:
    """Two unrelated channels."""
    return _finished(np.stack([_coloured(rng, samples, 0.5), _coloured(rng, samples, 0.5)], axis=1))


def scene(rng: Random, samples: int) -> Sound:
    """A street: wind, steps, a voice and a far engine whose pitch wanders."""
    time = np.arange(samples) / RATE
    turns = np.cumsum(38 + 5 * np.sin(2 * np.pi * 0.2 * time + rng.uniform(0, 6))) / RATE
    engine = sum(np.sin(2 * np.pi * turns * k + k) / k for k in range(1, 12))
    steps = _strokes(rng, samples, per_second=1.5, pitch=(90, 900), decay=(0.008, 0.04), noise=0.7)
    mix = 0.5 * _coloured(rng, samples, 0.9) + 0.1 * engine + 0.4 * steps + 1.5 * _normal(_voice(rng, samples))
    return _stereo(rng, _in_room(rng, mix, seconds=0.4, share=0.1), width=0.3)


KINDS: Mapping[str, Callable[[Random, int], Sound]] = {
    each.__name__: each
    for each in (
        *(music, rests, organ, bass, square),
        *(speech, gated_speech),
        *(drums, castanets, claps, footsteps, keys),
        *(rain, fire, wind, room, birds, wide, scene),
    )
}
"""Every kind by name."""


# ------------------------------------------------------------------------------------------------- parts


def _normal(wave: Wave) -> Wave:
    return np.asarray(wave / max(float(np.abs(wave).max()), 1e-9))


def _add(mix: Wave, place: int, wave: Wave) -> None:
    room_left = len(mix) - place
    if room_left > 0:
        mix[place : place + len(wave)] += wave[:room_left]


def _coloured(rng: Random, samples: int, exponent: float) -> Wave:
    """Noise whose amplitude falls with a power of frequency above 20 Hz."""
    spectrum = np.fft.rfft(rng.standard_normal(samples))
    spectrum /= np.maximum(np.fft.rfftfreq(samples, 1 / RATE), 20) ** exponent
    spectrum[np.fft.rfftfreq(samples, 1 / RATE) < 15] = 0
    return _normal(np.fft.irfft(spectrum, samples))


def _in_room(rng: Random, dry: Wave, *, seconds: float, share: float) -> Wave:
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


def _struck(rng: Random, pitch: tuple[float, float], decay_seconds: float, *, noise: float) -> Wave:
    """A few decaying modes and a burst of noise, the noise gone first."""
    time = np.arange(int(min(0.6, 8 * decay_seconds) * RATE)) / RATE
    base = rng.uniform(*pitch)
    modes = np.zeros(len(time))
    for ratio in (1, 1.6, 2.3):
        modes += np.sin(2 * np.pi * base * ratio * time + rng.uniform(0, 6)) * np.exp(-time * ratio / decay_seconds)
    burst = noise * rng.standard_normal(len(time)) * np.exp(-time / (0.6 * decay_seconds))
    return np.asarray((modes + burst) * np.minimum(np.arange(len(time)) / 12, 1))


def _strokes(rng: Random, samples: int, *, per_second: float, pitch: tuple[float, float], decay: tuple[float, float], noise: float) -> Wave:
    mix = np.zeros(samples)
    for start in rng.integers(0, samples, max(1, int(per_second * samples / RATE))):
        _add(mix, int(start), _struck(rng, pitch, rng.uniform(*decay), noise=noise) * rng.uniform(0.3, 1))
    return mix


def _plucked(rng: Random, pitch: float, samples: int) -> Wave:
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


def _pad(rng: Random, samples: int) -> Wave:
    time = np.arange(samples) / RATE
    vibrato = 0.004 * np.sin(2 * np.pi * 5 * time) / 5
    mix = np.zeros(samples)
    for pitch in 110 * 2 ** (rng.integers(0, 24, 4) / 12):
        mix += sum(np.sin(2 * np.pi * pitch * k * (time + vibrato) + rng.uniform(0, 6)) / k**1.5 for k in range(1, 7))
    return _normal(mix * (0.6 + 0.4 * np.sin(2 * np.pi * 0.3 * time)))


_VOWELS = ((730, 1090, 2440), (270, 2290, 3010), (300, 870, 2240), (530, 1840, 2480), (570, 840, 2410))


def _voice(rng: Random, samples: int) -> Wave:
    mix, start, pitch = np.zeros(samples), int(0.1 * RATE), rng.uniform(95, 220)
    while start < samples:
        onset = rng.choice(["none", "fricative", "plosive"])
        if onset == "fricative":
            hiss = _hiss(rng, int(rng.uniform(0.05, 0.12) * RATE), 4000)
            _add(mix, start, 0.25 * hiss * np.hanning(len(hiss)))
            start += int(0.8 * len(hiss))
        elif onset == "plosive":
            start += int(rng.uniform(0.03, 0.08) * RATE)
            burst = _hiss(rng, int(rng.uniform(0.008, 0.02) * RATE), 1500)
            _add(mix, start, 0.5 * burst * np.exp(-np.arange(len(burst)) / (0.004 * RATE)))
            start += int(rng.uniform(0.005, 0.04) * RATE)
        vowel = _vowel(rng, int(rng.uniform(0.08, 0.3) * RATE), pitch * rng.uniform(0.85, 1.2))
        _add(mix, start, vowel * rng.uniform(0.5, 1))
        start += len(vowel) + int(rng.choice([0.0, 0.01, 0.05, 0.3, 0.6], p=[0.4, 0.2, 0.2, 0.12, 0.08]) * RATE)
    return _normal(mix)


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
    return np.asarray(_normal(wave - wave.mean()) * shape)


def _hiss(rng: Random, samples: int, above: float) -> Wave:
    spectrum = np.fft.rfft(rng.standard_normal(samples))
    frequency = np.fft.rfftfreq(samples, 1 / RATE)
    return _normal(np.fft.irfft(spectrum * (frequency / above) ** 2 / (1 + (frequency / above) ** 4), samples))


def _stereo(rng: Random, mono: Wave, *, width: float = 0.2, floor: float = 2e-4) -> Sound:
    other = np.roll(mono, int(rng.integers(20, 400)))
    both = np.stack([mono, (1 - width) * mono + width * other], axis=1)
    return _finished(both + floor * float(np.abs(both).max()) * rng.normal(0, 1, both.shape))


def _finished(sound: Wave) -> Sound:
    ramp = np.minimum(np.minimum(np.arange(len(sound)), np.arange(len(sound))[::-1]) / (_FADE_SECONDS * RATE), 1)
    return np.asarray(_normal(sound) * ramp[:, None] * _PEAK, np.float32)
