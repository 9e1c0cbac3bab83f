"""`kling-post plan` prices a shot list without sending anything."""

import json
from pathlib import Path

import pytest

from kling_post.cli import main

SAMPLES = Path(__file__).parents[2] / "samples"


def test_the_project_is_priced_on_both_backends(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", str(SAMPLES / "four_worlds" / "project.yaml"), "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["paid_usd"] == "14.70"
    assert printed["embedded_usd"] == "0"
    assert [take["paid_usd"] for take in printed["takes"]] == ["3.78", "3.36", "4.20", "3.36"]
    assert printed["seconds"] == 35


def test_what_is_to_be_ordered_is_said_for_each_backend(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", str(SAMPLES / "four_worlds" / "project.yaml"), "--out", str(tmp_path), "--json"]) == 0
    ahead = json.loads(capsys.readouterr().out)["ahead"]
    assert [(one["backend"], one["in_hand"], one["to_order"], one["usd"]) for one in ahead] == [
        ("previz", 0, 4, "0.00"),
        ("runware", 0, 4, "14.70"),
    ]


def test_takes_multiply_the_price(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", str(SAMPLES / "four_worlds" / "project.yaml"), "--takes", "3", "--out", str(tmp_path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["paid_usd"] == "44.10"


def test_the_table_names_every_shot(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", str(SAMPLES / "four_worlds" / "project.yaml")]) == 0
    printed = capsys.readouterr().out
    assert all(name in printed for name in ("salt_flats", "glacier_library", "grand_station", "amber_quarry", "14.70"))


def test_a_missing_file_is_invalid_input(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "nowhere.json"]) == 4
    assert capsys.readouterr().err == "kling-post: nowhere.json: there is no such file.\n"
