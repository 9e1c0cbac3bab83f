"""What the surroundings foretell leaves no residual; what they do not stays as it is."""

import numpy as np
import pytest

from kling_post.signals.sound.linear_prediction import prediction_residual

SIZE = 3840


def test_a_chord_is_foretold() -> None:
    time = np.arange(SIZE) / 48_000
    waves = [np.sin(2 * np.pi * hertz * time + hertz) for hertz in (150, 440, 1200, 3300)]
    stretch = np.sum(waves, axis=0, keepdims=True).astype(np.float32) * np.float32(0.2)
    residual = prediction_residual(stretch, 192)
    assert residual.shape == stretch.shape
    assert not residual[:, :32].any()
    assert np.sqrt(np.mean(residual[:, 32:] ** 2)) < 0.03 * np.sqrt(np.mean(stretch**2))


def test_white_noise_is_not_foretold() -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, (3, SIZE)).astype(np.float32)
    residual = prediction_residual(noise, 192)
    assert np.sqrt(np.mean(residual[:, 32:] ** 2)) == pytest.approx(0.1, rel=0.06)


def test_a_click_in_the_middle_keeps_its_height() -> None:
    tone = (0.5 * np.sin(2 * np.pi * 300 * np.arange(SIZE) / 48_000)).astype(np.float32)[None]
    tone[0, SIZE // 2 + 5] += np.float32(0.02)
    residual = prediction_residual(tone, 192)[0]
    assert int(np.abs(residual).argmax()) == SIZE // 2 + 5
    assert residual[SIZE // 2 + 5] == pytest.approx(0.02, rel=0.1)


def test_silence_stays_silent() -> None:
    assert not prediction_residual(np.zeros((2, SIZE), np.float32), 192).any()
