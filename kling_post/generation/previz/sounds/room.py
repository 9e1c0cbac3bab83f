"""The space around the sounds: early reflections and a decaying tail, or the echoes of a quarry's walls."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from kling_post.generation.previz.sounds.material import RATE, Stereo, band


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """How a place answers."""

    seconds: float
    """Reverberation time, by 60 dB."""
    bright_hertz: float
    """Above this the tail dies four times as fast."""
    delay_seconds: float
    """Until the first reflection."""
    echoes: tuple[tuple[float, float], ...] = ()
    """Single echoes: delay in seconds, gain."""
    gain: float = 0.5


_WALL_SAMPLES: Final = 40

ROOMS: Final = {
    "station": Room(seconds=3.4, bright_hertz=3200, delay_seconds=0.035, gain=0.55),
    "ice library": Room(seconds=2.6, bright_hertz=5200, delay_seconds=0.045, echoes=((0.42, 0.2),), gain=0.5),
    "hall": Room(seconds=2.2, bright_hertz=3000, delay_seconds=0.025),
    "cathedral": Room(seconds=4.5, bright_hertz=2600, delay_seconds=0.04),
    "library": Room(seconds=0.9, bright_hertz=2200, delay_seconds=0.012, gain=0.35),
    "corridor": Room(seconds=1.4, bright_hertz=3000, delay_seconds=0.01),
    "cave": Room(seconds=2.8, bright_hertz=2400, delay_seconds=0.02),
    "room": Room(seconds=0.45, bright_hertz=3000, delay_seconds=0.006, gain=0.3),
    "quarry": Room(seconds=1.3, bright_hertz=1800, delay_seconds=0.12, echoes=((0.31, 0.4), (0.57, 0.26), (0.93, 0.15)), gain=0.4),
    "canyon": Room(seconds=1.6, bright_hertz=1800, delay_seconds=0.15, echoes=((0.45, 0.35), (0.85, 0.2)), gain=0.4),
    "street": Room(seconds=0.7, bright_hertz=2500, delay_seconds=0.03, gain=0.25),
}
"""By place; the open has no room."""


def answer(room: Room, sound: Stereo, rng: np.random.Generator) -> Stereo:
    """What the room gives back to a sound, as long as the sound."""
    from scipy.signal import oaconvolve

    length = int((room.delay_seconds + room.seconds) * RATE)
    time = np.arange(length) / RATE
    tail = rng.standard_normal((length, 2)) * np.exp(-6.9078 * time / room.seconds)[:, None]
    dull = band(tail, None, room.bright_hertz, 1)
    bright = (tail - dull) * np.exp(-3 * 6.9078 * time / room.seconds)[:, None]
    response = band(dull + bright, 90, None, 1) * np.minimum(1, time / 0.02)[:, None]
    response = np.roll(response, int(room.delay_seconds * RATE), axis=0)
    response[: int(room.delay_seconds * RATE)] = 0
    response /= np.sqrt(np.sum(response**2) / 2)
    wall = np.hanning(_WALL_SAMPLES + 2)[1:-1]
    wall /= wall.sum()
    for delay, gain in room.echoes:
        start = int(delay * RATE)
        if start + _WALL_SAMPLES < length:
            # A wall gives back what falls on it, a little duller; its gain is against the sound itself.
            response[start : start + _WALL_SAMPLES] += gain / room.gain * wall[:, None]
    wet = oaconvolve(sound, response, axes=0)[: sound.shape[0]]
    return np.asarray(wet * room.gain)
