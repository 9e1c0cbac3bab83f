"""``kling-post ledger``: reads what the producer wrote."""

import csv
import io
import json
from decimal import Decimal
from pathlib import Path

import pytest

from kling_post.cli.app import main
from kling_post.generation.backend import DeliveredVideo
from kling_post.generation.ledger import Ledger
from kling_post.generation.ledger_rows import Order


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    path = tmp_path / "ledger.sqlite"
    orders = [
        Order(
            task_uuid=f"{number}0000000-0000-4000-8000-000000000000",
            backend="runware",
            project="demo",
            shot=f"shot_{number}",
            take_number=1,
            model="klingai:kling-video@3-4k",
            duration_seconds=5,
            request={"taskType": "videoInference"},
            price_usd=Decimal("2.10"),
        )
        for number in (1, 2)
    ]
    with Ledger(path) as opened:
        first, _ = opened.claim(orders)
        opened.delivered(first, [DeliveredVideo(video_uuid="v", location="https://h/v.mp4", cost_usd=Decimal("1.99"), notes=("a note",))])
    return path


def run(capsys: pytest.CaptureFixture[str], *words: object) -> str:
    assert main(["ledger", *map(str, words)]) == 0
    return capsys.readouterr().out


def test_jobs_are_exported_with_exact_money(ledger: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = list(csv.DictReader(io.StringIO(run(capsys, "export", "--ledger", ledger))))
    assert [(row["shot"], row["state"], row["price_usd"], row["cost_usd"]) for row in table] == [
        ("shot_1", "succeeded", "2.10", "1.99"),
        ("shot_2", "reserved", "2.10", "2.10"),
    ]


def test_jobs_are_listed_by_state(ledger: Path, capsys: pytest.CaptureFixture[str]) -> None:
    listed = json.loads(run(capsys, "ls", "--ledger", ledger, "--state", "reserved", "--json"))
    assert [row["shot"] for row in listed] == ["shot_2"]


def test_a_job_is_shown_with_its_history(ledger: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shown = run(capsys, "show", "1000", "--ledger", ledger)
    assert "a note" in shown
    assert [line.split()[1] for line in shown.splitlines() if line.startswith("20")] == ["planned", "reserved", "succeeded"]


def test_an_export_to_a_file_is_whole(ledger: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "export", "--ledger", ledger, "--format", "json", "--to", tmp_path / "jobs.json")
    assert len(json.loads((tmp_path / "jobs.json").read_text())) == 2


@pytest.mark.parametrize(
    ("words", "code"),
    [(("ls", "--ledger", "nowhere.sqlite"), 4), (("show", "ffff"), 2), (("export", "--format", "xls"), 2)],
)
def test_wrong_words_are_one_sentence(words: tuple[str, ...], code: int, ledger: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KLING_POST_LEDGER", str(ledger))
    assert main(["ledger", *words]) == code
