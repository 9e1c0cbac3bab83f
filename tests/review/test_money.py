"""What retakes cost is known and held against the budget before anything is decided or sent."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest

from kling_post.errors import BudgetRefusedError
from kling_post.generation.backend import Backend
from kling_post.generation.prices import price_usd
from kling_post.pipeline.apply_verdicts import consequences, require_budget
from kling_post.project import Project, load_project
from kling_post.review.decisions import decisions_path
from kling_post.review.room import log_path
from kling_post.review.session import ReviewSession
from kling_post.review.verdicts import RetakeAsked, VerdictGiven, VerdictLog
from kling_post.vocabulary import VideoTask


@dataclass
class PaidEngine:
    """Asks the provider's price; nothing can be ordered of it."""

    name: str = "runware"
    title: str = "paid"
    paid: bool = True
    parallel_jobs: int = 1

    def price_usd(self, task: VideoTask) -> Decimal:
        return price_usd(task)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("KLING_POST_LEDGER", str(tmp_path / "ledger.sqlite"))
    shots = "".join(
        f'  - {{id: {name}, prompt: "A wide plain, number {name}.", duration: 5, take: 1, takes: {takes}}}\n'
        for name, takes in (("one", 2), ("two", 1))
    )
    path = tmp_path / "project.yaml"
    path.write_text(f"name: plains\nbudget_usd: 10\nshots:\n{shots}")
    return load_project(path)


def test_retakes_are_priced_by_the_ledger_and_refused_beyond_the_budget(
    project: Project, session: ReviewSession, take_of: Callable[[str, int], str]
) -> None:
    engine: Backend = PaidEngine()  # type: ignore[assignment]
    log = VerdictLog(log_path(session.folder))
    log.append(VerdictGiven(take=take_of("two", 1), verdict="rejected"))
    log.append(RetakeAsked(shot="one", wanted=True, beside=2))
    follows = consequences(project, session, engine)
    assert [(retake.shot_id, retake.number) for retake in follows.retakes] == [("one", 3), ("two", 2)]
    # The takes of the made-up run are in no ledger, so that all five would be ordered: 0.42 USD for each of 25 seconds.
    assert follows.price_usd == Decimal("10.50")
    with pytest.raises(BudgetRefusedError, match=r"10\.50 USD, allowed are 10\.00"):
        require_budget(follows, project, engine, None)
    with pytest.raises(BudgetRefusedError, match=r"allowed are 2\.00"):
        require_budget(follows, project, engine, Decimal(2))
    assert not decisions_path(session.folder).exists()
    without = consequences(project, session, engine, retakes=False)
    assert not without.retakes
    assert without.price_usd == 0
    require_budget(without, project, engine, Decimal(0))
