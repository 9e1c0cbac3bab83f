"""Slow one-way changes are drift; changes of content and small wanderings are not."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from kling_post.checks.picture.colour_drift import _contrast
from kling_post.vocabulary import Severity


def test_a_shot_that_slowly_warms_is_for_review(make: Any) -> None:
    def chroma(place: int) -> tuple[float, float]:
        return 124 - place * 0.15, 128 + place * 0.2

    findings = make.ask("colour_drift", make.clip(pictures=make.pan(96, 0.1), chroma=chroma).subject()).findings
    assert findings
    assert {finding.severity for finding in findings} == {Severity.REVIEW}
    assert any("Delta E ITP" in finding.unit for finding in findings)


def test_a_shot_that_gains_contrast_is_for_review(make: Any) -> None:
    pictures = [110 + (picture - 110) * (0.7 + 0.5 * place / 95) for place, picture in enumerate(make.pan(96, 0.05))]
    findings = make.ask("colour_drift", make.clip(pictures=pictures).subject()).findings
    assert any(finding.message.startswith("Contrast rises") for finding in findings)


def test_a_steady_pan_does_not_drift(make: Any) -> None:
    assert make.ask("colour_drift", make.clip(pictures=make.pan(96, 0.8), grain=1).subject()).findings == ()


def test_a_light_that_comes_and_goes_is_no_drift(make: Any) -> None:
    swing = np.sin(np.linspace(0, 4 * np.pi, 96))
    pictures = [picture + 12 * light for picture, light in zip(make.pan(96, 0.05), swing, strict=True)]
    assert make.ask("colour_drift", make.clip(pictures=pictures).subject()).findings == ()


def test_a_shot_that_ends_on_something_else_is_not_asked(make: Any) -> None:
    pictures = [make.scene(1, 0.0) * (1 - place / 95) + (make.scene(5, 0.0) + 60) * (place / 95) for place in range(96)]
    assert make.ask("colour_drift", make.clip(pictures=pictures).subject()).findings == ()


def test_an_even_drift_is_measured_from_the_first_frame_to_the_last(make: Any) -> None:
    pictures = [110 + (picture - 110) * (1 + 0.25 * place / 95) for place, picture in enumerate(make.pan(96, 0.0))]
    (finding,) = make.ask("colour_drift", make.clip(pictures=pictures, grain=1).subject()).findings
    assert finding.message.startswith("Contrast rises")
    assert finding.measured == pytest.approx(25, abs=1.5)


def test_more_light_is_told_once(make: Any) -> None:
    pictures = [16 + (picture - 16) * (1 + 0.25 * place / 95) for place, picture in enumerate(make.pan(96, 0.0))]
    (finding,) = make.ask("colour_drift", make.clip(pictures=pictures, grain=1).subject()).findings
    assert finding.message.startswith("Exposure drifts brighter")


def test_a_thing_that_changes_its_colour_is_no_drift(make: Any) -> None:
    subject = make.clip(pictures=make.pan(96, 0.0), grain=1).subject()
    tiles = subject.signals["colour"]["ictcp_tiles"].copy()
    tiles[:, 2:6, 3:8, 2] += np.linspace(0, 0.1, 96)[:, None, None]
    signals = {**subject.signals, "colour": {**subject.signals["colour"], "ictcp_tiles": tiles}}
    assert make.ask("colour_drift", replace(subject, signals=signals)).findings == ()
    tiles[..., 2] += np.linspace(0, 0.02, 96)[:, None, None]
    finding = make.ask("colour_drift", replace(subject, signals=signals)).findings[0]
    assert finding.message.startswith("Colour drifts redder by 14 Delta E ITP")


@pytest.mark.parametrize("contrast", [1.0, 1.3])
def test_contrast_is_read_true_while_other_things_come_into_the_picture(contrast: float) -> None:
    rng = np.random.default_rng(5)
    before, after = rng.normal(0, 30, (2, 144))
    share = np.linspace(0, 0.8, 60)[:, None]
    scene = np.sqrt(1 - share**2) * before + share * after
    curve = _contrast(100 + scene * np.linspace(1, contrast, 60)[:, None])
    assert curve is not None
    assert curve[-5:].mean() == pytest.approx(100 * (contrast - 1), abs=8)
