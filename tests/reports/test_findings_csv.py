import csv
from dataclasses import replace
from pathlib import Path

from kling_post.reports.findings_csv import COLUMNS, write_findings_csv
from kling_post.reports.material import ReportMaterial


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_every_finding_and_open_question_is_a_row(material: ReportMaterial, tmp_path: Path) -> None:
    rows = read(write_findings_csv(material, tmp_path / "findings.csv"))
    assert [(row["kind"], row["severity"], row["check"]) for row in rows] == [
        ("take", "review", "request_size"),
        ("take", "fail", "flicker"),
        ("take", "undetermined", "resolution"),
        ("seam", "fail", "seam.stray_frames"),
    ]
    flicker, seam = rows[1], rows[3]
    assert (flicker["timecode"], flicker["first_frame"], flicker["last_frame"]) == ("00:00:01:06", "30", "35")
    assert (flicker["measured"], flicker["limit"], flicker["unit"], flicker["shots"]) == ("3.5", "1", "%", "caravan_1 caravan_2")
    assert (seam["subject"], seam["timecode"]) == ("caravan_1 to caravan_2", "01:00:00:23")
    assert set(rows[0]) == set(COLUMNS)


def test_no_text_is_a_formula_for_a_spreadsheet(material: ReportMaterial, tmp_path: Path, hostile: str) -> None:
    item = material.takes[0]
    evil = replace(item.judgement.findings[0], message='=HYPERLINK("http://evil.example")', remedy="+1", code="@SUM(A1)")
    changed = replace(material, takes=(replace(item, judgement=replace(item.judgement, findings=(evil, item.judgement.findings[1]))),))
    rows = read(write_findings_csv(changed, tmp_path / "findings.csv"))
    assert (rows[0]["message"][0], rows[0]["remedy"], rows[0]["code"]) == ("'", "'+1", "'@SUM(A1)")
    assert hostile in rows[1]["message"]
