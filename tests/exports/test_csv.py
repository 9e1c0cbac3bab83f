import csv
from dataclasses import replace
from pathlib import Path

from kling_post.edit.timeline import Timeline
from kling_post.exports import csv as csv_export


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_each_clip_is_a_line_with_its_times_and_findings(two_worlds: Timeline, tmp_path: Path) -> None:
    assert csv_export.write(two_worlds, tmp_path / "two.csv") == ()
    table = rows(tmp_path / "two.csv")
    assert [row["shot"] for row in table] == ["caravan_1", "caravan_2", "glacier"]
    assert (table[2]["name"], table[2]["join"], table[2]["dissolve frames"], table[2]["seconds"]) == ("Glacière", "dissolve", "12", "4.000")
    assert [table[2][key] for key in ("record in", "record out", "source in", "source out")] == [
        "01:00:03:12",
        "01:00:07:12",
        "00:00:10:00",
        "00:00:14:00",
    ]
    assert table[1]["findings"] == "fail: flicker"
    assert table[2]["sound"] == ""


def test_a_name_is_never_run_as_a_formula(two_worlds: Timeline, tmp_path: Path) -> None:
    clip = replace(two_worlds.clips[0], name='=HYPERLINK("x")', gain_db=-3.0)
    csv_export.write(replace(two_worlds, clips=(clip,)), tmp_path / "formula.csv")
    (row,) = rows(tmp_path / "formula.csv")
    assert row["name"] == '\'=HYPERLINK("x")'
    assert row["gain dB"] == "-3"
