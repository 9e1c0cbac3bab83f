"""Findings as a JUnit XML report, which every build server shows: a suite for each take, one for the seams, one for the programme.

Each check that found something is a test case; fail becomes ``failure``, a question that stayed open becomes ``skipped`` with its
reason, and what a person should look at stands in the case's output. A take in which nothing was found is one case that passed.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree as ET

from kling_post.errors import MediaError
from kling_post.reports.check_json import ExaminedClip
from kling_post.reports.material import ReportMaterial
from kling_post.timebase import timecode
from kling_post.vocabulary import Finding, Judgement, Severity
from kling_post.whole_files import write_whole

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot carry, not even escaped."""


Suites = Sequence[tuple[str, Sequence["Case"]]]
"""Names of suites, each with what was judged in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One thing that was judged."""

    subject: str
    judgement: Judgement
    rate: Fraction
    first_frame: int = 0
    """Frame count of its first frame's timecode."""


def write_junit(material: ReportMaterial, path: Path) -> Path:
    """Write a run's report; it appears under its name only when it is whole."""
    write_whole(path, junit_text(material))
    return path


def junit_text(material: ReportMaterial) -> str:
    """A run's report as XML text."""
    rate, first = material.timeline.rate, material.timeline.start_frame
    suites: list[tuple[str, Sequence[Case]]] = [
        (item.take.path.name, [Case(subject=item.take.path.name, judgement=item.judgement, rate=item.take.facts.rate)])
        for item in material.takes
    ]
    if material.seams:
        seams = [
            Case(subject=f"{seam.outgoing} to {seam.incoming}", judgement=seam.judgement, rate=rate, first_frame=first)
            for seam in material.seams
        ]
        suites.append(("seams", seams))
    if material.master is not None:
        master = material.master
        suites.append(("programme", [Case(subject=master.facts.path.name, judgement=master.judgement, rate=rate, first_frame=first)]))
    return junit_of(material.project_name, suites)


def write_clips_junit(examined: Sequence[ExaminedClip], unread: Sequence[MediaError], path: Path) -> Path:
    """Write the report of clips that belong to no project; a file that could not be read is an error."""
    suites = [(one.path.name, [Case(subject=one.path.name, judgement=one.judgement, rate=one.facts.rate)]) for one in examined]
    write_whole(path, junit_of("kling-post check", suites, unread))
    return path


def junit_of(name: str, suites: Suites, unread: Sequence[MediaError] = ()) -> str:
    """Suites as XML text."""
    root = ET.Element("testsuites", name=_clean(name))
    for title, cases in suites:
        suite = _suite(root, title)
        for case in cases:
            _cases(suite, case.subject, case.judgement, case.rate, first=case.first_frame)
    for error in unread:
        broken = ET.SubElement(_suite(root, error.path.name), "testcase", classname=_clean(error.path.name), name="read the file")
        ET.SubElement(broken, "error", type=type(error).__name__, message=_clean(error.message))
    for suite in root:
        _count(suite, suite.iter("testcase"))
    _count(root, root.iter("testcase"))
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _suite(root: ET.Element, name: str) -> ET.Element:
    return ET.SubElement(root, "testsuite", name=_clean(name))


def _cases(suite: ET.Element, subject: str, judgement: Judgement, rate: Fraction, *, first: int = 0) -> None:
    by_check: dict[str, list[Finding]] = {}
    for finding in judgement.findings:
        by_check.setdefault(finding.check, []).append(finding)
    for check, findings in by_check.items():
        case = ET.SubElement(suite, "testcase", classname=_clean(subject), name=_clean(check))
        lines = [_line(finding, rate, first) for finding in findings]
        failed = [line for finding, line in zip(findings, lines, strict=True) if finding.severity is Severity.FAIL]
        if failed:
            failure = ET.SubElement(case, "failure", type=_clean(check), message=_clean(failed[0]))
            failure.text = _clean("\n".join(failed))
        rest = [line for line in lines if line not in failed]
        if rest:
            ET.SubElement(case, "system-out").text = _clean("\n".join(rest))
    for question in judgement.undetermined:
        case = ET.SubElement(suite, "testcase", classname=_clean(subject), name=_clean(question.check))
        ET.SubElement(case, "skipped", message=_clean(question.reason))
    if not judgement.findings and not judgement.undetermined:
        ET.SubElement(suite, "testcase", classname=_clean(subject), name="all checks")


def _line(finding: Finding, rate: Fraction, first: int) -> str:
    where = "" if finding.frames is None else f" at {timecode(first + finding.frames.start, rate)} (f{finding.frames.start})"
    return f"{finding.severity}{where}: {finding.message}"


def _count(element: ET.Element, cases: Iterable[ET.Element]) -> None:
    listed = list(cases)
    element.set("tests", str(len(listed)))
    element.set("failures", str(sum(case.find("failure") is not None for case in listed)))
    element.set("errors", str(sum(case.find("error") is not None for case in listed)))
    element.set("skipped", str(sum(case.find("skipped") is not None for case in listed)))


def _clean(text: str) -> str:
    return _NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", text)
