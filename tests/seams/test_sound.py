import numpy as np
import pytest
from numpy.typing import NDArray

from kling_post.seams.sound import SoundStep, click_ratio, measure_sound, stretch_loudness

RATE = 48_000


def tone(level_dbfs: float, seconds: float, *, start: float = 0.0, frequency: float = 1000.0) -> NDArray[np.float32]:
    times = start + np.arange(int(seconds * RATE)) / RATE
    wave = 10 ** (level_dbfs / 20) * np.sin(2 * np.pi * frequency * times)
    return np.stack([wave, wave], axis=1).astype(np.float32)


@pytest.mark.parametrize("seconds", [0.2, 1.0, 3.0])
def test_a_stereo_tone_reads_its_peak_level_in_lufs_however_short(seconds: float) -> None:
    # EBU Tech 3341 case 1: a 1 kHz stereo tone of -23 dBFS reads -23 LUFS.
    assert stretch_loudness(tone(-23, seconds), RATE).lufs == pytest.approx(-23.0, abs=0.1)


def test_a_step_of_level_is_told_in_loudness_units() -> None:
    sound = measure_sound(tone(-20, 3), tone(-29, 3), RATE)
    assert sound.loudness_step_lu == pytest.approx(-9.0, abs=0.1)


@pytest.mark.parametrize(("floor_step_db", "level_step_lu"), [(4.5, 4.5), (0.2, 2.5), (None, 2.5)])
def test_the_level_steps_as_the_floor_does_where_loudness_agrees(floor_step_db: float | None, level_step_lu: float) -> None:
    sound = SoundStep(
        loudness_before_lufs=-25, loudness_after_lufs=-22.5, loudness_spread_lu=0.8, floor_step_db=floor_step_db, click_ratio=0
    )
    assert sound.level_step_lu == level_step_lu


def test_even_sound_has_no_spread_and_events_have_one() -> None:
    events = tone(-40, 3)
    events[10_000:20_000] *= 20
    assert stretch_loudness(tone(-23, 3), RATE).spread_lu == pytest.approx(0, abs=0.01)
    assert stretch_loudness(events, RATE).spread_lu > 1


def test_silence_counts_as_seventy_below() -> None:
    sound = measure_sound(tone(-20, 3), np.zeros((3 * RATE, 2), np.float32), RATE)
    assert sound.loudness_after_lufs == -70.0


def test_a_tone_that_goes_on_does_not_click() -> None:
    assert click_ratio(tone(-6, 1), tone(-6, 1, start=1.0), RATE) < 1.5


def test_a_tone_that_starts_anew_at_another_phase_clicks() -> None:
    assert click_ratio(tone(-6, 1, frequency=100), tone(-6, 1, start=0.0025, frequency=100), RATE) > 20


def test_noise_joined_to_noise_does_not_click() -> None:
    random = np.random.default_rng(4)
    noise = random.normal(0, 0.1, (2 * RATE, 2)).astype(np.float32)
    assert click_ratio(noise[:RATE], noise[RATE + 500 :], RATE) < 2


def test_one_stray_sample_at_the_join_clicks() -> None:
    random = np.random.default_rng(4)
    noise = random.normal(0, 0.01, (2 * RATE, 2)).astype(np.float32)
    after = noise[RATE:].copy()
    after[0] += 0.3
    assert click_ratio(noise[:RATE], after, RATE) > 5


def test_silence_at_the_end_of_sound_that_sounds_is_a_gap() -> None:
    before = tone(-20, 3)
    before[-4800:] = 0
    sound = measure_sound(before, tone(-20, 3), RATE)
    assert sound.gap_before_seconds == pytest.approx(0.1, abs=0.001)
    assert sound.gap_after_seconds < 0.001
    assert measure_sound(np.zeros_like(before), before, RATE).gap_before_seconds == 0.0
