"""Birds, insects, a violin, bells, and a murmur of people."""

from typing import Final

import numpy as np

from kling_post.generation.previz.sounds.material import (
    RATE,
    Mono,
    Scene,
    Stereo,
    at_random,
    band,
    clock,
    lay,
    noise,
    panned,
    slow_curve,
    struck,
)

_MELODY: Final = (62, 65, 69, 67, 64, 62, 57, 60, 62, 69, 72, 70)
"""MIDI notes of a slow line in D minor."""


def birds(scene: Scene) -> Stereo:
    """Calls of a few birds, each with its own pitch and place; with a flock that bursts out, wings and many calls."""
    rng = scene.rng
    made = np.zeros((scene.samples, 2))
    for _ in range(4):
        pitch, position, far = rng.uniform(2300, 4600), rng.uniform(0.1, 0.9), rng.uniform(0.25, 1.0)
        for second in at_random(scene.seconds, 0.35, rng):
            _phrase(made, rng, second, pitch, position, far)
    for second in scene.times("birds") or ():
        for _ in range(14):
            _phrase(made, rng, second + rng.exponential(0.5), rng.uniform(2400, 4200), rng.uniform(0.1, 0.9), rng.uniform(0.2, 0.8))
        lay(made, _wings(rng), second, gain=0.5)
    return made


def _phrase(canvas: Stereo, rng: np.random.Generator, second: float, pitch: float, position: float, far: float) -> None:
    for _ in range(int(rng.integers(1, 5))):
        length = int(rng.uniform(0.05, 0.14) * RATE)
        share = np.arange(length) / length
        bend = 1 + rng.uniform(-0.22, 0.3) * np.sin(np.pi * share * rng.uniform(0.5, 1.8))
        phase = 2 * np.pi * np.cumsum(pitch * rng.uniform(0.94, 1.06) * bend) / RATE
        call = (np.sin(phase) + 0.16 * np.sin(2 * phase)) * np.hanning(length)
        lay(canvas, call, second, gain=far, position=position)
        second += length / RATE + rng.uniform(0.03, 0.09)


def _wings(rng: np.random.Generator) -> Mono:
    length = int(1.8 * RATE)
    time = np.arange(length) / RATE
    beat = sum(np.clip(np.sin(2 * np.pi * rng.uniform(8, 12) * time + rng.uniform(0, 6)), 0, 1) ** 4 for _ in range(6))
    return np.asarray(band(noise(length, 0.5, rng), 300, 2400) * beat * np.exp(-time * 1.6) * np.minimum(1, time * 14) * 0.12)


def insects(scene: Scene) -> Stereo:
    """Crickets: pure high tones in fast pulses, each with its own rhythm."""
    rng, samples = scene.rng, scene.samples
    time = np.arange(samples) / RATE
    made = np.zeros((samples, 2))
    for _ in range(5):
        tone = np.sin(2 * np.pi * rng.uniform(3900, 4900) * time)
        pulse = np.clip(np.sin(2 * np.pi * rng.uniform(24, 34) * time + rng.uniform(0, 6)), 0, 1)
        chirp = np.clip(np.sin(2 * np.pi * rng.uniform(0.9, 1.8) * time + rng.uniform(0, 6)) * 4, 0, 1)
        made += panned(tone * pulse * chirp * slow_curve(samples, 0.3, rng, 0.2, 1.0), rng.random())
    return made


def violin(scene: Scene) -> Stereo:
    """A far violin: slow bowed notes, sixteen partials shaped by the body's resonances, vibrato that sets in late."""
    rng = scene.rng
    made = np.zeros((scene.samples, 2))
    second = 0.2
    start = int(rng.integers(0, len(_MELODY)))
    number = 0
    while second < scene.seconds:
        length = rng.uniform(1.1, 2.4)
        note = _MELODY[(start + number) % len(_MELODY)] + 12
        lay(made, _bowed(440 * 2 ** ((note - 69) / 12), length, rng), second, gain=rng.uniform(0.7, 1.0), position=0.5)
        second += length * 0.93 + (rng.uniform(0.5, 1.2) if number % 4 == 3 else 0.0)
        number += 1
    return made


def _bowed(frequency: float, seconds: float, rng: np.random.Generator) -> Mono:
    length = int(seconds * RATE)
    time = np.arange(length) / RATE
    vibrato = 0.005 * np.clip((time - 0.35) / 0.5, 0, 1) * np.sin(2 * np.pi * rng.uniform(5.2, 5.9) * time)
    phase = 2 * np.pi * np.cumsum(frequency * (1 + vibrato + 0.0012 * slow_curve(length, 4, rng, -1, 1))) / RATE
    tone = np.zeros(length)
    for partial in range(1, 17):
        at = partial * frequency
        if at > 12_000:
            break
        body = 0.35 + sum(gain / (1 + ((at - centre) / width) ** 2) for centre, width, gain in _BODY)
        tone += body / partial * np.sin(partial * phase + rng.uniform(0, 6.28))
    bow = band(noise(length, 0.3, rng), 1500, 7000) * 0.03
    swell = np.minimum(1, time / 0.18) * np.minimum(1, (seconds - time) / 0.28) * (0.75 + 0.25 * np.sin(np.pi * time / seconds))
    return np.asarray((tone + bow) * swell)


_BODY: Final = ((280, 60, 0.7), (460, 70, 1.0), (560, 90, 0.8), (1100, 350, 0.4), (2700, 800, 0.7))
"""Air and wood modes of a violin's body and its bridge hill: centre, half-width (hertz), gain."""


def bells(scene: Scene) -> Stereo:
    """A bell: minor-third bell partials, hum note to octave, struck now and then."""
    rng = scene.rng
    made = np.zeros((scene.samples, 2))
    strike = rng.uniform(240, 330)
    ratios = (0.5, 1.0, 1.19, 1.5, 2.0, 2.6, 3.0, 4.1)
    toll = struck([strike * ratio for ratio in ratios], [5, 4, 3, 2.4, 2, 1.2, 0.9, 0.6], [0.4, 1, 0.7, 0.4, 0.6, 0.3, 0.25, 0.2], 4.5)
    for second in scene.times("bells") or clock(scene.seconds, 3.2, rng, spread=0.08, first=0.5):
        lay(made, toll, second, position=0.42)
    return made


def crowd(scene: Scene) -> Stereo:
    """A far murmur of people: many voices' noise in speech formants, each at its own syllable rate."""
    rng, samples = scene.rng, scene.samples
    made = np.zeros((samples, 2))
    for _ in range(7):
        formant = rng.uniform(350, 900)
        voice = band(noise(samples, 0.8, rng), formant * 0.8, formant * 1.35)
        talking = slow_curve(samples, 4.5, rng, 0.0, 1.0) ** 2 * slow_curve(samples, 0.5, rng, 0.1, 1.0)
        made += panned(voice * talking, rng.random())
    return made
