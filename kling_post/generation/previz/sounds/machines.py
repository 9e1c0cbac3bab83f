"""Joints that creak, machines that hum, engines that run."""

import numpy as np

from kling_post.generation.previz.sounds.material import (
    RATE,
    Mono,
    Scene,
    Stereo,
    band,
    clock,
    lay,
    slow_curve,
    struck,
    wide_noise,
)


def creaks(scene: Scene) -> Stereo:
    """Metal and wood under load: the quick stick and slip of a joint, heard through the body that it sits in."""
    rng = scene.rng
    made = np.zeros((scene.samples, 2))
    seen = scene.times("creaks")
    if seen is None:
        heavy = scene.times("heavy footsteps")
        # A leg creaks while it swings, before its foot comes down.
        seen = tuple(max(0.0, second - 0.55) for second in heavy) if heavy else tuple(clock(scene.seconds, 1.5, rng, spread=0.3))
    for second in seen:
        lay(made, _creak(rng), second, gain=rng.uniform(0.45, 1.0), position=rng.uniform(0.25, 0.75))
    return made


def _creak(rng: np.random.Generator) -> Mono:
    from scipy.signal import fftconvolve

    length = int(rng.uniform(0.3, 0.75) * RATE)
    glide = np.linspace(rng.uniform(35, 60), rng.uniform(70, 150), length)
    if rng.random() < 0.5:
        glide = glide[::-1]
    phase = np.cumsum(glide * (1 + 0.06 * rng.standard_normal(length).cumsum() / np.sqrt(length))) / RATE
    slips = np.diff(np.floor(phase), prepend=0.0) * rng.uniform(0.6, 1.0, length)
    base = rng.uniform(330, 520)
    body = struck([base * ratio for ratio in (1, 1.52, 2.31, 3.4, 5.1)], [0.07, 0.06, 0.05, 0.035, 0.02], [1, 0.8, 0.6, 0.4, 0.25], 0.1)
    return np.asarray(fftconvolve(slips, body)[:length] * np.hanning(length) ** 0.7)


def hum(scene: Scene) -> Stereo:
    """A low resonant hum: detuned partials that beat slowly, and the faint whine of something that turns."""
    rng, samples = scene.rng, scene.samples
    time = np.arange(samples) / RATE
    made = np.zeros((samples, 2))
    for partial, gain in ((1, 1.0), (1.5, 0.35), (2, 0.55), (3, 0.3), (4, 0.18), (6, 0.08)):
        swell = slow_curve(samples, 0.25, rng, 0.6, 1.0)
        for channel in range(2):
            detuned = 55.0 * partial * (1 + rng.normal(0, 0.0018))
            made[:, channel] += gain * swell * np.sin(2 * np.pi * detuned * time + rng.uniform(0, 6.28))
    whine = np.sin(2 * np.pi * np.cumsum(slow_curve(samples, 0.3, rng, 610, 640)) / RATE) * 0.02
    return np.asarray(np.tanh(made * 0.5) + whine[:, None])


def engine(scene: Scene) -> Stereo:
    """Engines at a distance: uneven low pulses through a muffled body, and tyres or air around them."""
    rng, samples = scene.rng, scene.samples
    speed = slow_curve(samples, 0.3, rng, 34, 52)
    phase = np.cumsum(speed) / RATE
    pulses = np.sin(2 * np.pi * phase) + 0.5 * np.sin(4 * np.pi * phase + 0.4) + 0.35 * np.sin(6 * np.pi * phase + 1.1)
    rough = pulses[:, None] * (1 + 0.35 * band(wide_noise(samples, 1.0, rng, width=0.5), 5, 60))
    rolling = band(wide_noise(samples, 1.2, rng, width=0.8), 90, 1400) * slow_curve(samples, 0.4, rng, 0.3, 1.0)[:, None]
    return np.asarray(band(rough, 30, 420) + rolling * 0.8)
