"""What is hidden by the sound around it is no fault that anybody hears."""

import numpy as np
import pytest

from kling_post.calibration.audibility import (
    delivered_prominence_db,
    distortion_db,
    hole_dip_db,
    hole_is_heard,
    prominence_db,
    tone_over_db,
)

RATE = 48_000
CLICK = np.array([0.5, 0.5, 0.5])


def noise(level: float) -> np.ndarray:
    return np.random.default_rng(1).normal(0, level, (RATE, 2)).astype(np.float32)


@pytest.mark.parametrize(("level", "least", "most"), [(1e-4, 40, 80), (0.003, 10, 50), (0.3, -40, 0)])
def test_a_click_stands_out_of_quiet_sound_only(level: float, least: float, most: float) -> None:
    assert least < prominence_db(CLICK, noise(level), RATE // 2) < most


def test_a_click_is_hidden_right_after_a_loud_sound_and_not_long_after() -> None:
    sound = noise(1e-4)
    sound[20_000:22_000] += noise(0.3)[:2000]
    assert prominence_db(CLICK, sound, 22_300) < 0
    assert prominence_db(CLICK, sound, 25_000) > 20


def test_what_is_left_of_a_click_in_the_delivered_sound_is_measured_there() -> None:
    clean, faulty = noise(0.003), noise(0.003)
    faulty[RATE // 2 : RATE // 2 + 3, 1] += np.float32(0.5)
    assert delivered_prominence_db(faulty, RATE // 2, 3) == pytest.approx(prominence_db(CLICK, clean, RATE // 2), abs=4)
    assert delivered_prominence_db(clean, RATE // 2, 3) < 5


def test_clipping_is_heard_over_a_tone_and_hidden_in_noise() -> None:
    tone = np.repeat(0.6 * np.sin(2 * np.pi * 300 * np.arange(RATE) / RATE)[:, None], 2, axis=1).astype(np.float32)
    assert distortion_db(tone, np.clip(tone, -0.3, 0.3)) > 20
    assert distortion_db(noise(0.2), np.clip(noise(0.2), -0.4, 0.4)) < 0
    assert distortion_db(tone, tone) == -99.0


def tone(hertz: float) -> np.ndarray:
    return np.repeat(0.3 * np.sin(2 * np.pi * hertz * np.arange(RATE) / RATE)[:, None], 2, axis=1).astype(np.float32)


@pytest.mark.parametrize(("milliseconds", "dip_db"), [(0, 0.0), (2, 1.2), (3, 2.1), (4, 3.0), (5, 4.0), (10, 11.1)])
@pytest.mark.parametrize("sound", [noise(0.1), tone(1000)], ids=["noise", "tone"])
def test_a_hole_dips_as_much_as_the_ears_temporal_window_lets_it(sound: np.ndarray, milliseconds: int, dip_db: float) -> None:
    holed = sound.copy()
    holed[20_000 : 20_000 + 48 * milliseconds] = 0
    assert hole_dip_db(holed, 20_000, 48 * milliseconds) == pytest.approx(dip_db, abs=0.8)


@pytest.mark.parametrize(
    ("milliseconds", "left_db", "heard"), [(3, -99, False), (5, -99, True), (5, -6, False), (20, -6, True), (20, -2, False)]
)
def test_a_hole_that_is_filled_must_be_longer_to_be_heard(milliseconds: int, left_db: float, heard: bool) -> None:
    holed = noise(0.1)
    holed[20_000 : 20_000 + 48 * milliseconds] *= np.float32(10 ** (left_db / 20))
    assert hole_is_heard(holed, 20_000, 48 * milliseconds) == heard


def test_a_short_hole_in_a_tone_is_heard_by_the_clicks_of_its_edges() -> None:
    holed = tone(150)
    holed[20_000:20_096] = 0
    assert hole_dip_db(holed, 20_000, 96) < 3
    assert hole_is_heard(holed, 20_000, 96)


def test_a_hole_at_the_end_of_a_sound_is_none() -> None:
    ending = noise(0.1)
    ending[20_000:] = 0
    assert not hole_is_heard(ending, 20_000, 480)


def test_a_tone_is_held_against_what_lies_within_its_critical_band() -> None:
    tone = np.repeat(0.1 * np.sin(2 * np.pi * 1000 * np.arange(RATE) / RATE)[:, None], 2, axis=1).astype(np.float32)
    assert tone_over_db(tone, 1000, -20) == pytest.approx(0, abs=0.1)
    assert tone_over_db(tone, 3000, -20) > 40
    # White noise of one power in both channels: 133 of 24000 Hz lie within the band about 1 kHz, and half of it cancels in the mean.
    expected = -40 - (10 * np.log10(2 * 0.01**2 * 132.6 / 24_000 / 2))
    assert tone_over_db(np.tile(noise(0.01), (8, 1)), 1000, -40) == pytest.approx(expected, abs=2)
