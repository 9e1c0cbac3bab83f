"""Display tables that turn a place lit for one hour into another hour, and the weather that falls over any place."""

from collections.abc import Mapping

import numpy as np

from kling_post.generation.previz.contract import Reading
from kling_post.generation.previz.picture.falling import Falling
from kling_post.generation.previz.picture.tone import Bytes

_HOURS: Mapping[str, tuple[tuple[float, float, float], tuple[float, float, float]]] = {
    "noon": ((0.94, 0.88, 0.80), (1.0, 1.02, 1.06)),
    "dusk": ((1.25, 1.38, 1.22), (0.82, 0.68, 0.74)),
    "night": ((1.5, 1.35, 1.15), (0.20, 0.29, 0.44)),
    "polar night": ((1.4, 1.2, 1.15), (0.20, 0.36, 0.42)),
}
"""Power and gain for red, green and blue."""


def hour_table(reading: Reading) -> Bytes | None:
    """A (256, 1, 3) table for frames of a place lit by a low sun; None where that light suits the hour as it is."""
    if reading.time_of_day not in _HOURS:
        return None
    power, gain = _HOURS[reading.time_of_day]
    level = np.arange(256, dtype=np.float64)[:, None] / 255
    graded = np.clip(level ** np.array(power) * np.array(gain), 0, 1)
    return np.asarray(np.round(graded * 255), np.uint8).reshape(256, 1, 3)


def falling_weather(reading: Reading, seed: int) -> Falling | None:
    """Rain or snow, where the reading has it."""
    weather = set(reading.weather)
    kind = "snow" if "snow" in weather else "rain" if weather & {"rain", "storm"} else None
    return Falling(kind, seed=seed, count=420) if kind is not None else None
