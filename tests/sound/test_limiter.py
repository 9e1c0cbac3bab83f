"""The limiter keeps every true peak under the ceiling, takes no more than it must, and leaves the rest alone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kling_post.sound.limiter import peak_curve, reduce_peaks, turned
from kling_post.sound.normalise import measure

RATE = 48_000


def _limited(samples: np.ndarray, gain_db: float, ceiling_dbtp: float, block: int = 10_000) -> tuple[np.ndarray, float]:
    blocks = [samples[start : start + block] for start in range(0, len(samples), block)]
    reduction = reduce_peaks(peak_curve(blocks), gain_db, ceiling_dbtp, RATE)
    return np.concatenate(list(turned(blocks, gain_db, reduction))), reduction.max_db


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), gain_db=st.floats(0, 12), kind=st.sampled_from(["noise", "bursts", "bass"]))
def test_no_true_peak_passes_the_ceiling(seed: int, gain_db: float, kind: str) -> None:
    rng = np.random.default_rng(seed)
    samples = rng.normal(0, 0.2, (30_000, 2))
    if kind == "bursts":
        samples *= np.repeat(rng.random(300) < 0.05, 100)[:, None]
    if kind == "bass":
        samples = 0.8 * np.sin(2 * np.pi * 60 * np.arange(30_000) / RATE)[:, None] + samples * 0.05
    limited, _ = _limited(samples.astype(np.float32), gain_db, -1.0)
    # White noise has peaks between the four-times grid of the curve; `settle` measures them and lowers its ceiling.
    assert measure([limited.astype(np.float32)], RATE).true_peak_dbtp <= -1.0 + 0.35


def test_what_stays_under_the_ceiling_is_only_turned_up() -> None:
    samples = np.random.default_rng(1).normal(0, 0.01, (20_000, 2)).astype(np.float32)
    limited, most = _limited(samples, 6.0, -1.0)
    assert most == 0
    np.testing.assert_array_equal(limited, samples * np.float32(10 ** (6 / 20)))


def test_the_limiter_takes_what_is_over_and_lets_go() -> None:
    samples = 0.1 * np.sin(2 * np.pi * 997 * np.arange(RATE) / RATE).astype(np.float32)[:, None]
    samples[24_000:24_096] *= 10  # one millisecond two at 0 dBFS
    limited, most = _limited(samples, 0.0, -6.0)
    assert most == pytest.approx(6.0, abs=0.3)
    np.testing.assert_array_equal(limited[:23_500], samples[:23_500])
    np.testing.assert_array_equal(limited[33_000:], samples[33_000:])
    assert np.abs(limited).max() <= 10 ** (-6 / 20) + 1e-4


def test_the_gain_moves_without_steps() -> None:
    samples = np.ones((RATE // 2, 1), np.float32) * 0.4
    samples[12_000] = 1.0
    limited, _ = _limited(samples, 0.0, -6.0)
    envelope = np.delete(limited[:, 0] / samples[:, 0], 12_000)
    assert np.abs(np.diff(envelope)).max() < 0.01


def test_all_channels_are_turned_down_together() -> None:
    samples = np.random.default_rng(2).normal(0, 0.2, (20_000, 2)).astype(np.float32)
    samples[:, 1] *= 0.1
    limited, most = _limited(samples, 6.0, -3.0)
    assert most > 1
    np.testing.assert_allclose(limited[:, 0] * samples[:, 1], limited[:, 1] * samples[:, 0], atol=1e-6)


@pytest.mark.parametrize("block", [17, 4800, 20_000])
def test_blocks_make_no_difference(block: int) -> None:
    samples = np.random.default_rng(3).normal(0, 0.3, (20_000, 2)).astype(np.float32)
    np.testing.assert_allclose(_limited(samples, 3.0, -3.0, block)[0], _limited(samples, 3.0, -3.0, 20_000)[0], atol=1e-6)
