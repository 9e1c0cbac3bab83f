"""Analytic flashes at both sides of every limit of BT.1702-3 and WCAG."""

from typing import Any

import numpy as np
import pytest

from kling_post.checks.check import Subject
from kling_post.checks.evidence.linear_light import linear_rgb
from kling_post.signals.kernels.perceptual import ictcp
from kling_post.vocabulary import Severity, TakePlan

RATE = 24


def subject_of(make: Any, tiles: Any) -> Subject:
    """A take of which only the tile means are known, in 8-bit limited-range codes."""
    values = np.asarray(tiles, np.float64).reshape(-1, 9, 16)
    grey = ictcp(np.full((len(values), 9, 16, 3), 0.4))
    signals = {"luma": {"tiles": values}, "colour": {"ictcp_tiles": grey}}
    return Subject(facts=make.facts(len(values)), plan=TakePlan(), signals=signals, loudness=None)


def coloured(make: Any, light: Any) -> Subject:
    """A take of tiles with this linear R, G and B, 0 to 1, (frames, 144, 3), all of one luma."""
    colours = np.asarray(light, np.float64).reshape(-1, 9, 16, 3)
    signals = {"luma": {"tiles": np.full(colours.shape[:3], 90.0)}, "colour": {"ictcp_tiles": ictcp(colours ** (1 / 2.4))}}
    return Subject(facts=make.facts(len(colours)), plan=TakePlan(), signals=signals, loudness=None)


def red_flashing(hertz: float, colour: tuple[float, float, float], tiles: int = 144) -> Any:
    """Three seconds of grey tiles of which the first turn to a colour and back."""
    frames = 3 * RATE
    shown = (np.arange(frames) * 2 * hertz / RATE).astype(int) % 2 == 1
    picture = np.full((frames, 144, 3), 0.05)
    picture[np.ix_(shown, np.arange(tiles))] = colour
    return picture


def code(light_cd_m2: float) -> float:
    """The code that a 200 cd/m2 display with gamma 2.4 shows with this luminance."""
    return 16 + 219 * float((light_cd_m2 / 200) ** (1 / 2.4))


def flashing(seconds: float, hertz: float, dark: float, bright: float, tiles: int = 144) -> Any:
    """A square wave between two luminances over the first tiles, the rest at 50 cd/m2."""
    frames = round(seconds * RATE)
    bright_now = (np.arange(frames) * 2 * hertz / RATE).astype(int) % 2 == 1
    picture = np.full((frames, 144), code(50))
    picture[:, :tiles] = np.where(bright_now, code(bright), code(dark))[:, None]
    return picture


@pytest.mark.parametrize(("hertz", "harms"), [(3, False), (4, True), (6, True), (12, True)])
def test_three_flashes_a_second_are_allowed_and_four_are_not(make: Any, hertz: float, harms: bool) -> None:
    findings = make.ask("photosensitivity", subject_of(make, flashing(3, hertz, 20, 120))).findings
    assert [finding.severity for finding in findings] == ([Severity.FAIL] if harms else [])
    if harms:
        assert findings[0].measured == pytest.approx(hertz, abs=0.5)
        assert "pre-check" in findings[0].source


@pytest.mark.parametrize(("tiles", "harms"), [(34, False), (36, False), (37, True), (38, True)])
def test_a_quarter_of_the_picture_is_the_limit(make: Any, tiles: int, harms: bool) -> None:
    assert bool(make.ask("photosensitivity", subject_of(make, flashing(2, 6, 20, 120, tiles))).findings) is harms


@pytest.mark.parametrize(
    ("dark", "bright", "harms"),
    [(50, 69, False), (50, 71, True), (159, 178, False), (159, 180, True), (161, 180, False), (161, 183, True)],
)
def test_the_change_of_luminance_has_its_limits_in_the_dark_and_in_the_light(make: Any, dark: float, bright: float, harms: bool) -> None:
    assert bool(make.ask("photosensitivity", subject_of(make, flashing(2, 6, dark, bright))).findings) is harms


