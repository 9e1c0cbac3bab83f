"""The nouns keep their own rules."""

import pytest

from kling_post.vocabulary import Finding, FrameRange, Judgement, Severity, Size, Undetermined, Verdict


def finding(severity: Severity) -> Finding:
    return Finding(check="freeze", severity=severity, frames=None, measured=None, limit=None, unit="", message="It stands still.")


def test_a_frame_range_is_half_open() -> None:
    assert FrameRange(3, 7).frames == 4
    assert FrameRange(3, 7).shifted(10) == FrameRange(13, 17)


@pytest.mark.parametrize(("start", "stop"), [(-1, 2), (5, 4)])
def test_a_frame_range_cannot_run_backwards(start: int, stop: int) -> None:
    with pytest.raises(ValueError, match="runs forward"):
        FrameRange(start, stop)


def test_size_reads_as_width_by_height() -> None:
    assert str(Size(3840, 2160)) == "3840x2160"


@pytest.mark.parametrize(
    ("severities", "verdict"),
    [
        ((), Verdict.PASS),
        ((Severity.INFO,), Verdict.PASS),
        ((Severity.INFO, Severity.REVIEW), Verdict.REVIEW),
        ((Severity.REVIEW, Severity.FAIL), Verdict.FAIL),
    ],
)
def test_the_verdict_is_the_worst_severity(severities: tuple[Severity, ...], verdict: Verdict) -> None:
    assert Judgement(findings=tuple(map(finding, severities))).verdict is verdict


def test_an_unanswered_question_is_never_a_pass() -> None:
    unanswered = (Undetermined(check="banding", reason="too short"),)
    assert Judgement(undetermined=unanswered).verdict is Verdict.UNDETERMINED
    assert Judgement(findings=(finding(Severity.FAIL),), undetermined=unanswered).verdict is Verdict.FAIL
