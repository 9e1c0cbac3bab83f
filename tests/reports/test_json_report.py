import dataclasses
import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import jsonschema
import pytest

from kling_post.reports.json_report import json_schema, report_as_json, write_json_report
from kling_post.reports.json_values import dollars, finding_json, number
from kling_post.reports.material import ReportMaterial
from kling_post.vocabulary import Verdict
from kling_post.whole_files import write_whole


def test_the_schema_is_a_schema_and_every_report_keeps_it(material: ReportMaterial, tmp_path: Path) -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())
    written = write_json_report(material, tmp_path / "report.json")
    jsonschema.Draft202012Validator(json_schema()).validate(json.loads(written.read_text(encoding="utf-8")))


def test_a_run_without_master_money_or_seams_keeps_the_schema_too(material: ReportMaterial, tmp_path: Path) -> None:
    bare = dataclasses.replace(material, seams=(), master=None, target=None, exports=(), budget_usd=None, created=None)
    jsonschema.Draft202012Validator(json_schema()).validate(report_as_json(bare, tmp_path))


def test_the_schema_refuses_a_key_that_it_does_not_name(material: ReportMaterial, tmp_path: Path) -> None:
    document = {**report_as_json(material, tmp_path), "colour": "red"}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(json_schema()).validate(document)


def test_the_verdict_is_the_worst_of_takes_seams_and_programme(material: ReportMaterial, tmp_path: Path) -> None:
    assert material.verdict is Verdict.FAIL
    document = report_as_json(material, tmp_path)
    assert (document["verdict"], document["takes"][0]["verdict"], document["seams"][0]["verdict"]) == ("fail", "fail", "fail")
    assert document["programme"]["verdict"] == "pass"


def test_findings_carry_frames_timecode_and_figures(material: ReportMaterial, tmp_path: Path) -> None:
    whole, flicker = report_as_json(material, tmp_path)["takes"][0]["findings"]
    assert flicker["frames"] == {"start": 30, "stop": 36, "timecode": "00:00:01:06"}
    assert (flicker["measured"], flicker["limit"], flicker["unit"]) == (3.5, 1.0, "%")
    assert (whole["frames"], whole["limit"]) == (None, None)


def test_timecode_of_a_seam_is_the_programme_s(material: ReportMaterial, tmp_path: Path) -> None:
    assert report_as_json(material, tmp_path)["seams"][0]["timecode"] == "01:00:01:00"


def test_silence_and_missing_limits_are_null(material: ReportMaterial, tmp_path: Path) -> None:
    document = report_as_json(material, tmp_path)
    assert document["takes"][0]["loudness"]["max_short_term_lufs"] is None
    assert document["seams"][0]["properties"][0]["limit"] is None


def test_paths_are_relative_to_the_report(material: ReportMaterial, take_file: Path) -> None:
    document = report_as_json(material, take_file.parent / "report")
    assert document["takes"][0]["file"] == "../take one.mp4"


def test_money_is_exact_text(material: ReportMaterial, tmp_path: Path) -> None:
    assert report_as_json(material, tmp_path)["money"] == {"quoted_usd": "3.78", "cost_usd": "3.78", "budget_usd": "20.00"}


@pytest.mark.parametrize(("amount", "text"), [("4.2", "4.20"), ("0", "0.00"), ("14.70", "14.70"), ("0.0035", "0.0035"), ("1E+2", "100.00")])
def test_dollars_keep_two_decimals_and_more_where_there_are_more(amount: str, text: str) -> None:
    assert dollars(Decimal(amount)) == text


@pytest.mark.parametrize(("value", "kept"), [(float("nan"), None), (float("-inf"), None), (None, None), (1.23456, 1.2346)])
def test_numbers_that_json_has_no_word_for_are_null(value: float | None, kept: float | None) -> None:
    assert number(value) == kept


def test_a_finding_counts_its_timecode_in_the_rate_given(material: ReportMaterial) -> None:
    flicker = material.takes[0].judgement.findings[1]
    assert finding_json(flicker, Fraction(30000, 1001), first=30)["frames"]["timecode"] == "00:00:02:00"


def test_a_text_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    write_whole(path, "old")
    with pytest.raises(UnicodeEncodeError):
        write_whole(path, "new \ud800")
    assert path.read_text(encoding="utf-8") == "old"
