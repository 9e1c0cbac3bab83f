"""Where ledgers lie."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kling_post.generation.ledger import Ledger
from kling_post.generation.ledger_place import ledger_path
from kling_post.generation.producer import produce
from kling_post.vocabulary import Take, VideoTask


def test_free_work_is_remembered_beside_what_it_made() -> None:
    assert ledger_path(Path("out/demo"), paid=False, environment={}) == Path("out/demo/ledger.sqlite")


@pytest.mark.skipif(sys.platform != "linux", reason="each system has its own place")
def test_paid_work_is_remembered_for_the_user(tmp_path: Path) -> None:
    place = ledger_path(Path("out/demo"), paid=True, environment={"XDG_STATE_HOME": str(tmp_path)})
    assert place == tmp_path / "kling-post" / "ledger.sqlite"


@pytest.mark.parametrize("paid", [True, False])
def test_a_named_ledger_is_used_for_everything(paid: bool) -> None:
    assert ledger_path(Path("out/demo"), paid=paid, environment={"KLING_POST_LEDGER": "/here/mine.sqlite"}) == Path("/here/mine.sqlite")


def test_a_second_run_into_another_folder_buys_nothing(
    engine: Any, tmp_path: Path, make_task: Callable[..., VideoTask], clock: Any
) -> None:
    environment = {"XDG_STATE_HOME": str(tmp_path / "state"), "LOCALAPPDATA": str(tmp_path / "state"), "KLING_POST_LEDGER": ""}
    if sys.platform == "darwin":
        environment["KLING_POST_LEDGER"] = str(tmp_path / "ledger.sqlite")
    takes: list[Take] = []
    for name in ("one", "two"):
        folder = tmp_path / name
        with Ledger(ledger_path(folder, paid=True, environment=environment)) as ledger:
            takes += produce([make_task()], engine, folder=folder / "takes", ledger=ledger, project="demo", clock=clock)
    assert len(engine.submits) == 1
    assert takes[0].path != takes[1].path
    assert takes[0].facts.sha256 == takes[1].facts.sha256
