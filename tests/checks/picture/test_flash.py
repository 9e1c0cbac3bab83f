"""A frame that does not belong is found; cuts, fast movement and lasting changes are not flashes."""

from typing import Any

import numpy as np
import pytest

from kling_post.vocabulary import FrameRange, Severity


@pytest.mark.parametrize("percent", [3.5, 5, 10, 15, 40, -8, -60])
@pytest.mark.parametrize("length", [1, 2])
def test_a_brighter_or_darker_frame_is_found(make: Any, percent: float, length: int) -> None:
    pictures = make.pan(40, 1.5)
    for place in range(20, 20 + length):
        pictures[place] = 16 + (pictures[place] - 16) * (1 + percent / 100)
    findings = make.ask("flash", make.clip(pictures=pictures, grain=2).subject()).findings
    # From a quarter on, more light may be meant; less never is.
    severity = Severity.REVIEW if percent >= 25 else Severity.FAIL
    assert [(finding.severity, finding.frames) for finding in findings] == [(severity, FrameRange(20, 20 + length))]
    assert findings[0].measured == pytest.approx(abs(percent), rel=0.1, abs=0.5)


@pytest.mark.parametrize("percent", [7, -7])
def test_a_flash_while_the_light_grows_all_the_time_is_found(make: Any, percent: float) -> None:
    pictures = [16 + (each - 16) * (0.7 + 0.012 * place) for place, each in enumerate(make.pan(40, 1.5))]
    pictures[20] = 16 + (pictures[20] - 16) * (1 + percent / 100)
    (finding,) = make.ask("flash", make.clip(pictures=pictures, grain=1).subject()).findings
    assert (finding.severity, finding.frames) == (Severity.FAIL, FrameRange(20, 21))


def test_a_photographers_flash_that_dies_away_is_for_review(make: Any) -> None:
    pictures = make.pan(40, 0.6)
    for place, percent in ((20, 90), (21, 35), (22, 10)):
        pictures[place] = 16 + (pictures[place] - 16) * (1 + percent / 100)
    (finding,) = make.ask("flash", make.clip(pictures=pictures, grain=1).subject()).findings
    assert (finding.severity, finding.frames) == (Severity.REVIEW, FrameRange(20, 23))


def test_foreign_frames_are_found_in_a_fast_pan(make: Any) -> None:
    pictures = make.pan(40, 2.0)
    for place in (20, 21):
        pictures[place] = 0.4 * pictures[place] + 0.6 * make.scene(9, 0.0)
    findings = make.ask("flash", make.clip(pictures=pictures, grain=1).subject()).findings
    assert [finding.frames for finding in findings] == [FrameRange(20, 22)]


@pytest.mark.parametrize("code", [16, 235])
def test_a_black_or_white_frame_is_found(make: Any, code: float) -> None:
    pictures = make.pan(40, 0.5)
    pictures[11] = np.full_like(pictures[11], code)
    findings = make.ask("flash", make.clip(pictures=pictures, grain=1).subject()).findings
    assert [finding.frames for finding in findings] == [FrameRange(11, 12)]


def test_a_frame_of_another_shot_is_found(make: Any) -> None:
    pictures = make.pan(40, 0.5)
    pictures[25] = make.scene(9, 0.0)
    findings = make.ask("flash", make.clip(pictures=pictures, grain=1).subject()).findings
    assert [finding.frames for finding in findings] == [FrameRange(25, 26)]


def test_cuts_and_lasting_steps_are_no_flashes(make: Any) -> None:
    cut = make.pan(20, 0.7, seed=1) + make.pan(20, 0.7, seed=2)
    assert make.ask("flash", make.clip(pictures=cut, grain=1).subject()).findings == ()
    brighter = [picture * (1.0 if place < 20 else 1.2) for place, picture in enumerate(make.pan(40, 0.7))]
    assert make.ask("flash", make.clip(pictures=brighter, grain=1).subject()).findings == ()


@pytest.mark.parametrize("speed", [0.0, 2.0, 8.0, 16.0])
def test_movement_alone_never_flashes(make: Any, speed: float) -> None:
    assert make.ask("flash", make.clip(pictures=make.pan(48, speed), grain=2).subject()).findings == ()


def test_a_dip_to_black_between_fades_is_no_flash(make: Any) -> None:
    gains = [1.0] * 10 + list(np.linspace(1, 0.0, 10)) + list(np.linspace(0.0, 1, 10)) + [1.0] * 10
    pictures = [16 + (picture - 16) * gain for picture, gain in zip(make.pan(40, 0.3), gains, strict=True)]
    assert make.ask("flash", make.clip(pictures=pictures).subject()).findings == ()


def test_a_flash_of_which_an_encoder_keeps_a_part_is_found(make: Any) -> None:
    pictures = make.pan(40, 0.3)
    for place, percent in ((20, 9.6), *((later, 2.4) for later in range(21, 40))):
        pictures[place] = 16 + (pictures[place] - 16) * (1 + percent / 100)
    (finding,) = make.ask("flash", make.clip(pictures=pictures).subject()).findings
    assert finding.frames == FrameRange(20, 21)


def test_foreign_frames_that_are_mixed_in_faintly_are_found_in_a_pan(make: Any) -> None:
    pictures = make.pan(40, 3.5)
    for place in (20, 21):
        pictures[place] = 0.55 * pictures[place] + 0.45 * make.scene(9, 0.0)
    findings = make.ask("flash", make.clip(pictures=pictures, grain=1).subject()).findings
    assert [finding.frames for finding in findings] == [FrameRange(20, 22)]
