"""Water that laps, falls and breaks, and ice that creaks."""

import numpy as np

from kling_post.generation.previz.sounds.material import (
    RATE,
    Mono,
    Scene,
    Stereo,
    at_random,
    band,
    clock,
    decay,
    lay,
    slow_curve,
    struck,
    wide_noise,
)


def _bubble(rng: np.random.Generator, radius_metres: float) -> Mono:
    """A rising bubble: a damped sine at Minnaert's frequency, 3.26 m/s over its radius, that rises as it nears the surface."""
    frequency = 3.26 / radius_metres
    damping = 0.13 * frequency * 0.12 + 9
    length = int(min(0.16, 6 / damping) * RATE)
    time = np.arange(length) / RATE
    rise = rng.uniform(0, 0.12) * damping
    sound = np.sin(2 * np.pi * frequency * (time + rise * time**2 / 2)) * np.exp(-damping * time)
    sound[:24] *= np.linspace(0, 1, 24)
    return np.asarray(sound * radius_metres * 400)


def lapping(scene: Scene) -> Stereo:
    """Shallow water indoors: slow laps of band noise, small bubbles with each, and single drops."""
    rng, samples = scene.rng, scene.samples
    lap = slow_curve(samples, 0.9, rng, 0.0, 1.0) ** 2.2
    made = band(wide_noise(samples, 1.0, rng, width=0.8), 240, 1900) * (0.12 + 0.5 * lap[:, None])
    for second in at_random(scene.seconds, 38, rng):
        strength = lap[min(int(second * RATE), samples - 1)] + 0.08
        lay(made, _bubble(rng, rng.lognormal(np.log(0.0021), 0.4)), second, gain=0.9 * strength, position=rng.random())
    for second in at_random(scene.seconds, 0.5, rng):
        drop = _bubble(rng, rng.uniform(0.0016, 0.003))
        lay(made, drop, second, gain=2.2, position=rng.uniform(0.15, 0.85))
    for second in scene.times("water") or ():
        splash = band(rng.standard_normal(int(0.5 * RATE)), 500, 5000) * decay(int(0.5 * RATE), 0.45)
        lay(made, splash, second, gain=0.8)
    return made


def rain(scene: Scene) -> Stereo:
    """A wash of fine drops with single near ones over it."""
    rng, samples = scene.rng, scene.samples
    made = band(wide_noise(samples, 0.4, rng, width=0.9), 700, 9500) * slow_curve(samples, 0.3, rng, 0.75, 1.0)[:, None]
    bank = [struck([rng.uniform(1200, 6500)], [rng.uniform(0.008, 0.03)], [1.0], 0.035) for _ in range(24)]
    times = rng.uniform(0, scene.seconds, rng.poisson(260 * scene.seconds))
    for number, second in enumerate(times):
        lay(made, bank[number % len(bank)], second, gain=min(rng.pareto(2.5), 5) * 0.5, position=rng.random())
    return made


def waves(scene: Scene) -> Stereo:
    """Breakers: each swells, breaks and draws back through the shingle."""
    rng, samples = scene.rng, scene.samples
    made = band(wide_noise(samples, 1.4, rng, width=0.7), 40, 500) * 0.5
    wash = band(wide_noise(samples, 0.7, rng, width=0.9), 300, 7000)
    shape = np.zeros(samples)
    time = np.arange(samples) / RATE
    for crest in clock(scene.seconds + 6, 6.5, rng, spread=0.15, first=rng.uniform(-3, 2)):
        since = time - crest
        shape += rng.uniform(0.6, 1.0) * np.where(since < 0, np.exp(since / 0.9), np.exp(-since / 2.2))
    return made + wash * shape[:, None]


def ice_creaks(scene: Scene) -> Stereo:
    """Ice under strain: dull groans of stick and slip, and the falling chirp of a crack heard through a sheet of ice."""
    rng = scene.rng
    made = np.zeros((scene.samples, 2))
    for second in scene.times("ice creaks") or clock(scene.seconds, 2.3, rng, spread=0.35):
        piece = _groan(rng) if rng.random() < 0.6 else _crack(rng)
        lay(made, piece, second, gain=rng.uniform(0.35, 1.0), position=rng.uniform(0.15, 0.85))
    return made


def _groan(rng: np.random.Generator) -> Mono:
    length = int(rng.uniform(0.7, 1.8) * RATE)
    time = np.arange(length) / RATE
    rate = rng.uniform(14, 30) * (1 + 0.5 * np.sin(2 * np.pi * rng.uniform(0.3, 0.9) * time + rng.uniform(0, 6)))
    phase = np.cumsum(rate) / RATE
    slips = np.diff(np.floor(phase), prepend=0.0) * rng.uniform(0.5, 1.0, length)
    body = struck(*_modes(rng, (95, 150, 230, 410, 640, 980), ring=0.18), 0.3)
    from scipy.signal import fftconvolve

    return np.asarray(fftconvolve(slips, body)[:length] * np.hanning(length))


def _crack(rng: np.random.Generator) -> Mono:
    """High frequencies travel faster in a bending sheet: they arrive first, the low ones sweep down behind them."""
    length = int(0.9 * RATE)
    time = np.arange(length) / RATE + 0.004
    frequency = 55 + 26 / time**0.75
    sound = np.sin(2 * np.pi * np.cumsum(np.minimum(frequency, 5000)) / RATE) * decay(length, 0.5)
    sound[:480] += rng.standard_normal(480) * np.exp(-np.arange(480) / 60) * 0.7
    sound[:24] *= np.linspace(0, 1, 24)
    return np.asarray(sound)


def _modes(rng: np.random.Generator, around: tuple[float, ...], *, ring: float) -> tuple[list[float], list[float], list[float]]:
    frequencies = [frequency * rng.uniform(0.9, 1.12) for frequency in around]
    return frequencies, [ring * rng.uniform(0.6, 1.4) for _ in around], [1 / (1 + index) ** 0.6 for index in range(len(around))]
