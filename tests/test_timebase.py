"""Frames, rates and timecode; opentimelineio's own timecode is the independent reader."""

from fractions import Fraction

import opentimelineio as otio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kling_post.timebase import (
    frames_to_samples,
    frames_to_seconds,
    is_ntsc,
    nominal_rate,
    parse_rate,
    parse_timecode,
    seconds_to_frames,
    timecode,
)

RATES = [parse_rate(text) for text in ("23.976", "24", "25", "29.97", "30", "48", "50", "59.94", "60")]
DROP_RATES = [parse_rate("29.97"), parse_rate("59.94")]
DAY_HOURS = 24


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("23.976", Fraction(24000, 1001)),
        ("23.98", Fraction(24000, 1001)),
        (29.97, Fraction(30000, 1001)),
        ("59.94", Fraction(60000, 1001)),
        ("30000/1001", Fraction(30000, 1001)),
        (24, Fraction(24)),
        ("12.5", Fraction(25, 2)),
    ],
)
def test_a_rate_is_read_as_the_exact_fraction_its_name_means(text: str | float, rate: Fraction) -> None:
    assert parse_rate(text) == rate


@pytest.mark.parametrize("text", ["0", "-24", "fast", "24/0", "1e9", "", "nan"])
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="frame rate"):
        parse_rate(text)


def test_nominal_rate_counts_timecode_frames() -> None:
    assert nominal_rate(Fraction(24000, 1001)) == 24
    assert is_ntsc(Fraction(24000, 1001))
    assert not is_ntsc(Fraction(24))


@given(st.sampled_from(RATES), st.integers(0, 60 * 60 * 60))
def test_timecode_of_a_frame_reads_back_as_that_frame(rate: Fraction, frames: int) -> None:
    assert parse_timecode(timecode(frames, rate), rate) == frames


@given(st.sampled_from(DROP_RATES), st.integers(0, 60 * 60 * 60 * 5))
def test_drop_frame_timecode_reads_back_as_its_frame(rate: Fraction, frames: int) -> None:
    assert parse_timecode(timecode(frames, rate, drop_frame=True), rate) == frames


@given(st.sampled_from(RATES), st.integers(0, 60 * 60 * 60 * 5))
def test_timecode_agrees_with_opentimelineio(rate: Fraction, frames: int) -> None:
    moment = otio.opentime.RationalTime(frames, float(rate))
    assert timecode(frames, rate) == otio.opentime.to_timecode(moment, float(rate), drop_frame=False)


@given(st.sampled_from(DROP_RATES), st.integers(0, 60 * 60 * 60 * 5))
def test_drop_frame_timecode_agrees_with_opentimelineio(rate: Fraction, frames: int) -> None:
    moment = otio.opentime.RationalTime(frames, float(rate))
    expected = otio.opentime.to_timecode(moment, float(rate), drop_frame=True)
    assert timecode(frames, rate, drop_frame=True) == expected


def test_drop_frame_skips_two_numbers_each_minute_but_the_tenth() -> None:
    rate = parse_rate("29.97")
    assert timecode(1799, rate, drop_frame=True) == "00:00:59;29"
    assert timecode(1800, rate, drop_frame=True) == "00:01:00;02"
    assert timecode(17982, rate, drop_frame=True) == "00:10:00;00"


@pytest.mark.parametrize("text", ["00:00:00:24", "00:60:00:00", "1:00:00:00", "00:01:00;00", "abc", "00:00:00;00"])
def test_a_timecode_that_does_not_exist_is_refused(text: str) -> None:
    rate = parse_rate("29.97") if text == "00:01:00;00" else Fraction(24)
    with pytest.raises(ValueError, match="timecode"):
        parse_timecode(text, rate)
    with pytest.raises(ValueError, match="timecode"):
        timecode(-1, rate)


def test_durations_become_the_nearest_frame_count() -> None:
    assert seconds_to_frames(9, Fraction(24)) == 216
    assert seconds_to_frames(Fraction(1, 48), Fraction(24)) == 1
    assert frames_to_seconds(1001, Fraction(24000, 1001)) == Fraction(1001 * 1001, 24000)


@given(st.sampled_from(RATES), st.integers(0, 10**6), st.integers(0, 10**4))
def test_sample_boundaries_never_drift(rate: Fraction, start: int, length: int) -> None:
    exact = Fraction(start + length) / rate * 48_000
    assert abs(frames_to_samples(start + length, rate, 48_000) - exact) <= Fraction(1, 2)
