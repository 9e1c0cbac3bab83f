"""Looking ahead: what is in hand, what it will cost, how long it will take."""

import sqlite3
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kling_post.generation.chains import Link, produce_links
from kling_post.generation.forecast import forecast, render_ratios
from kling_post.generation.ledger import Ledger
from kling_post.generation.producer import produce
from kling_post.vocabulary import VideoTask

MakeTask = Callable[..., VideoTask]


def links(*tasks: VideoTask) -> list[Link]:
    return [Link(shot_id="any", tasks=tasks)]


def test_the_parts_of_a_chain_are_known_by_their_shot_and_take(engine: Any, tmp_path: Path, make_task: MakeTask) -> None:
    engine.paid, engine.polls_until_done = False, 1
    chain = [Link(shot_id=f"part{number}", tasks=(make_task(f"part{number}"),), continues=number > 1) for number in (1, 2)]

    def ahead() -> tuple[int, int]:
        with Ledger(tmp_path / "ledger.sqlite") as ledger:
            seen = forecast(chain, engine, folder=tmp_path / "takes", ledger=ledger, project="demo")
        return seen.in_hand, seen.to_order

    assert ahead() == (0, 2)
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        produce_links(chain, engine, folder=tmp_path / "takes", ledger=ledger, project="demo")
    assert ahead() == (2, 0)


def test_a_hundred_shots_of_three_takes_are_priced_and_what_is_in_hand_is_counted(
    engine: Any, tmp_path: Path, make_task: MakeTask, clock: Any
) -> None:
    tasks = [make_task(f"shot_{shot}", take, positivePrompt=f"Shot {shot}.") for shot in range(100) for take in (1, 2, 3)]
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        produce(tasks[:3], engine, folder=tmp_path / "takes", ledger=ledger, project="demo", clock=clock)
        ahead = forecast(links(*tasks), engine, folder=tmp_path / "takes", ledger=ledger, project="demo")
    assert (ahead.in_hand, ahead.under_way, ahead.to_order) == (3, 0, 297)
    assert ahead.price_usd == Decimal("623.70")
    assert len(engine.submits) == 3


def test_without_a_past_there_is_no_estimate_and_that_is_said(engine: Any, tmp_path: Path, make_task: MakeTask) -> None:
    ahead = forecast(links(make_task()), engine, folder=tmp_path, ledger=None, project="demo")
    assert ahead.wall_seconds is None
    assert ahead.why.startswith("no estimate: the ledger has seen 0 finished job(s)")


def test_the_time_is_the_median_of_what_was_seen_over_the_lanes(engine: Any, tmp_path: Path, make_task: MakeTask, clock: Any) -> None:
    path = tmp_path / "ledger.sqlite"
    with Ledger(path) as ledger:
        produce(
            [make_task(take_number=number) for number in (1, 2, 3)],
            engine,
            folder=tmp_path / "takes",
            ledger=ledger,
            project="demo",
            clock=clock,
        )
    database = sqlite3.connect(path)
    database.execute("DROP TRIGGER events_are_never_changed")
    database.execute("UPDATE events SET at = '2026-11-22T10:00:00+00:00' WHERE state = 'sending'")
    for number, uuid in enumerate(row[0] for row in database.execute("SELECT task_uuid FROM jobs ORDER BY rowid").fetchall()):
        ended = f"2026-11-22T10:0{number + 1}:00+00:00"
        database.execute("UPDATE events SET at = ? WHERE state = 'succeeded' AND task_uuid = ?", (ended, uuid))
    database.commit()
    database.close()
    engine.parallel_jobs = 2
    with Ledger(path) as ledger:
        assert sorted(render_ratios(ledger, "folder", "klingai:kling-video@3-4k")) == [12.0, 24.0, 36.0]
        ahead = forecast(links(make_task(take_number=9, duration=10)), engine, folder=tmp_path / "takes", ledger=ledger, project="demo")
        assert ahead.wall_seconds == pytest.approx(240.0)
        two = [make_task(take_number=number) for number in (8, 9)]
        assert forecast(links(*two), engine, folder=tmp_path / "takes", ledger=ledger, project="demo").wall_seconds == pytest.approx(120.0)