def test_allowed_flashing_that_goes_on_is_for_review(make: Any) -> None:
    (finding,) = make.ask("photosensitivity", subject_of(make, flashing(6, 2, 20, 120))).findings
    assert finding.severity is Severity.REVIEW
    assert make.ask("photosensitivity", subject_of(make, flashing(4.5, 2, 20, 120))).findings == ()


def test_flashes_are_placed_where_they_are(make: Any) -> None:
    still = np.full((48, 144), code(50))
    (finding,) = make.ask("photosensitivity", subject_of(make, np.concatenate([still, flashing(1, 6, 20, 120), still]))).findings
    assert 48 <= finding.frames.start <= 52
    assert 68 <= finding.frames.stop <= 74


def test_a_ramp_a_single_flash_and_a_moving_bright_thing_are_no_flashing(make: Any) -> None:
    ramp = np.linspace(code(1), code(190), 72)[:, None] * np.ones(144)
    single = np.full((72, 144), code(30))
    single[30] = code(190)
    crossing = np.full((72, 9, 16), code(20))
    for frame in range(72):
        crossing[frame, 2:6, (frame * 2) % 16 : (frame * 2) % 16 + 3] = code(190)
    for tiles in (ramp, single, crossing):
        assert make.ask("photosensitivity", subject_of(make, tiles)).findings == ()


def test_real_pulses_are_seen_through_the_signals(make: Any) -> None:
    pictures = [16 + (picture - 16) * (1.7 if place // 2 % 2 else 0.5) for place, picture in enumerate(make.pan(48, 0.5))]
    (finding,) = make.ask("photosensitivity", make.clip(pictures=pictures).subject()).findings
    assert finding.severity is Severity.FAIL


@pytest.mark.parametrize(("hertz", "harms"), [(3, False), (4, True), (8, True)])
def test_three_flashes_of_red_a_second_are_allowed_and_four_are_not(make: Any, hertz: float, harms: bool) -> None:
    findings = make.ask("photosensitivity", coloured(make, red_flashing(hertz, (0.5, 0.05, 0.05)))).findings
    assert [finding.severity for finding in findings] == ([Severity.FAIL] if harms else [])
    assert all("saturated red" in finding.message for finding in findings)


@pytest.mark.parametrize(("share", "harms"), [(0.79, False), (0.81, True)])
def test_red_counts_from_four_fifths_of_the_light(make: Any, share: float, harms: bool) -> None:
    colour = (0.4, 0.4 * (1 - share) / share / 2, 0.4 * (1 - share) / share / 2)
    assert bool(make.ask("photosensitivity", coloured(make, red_flashing(6, colour))).findings) is harms


@pytest.mark.parametrize(("red", "harms"), [(0.061, False), (0.064, True)])
def test_a_change_of_red_has_its_limit(make: Any, red: float, harms: bool) -> None:
    # (R - G - B) * 320 passes 20 at R = 0.0625 where green and blue are out.
    assert bool(make.ask("photosensitivity", coloured(make, red_flashing(6, (red, 0.0, 0.0)))).findings) is harms


@pytest.mark.parametrize(("tiles", "harms"), [(36, False), (37, True)])
def test_red_over_a_quarter_of_the_picture_is_the_limit(make: Any, tiles: int, harms: bool) -> None:
    assert bool(make.ask("photosensitivity", coloured(make, red_flashing(6, (0.6, 0.02, 0.02), tiles))).findings) is harms


def test_linear_light_comes_back_from_the_perceptual_space() -> None:
    colours = np.random.default_rng(1).random((50, 3))
    assert linear_rgb(ictcp(colours)) == pytest.approx(colours**2.4, abs=1e-6)
    assert linear_rgb(ictcp(colours, wide_primaries=True), wide_primaries=True) == pytest.approx(colours**2.4, abs=1e-6)
