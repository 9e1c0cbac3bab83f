"""What is hidden by the sound around it is no fault that anybody hears."""

import numpy as np
import pytest

from kling_post.calibration.audibility import delivered_prominence_db, distortion_db, prominence_db

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
