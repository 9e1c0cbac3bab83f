"""Wind, cloth, paper, fire, thunder, and the sound of a room in which nothing happens."""

import numpy as np

from kling_post.generation.previz.sounds.material import (
    RATE,
    Scene,
    Stereo,
    at_random,
    band,
    grains,
    lay,
    moving_band,
    noise,
    panned,
    slow_curve,
    wide_noise,
)


def wind(scene: Scene) -> Stereo:
    """Turbulence under one gust curve: a low body, a hollow note that rises with the gust, and a little hiss."""
    rng, samples = scene.rng, scene.samples
    gust = slow_curve(samples, 0.45, rng, 0.3, 1.0) ** 1.4
    air = wide_noise(samples, 1.2, rng, width=0.75)
    body = moving_band(air, slow_curve(samples, 0.6, rng, 130, 340), 0.9)
    note = slow_curve(samples, 0.5, rng, 420, 760) * (0.85 + 0.35 * gust)
    hollow = moving_band(air, note, 7.0)
    hiss = band(air, 2200, 9000, 1)
    return body * gust[:, None] * 1.5 + hollow * (gust**2)[:, None] * 0.8 + hiss * (0.25 + gust[:, None]) * 0.35


def fabric(scene: Scene) -> Stereo:
    """Cloth in moving air: soft noise chopped by an uneven flapping whose rate follows the gusts."""
    rng, samples = scene.rng, scene.samples
    made = np.zeros((samples, 2))
    for position in (0.25, 0.7):
        # Cloth hangs still between gusts: only what lies above a threshold moves it.
        gust = np.clip(slow_curve(samples, 0.7, rng, -0.6, 1.0), 0, 1)
        phase = np.cumsum(3.5 + 5.5 * gust) / RATE + slow_curve(samples, 3.0, rng, 0.0, 0.9)
        flap = np.clip(np.sin(2 * np.pi * phase), 0, 1) ** 3
        cloth = band(noise(samples, 0.6, rng), 160, 2600)
        snap = band(noise(samples, 0.0, rng), 2000, 7000)
        made += panned(cloth * flap * gust**1.2 + snap * flap**3 * gust**3 * 0.25, position)
    return made


def pages(scene: Scene) -> Stereo:
    """Paper that flutters: short rustles of bright noise, each beating some fifteen times a second."""
    rng = scene.rng
    made = np.zeros((scene.samples, 2))
    for second in scene.times("pages") or at_random(scene.seconds, 1.3, rng):
        length = int(rng.uniform(0.25, 0.8) * RATE)
        time = np.arange(length) / RATE
        beat = np.abs(np.sin(np.pi * rng.uniform(9, 17) * time * (1 - 0.25 * time))) ** 1.6
        rustle = band(rng.standard_normal(length), rng.uniform(900, 1600), rng.uniform(6000, 11000))
        lay(made, rustle * beat * np.hanning(length), second, gain=rng.uniform(0.3, 1.0), position=rng.uniform(0.1, 0.9))
    return made


def room_tone(scene: Scene) -> Stereo:
    """The air of a room: low, soft, nearly still."""
    tone = wide_noise(scene.samples, 1.6, scene.rng, width=0.6)
    return band(tone, 30, 700, 1) * slow_curve(scene.samples, 0.2, scene.rng, 0.8, 1.0)[:, None]


def fire(scene: Scene) -> Stereo:
    """A low rumble, as of lava or a large fire, with crackles."""
    rng, samples = scene.rng, scene.samples
    rumble = band(wide_noise(samples, 1.7, rng, width=0.4), 28, 170) * slow_curve(samples, 1.4, rng, 0.5, 1.0)[:, None]
    made = rumble * 1.6
    for position in (0.2, 0.5, 0.8):
        crackle = grains(samples, at_random(scene.seconds, 5.0, rng), rng, low=900, high=7500, milliseconds=5)
        made += panned(crackle, position) * 0.6
    return made


def thunder(scene: Scene) -> Stereo:
    """Far thunder: delayed bursts of very low noise that roll out over seconds."""
    rng = scene.rng
    made = np.zeros((scene.samples, 2))
    for second in scene.times("thunder") or at_random(scene.seconds, 0.12, rng) or [scene.seconds * 0.3]:
        length = int(4.5 * RATE)
        roll = band(noise(length, 1.8, rng), 24, 240)
        shape = np.zeros(length)
        for delay in np.cumsum(rng.exponential(0.28, 9)):
            start = int(delay * RATE)
            if start < length:
                since = np.arange(length - start) / RATE
                shape[start:] += rng.uniform(0.3, 1.0) * (1 - np.exp(-since / 0.03)) * np.exp(-since / 0.55)
        lay(made, roll * shape * np.linspace(1, 0, length) ** 0.5, second, position=rng.uniform(0.2, 0.8))
    return made
