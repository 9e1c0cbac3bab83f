"""Clean sound made by formula: music, speech, percussion and ambience that no check may complain of, though much of it looks like a fault.

Each kind is a function of a source of chance and a length in samples, and returns (samples, 2) float32 at 48 kHz, peak at -4.4
dBFS, faded over 20 ms at both ends as a cut clip should be. The instruments are those of ``sound_sources``.
"""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from kling_post.calibration.sound_sources import RATE, Random, Wave, add, coloured, in_room, normal, pad, plucked, strokes, struck, voice
from kling_post.sound.limiter import peak_curve, reduce_peaks, turned

Sound = NDArray[np.float32]

_PEAK = 0.6
_FADE_SECONDS = 0.02
_DRIVEN_DB = 10.0


def music(rng: Random, samples: int) -> Sound:
    """Chords and a melody of plucked strings, with a soft pad beneath."""
    mix = 0.15 * pad(rng, samples)
    for start in np.arange(0, samples, RATE // 4):
        if rng.random() < 0.8:
            add(mix, int(start), plucked(rng, 110 * 2 ** (rng.integers(0, 36) / 12), min(RATE, samples)) * rng.uniform(0.3, 1))
    return _stereo(rng, in_room(rng, mix, seconds=0.5, share=0.2))


def rests(rng: Random, samples: int) -> Sound:
    """Notes of a keyboard that end abruptly, with rests between: full level, nothing, full level."""
    mix, start = np.zeros(samples), 0
    while start < samples:
        length = int(rng.uniform(0.1, 0.4) * RATE)
        time = np.arange(length) / RATE
        pitch = 220 * 2 ** (rng.integers(0, 24) / 12)
        note = sum(np.sin(2 * np.pi * pitch * k * time) / k for k in range(1, 6)) * np.exp(-time / 0.5)
        released = np.clip(np.minimum(np.arange(length) / 100, (length - np.arange(length)) / 480), 0, 1)
        add(mix, start, note * released)
        start += length + int(rng.choice([0.0, 0.04, 0.08, 0.2, 0.4]) * RATE)
    return _stereo(rng, mix + 3e-4 * rng.standard_normal(samples), width=0.05)


def speech(rng: Random, samples: int) -> Sound:
    """Voiced syllables, fricatives, plosives with their closures, and pauses."""
    return _stereo(rng, in_room(rng, voice(rng, samples), seconds=0.25, share=0.12) + 2e-4 * rng.standard_normal(samples), width=0.05)


def gated_speech(rng: Random, samples: int) -> Sound:
    """The same behind a noise gate: digital silence in every pause, opened in 5 ms and closed in 80, as gates are set for voices."""
    spoken = voice(rng, samples) + 1e-3 * rng.standard_normal(samples)
    loud = np.convolve(np.abs(spoken), np.ones(960) / 960, "same") > 0.02
    opened = np.convolve(loud.astype(float), np.hanning(480) / np.hanning(480).sum(), "same")
    closing = np.concatenate([np.zeros(3840), np.linspace(1, 0, 3840)])
    held = np.minimum(np.convolve(loud.astype(float), closing[3840:], "full")[:samples], 1)
    return _stereo(rng, spoken * np.maximum(opened, held), width=0.0, floor=0.0)


def drums(rng: Random, samples: int) -> Sound:
    """A kit: kick, snare and hats on a grid that is not quite even."""
    mix, step = np.zeros(samples), int(RATE * rng.uniform(0.1, 0.17))
    for beat, start in enumerate(range(0, samples, step)):
        place = start + int(rng.integers(0, 400))
        if beat % 4 == 0:
            add(mix, place, 1.2 * struck(rng, (50, 70), 0.12, noise=0.05))
        if beat % 8 == 4:
            add(mix, place, struck(rng, (180, 220), 0.07, noise=0.8))
        if rng.random() < 0.7:
            add(mix, place, 0.25 * struck(rng, (6000, 9000), rng.uniform(0.01, 0.05), noise=1.0))
    return _stereo(rng, in_room(rng, mix, seconds=0.3, share=0.1))


def castanets(rng: Random, samples: int) -> Sound:
    """Castanets and wood blocks: attacks of well under a millisecond, decays of a few."""
    mix = strokes(rng, samples, per_second=7, pitch=(1500, 4000), decay=(0.003, 0.012), noise=0.6)
    return _stereo(rng, in_room(rng, mix, seconds=0.3, share=0.15))


def claps(rng: Random, samples: int) -> Sound:
    """A few hand claps and finger snaps in a quiet room, far from each other."""
    mix = strokes(rng, samples, per_second=0.9, pitch=(900, 2500), decay=(0.004, 0.015), noise=2.0)
    return _stereo(rng, in_room(rng, mix, seconds=0.4, share=0.2) + 0.04 * coloured(rng, samples, 0.5))


def footsteps(rng: Random, samples: int) -> Sound:
    """Heels on stone in a hall."""
    mix = strokes(rng, samples, per_second=1.8, pitch=(90, 900), decay=(0.008, 0.04), noise=0.7)
    return _stereo(rng, in_room(rng, mix, seconds=0.8, share=0.25) + 0.01 * coloured(rng, samples, 0.9))


def keys(rng: Random, samples: int) -> Sound:
    """Typing: dry ticks at uneven distances, each a press and a release."""
    mix = np.zeros(samples)
    start = int(0.1 * RATE)
    while start < samples:
        for later, level in ((0, 1.0), (int(rng.uniform(0.05, 0.09) * RATE), 0.4)):
            add(mix, start + later, level * struck(rng, (1800, 5000), rng.uniform(0.002, 0.006), noise=1.0))
        start += int(rng.uniform(0.09, 0.35) * RATE)
    return _stereo(rng, in_room(rng, mix, seconds=0.2, share=0.15) + 2e-3 * coloured(rng, samples, 0.5))


def rain(rng: Random, samples: int) -> Sound:
    """Drops on leaves over a steady rush."""
    drops = np.zeros(samples)
    for place in rng.integers(0, max(1, samples - 300), samples // 70):
        drops[place : place + 200] += rng.uniform(0, 1) ** 4 * np.exp(-np.arange(200) / 30) * np.sin(np.arange(200) * rng.uniform(0.2, 1.0))
    return _stereo(rng, drops - drops.mean() + 0.2 * coloured(rng, samples, 0.4))


def fire(rng: Random, samples: int) -> Sound:
    """Crackle over a low roar."""
    mix = strokes(rng, samples, per_second=18, pitch=(800, 6000), decay=(0.0006, 0.004), noise=0.8)
    return _stereo(rng, in_room(rng, mix, seconds=0.2, share=0.1) + 0.15 * coloured(rng, samples, 0.8))


def wind(rng: Random, samples: int) -> Sound:
    """Wind that swells."""
    swell = 0.3 + 0.7 * np.abs(np.sin(2 * np.pi * rng.uniform(0.05, 0.2) * np.arange(samples) / RATE + rng.uniform(0, 6)))
    return _stereo(rng, coloured(rng, samples, 1.0) * swell, width=0.5)


def room(rng: Random, samples: int) -> Sound:
    """A quiet room: ventilation, and little else."""
    return (_stereo(rng, coloured(rng, samples, 0.7), width=0.4) * np.float32(0.05)).astype(np.float32)


def birds(rng: Random, samples: int) -> Sound:
    """Chirps and whistles of birds over leaves."""
    mix = 0.03 * coloured(rng, samples, 0.5)
    for start in np.sort(rng.integers(0, max(1, samples - RATE // 2), max(1, 3 * samples // RATE))):
        time = np.arange(int(rng.uniform(0.04, 0.25) * RATE)) / RATE
        sweep = rng.uniform(2500, 6000) + rng.uniform(-8000, 8000) * time
        add(mix, int(start), np.sin(2 * np.pi * np.cumsum(sweep) / RATE) * np.hanning(len(time)) * rng.uniform(0.2, 1))
    return _stereo(rng, in_room(rng, mix, seconds=0.5, share=0.1))


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
            add(mix, start, ramp * sum(np.sin(2 * np.pi * pitch * k * time + rng.uniform(0, 6)) / k for k in (1, 2, 3, 4, 8)))
        start += length
    return _stereo(rng, in_room(rng, mix, seconds=0.8, share=0.2))


def bass(rng: Random, samples: int) -> Sound:
    """A bass line around 50 Hz: hum by pitch, music by nature."""
    mix, start = 0.01 * coloured(rng, samples, 0.5), 0
    while start < samples:
        length = int(rng.uniform(0.3, 0.8) * RATE)
        time = np.arange(length) / RATE
        pitch = 50.0 * 2 ** (rng.choice([0, 0, 3, 5, 7]) / 12)
        note = np.sin(2 * np.pi * pitch * time) + 0.3 * np.sin(4 * np.pi * pitch * time)
        add(mix, start, note * np.minimum(time / 0.01, 1) * np.exp(-time / 0.6) * np.clip(time[::-1] / 0.02, 0, 1))
        start += length
    return _stereo(rng, mix, width=0.02)


def wide(rng: Random, samples: int) -> Sound:
    """Two unrelated channels."""
    return _finished(np.stack([coloured(rng, samples, 0.5), coloured(rng, samples, 0.5)], axis=1))


def scene(rng: Random, samples: int) -> Sound:
    """A street: wind, steps, a voice and a far engine whose pitch wanders."""
    time = np.arange(samples) / RATE
    turns = np.cumsum(38 + 5 * np.sin(2 * np.pi * 0.2 * time + rng.uniform(0, 6))) / RATE
    engine = sum(np.sin(2 * np.pi * turns * k + k) / k for k in range(1, 12))
    steps = strokes(rng, samples, per_second=1.5, pitch=(90, 900), decay=(0.008, 0.04), noise=0.7)
    mix = 0.5 * coloured(rng, samples, 0.9) + 0.1 * engine + 0.4 * steps + 1.5 * normal(voice(rng, samples))
    return _stereo(rng, in_room(rng, mix, seconds=0.4, share=0.1), width=0.3)


def siren(rng: Random, samples: int) -> Sound:
    """A siren, then a tune of one loudness: steady tones crowd under their greatest height, as clipped sound does."""
    half, length = samples // 2, int(rng.uniform(0.1, 0.3) * RATE)
    time, within = np.arange(half) / RATE, np.arange(samples - half) % length
    wail = np.sin(2 * np.pi * np.cumsum(rng.uniform(600, 900) + 300 * np.sin(2 * np.pi * rng.uniform(0.2, 0.6) * time)) / RATE)
    pitch = np.repeat(220 * 2 ** (rng.integers(0, 25, -(-samples // length)) / 12), length)[: samples - half]
    tune = np.abs(4 * (np.cumsum(pitch) / RATE % 1) - 2) - 1
    parts = (wail * np.clip((half - np.arange(half)) / 960, 0, 1), tune * np.clip(np.minimum(within, length - within) / 240, 0, 1))
    return _stereo(rng, np.concatenate(parts), width=0.0)


def limited(rng: Random, samples: int) -> Sound:
    """A voice over plucked strings, driven 10 dB into a limiter: a loud master, whose peaks end at one height but keep their form."""
    mix = voice(rng, samples)
    for start in np.arange(0, samples, RATE // 3):
        add(mix, int(start), 0.4 * plucked(rng, 110 * 2 ** (rng.integers(0, 24) / 12), min(RATE, samples)))
    both = _stereo(rng, in_room(rng, mix, seconds=0.3, share=0.1), width=0.1)
    reduction = reduce_peaks(peak_curve([both]), _DRIVEN_DB, 20 * np.log10(_PEAK), RATE)
    return np.concatenate(list(turned([both], _DRIVEN_DB, reduction)))


KINDS: Mapping[str, Callable[[Random, int], Sound]] = {
    each.__name__: each
    for each in (
        *(music, rests, organ, bass, square),
        *(speech, gated_speech),
        *(drums, castanets, claps, footsteps, keys),
        *(rain, fire, wind, room, birds, wide, scene),
        *(siren, limited),
    )
}
"""Every kind by name."""


def _stereo(rng: Random, mono: Wave, *, width: float = 0.2, floor: float = 2e-4) -> Sound:
    other = np.roll(mono, int(rng.integers(20, 400)))
    both = np.stack([mono, (1 - width) * mono + width * other], axis=1)
    return _finished(both + floor * float(np.abs(both).max()) * rng.normal(0, 1, both.shape))


def _finished(sound: Wave) -> Sound:
    ramp = np.minimum(np.minimum(np.arange(len(sound)), np.arange(len(sound))[::-1]) / (_FADE_SECONDS * RATE), 1)
    return np.asarray(normal(sound) * ramp[:, None] * _PEAK, np.float32)
