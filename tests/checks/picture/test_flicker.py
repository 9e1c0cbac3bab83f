"""Pulsing light is flicker at every frequency and period; moving things, fades and darkness are not."""

from typing import Any

import numpy as np
import pytest

from kling_post.vocabulary import Severity


def lit(pictures: list[Any], gains: Any) -> list[Any]:
    return [16 + (picture - 16) * gain for picture, gain in zip(pictures, gains, strict=True)]


@pytest.mark.parametrize("hertz", [3, 4, 8, 12])
@pytest.mark.parametrize("speed", [0.0, 1.5])
def test_pulses_of_two_per_cent_are_found_at_every_frequency(make: Any, hertz: float, speed: float) -> None:
    times = np.arange(72) / 24
    # At half the frame rate a sine would be sampled at its zeros: start it at its crest.
    gains = 1 + 0.02 * np.cos(2 * np.pi * hertz * times)
    findings = make.ask("flicker", make.clip(pictures=lit(make.pan(72, speed), gains), grain=1).subject()).findings
    assert len(findings) == 1
    assert findings[0].severity is Severity.FAIL
    assert findings[0].measured == pytest.approx(100 * np.ptp(gains), abs=0.4)
    assert findings[0].frames.start <= 12
    assert findings[0].frames.stop >= 60


def test_pulses_in_one_second_are_placed_there(make: Any) -> None:
    gains = np.ones(96)
    gains[36:60] += 0.02 * np.cos(np.pi * np.arange(24))
    (finding,) = make.ask("flicker", make.clip(pictures=lit(make.pan(96, 0.5), gains), grain=1).subject()).findings
    assert abs(finding.frames.start - 36) <= 1
    assert abs(finding.frames.stop - 60) <= 1


def test_pulses_of_three_quarters_of_a_per_cent_are_for_review(make: Any) -> None:
    gains = 1 + 0.0075 * np.cos(np.pi * np.arange(72))
    (finding,) = make.ask("flicker", make.clip(pictures=lit(make.pan(72, 0.0), gains), grain=1).subject()).findings
    assert finding.severity is Severity.REVIEW


@pytest.mark.parametrize("period", [8, 16, 17])
def test_a_dip_at_a_generators_period_is_found_with_its_period(make: Any, period: int) -> None:
    gains = np.ones(120)
    gains[period // 2 :: period] = 0.96
    findings = make.ask("flicker", make.clip(pictures=lit(make.pan(120, 0.6), gains), grain=1).subject()).findings
    assert len(findings) == 1
    if period >= 16:
        assert f"Every {period}th frame" in findings[0].message
        assert findings[0].frames.start == period // 2
        assert findings[0].measured == pytest.approx(4.1, abs=0.5)


@pytest.mark.parametrize("speed", [0.0, 0.4, 3.0, 12.0])
def test_movement_alone_never_flickers(make: Any, speed: float) -> None:
    assert make.ask("flicker", make.clip(pictures=make.pan(72, speed), grain=2).subject()).findings == ()


def test_fades_do_not_flicker(make: Any) -> None:
    gains = np.concatenate([np.linspace(0.05, 1, 36), np.linspace(1, 0.05, 36)])
    assert make.ask("flicker", make.clip(pictures=lit(make.pan(72, 0.4), gains), grain=1).subject()).findings == ()


def test_a_bright_thing_that_crosses_the_picture_does_not_flicker(make: Any) -> None:
    pictures = []
    for place in range(72):
        picture = make.scene(1, 0.0).copy()
        across = (place * 23) % 280
        picture[40:110, across : across + 40] = 225
        pictures.append(picture)
    assert make.ask("flicker", make.clip(pictures=pictures, grain=1).subject()).findings == ()


def test_cuts_between_bright_and_dark_shots_do_not_flicker(make: Any) -> None:
    pictures = []
    for shot in range(8):
        pictures += lit(make.pan(9, 0.5, seed=shot + 1), np.full(9, 0.7 if shot % 2 else 1.2))
    assert make.ask("flicker", make.clip(pictures=pictures, grain=1).subject()).findings == ()


def test_firelight_however_strong_is_no_flicker(make: Any) -> None:
    for seed in range(3):
        random = np.random.default_rng(seed)
        spectrum = np.fft.rfft(random.standard_normal(288))
        spectrum[1:] /= np.arange(1, len(spectrum))
        spectrum[0] = 0
        light = np.fft.irfft(spectrum)[:72]
        gains = 1 + 0.05 * light / light.std()
        assert make.ask("flicker", make.clip(pictures=lit(make.pan(72, 0.3), gains), grain=1).subject()).findings == ()


def test_light_that_is_drawn_anew_in_every_frame_is_for_review(make: Any) -> None:
    gains = 1 + 0.02 * np.random.default_rng(5).standard_normal(96)
    (finding,) = make.ask("flicker", make.clip(pictures=lit(make.pan(96, 0.3), gains), grain=1).subject()).findings
    assert finding.severity is Severity.REVIEW
    assert "anew in every frame" in finding.message
    assert finding.measured == pytest.approx(8, abs=4)


def test_a_beat_of_a_third_of_the_picture_is_not_the_whole_pictures(make: Any) -> None:
    pictures = make.pan(72, 0.3)
    for place, picture in enumerate(pictures):
        part = picture.copy()
        part[:60] = 16 + (part[:60] - 16) * (1 + 0.05 * np.cos(2 * np.pi * 6 * place / 24))
        pictures[place] = part
    assert make.ask("flicker", make.clip(pictures=pictures, grain=1).subject()).findings == ()
