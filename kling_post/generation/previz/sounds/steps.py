"""Steps of people, animals and machines, and stones that slide and crush under them."""

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
    decay,
    grains,
    lay,
    struck,
)

_SURFACES: Final = {"salt flats": "crust", "snow": "crust", "ice library": "wood", "station": "wet", "quarry": "gravel", "street": "stone"}
"""What is walked on, by place; soft ground elsewhere, stone in halls."""
_LAYERS: Final = {
    "crust": (0.7, 0.9, 1800, 8500, 90),
    "gravel": (0.8, 0.8, 700, 5200, 70),
    "wood": (1.0, 0.35, 1500, 6000, 25),
    "wet": (0.6, 0.5, 900, 6500, 40),
    "stone": (0.9, 0.25, 1200, 6000, 20),
    "ground": (0.9, 0.3, 500, 3500, 30),
}
"""Thump, crunch, the crunch's band in hertz and its grains per step."""


def footsteps(scene: Scene) -> Stereo:
    """Heel, crunch and toe, on the steps that are seen; else on the clocks of up to five walkers, out of step with each other."""
    rng = scene.rng
    surface = _SURFACES.get(scene.reading.place, "ground")
    made = np.zeros((scene.samples, 2))
    seen = scene.times("footsteps")
    if seen is not None:
        for number, second in enumerate(seen):
            lay(made, _step(rng, surface), second, gain=rng.uniform(0.75, 1.0), position=0.46 + 0.08 * (number % 2))
        return made
    walkers = sum(min(element.count, 3) for element in scene.reading.elements if element.key in _WALKERS) or 1
    for walker in range(min(walkers, 5)):
        every, far = rng.uniform(0.5, 0.62), 1 / (1 + 0.5 * walker)
        for second in clock(scene.seconds, every, rng):
            lay(made, _step(rng, surface), second, gain=far * rng.uniform(0.7, 1.0), position=rng.uniform(0.3, 0.7))
    return made


_WALKERS: Final = ("pack animal", "traveler", "person", "archivist", "attendants", "animal")


def _step(rng: np.random.Generator, surface: str) -> Mono:
    thump, crunch, low, high, count = _LAYERS[surface]
    length = int(0.34 * RATE)
    time = np.arange(length) / RATE
    heel = np.sin(2 * np.pi * (58 * time + 1.1 * (1 - np.exp(-time * 45)))) * decay(length, 0.11)
    heel += band(rng.standard_normal(length), 70, 420) * decay(length, 0.07) * 0.5
    where = np.concatenate([rng.uniform(0.004, 0.07, count), rng.uniform(0.10, 0.17, count // 2)])
    sound = thump * heel + crunch * grains(length, where.tolist(), rng, low=low, high=high, milliseconds=2.2) * 0.6
    if surface == "wood":
        sound += struck([176, 263, 421, 730], [0.12, 0.1, 0.07, 0.05], [0.5, 0.4, 0.3, 0.15], 0.34)[:length]
    if surface == "wet":
        sound += band(rng.standard_normal(length), 1800, 7500) * np.hanning(length) ** 2 * decay(length, 0.5) * 0.25
    sound[:48] *= np.linspace(0, 1, 48)
    return sound


def heavy_footsteps(scene: Scene) -> Stereo:
    """A machine of many tons: a falling thud, metal that rings, and rubble that settles."""
    rng = scene.rng
    made = np.zeros((scene.samples, 2))
    for number, second in enumerate(scene.times("heavy footsteps") or clock(scene.seconds, 1.35, rng, spread=0.03, first=0.55)):
        side = 0.42 + 0.16 * (number % 2)
        lay(made, _footfall(rng), second, gain=rng.uniform(0.85, 1.0), position=side)
        settle = at_random(0.9, 70, rng)
        rubble = grains(int(1.1 * RATE), [time**1.4 for time in settle], rng, low=500, high=5000, milliseconds=4)
        lay(made, rubble * decay(rubble.size, 1.3) * 0.22, second + 0.05, position=1 - side)
    return made


def _footfall(rng: np.random.Generator) -> Mono:
    length = int(1.6 * RATE)
    time = np.arange(length) / RATE
    thud = np.sin(2 * np.pi * (31 * time + 1.5 * (1 - np.exp(-time * 22)))) * decay(length, 0.75)
    blow = band(rng.standard_normal(length), 40, 260) * decay(length, 0.3) * 0.9
    partials = [147, 219, 311, 468, 702, 1040, 1530, 2210]
    metal = struck(
        [partial * rng.uniform(0.985, 1.015) for partial in partials],
        [1.3, 1.1, 0.9, 0.7, 0.55, 0.4, 0.3, 0.22],
        [0.5, 0.42, 0.4, 0.3, 0.24, 0.18, 0.13, 0.1],
        1.6,
    )
    clank = band(rng.standard_normal(length), 1200, 6000) * decay(length, 0.06) * 0.5
    sound = thud * 1.5 + blow + metal[:length] * 0.34 + clank
    sound[:96] *= np.linspace(0, 1, 96)
    return np.asarray(sound)


def stone_crunch(scene: Scene) -> Stereo:
    """Stones that crush and pebbles that slide away, each a shower of grains that thins out."""
    rng = scene.rng
    made = np.zeros((scene.samples, 2))
    seen = scene.times("stone crunch")
    if seen is None:
        heavy = scene.times("heavy footsteps")
        seen = tuple(second + 0.08 for second in heavy) if heavy else tuple(clock(scene.seconds, 1.6, rng, spread=0.3))
    for second in seen:
        length, count = rng.uniform(0.5, 1.2), int(rng.uniform(60, 150))
        times = np.cumsum(rng.exponential(1.0, count) * np.linspace(0.4, 2.2, count))
        times *= length / times[-1]
        crush = grains(
            int((length + 0.1) * RATE), times.tolist(), rng, low=rng.uniform(350, 700), high=rng.uniform(3200, 6000), milliseconds=3.5
        )
        lay(made, crush * decay(crush.size, length * 1.6), second, gain=rng.uniform(0.5, 1.0), position=rng.uniform(0.25, 0.75))
    return made
