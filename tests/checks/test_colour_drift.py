"""Slow one-way changes are drift; changes of content and small wanderings are not."""

from typing import Any

import numpy as np

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
