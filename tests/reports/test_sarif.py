import json
from pathlib import Path

from kling_post.reports.material import ReportMaterial
from kling_post.reports.sarif import sarif, write_sarif

SHOT_LIST = """\
name: caravan
shots:
  - id: opening
    prompt: something else
  - id: caravan   # two pictures
    prompt: A salt plain.
"""


def test_findings_point_at_their_shot_s_line(material: ReportMaterial, tmp_path: Path) -> None:
    shot_list = tmp_path / "project.yaml"
    shot_list.write_text(SHOT_LIST, encoding="utf-8")
    log = json.loads(write_sarif(material, tmp_path / "report" / "findings.sarif", shot_list=shot_list).read_text(encoding="utf-8"))
    results = log["runs"][0]["results"]
    assert [(result["ruleId"], result["level"]) for result in results] == [
        ("request_size", "warning"),
        ("flicker", "error"),
        ("seam.stray_frames", "error"),
    ]
    place = results[1]["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": "../project.yaml"}, "region": {"startLine": 5}}
    assert results[1]["locations"][0]["logicalLocations"][0]["name"] == "caravan_2"
    assert results[1]["properties"]["frames"] == {"start": 30, "stop": 36, "timecode": "00:00:01:06"}


def test_without_a_shot_list_findings_point_at_the_take(material: ReportMaterial, take_file: Path) -> None:
    result = sarif(material, take_file.parent)["runs"][0]["results"][0]
    assert result["locations"][0]["physicalLocation"] == {"artifactLocation": {"uri": "take%20one.mp4"}}


def test_every_rule_that_is_used_is_declared(material: ReportMaterial, tmp_path: Path) -> None:
    run = sarif(material, tmp_path)["runs"][0]
    assert {rule["id"] for rule in run["tool"]["driver"]["rules"]} == {result["ruleId"] for result in run["results"]}
