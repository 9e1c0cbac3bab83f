import dataclasses
from pathlib import Path
from xml.etree import ElementTree as ET

from kling_post.reports.junit import junit_text, write_junit
from kling_post.reports.material import ReportMaterial
from kling_post.vocabulary import Judgement


def test_fails_are_failures_and_open_questions_are_skipped(material: ReportMaterial) -> None:
    root = ET.fromstring(junit_text(material))
    # The take: a size to look at, a flicker that fails, a question left open; one seam that fails; a programme that passes.
    assert {name: root.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "5",
        "failures": "2",
        "errors": "0",
        "skipped": "1",
    }
    assert [suite.get("name") for suite in root] == ["take one.mp4", "seams", "programme"]
    flicker = root.find(".//testcase[@name='flicker']/failure")
    assert flicker is not None
    assert (flicker.text or "").startswith("fail at 00:00:01:06 (f30): Brightness flickers")


def test_what_a_person_should_look_at_is_told_without_failing(material: ReportMaterial) -> None:
    case = ET.fromstring(junit_text(material)).find(".//testcase[@name='request_size']")
    assert case is not None
    assert case.find("failure") is None
    assert case.findtext("system-out") == "review: The picture is small."


def test_text_that_xml_cannot_carry_does_not_break_it(material: ReportMaterial, tmp_path: Path) -> None:
    finding = dataclasses.replace(material.takes[0].judgement.findings[1], message="bell \a null \0 ]]> <b>")
    take = dataclasses.replace(material.takes[0], judgement=Judgement(findings=(finding,)))
    written = write_junit(dataclasses.replace(material, takes=(take,)), tmp_path / "junit.xml")
    failure = ET.parse(written).find(".//failure")
    assert failure is not None
    assert (failure.get("message") or "").endswith("bell \ufffd null \ufffd ]]> <b>")
