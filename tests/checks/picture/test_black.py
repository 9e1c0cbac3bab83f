"""Black frames are found anywhere; dark pictures are not black."""

from typing import Any

import numpy as np

from kling_post.vocabulary import FrameRange, Severity


def blackened(pictures: list[Any], start: int, stop: int) -> list[Any]:
    return [np.full_like(picture, 16) if start <= place < stop else picture for place, picture in enumerate(pictures)]


def test_one_black_frame_in_the_middle_fails(make: Any) -> None:
    (finding,) = make.ask("black", make.clip(pictures=blackened(make.pan(24, 0.5), 11, 12), grain=1).subject()).findings
    assert (finding.severity, finding.frames) == (Severity.FAIL, FrameRange(11, 12))


def test_black_at_the_tail_is_for_review_and_ends_with_the_take(make: Any) -> None:
    (finding,) = make.ask("black", make.clip(pictures=blackened(make.pan(24, 0.5), 20, 24)).subject()).findings
    assert (finding.severity, finding.frames) == (Severity.REVIEW, FrameRange(20, 24))


def test_a_take_that_is_black_throughout_fails(make: Any) -> None:
    (finding,) = make.ask("black", make.clip(pictures=blackened(make.pan(24, 0.5), 0, 24)).subject()).findings
    assert (finding.severity, finding.frames) == (Severity.FAIL, FrameRange(0, 24))


def test_black_that_fades_lead_to_and_from_is_for_review(make: Any) -> None:
    gains = [*np.linspace(1, 0, 12), 0, 0, *np.linspace(0, 1, 12)]
    pictures = [16 + (picture - 16) * gain for picture, gain in zip(make.pan(26, 0.2), gains, strict=True)]
    (finding,) = make.ask("black", make.clip(pictures=pictures).subject()).findings
    assert finding.severity is Severity.REVIEW
    assert finding.frames.start <= 12 < finding.frames.stop


def test_a_night_scene_with_one_lamp_is_not_black(make: Any) -> None:
    night = np.full((180, 320), 17.0)
    night[60:80, 100:130] = 120
    assert make.ask("black", make.clip(pictures=[night] * 12, grain=1).subject()).findings == ()


def test_full_range_black_is_code_zero(make: Any) -> None:
    pictures = [np.full((180, 320), code) for code in (0.0, 0.0, 16.0, 16.0)]
    (finding,) = make.ask("black", make.clip(pictures=pictures).subject(color_range="full")).findings
    assert finding.frames == FrameRange(0, 2)
