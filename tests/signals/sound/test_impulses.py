"""Impulses are found where they are, at any rate, and what stands around them is measured."""

import numpy as np
import pytest
from numpy.typing import NDArray

from kling_post.signals.sound.impulses import SOUND_SIGNAL
from kling_post.signals.sound.signal import SoundSeries, SoundShape

RATE = 48_000


def _heard(sound: NDArray[np.float32], rate: int = RATE, block: int = 30_000) -> SoundSeries:
    collector = SOUND_SIGNAL.collector(SoundShape(sample_rate=rate, channels=sound.shape[1]))
    for start in range(0, len(sound), block):
        collector.add(sound[start : start + block])
    return collector.finish()


def _bed(rate: int = RATE, channels: int = 1) -> NDArray[np.float32]:
    return np.random.default_rng(1).normal(0, 1e-3, (2 * rate, channels)).astype(np.float32)


def _at(series: SoundSeries, seconds: float) -> dict[str, float]:
    place = int(np.argmin(np.abs(series["seconds"] - seconds)))
    return {name: float(values[place]) for name, values in series.items() if len(values) == len(series["seconds"])}


@pytest.mark.parametrize("rate", [8000, 22_050, 44_100, 48_000, 96_000])
def test_a_click_is_found_at_its_time_at_any_rate(rate: int) -> None:
    sound = _bed(rate)
    sound[round(1.2345 * rate)] += 0.5
    found = _at(_heard(sound, rate), 1.2345)
    assert found["seconds"] == pytest.approx(1.2345, abs=0.0015)
    assert found["best_db"] > 15
    assert found["residual_over_db"] > 15
    assert found["residual_core"] > 0.9


def test_a_struck_thing_leaves_a_tail_and_a_click_does_not() -> None:
    sound, time = _bed(), np.arange(RATE // 4) / RATE
    sound[RATE : RATE + len(time), 0] += (
        0.3 * (np.exp(-time / 0.001) + 0.1 * np.exp(-time / 0.05)) * np.random.default_rng(2).standard_normal(len(time))
    ).astype(np.float32)
    sound[RATE // 2, 0] += 0.5
    series = _heard(sound)
    click, stroke = _at(series, 0.5), _at(series, 1.0)
    assert click["rise_db"] > 15
    assert abs(click["residual_tail_db"]) < 2
    assert abs(click["onset_db"]) < 2
    assert stroke["seconds"] == pytest.approx(1.001, abs=0.002)
    assert stroke["residual_tail_db"] > 20
    assert stroke["onset_db"] > 20


def test_a_click_in_a_chord_stands_out_of_what_the_chord_foretells() -> None:
    time = np.arange(2 * RATE) / RATE
    waves = [0.1 * np.sin(2 * np.pi * hertz * time) for hertz in (220, 440, 554, 659, 1318, 2637)]
    sound = _bed() * np.float32(0.1) + np.stack(waves, axis=1).sum(axis=1, keepdims=True, dtype=np.float32)
    sound[RATE, 0] += 0.05
    found = _at(_heard(sound), 1.0)
    assert found["residual_over_db"] > 20
    assert found["prediction_gain_db"] > 20
    assert found["over_sound_db"] < 6


def test_how_the_sound_is_cut_into_blocks_changes_nothing() -> None:
    sound = _bed(channels=2)
    sound[70_000, 1] += 0.3
    one, other = _heard(sound, block=96_000), _heard(sound, block=1009)
    for name, values in one.items():
        np.testing.assert_array_equal(values, other[name])
    assert _at(one, 70_000 / RATE)["channel"] == 1.0


def test_the_ends_of_the_sound_are_told() -> None:
    sound = np.zeros((RATE, 1), np.float32)
    sound[0], sound[-1] = 0.25, -0.5
    series = _heard(sound)
    assert (series["first"][0], series["last"][0]) == (0.25, 0.5)


@pytest.mark.parametrize("samples", [0, 1, 40, 500])
def test_a_fragment_has_no_impulses(samples: int) -> None:
    assert len(_heard(np.full((samples, 2), 0.1, np.float32))["seconds"]) == 0
