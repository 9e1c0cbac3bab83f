"""Flat tops, and touches of the highest value."""

import numpy as np
from numpy.typing import NDArray

from kling_post.signals.sound.flat_tops import SOUND_SIGNAL
from kling_post.signals.sound.signal import SoundSeries, SoundShape

RATE = 48_000


def _found(wave: NDArray[np.float64]) -> SoundSeries:
    collector = SOUND_SIGNAL.collector(SoundShape(sample_rate=RATE, channels=1))
    for start in range(0, len(wave), 10_000):
        collector.add(wave[start : start + 10_000, None].astype(np.float32))
    return collector.finish()


def test_touches_of_the_highest_value_last_as_long_as_they_are_cut_off() -> None:
    wave = np.zeros(RATE)
    for place, shape in ((1000, [0.3, 0.5, 0.3]), (5000, [0.2, 0.5, 0.5, 0.3]), (30_000, [0.4, 0.5, 0.5, 0.5, 0.1]), (40_000, [0.4])):
        wave[place : place + len(shape)] = shape
    heard = _found(wave)
    above = heard["touch_rail"] == 0
    assert np.rint(heard["touch_seconds"][above] * RATE).tolist() == [1001, 5001, 30_001]
    assert heard["touch_samples"][above].tolist() == [1, 2, 3]
    assert np.rint(heard["seconds"] * RATE).tolist() == [30_001]


def test_a_square_wave_that_leaps_from_rail_to_rail_touches_nothing() -> None:
    wave = 0.5 * np.sign(np.sin(2 * np.pi * 480 * (np.arange(RATE) + 0.5) / RATE))
    heard = _found(np.pad(wave, 1000))
    assert np.rint(heard["seconds"] * RATE).tolist() == [1000, 48_950]
    assert len(heard["touch_seconds"]) == 2
