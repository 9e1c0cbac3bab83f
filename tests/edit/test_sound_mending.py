"""Samples are mended so that nothing of the fault is left and nothing else is touched."""

import numpy as np
import pytest

from kling_post.edit.corrections import SampleRange, SoundCorrection
from kling_post.edit.sound_mending import correlation, crossfade_gains, mended, redrawn, room_tone, with_tone_at_tail

RATE = 48_000


def tone(samples: int, hertz: float = 440.0, level: float = 0.2) -> np.ndarray:
    wave = level * np.sin(2 * np.pi * hertz * np.arange(samples) / RATE)
    return np.stack([wave, wave], axis=1).astype(np.float32)


def noise(samples: int, level: float, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, level, (samples, 2)).astype(np.float32)


def test_a_clicks_samples_are_drawn_anew_from_the_sound_around_them() -> None:
    clean = tone(4800) + tone(4800, 1230.0, 0.1)
    clicked = clean.copy()
    clicked[2000:2024] += 0.5
    mended_sound = redrawn(clicked, SampleRange(start=2000, stop=2024))
    assert np.abs(mended_sound - clean).max() < 0.01
    assert np.array_equal(mended_sound[:2000], clean[:2000])
    assert np.array_equal(mended_sound[2024:], clean[2024:])


def test_a_click_at_the_very_first_sample_is_drawn_too() -> None:
    clicked = tone(4800)
    clicked[:6] = 0.9
    assert np.abs(redrawn(clicked, SampleRange(start=0, stop=6))[:6]).max() < 0.3


@pytest.mark.parametrize("seed", range(6))
def test_what_is_drawn_is_never_louder_than_what_is_known_around_it(seed: int) -> None:
    chance = np.random.default_rng(seed)
    rising = np.exp(np.arange(2000) / 300) * np.sin(np.arange(2000) / 15) / 800 + chance.normal(0, 0.001, 2000)
    sound = np.repeat(rising[:, None], 2, axis=1).astype(np.float32)
    drawn = redrawn(sound, SampleRange(start=1900, stop=2000))
    assert np.abs(drawn[1900:]).max() <= np.abs(sound[:1900]).max()


def test_a_constant_is_taken_off_each_channel() -> None:
    shifted = tone(4800) + np.array([0.02, -0.01], np.float32)
    result = mended(shifted, SoundCorrection(dc_offset=(0.02, -0.01)), RATE)
    assert np.allclose(result, tone(4800), atol=1e-6)


@pytest.mark.parametrize(("channels", "left", "right"), [("left on both", 1, 1), ("right on both", 2, 2), ("right inverted", 1, -2)])
def test_channels_are_mended(channels: str, left: float, right: float) -> None:
    sound = np.tile(np.array([[1.0, 2.0]], np.float32), (10, 1))
    result = mended(sound, SoundCorrection(channels=channels), RATE)  # type: ignore[arg-type]
    assert result.tolist() == [[left, right]] * 10


def test_room_tone_has_the_level_and_the_spectrum_of_its_example() -> None:
    example = noise(RATE, 0.01, 3)
    example[:, 1] = example[:, 0]
    made = room_tone(example, RATE // 2)
    assert made.shape == (RATE // 2, 2)
    assert made.std() == pytest.approx(0.01, rel=0.05)
    assert np.allclose(made[:, 0], made[:, 1])


def test_a_missing_tail_is_filled_without_a_hole_or_a_step() -> None:
    sound = noise(RATE, 0.01, 5)
    sound[-4800:] = 0
    filled = with_tone_at_tail(sound, 4800, RATE)
    assert filled[-4800:].std() == pytest.approx(0.01, rel=0.1)
    assert np.array_equal(filled[: RATE - 4800 - 480], sound[: RATE - 4800 - 480])
    assert filled[RATE - 5280 : RATE - 4800].std() == pytest.approx(0.01, rel=0.3)


@pytest.mark.parametrize("rho", [0.0, 0.5, 1.0])
def test_a_crossfade_keeps_the_power_of_sounds_of_any_correlation(rho: float) -> None:
    one, own = noise(200_000, 0.1, 1), noise(200_000, 0.1, 2)
    other = (rho * one + np.sqrt(1 - rho**2) * own).astype(np.float32)
    out, into = crossfade_gains(len(one), rho)
    crossed = one * out + other * into
    quarters = [part.std() for part in np.array_split(crossed, 8)]
    assert max(quarters) / min(quarters) < 1.03
    assert correlation(one, other) == pytest.approx(rho, abs=0.02)
