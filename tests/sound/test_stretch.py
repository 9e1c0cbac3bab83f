"""Sound at another speed: its length to the sample, its pitch, its level."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from kling_post.sound.stretch import stretched

RATE = 48_000


def sine(hertz: float, seconds: float) -> NDArray[np.float32]:
    wave = 0.5 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE)
    return np.stack([wave, -wave], axis=1).astype(np.float32)


@settings(max_examples=25, deadline=None)
@given(samples=st.integers(0, 9_000), speed=st.fractions(Fraction(1, 4), Fraction(4), max_denominator=60))
def test_the_length_is_exact(samples: int, speed: Fraction) -> None:
    made = stretched(np.zeros((samples, 2), np.float32), RATE, speed)
    assert made.shape == ((round(samples / speed) if samples else 0), 2)


@pytest.mark.parametrize("speed", [Fraction(1, 2), Fraction(24, 25), Fraction(25, 24), Fraction(2)])
@pytest.mark.parametrize("hertz", [110.0, 440.0, 3_000.0])
def test_a_tone_keeps_its_pitch_its_level_and_its_channels(hertz: float, speed: Fraction) -> None:
    made = stretched(sine(hertz, 1.0), RATE, speed)
    middle = made[4_800:-4_800, 0].astype(np.float64)
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle)), 8 * RATE))
    assert np.argmax(spectrum) / 8 == pytest.approx(hertz, rel=0.005)
    assert np.sqrt(np.mean(middle**2)) == pytest.approx(0.5 / np.sqrt(2), rel=0.03)
    np.testing.assert_allclose(made[:, 0], -made[:, 1], atol=1e-6)


def test_nothing_is_done_at_its_own_speed() -> None:
    sound = sine(440, 0.1)
    assert stretched(sound, RATE, Fraction(1)) is sound
