"""The ledger: written ahead, append-only, exact, and one truth for many processes."""

import sqlite3
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kling_post.errors import BudgetRefusedError, InvalidInputError
from kling_post.generation.backend import DeliveredVideo
from kling_post.generation.ledger import Ledger
from kling_post.generation.ledger_rows import Order
from kling_post.generation.ledger_schema import MIGRATIONS
from kling_post.generation.prices import usd
from kling_post.generation.runs import Run, is_alive


def order(number: int = 1, price: str = "2.10", project: str = "demo") -> Order:
    return Order(
        task_uuid=f"00000000-0000-4000-8000-{number:012d}",
        backend="runware",
        project=project,
        shot="cliff",
        take_number=number,
        model="klingai:kling-video@3-4k",
        duration_seconds=5,
        request={"taskType": "videoInference", "inputs": {"frameImages": ["data:image/png;base64," + "A" * 20_000]}},
        price_usd=Decimal(price),
    )


def video(cost: str | None) -> DeliveredVideo:
    return DeliveredVideo(video_uuid="v", location="https://h/v.mp4", cost_usd=None if cost is None else Decimal(cost), notes=("ä", "b"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite"


def test_claiming_reserves_and_a_second_claim_changes_nothing(path: Path) -> None:
    with Ledger(path) as ledger:
        (job,) = ledger.claim([order()])
        assert (job.state, ledger.spent_usd("demo")) == ("reserved", Decimal("2.10"))
        (again,) = ledger.claim([order()])
        assert again == job
        assert [event.state for event in ledger.events(job)] == ["planned", "reserved"]


def test_the_delivered_cost_takes_the_place_of_the_price(path: Path) -> None:
    with Ledger(path) as ledger:
        (job,) = ledger.claim([order()])
        job = ledger.delivered(job, [video("1.99")])
        assert ledger.cost_usd(job) == Decimal("1.99")
        assert ledger.results(job)[0].video == video("1.99")
        assert [event.detail for event in ledger.events(job)][-1] == "1 video(s), 1.99 USD"


def test_a_delivery_without_a_cost_counts_its_price(path: Path) -> None:
    with Ledger(path) as ledger:
        (job,) = ledger.claim([order()])
        assert ledger.cost_usd(ledger.delivered(job, [video(None)])) == Decimal("2.10")


@pytest.mark.parametrize("cost", [Decimal("0.1"), Decimal("3.780000000000001"), Decimal("1E-9")])
def test_money_comes_back_exactly_as_it_went_in(path: Path, cost: Decimal) -> None:
    with Ledger(path) as ledger:
        (job,) = ledger.claim([order(price=str(cost))])
        assert ledger.cost_usd(job) == cost


def test_a_budget_lets_through_what_it_covers_and_reserves_nothing_else(path: Path) -> None:
    with Ledger(path) as ledger:
        with pytest.raises(BudgetRefusedError, match=r"come to 6\.30 USD, 0\.00 spent or reserved and 6\.30 for 3 new task\(s\)"):
            ledger.claim([order(1), order(2), order(3)], budget_usd=Decimal("6.29"))
        assert ledger.jobs() == ()
        assert len(ledger.claim([order(1), order(2), order(3)], budget_usd=Decimal("6.30"))) == 3


def test_budgets_are_kept_by_project_and_by_run(path: Path) -> None:
    with Ledger(path) as ledger:
        ledger.claim([order(1)], budget_usd=Decimal("2.10"))
        ledger.claim([order(2, project="other")], budget_usd=Decimal("2.10"))
        with pytest.raises(BudgetRefusedError, match=r"this run would cost 2\.10 USD for 1 task\(s\), allowed are 2\.00"):
            ledger.claim([order(3)], run_budget_usd=Decimal("2.00"))
        ledger.claim([order(1)], run_budget_usd=Decimal(0))


def test_a_dead_run_s_unsent_reservation_is_released_and_its_sent_order_is_not(path: Path) -> None:
    with Ledger(path) as dead:
        reserved, sent = dead.claim([order(1), order(2)])
        dead.move(sent, "sending")
    with Ledger(path) as ledger:
        ledger.claim([order(3)], budget_usd=Decimal("4.20"))
        states = {job.take_number: job.state for job in ledger.jobs()}
        assert states == {1: "planned", 2: "sending", 3: "reserved"}
        assert reserved.state == "reserved"


def test_a_living_run_keeps_its_jobs(path: Path) -> None:
    with Ledger(path) as living, Ledger(path) as other:
        (job,) = living.claim([order()])
        (seen,) = other.claim([order()])
        assert seen.run_id == job.run_id
        assert other.is_held_by_another(seen)
        assert not living.is_held_by_another(job)
        with pytest.raises(BudgetRefusedError):
            other.claim([order(2)], budget_usd=Decimal("4.00"))


def test_events_can_be_added_and_never_changed_or_removed(path: Path) -> None:
    with Ledger(path) as ledger:
        ledger.claim([order()])
    database = sqlite3.connect(path)
    with pytest.raises(sqlite3.DatabaseError, match="append-only"):
        database.execute("UPDATE events SET state = 'verified'")
    with pytest.raises(sqlite3.DatabaseError, match="append-only"):
        database.execute("DELETE FROM events")
    database.close()


def test_pictures_given_as_data_do_not_fill_the_ledger(path: Path) -> None:
    with Ledger(path) as ledger:
        ledger.claim([order()])
    assert b"A" * 1000 not in path.read_bytes()


def test_every_commit_is_on_the_disk_before_it_returns(path: Path) -> None:
    with Ledger(path) as ledger:
        assert ledger._database.execute("PRAGMA synchronous").fetchone()[0] == 2
        assert ledger._database.execute("PRAGMA journal_mode").fetchone()[0] == "wal"


def test_a_ledger_of_a_newer_version_and_what_is_no_ledger_are_refused(path: Path, tmp_path: Path) -> None:
    Ledger(path).close()
    database = sqlite3.connect(path)
    database.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    database.close()
    with pytest.raises(InvalidInputError, match="Use a newer kling-post"):
        Ledger(path)
    other = tmp_path / "notes.txt"
    other.write_text("not a database, but long enough to look at" * 40)
    with pytest.raises(InvalidInputError, match="not a usable ledger"):
        Ledger(other)


def test_a_run_s_sign_of_life_goes_out_with_it(tmp_path: Path) -> None:
    run = Run(tmp_path)
    assert is_alive(tmp_path, run.run_id)
    run.close()
    assert not is_alive(tmp_path, run.run_id)
    assert not is_alive(tmp_path, "never")


def test_a_killed_run_s_sign_of_life_goes_out_by_itself(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from kling_post.generation.runs import Run;"
        "run = Run(Path(sys.argv[1])); print(run.run_id, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        run_id = child.stdout.readline().strip()
        assert is_alive(tmp_path, run_id)
        child.kill()
        child.wait()
        assert not is_alive(tmp_path, run_id)


RESERVE_ONE_BY_ONE = """
import sys
from decimal import Decimal
from pathlib import Path
from kling_post.errors import BudgetRefusedError
from kling_post.generation.ledger import Ledger
from kling_post.generation.ledger_rows import Order

path, first = Path(sys.argv[1]), int(sys.argv[2])
granted = 0
with Ledger(path) as ledger:
    print("ready", flush=True)
    sys.stdin.readline()
    for number in range(first, first + 20):
        order = Order(task_uuid=f"task {number}", backend="runware", project="demo", shot="a", take_number=number, model="m",
                      duration_seconds=5, request={}, price_usd=Decimal("2.10"))
        try:
            ledger.claim([order], budget_usd=Decimal("31.50"))
            granted += 1
        except BudgetRefusedError:
            pass
    print(granted, flush=True)
    sys.stdin.readline()
"""


def test_two_processes_together_never_reserve_more_than_the_budget(path: Path) -> None:
    children = [
        subprocess.Popen(
            [sys.executable, "-c", RESERVE_ONE_BY_ONE, str(path), str(first)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for first in (100, 200)
    ]
    try:
        for child in children:
            assert child.stdout is not None
            assert child.stdout.readline() == "ready\n"
        for child in children:
            assert child.stdin is not None
            child.stdin.write("go\n")
            child.stdin.flush()
        granted = [int(child.stdout.readline()) for child in children if child.stdout is not None]
        assert sum(granted) == 15
        with Ledger(path) as ledger:
            assert ledger.spent_usd("demo") == Decimal("31.50")
    finally:
        for child in children:
            child.communicate("\n", timeout=20)


@given(st.decimals(min_value=0, max_value=100_000, places=4))
def test_an_amount_is_written_with_the_cents_that_it_has(amount: Decimal) -> None:
    text = usd(amount)
    assert Decimal(text) == amount
    assert len(text.rpartition(".")[2]) >= 2
