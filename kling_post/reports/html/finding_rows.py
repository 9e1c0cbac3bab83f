"""Findings as rows of a table, the worst first."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from kling_post.reports.html.wording import figure_text
from kling_post.timebase import timecode
from kling_post.vocabulary import Finding, Severity

SEVERITIES = (Severity.FAIL, Severity.REVIEW, Severity.INFO)


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRow:
    """One finding as a row of a table."""

    subject: str
    place: str
    """Timecode and frames; "whole clip" where it holds for all of it."""
    anchor: str
    severity: str
    check: str
    measured: str
    limit: str
    unit: str
    message: str
    code: str
    remedy: str


def finding_row(finding: Finding, *, subject: str, anchor: str, rate: Fraction, first: int = 0) -> FindingRow:
    """A finding as a row; ``first`` is the frame count of the first timecode."""
    frames = finding.frames
    place = "whole clip"
    if frames is not None:
        span = f"f{frames.start}" if frames.frames <= 1 else f"f{frames.start} to f{frames.stop - 1}"
        place = f"{timecode(first + frames.start, rate)} · {span}"
    return FindingRow(
        subject=subject,
        place=place,
        anchor=anchor,
        severity=str(finding.severity),
        check=finding.check,
        measured=figure_text(finding.measured),
        limit=figure_text(finding.limit),
        unit=finding.unit,
        message=finding.message,
        code=finding.code,
        remedy=finding.remedy,
    )


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Fails, then reviews, then infos; each in order of time."""
    return sorted(findings, key=lambda one: (SEVERITIES.index(one.severity), one.frames.start if one.frames else -1))
