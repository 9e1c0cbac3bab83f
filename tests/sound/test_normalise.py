"""One gain to the target, a limiter only where it is needed, or a refusal that says why."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kling_post.errors import InvalidInputError
from kling_post.sound.normalise import LimiterReport, TargetRefusedError, apply, level_clips, measure, plan_gain, programme_lufs
from kling_post.sound.targets import target

RATE = 48_000


def _noise(level: float, seconds: float = 2.0, seed: int = 0, channels: int = 2) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, level, (round(seconds * RATE), channels)).astype(np.float32)


@settings(max_examples=15, deadline=None)
@given(level=st.floats(0.001, 0.2), name=st.sampled_from(["ebu-r128", "atsc-a85", "apple", "-20/-3"]), channels=st.sampled_from([1, 2, 6]))
def test_a_programme_lands_on_its_target(level: float, name: str, channels: int) -> None:
    samples, wanted = _noise(level, channels=channels), target(name)
    loud, report = apply(samples, plan_gain(measure([samples], RATE), wanted))
    found = measure([loud], RATE)
    assert found.integrated_lufs == pytest.approx(wanted.integrated_lufs, abs=0.03)
    assert found.true_peak_dbtp <= wanted.true_peak_dbtp
    assert loud.shape == samples.shape
    assert report == LimiterReport()


def test_without_need_of_the_limiter_every_sample_gets_the_same_gain() -> None:
    samples = _noise(0.05)
    plan = plan_gain(measure([samples], RATE), target("ebu-r128"))
    loud, _ = apply(samples, plan)
    np.testing.assert_array_equal(loud, samples * np.float32(10 ** (plan.gain_db / 20)))


def test_single_peaks_are_limited_and_reported() -> None:
    samples = _noise(0.02, 4.0)
    samples[50_000:50_040] *= 10
    before = measure([samples], RATE)
    plan = plan_gain(before, target("streaming"))
    assert plan.needs_limiter
    loud, report = apply(samples, plan)
    found = measure([loud], RATE)
    assert found.integrated_lufs == pytest.approx(-14, abs=0.03)
    assert found.true_peak_dbtp <= -1
    assert 5 < report.max_reduction_db < 12
    assert 0.01 < report.limited_seconds < 0.5


def test_silence_is_refused() -> None:
    with pytest.raises(TargetRefusedError, match="silent below the gate of -70 LUFS") as caught:
        plan_gain(measure([np.zeros((RATE, 2), np.float32)], RATE), target("ebu-r128"))
    assert isinstance(caught.value, InvalidInputError)


def test_a_fragment_is_refused() -> None:
    with pytest.raises(TargetRefusedError, match=r"lasts 0\.30 s"):
        plan_gain(measure([_noise(0.1, 0.3)], RATE), target("ebu-r128"))


def test_too_deep_a_limit_is_refused() -> None:
    samples = _noise(0.002, 4.0)
    samples[50_000:50_010] = 0.9
    with pytest.raises(TargetRefusedError, match=r"limited by \d+\.\d dB \(at most 12\)"):
        apply(samples, plan_gain(measure([samples], RATE), target("streaming")))


def test_a_limiter_that_would_work_as_a_compressor_is_refused() -> None:
    samples = _noise(0.15, 4.0)
    with pytest.raises(TargetRefusedError, match=r"would be limited by more than 4 dB|takes back every further decibel"):
        apply(samples, plan_gain(measure([samples], RATE), target("-7/-3")))


def test_level_clips_leaves_what_is_near_and_moves_what_stands_out() -> None:
    clips = [measure([_noise(level)], RATE) for level in (0.1, 0.08, 0.005)]
    gains = level_clips(clips, keep_lu=4, most_db=6)
    assert gains[:2] == (0.0, 0.0)
    assert gains[2] == 6.0


def test_level_clips_never_turns_the_order_around_and_leaves_silence_alone() -> None:
    clips = [measure([_noise(level)], RATE) for level in (0.3, 0.1, 0.03, 0.01, 0.0)]
    gains = level_clips(clips)
    levels = [clip.integrated_lufs + gain for clip, gain in zip(clips[:4], gains, strict=False)]
    assert levels == sorted(levels, reverse=True)
    assert gains[4] == 0.0


def test_the_loudness_of_clips_in_a_row_is_that_of_the_joined_programme() -> None:
    parts = [_noise(level, 3.0, seed) for seed, level in enumerate((0.1, 0.03, 0.01))]
    together = programme_lufs((measure([part], RATE), 0.0) for part in parts)
    assert together == pytest.approx(measure(parts, RATE).integrated_lufs, abs=0.2)
