"""Bringing unfinished orders home from the ledger alone."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kling_post.errors import ProviderError
from kling_post.generation.accounts import resume, totals_usd
from kling_post.generation.backend import NotFound
from kling_post.generation.ledger import Ledger
from kling_post.generation.producer import produce
from kling_post.vocabulary import VideoTask

MakeTask = Callable[..., VideoTask]


def interrupted(engine: Any, folder: Path, clock: Any, *tasks: VideoTask) -> None:
    """A run that orders and is given up before anything comes back."""
    engine.poll_answers = [ProviderError("503", code="serviceUnavailable", retryable=True)] * 1000
    with Ledger(folder / "ledger.sqlite") as ledger, pytest.raises(ProviderError):
        produce(tasks, engine, folder=folder / "takes", ledger=ledger, project="demo", clock=clock)
    engine.poll_answers = []


def test_what_was_ordered_is_brought_home_and_nothing_new_is_ordered(engine: Any, tmp_path: Path, clock: Any, make_task: MakeTask) -> None:
    interrupted(engine, tmp_path, clock, make_task(take_number=2), make_task("harbour", positivePrompt="A harbour in rain."))
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        takes = resume(ledger, engine, folder=tmp_path / "takes", clock=clock)
        assert [job.state for job in ledger.jobs()] == ["verified", "verified"]
        assert sorted(take.path.name.rpartition("_")[0] for take in takes) == ["demo_cliff_t2", "demo_harbour_t1"]
        assert list(totals_usd(ledger, ledger.jobs()).values()) == [Decimal("4.20")]
        assert resume(ledger, engine, folder=tmp_path / "takes", clock=clock) == ()
    assert len(engine.submits) == 2


def test_an_unknown_order_is_sent_again_only_by_the_user_s_word(engine: Any, tmp_path: Path, clock: Any, make_task: MakeTask) -> None:
    engine.poll_answers = [NotFound()] * 1000
    with Ledger(tmp_path / "ledger.sqlite") as ledger, pytest.raises(ProviderError, match="resubmit-unknown"):
        produce([make_task()], engine, folder=tmp_path / "takes", ledger=ledger, project="demo", clock=clock)
    engine.poll_answers = [NotFound()]
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        with pytest.raises(ProviderError, match="may have been billed"):
            resume(ledger, engine, folder=tmp_path / "takes", clock=clock)
        assert len(engine.submits) == 1
        (take,) = resume(ledger, engine, folder=tmp_path / "takes", clock=clock, resubmit_unknown=True)
    assert take.path.is_file()
    assert engine.submits == [make_task().task_uuid] * 2
    assert engine.accepted == [make_task().task_uuid]
