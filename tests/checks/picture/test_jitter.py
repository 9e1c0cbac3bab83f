"""Alternating shake is jitter; pans, sways and cuts are not."""

from typing import Any

import numpy as np

from kling_post.vocabulary import Severity


def shaken(make: Any, offsets: Any) -> list[Any]:
    return [make.scene(1, round(float(offset), 3)) for offset in offsets]


def test_frame_to_frame_shake_is_for_review(make: Any) -> None:
    random = np.random.default_rng(2)
    offsets = np.arange(60) * 0.5 + random.normal(0, 2.5, 60)
    findings = make.ask("jitter", make.clip(pictures=shaken(make, offsets)).subject()).findings
    assert findings
    assert {finding.severity for finding in findings} == {Severity.REVIEW}


def test_shake_in_one_second_is_placed_there(make: Any) -> None:
    offsets = np.arange(96) * 0.5
    offsets[36:60] += 3 * (-1.0) ** np.arange(24)
    (finding,) = make.ask("jitter", make.clip(pictures=shaken(make, offsets)).subject()).findings
    assert abs(finding.frames.start - 36) <= 2
    assert abs(finding.frames.stop - 60) <= 2


def test_a_pan_and_a_hands_sway_are_no_jitter(make: Any) -> None:
    assert make.ask("jitter", make.clip(pictures=make.pan(60, 6.0), grain=1).subject()).findings == ()
    sway = 6 * np.sin(np.arange(72) / 24 * 2 * np.pi * 1.5)
    assert make.ask("jitter", make.clip(pictures=shaken(make, sway), grain=1).subject()).findings == ()


def test_cuts_between_shots_are_no_jitter(make: Any) -> None:
    pictures = [picture for seed in range(1, 5) for picture in make.pan(30, 1.0, seed=seed)]
    assert make.ask("jitter", make.clip(pictures=pictures).subject()).findings == ()


def test_what_flow_makes_of_grain_in_a_plain_sky_is_no_jitter(make: Any) -> None:
    pictures = [picture.copy() for picture in make.pan(60, 0.5)]
    for picture in pictures:
        picture[:108] = np.linspace(150, 138, 108)[:, None]
    subject = make.clip(pictures=pictures, grain=3).subject()
    assert make.ask("jitter", subject, uneven=1e9).findings
    assert make.ask("jitter", subject).findings == ()
