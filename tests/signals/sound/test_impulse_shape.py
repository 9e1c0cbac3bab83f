"""How an impulse rises, fades, falls off with frequency, and lies between the channels."""

import numpy as np
import pytest
from numpy.typing import NDArray

from kling_post.signals.sound.impulse_shape import SHAPE, impulse_shapes

RATE = 48_000
AT = np.array([RATE // 10], np.int64)


def _shape(planes: NDArray[np.float64], channel: int = 0, rate: int = RATE) -> dict[str, float]:
    values = impulse_shapes(planes.astype(np.float32), channel, np.array([rate // 10], np.int64), rate)
    return {name: float(value[0]) for name, value in zip(SHAPE, values, strict=True)}


def _noise(channels: int = 1, rate: int = RATE) -> NDArray[np.float64]:
    return np.random.default_rng(3).normal(0, 1e-3, (1, rate // 5)).repeat(channels, axis=0)


@pytest.mark.parametrize("rate", [22_050, 44_100, 48_000, 96_000])
def test_a_click_stands_out_of_every_band_and_leaves_nothing(rate: int) -> None:
    sound = _noise(rate=rate)
    sound[0, rate // 10] += 0.1
    found = _shape(sound, rate=rate)
    assert found["middle_band_db"] >= found["least_band_db"] > 10
    assert abs(found["lift_db"]) < 6
    assert abs(found["slope_db"]) < 2


def test_what_begins_within_two_milliseconds_falls_off_with_frequency() -> None:
    sound = _noise()
    sound[0, RATE // 10 - 48 : RATE // 10 + 48] += 0.5 * np.hanning(96)
    assert _shape(sound)["slope_db"] < -6


def test_a_stroke_rings_on() -> None:
    sound, time = _noise(), np.arange(RATE // 20) / RATE
    sound[0, RATE // 10 : RATE // 10 + len(time)] += 0.3 * np.exp(-time / 0.004) * np.random.default_rng(4).standard_normal(len(time))
    assert _shape(sound)["lift_db"] > 15


def test_a_click_in_one_channel_lies_apart_from_a_sound_in_both() -> None:
    sound = _noise(channels=2)
    sound[1, RATE // 10] += 0.05
    assert _shape(sound, channel=1)["apart_db"] > 10
    sound[0, RATE // 10] += 0.05
    assert _shape(sound, channel=1)["apart_db"] == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize("channels", [1, 2])
def test_beside_silence_and_in_mono_nothing_lies_apart(channels: int) -> None:
    sound = _noise(channels)
    sound[1:] = 0
    sound[0, RATE // 10] += 0.5
    assert _shape(sound)["apart_db"] == pytest.approx(0, abs=0.1)
