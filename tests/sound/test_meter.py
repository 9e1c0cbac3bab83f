"""The meter against EBU Tech 3341, Tech 3342 and the formulas of BS.1770-5."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kling_post.sound import reference_signals as ebu
from kling_post.sound.meter import LoudnessMeter, channel_weights
from kling_post.vocabulary import Loudness


def _measured(samples: np.ndarray, *, rate: int = 48_000, block: int = 65_536, layout: str = "") -> Loudness:
    meter = LoudnessMeter(rate, samples.shape[1], layout)
    for start in range(0, len(samples), block):
        meter.add(samples[start : start + block])
    return meter.result()


@pytest.mark.parametrize("case", sorted(ebu.INTEGRATED_EXPECTED))
def test_integrated_loudness_meets_tech_3341(case: int) -> None:
    loudness = _measured(ebu.integrated_case(case))
    assert loudness.integrated_lufs == pytest.approx(ebu.INTEGRATED_EXPECTED[case], abs=0.03)
    if case <= 2:
        assert loudness.max_momentary_lufs == pytest.approx(ebu.INTEGRATED_EXPECTED[case], abs=0.03)
        assert loudness.max_short_term_lufs == pytest.approx(ebu.INTEGRATED_EXPECTED[case], abs=0.03)


def test_short_term_stays_constant_over_its_own_period() -> None:
    curve = _measured(ebu.short_term_constant()).short_term_lufs[30:]
    assert min(curve) == pytest.approx(-23.0, abs=0.03)
    assert max(curve) == pytest.approx(-23.0, abs=0.03)


def test_momentary_stays_constant_over_its_own_period() -> None:
    # 0.18 s at -20 and 0.22 s at -30 average to -22.967 dB, not to -23: the standard's own signal is 0.04 LU above its label.
    average = 10 * np.log10((0.18 * 10**-2 + 0.22 * 10**-3) / 0.4)
    curve = _measured(ebu.momentary_constant()).momentary_lufs[10:]
    assert min(curve) == pytest.approx(average, abs=0.03)
    assert max(curve) == pytest.approx(average, abs=0.03)
    assert max(abs(level + 23) for level in curve) <= 0.1


@pytest.mark.parametrize("number", range(20))
def test_the_highest_short_term_is_found_wherever_it_begins(number: int) -> None:
    assert _measured(ebu.short_term_file(number)).max_short_term_lufs == pytest.approx(-23.0, abs=0.03)


@pytest.mark.parametrize("number", range(20))
def test_the_highest_momentary_is_found_wherever_it_begins(number: int) -> None:
    assert _measured(ebu.momentary_file(number)).max_momentary_lufs == pytest.approx(-23.0, abs=0.03)


@pytest.mark.parametrize("block", [1024, 4801])
def test_a_live_meter_reads_each_burst_of_a_rising_series(block: int) -> None:
    short, momentary = LoudnessMeter(48_000, 2), LoudnessMeter(48_000, 2)
    for number in range(20):
        for meter, segment in ((short, ebu.short_term_live(number)), (momentary, ebu.momentary_live(number))):
            for start in range(0, len(segment), block):
                meter.add(segment[start : start + block])
        assert short.max_short_term_lufs == pytest.approx(-38 + number, abs=0.03)
        assert momentary.max_momentary_lufs == pytest.approx(-38 + number, abs=0.03)


def test_a_live_meter_is_never_more_than_20_ms_behind() -> None:
    meter = LoudnessMeter(48_000, 2)
    sound = ebu.tone(-23, 3.02)
    for start in range(0, len(sound), 480):
        meter.add(sound[start : start + 480])
    assert meter.momentary_lufs == pytest.approx(-23.0, abs=0.03)
    assert meter.short_term_lufs == pytest.approx(-23.0, abs=0.03)


@pytest.mark.parametrize("case", sorted(ebu.LOUDNESS_RANGE_EXPECTED))
def test_loudness_range_meets_tech_3342(case: int) -> None:
    found = _measured(ebu.loudness_range_case(case)).loudness_range_lu
    assert found == pytest.approx(ebu.LOUDNESS_RANGE_EXPECTED[case], abs=0.03)


@pytest.mark.parametrize("case", sorted(ebu.TRUE_PEAK_TONES))
def test_true_peaks_between_samples_are_found(case: int) -> None:
    divisor, amplitude, degrees, expected = ebu.TRUE_PEAK_TONES[case]
    loudness = _measured(ebu.peak_tone(divisor, amplitude, degrees))
    assert loudness.true_peak_dbtp == pytest.approx(expected, abs=0.1)


@pytest.mark.parametrize("offset", range(4))
def test_a_single_period_between_samples_is_found(offset: int) -> None:
    assert _measured(ebu.peak_burst(offset)).true_peak_dbtp == pytest.approx(0.0, abs=0.1)


def test_a_calibration_tone_reads_its_level() -> None:
    assert _measured(ebu.tone(-18, 5)).integrated_lufs == pytest.approx(-18.0, abs=0.03)


@pytest.mark.parametrize("rate", [8000, 11_025, 22_050, 32_000, 44_100, 88_200, 96_000, 192_000])
def test_full_scale_997_hz_in_one_channel_is_minus_three_at_any_rate(rate: int) -> None:
    sound = ebu.tone(0, 3, channels=1, rate=rate, frequency=997)
    assert _measured(sound, rate=rate).integrated_lufs == pytest.approx(-3.01, abs=0.06)


@pytest.mark.parametrize(("channel", "expected"), [(0, -23.0), (1, -23.0), (2, -23.0), (3, -np.inf), (4, -21.5), (5, -21.5)])
def test_channels_of_5_1_weigh_as_annex_3_says(channel: int, expected: float) -> None:
    sound = np.zeros((48_000 * 2, 6), np.float32)
    sound[:, channel] = ebu.tone(-20, 2, channels=1)[:, 0]
    assert _measured(sound, layout="5.1(side)").integrated_lufs == pytest.approx(expected, abs=0.03)


def test_layouts_decide_where_the_count_does_not() -> None:
    assert channel_weights(3, "2.1") == (1, 1, 0)
    assert channel_weights(3) == (1, 1, 1)
    assert channel_weights(8, "7.1") == (1, 1, 1, 0, 1, 1, 1.41, 1.41)


def test_silence_is_minus_infinity_everywhere() -> None:
    loudness = _measured(ebu.silence(4))
    assert loudness.integrated_lufs == loudness.max_momentary_lufs == loudness.true_peak_dbtp == -np.inf
    assert loudness.loudness_range_lu == 0


def test_a_clip_shorter_than_a_block_has_no_integrated_loudness() -> None:
    loudness = _measured(ebu.tone(-23, 0.3))
    assert loudness.integrated_lufs == -np.inf
    assert loudness.max_momentary_lufs == pytest.approx(-23.0 + 10 * np.log10(0.75), abs=0.05)
    assert loudness.duration_seconds == pytest.approx(0.3)


def test_curves_have_one_value_each_tenth_of_a_second() -> None:
    loudness = _measured(ebu.tone(-23, 4.27))
    assert len(loudness.momentary_lufs) == len(loudness.short_term_lufs) == 42


@settings(max_examples=25, deadline=None)
@given(cuts=st.lists(st.integers(1, 30_000), min_size=1, max_size=12), seed=st.integers(0, 1000))
def test_the_figures_do_not_depend_on_how_the_stream_is_cut(cuts: list[int], seed: int) -> None:
    sound = np.random.default_rng(seed).normal(0, 0.1, (sum(cuts), 2)).astype(np.float32)
    meter, start = LoudnessMeter(44_100, 2), 0
    for cut in cuts:
        meter.add(sound[start : start + cut])
        start += cut
    found, whole = meter.result(), _measured(sound, rate=44_100, block=len(sound))
    assert found.integrated_lufs == pytest.approx(whole.integrated_lufs, abs=1e-4)
    assert found.true_peak_dbtp == pytest.approx(whole.true_peak_dbtp, abs=1e-4)
    assert found.momentary_lufs == pytest.approx(whole.momentary_lufs, abs=1e-3)


@settings(max_examples=15, deadline=None)
@given(gain=st.floats(-30, 10), seed=st.integers(0, 100))
def test_gain_moves_every_level_by_itself(gain: float, seed: int) -> None:
    sound = np.random.default_rng(seed).normal(0, 0.05, (48_000 * 2, 2)).astype(np.float32)
    before, after = _measured(sound), _measured(sound * np.float32(10 ** (gain / 20)))
    assert after.integrated_lufs - before.integrated_lufs == pytest.approx(gain, abs=1e-3)
    assert after.true_peak_dbtp - before.true_peak_dbtp == pytest.approx(gain, abs=1e-3)


def test_memory_does_not_grow_with_length() -> None:
    import tracemalloc

    block = np.random.default_rng(0).normal(0, 0.1, (48_000, 2)).astype(np.float32)
    meter = LoudnessMeter(48_000, 2)
    for _ in range(5):
        meter.add(block)
    tracemalloc.start()
    for _ in range(60):
        meter.add(block)
    grown = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert grown < 200_000


@pytest.mark.parametrize("block", [np.zeros((10, 3), np.float32), np.zeros(10, np.float32)])
def test_blocks_of_another_shape_are_refused(block: np.ndarray) -> None:
    with pytest.raises(ValueError, match="2 channels"):
        LoudnessMeter(48_000, 2).add(block)


def test_samples_that_are_not_numbers_are_refused() -> None:
    meter = LoudnessMeter(48_000, 1)
    with pytest.raises(ValueError, match="not numbers"):
        meter.add(np.full((9600, 1), np.nan, np.float32))
