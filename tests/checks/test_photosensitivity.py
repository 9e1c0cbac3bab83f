"""Analytic flashes at both sides of every limit of BT.1702-3 and WCAG."""

from typing import Any

import numpy as np
import pytest

from kling_post.checks.check import Subject
from kling_post.vocabulary import Severity, TakePlan

RATE = 24


def subject_of(make: Any, tiles: Any) -> Subject:
    """A take of which only the tile means are known, in 8-bit limited-range codes."""
    values = np.asarray(tiles, np.float64).reshape(-1, 9, 16)
    return Subject(facts=make.facts(len(values)), plan=TakePlan(), signals={"luma": {"tiles": values}}, loudness=None)


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
