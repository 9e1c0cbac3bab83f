"""Interpolation is exact where it claims to be, and nothing that matters is left out."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kling_post.sound.true_peak import TruePeakMeter, interpolation_taps, segment_peaks


def _everywhere(plane: np.ndarray) -> float:
    """Highest value of the 16 times interpolated plane, silence around it; no shortcuts."""
    padded = np.pad(plane.astype(np.float64), (32, 64))
    return max(float(np.abs(np.convolve(padded, taps[::-1])).max()) for taps in interpolation_taps(16))


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), length=st.integers(1, 6000), kind=st.sampled_from(["white", "walk", "sparse"]))
def test_leaving_out_what_cannot_matter_changes_nothing(seed: int, length: int, kind: str) -> None:
    rng = np.random.default_rng(seed)
    plane = rng.normal(0, 0.2, length)
    if kind == "walk":
        plane = np.cumsum(plane) * 0.05
    if kind == "sparse":
        plane *= rng.random(length) < 0.01
    meter, start = TruePeakMeter(1), 0
    samples = plane.astype(np.float32)[None]
    while start < length:
        size = int(rng.integers(1, 2000))
        meter.add(samples[:, start : start + size])
        start += size
    assert meter.finish() == pytest.approx(_everywhere(samples[0]), rel=2e-5, abs=1e-7)


def test_interpolation_gives_back_samples_constants_and_lines() -> None:
    for phase, taps in enumerate(interpolation_taps(8)):
        assert taps.sum() == pytest.approx(1)
        assert (taps * np.arange(-31, 33)).sum() == pytest.approx(phase / 8)
    assert np.flatnonzero(np.abs(interpolation_taps(8)[0]) > 1e-12).tolist() == [31]


@pytest.mark.parametrize("share", [0.05, 0.2, 0.35, 0.45])
def test_any_frequency_up_to_nine_tenths_of_nyquist_peaks_at_its_amplitude(share: float) -> None:
    ramp = np.minimum(np.minimum(np.arange(20_000), np.arange(20_000)[::-1]) / 2000, 1)
    meter = TruePeakMeter(1)
    meter.add((0.5 * ramp * np.sin(2 * np.pi * share * np.arange(20_000) + 0.4)).astype(np.float32)[None])
    assert 20 * np.log10(meter.finish() / 0.5) == pytest.approx(0, abs=0.05)


@pytest.mark.parametrize("block", [10, 37, 4096])
def test_the_peak_curve_has_one_value_for_each_started_segment(block: int) -> None:
    rng = np.random.default_rng(5)
    samples = rng.normal(0, 0.1, (5000, 2)).astype(np.float32)
    curve = np.concatenate(list(segment_peaks(samples[start : start + block] for start in range(0, 5000, block))))
    assert curve.shape == (157,)
    stored = np.abs(np.pad(samples, ((0, 24), (0, 0)))).reshape(157, 32, 2).max(axis=(1, 2))
    assert (curve >= stored - 1e-7).all()
    whole = TruePeakMeter(2)
    whole.add(samples.T)
    assert 20 * np.log10(whole.finish() / curve.max()) == pytest.approx(0, abs=0.7)
