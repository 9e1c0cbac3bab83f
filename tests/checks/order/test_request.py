"""Size, rate, length and sound against the request, and what a container must be."""

from fractions import Fraction
from typing import Any

import pytest

from kling_post.checks.check import Subject
from kling_post.vocabulary import FrameRange, Severity, Size, TakePlan


def subject(make: Any, plan: TakePlan, frames: int = 216, **changes: Any) -> Subject:
    return Subject(facts=make.facts(frames, **changes), plan=plan, signals={}, loudness=None)


def test_the_ordered_size_passes_and_any_other_fails(make: Any) -> None:
    plan = TakePlan(size=Size(3840, 2160))
    assert make.ask("request_size", subject(make, plan, size=Size(3840, 2160))).findings == ()
    (finding,) = make.ask("request_size", subject(make, plan, size=Size(1920, 1080))).findings
    assert finding.severity is Severity.FAIL
    assert finding.message == "The picture is 1920x1080; 3840x2160 was ordered."


def test_an_order_without_a_size_takes_any(make: Any) -> None:
    assert make.ask("request_size", subject(make, TakePlan())).findings == ()


def test_nine_seconds_at_24_are_216_frames(make: Any) -> None:
    plan = TakePlan(duration_seconds=Fraction(9))
    assert make.ask("request_length", subject(make, plan, 216)).findings == ()


@pytest.mark.parametrize(("frames", "severity"), [(215, Severity.FAIL), (217, Severity.INFO), (228, Severity.INFO), (229, Severity.REVIEW)])
def test_missing_frames_fail_and_surplus_frames_are_noted(make: Any, frames: int, severity: Severity) -> None:
    (finding,) = make.ask("request_length", subject(make, TakePlan(duration_seconds=Fraction(9)), frames)).findings
    assert finding.severity is severity


def test_surplus_frames_are_placed(make: Any) -> None:
    (finding,) = make.ask("request_length", subject(make, TakePlan(duration_seconds=Fraction(9)), 220)).findings
    assert finding.frames == FrameRange(216, 220)


def test_23_976_is_not_24(make: Any) -> None:
    plan = TakePlan(rate=Fraction(24))
    assert make.ask("request_rate", subject(make, plan)).findings == ()
    (finding,) = make.ask("request_rate", subject(make, plan, rate=Fraction(24000, 1001))).findings
    assert finding.severity is Severity.FAIL


def test_a_variable_rate_fails_whatever_was_ordered(make: Any) -> None:
    (finding,) = make.ask("request_rate", subject(make, TakePlan(), constant_rate=False)).findings
    assert finding.severity is Severity.FAIL


@pytest.mark.parametrize(
    ("wanted", "there", "severity"),
    [
        (True, True, None),
        (True, False, Severity.FAIL),
        (False, True, Severity.REVIEW),
        (False, False, None),
        (None, True, None),
        (None, False, None),
    ],
)
def test_sound_is_there_exactly_when_it_was_ordered(make: Any, wanted: bool | None, there: bool, severity: Severity | None) -> None:
    track = make.audio(Fraction(9)) if there else None
    findings = make.ask("request_sound", subject(make, TakePlan(sound=wanted), audio=track)).findings
    assert [finding.severity for finding in findings] == ([] if severity is None else [severity])


@pytest.mark.parametrize(
    ("seconds", "start", "severity"),
    [
        ("9", "0", None),
        ("8.93", "0", None),
        ("8.9", "0", Severity.REVIEW),
        ("8.4", "0", Severity.FAIL),
        ("9.1", "0", Severity.INFO),
        ("11.5", "0", Severity.REVIEW),
        ("9", "0.03", None),
        ("8.9", "0.1", Severity.REVIEW),
    ],
)
def test_sound_and_picture_start_and_end_together(make: Any, seconds: str, start: str, severity: Severity | None) -> None:
    track = make.audio(Fraction(seconds), Fraction(start))
    findings = make.ask("container", subject(make, TakePlan(), audio=track)).findings
    assert [finding.severity for finding in findings] == ([] if severity is None else [severity])


def test_fields_and_oblong_pixels_are_for_review_and_rotation_is_noted(make: Any) -> None:
    for changes, severity in (
        ({"interlaced": True}, Severity.REVIEW),
        ({"sample_aspect": Fraction(64, 45)}, Severity.REVIEW),
        ({"rotation_degrees": 90}, Severity.INFO),
        ({"start_seconds": Fraction(1, 12)}, Severity.INFO),
    ):
        (finding,) = make.ask("container", subject(make, TakePlan(), **changes)).findings
        assert finding.severity is severity
