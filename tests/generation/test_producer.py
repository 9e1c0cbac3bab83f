"""The producer: paid once, never lost, whatever happens on the way."""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kling_post.errors import BudgetRefusedError, ProviderError
from kling_post.generation.backend import Failed, NotFound, Processing
from kling_post.generation.ledger import Ledger
from kling_post.generation.producer import produce
from kling_post.media.probe import file_sha256
from kling_post.vocabulary import Take, VideoTask

MakeTask = Callable[..., VideoTask]


class Bench:
    """A folder, a ledger and an engine; each ``run`` is a new opening of the ledger, as a new process would make it."""

    def __init__(self, folder: Path, engine: Any, clock: Any, notes: Any) -> None:
        self.folder, self.engine, self.clock, self.notes = folder, engine, clock, notes

    def run(self, *tasks: VideoTask, **options: Any) -> tuple[Take, ...]:
        with Ledger(self.folder / "ledger.sqlite") as ledger:
            return produce(
                tasks,
                self.engine,
                folder=self.folder / "takes",
                ledger=ledger,
                progress=self.notes,
                project="demo",
                clock=self.clock,
                **options,
            )

    def state(self, task: VideoTask) -> str:
        with Ledger(self.folder / "ledger.sqlite") as ledger:
            job = ledger.job(task.task_uuid, "folder")
            assert job is not None
            return job.state

    def history(self, task: VideoTask) -> list[str]:
        with Ledger(self.folder / "ledger.sqlite") as ledger:
            job = ledger.job(task.task_uuid, "folder")
            assert job is not None
            return [event.state for event in ledger.events(job)]


@pytest.fixture
def bench(tmp_path: Path, engine: Any, clock: Any, notes: Any) -> Bench:
    return Bench(tmp_path, engine, clock, notes)


def test_a_take_is_made_named_and_described(bench: Bench, make_task: MakeTask) -> None:
    task = make_task()
    (take,) = bench.run(task)
    assert take.path.name.startswith("demo_cliff_t1_")
    assert take.path.suffix == ".mp4"
    assert take.facts.frames == 12
    assert take.cost_usd == Decimal("2.10")
    sidecar = json.loads(take.path.with_suffix(".json").read_text())
    assert sidecar["task_uuid"] == task.task_uuid
    assert sidecar["sha256"] == file_sha256(take.path)
    assert sidecar["cost_usd"] == "2.10"
    assert sidecar["seed"] == 7
    assert bench.history(task) == ["planned", "reserved", "sending", "accepted", "succeeded", "stored", "stored", "stored", "verified"]


def test_a_take_that_is_there_is_not_made_again_and_that_is_said(bench: Bench, make_task: MakeTask) -> None:
    first = bench.run(make_task())
    bench.notes.lines.clear()
    assert bench.run(make_task()) == first
    assert bench.engine.submits == [make_task().task_uuid]
    assert bench.notes.lines == ["start cliff take 1 (folder)", "finish already there"]


def test_a_take_is_known_again_without_the_ledger(bench: Bench, make_task: MakeTask) -> None:
    first = bench.run(make_task())
    (bench.folder / "ledger.sqlite").unlink()
    assert bench.run(make_task()) == first
    assert len(bench.engine.submits) == 1
    assert bench.state(make_task()) == "verified"


def test_a_removed_file_is_fetched_again_and_not_ordered_again(bench: Bench, make_task: MakeTask) -> None:
    (take,) = bench.run(make_task())
    take.path.unlink()
    (again,) = bench.run(make_task())
    assert again.path == take.path
    assert again.path.is_file()
    assert len(bench.engine.submits) == 1


def test_a_changed_file_is_not_taken_for_the_take(bench: Bench, make_task: MakeTask) -> None:
    (take,) = bench.run(make_task())
    content = bytearray(take.path.read_bytes())
    content[-20] ^= 0xFF
    take.path.write_bytes(content)
    (again,) = bench.run(make_task())
    assert file_sha256(again.path) == take.facts.sha256


def test_another_project_gets_the_same_task_from_the_first(bench: Bench, make_task: MakeTask) -> None:
    (take,) = bench.run(make_task())
    with Ledger(bench.folder / "ledger.sqlite") as ledger:
        (other,) = produce([make_task()], bench.engine, folder=bench.folder / "other", ledger=ledger, project="sequel", clock=bench.clock)
    assert other.path.name.startswith("sequel_cliff_t1_")
    assert other.facts.sha256 == take.facts.sha256
    assert len(bench.engine.submits) == 1


def test_another_take_number_is_another_task(bench: Bench, make_task: MakeTask) -> None:
    takes = bench.run(make_task(), make_task(take_number=2))
    assert len({take.path for take in takes}) == 2
    assert len(bench.engine.accepted) == 2


def test_what_was_drawn_smaller_is_not_taken_for_the_full_size(bench: Bench, make_task: MakeTask) -> None:
    bench.engine.variant = "320x180"
    (small,) = bench.run(make_task())
    bench.engine.variant = ""
    (full,) = bench.run(make_task())
    assert small.path != full.path
    assert len(bench.engine.submits) == 2


def test_several_results_of_one_task_are_several_takes(bench: Bench, make_task: MakeTask) -> None:
    takes = bench.run(make_task(numberResults=3))
    assert [take.path.stem.rpartition("_")[2] for take in takes][1:] == ["r2", "r3"]
    assert [take.cost_usd for take in takes] == [Decimal("2.10")] * 3
    assert bench.run(make_task(numberResults=3)) == takes
    assert len(bench.engine.submits) == 1


def test_fewer_results_than_were_asked_for_are_kept_and_not_fetched_again(bench: Bench, make_task: MakeTask) -> None:
    bench.engine.most_results = 2
    takes = bench.run(make_task(numberResults=3))
    assert len(takes) == 2
    bench.engine.fetch_faults = [ProviderError("must not be fetched", code="x")]
    assert bench.run(make_task(numberResults=3)) == takes


def test_the_same_task_asked_for_twice_is_made_once(bench: Bench, make_task: MakeTask) -> None:
    first, second = bench.run(make_task("a"), make_task("b"))
    assert first.path == second.path
    assert len(bench.engine.submits) == 1


def test_an_order_whose_answer_was_lost_is_asked_for_and_not_bought_twice(bench: Bench, make_task: MakeTask) -> None:
    bench.engine.submit_faults = [ProviderError("no answer", code="lostAnswer", retryable=True)]
    bench.engine.accepted_in_spite = True
    bench.run(make_task())
    assert bench.engine.submits == [make_task().task_uuid]


def test_an_order_that_never_arrived_is_sent_again_under_its_uuid(bench: Bench, make_task: MakeTask) -> None:
    bench.engine.submit_faults = [ProviderError("no answer", code="lostAnswer", retryable=True)]
    bench.run(make_task())
    assert bench.engine.accepted == [make_task().task_uuid]


def test_a_busy_engine_is_asked_again(bench: Bench, make_task: MakeTask) -> None:
    bench.engine.submit_faults = [ProviderError("busy", code="rateLimitExceeded", retryable=True)] * 5
    bench.run(make_task())
    assert len(bench.engine.accepted) == 1


def test_ten_errors_in_a_row_on_polls_lose_nothing(bench: Bench, make_task: MakeTask) -> None:
    bench.engine.poll_answers = [ProviderError("503", code="serviceUnavailable", retryable=True)] * 10
    bench.run(make_task())
    assert bench.state(make_task()) == "verified"


def test_an_engine_that_stays_away_is_given_up_and_resumed_later(bench: Bench, make_task: MakeTask) -> None:
    bench.engine.poll_answers = [ProviderError("503", code="serviceUnavailable", retryable=True)] * 200
    with pytest.raises(ProviderError, match="goes on where it stopped"):
        bench.run(make_task())
    assert bench.state(make_task()) == "accepted"
    bench.engine.poll_answers = []
    bench.run(make_task())
    assert len(bench.engine.submits) == 1


def test_a_refused_order_is_failed_and_can_be_ordered_again(bench: Bench, make_task: MakeTask) -> None:
    bench.engine.submit_faults = [ProviderError("the prompt is too odd", code="invalidPositivePrompt")]
    with pytest.raises(ProviderError, match="cliff take 1: the prompt is too odd"):
        bench.run(make_task())
    assert bench.state(make_task()) == "failed"
    bench.run(make_task())
    assert bench.state(make_task()) == "verified"


def test_a_failed_job_is_ordered_under_another_uuid_by_the_next_run(bench: Bench, make_task: MakeTask) -> None:
    bench.engine.poll_answers = [Failed(code="timeoutProvider", message="too slow")]
    with pytest.raises(ProviderError, match="too slow"):
        bench.run(make_task())
    (take,) = bench.run(make_task())
    assert len(set(bench.engine.accepted)) == 2
    assert take.task.task_uuid == make_task().task_uuid


def test_refused_content_is_not_ordered_again(bench: Bench, make_task: MakeTask) -> None:
    bench.engine.poll_answers = [Failed(code="contentPolicyViolation", message="not allowed")]
    with pytest.raises(ProviderError):
        bench.run(make_task())
    with pytest.raises(ProviderError, match="not ordered again"):
        bench.run(make_task())
    assert len(bench.engine.submits) == 1


def test_one_failure_does_not_hold_up_the_others(bench: Bench, make_task: MakeTask) -> None:
    bench.engine.submit_faults = [ProviderError("no", code="invalidPositivePrompt")]
    other = make_task(positivePrompt="A harbour in rain.")
    with pytest.raises(ProviderError):
        bench.run(make_task(), other)
    assert bench.state(other) == "verified"


def test_a_refused_key_stops_everything_and_reserves_nothing(bench: Bench, make_task: MakeTask) -> None:
    bench.engine.submit_faults = [ProviderError("bad key", code="invalidApiKey")]
    with pytest.raises(ProviderError, match="bad key"):
        bench.run(make_task(), make_task(positivePrompt="A harbour in rain."))
    assert bench.engine.submits == []
    assert bench.state(make_task()) == "planned"


def test_an_accepted_job_of_which_nothing_is_heard_becomes_unknown_and_is_never_sent_again(bench: Bench, make_task: MakeTask) -> None:
    bench.engine.poll_answers = [NotFound()] * 1000
    with pytest.raises(ProviderError, match="may have been billed"):
        bench.run(make_task())
    assert bench.state(make_task()) == "unknown"
    with pytest.raises(ProviderError, match="may have been billed"):
        bench.run(make_task())
    bench.engine.poll_answers = [Processing()]
    bench.run(make_task())
    assert len(bench.engine.submits) == 1


@pytest.mark.parametrize("wrong", [b"<html>not here</html>", b"", b"\0" * 4096])
def test_what_is_no_video_is_fetched_again(bench: Bench, make_task: MakeTask, wrong: bytes) -> None:
    bench.engine.fetch_faults = [wrong, wrong]
    (take,) = bench.run(make_task())
    assert take.facts.frames == 12


def test_a_video_cut_short_is_fetched_again(bench: Bench, make_task: MakeTask, clip: Path) -> None:
    bench.engine.fetch_faults = [clip.read_bytes()[:-200]]
    (take,) = bench.run(make_task())
    assert take.facts.sha256 == file_sha256(clip)


def test_a_delivery_that_stays_wrong_keeps_its_address_and_no_file_that_looks_finished(bench: Bench, make_task: MakeTask) -> None:
    bench.engine.fetch_faults = [b"<html>"] * 4
    with pytest.raises(ProviderError, match="no whole video"):
        bench.run(make_task())
    assert bench.state(make_task()) == "succeeded"
    assert list((bench.folder / "takes").glob("demo_*")) == []
    bench.run(make_task())
    assert len(bench.engine.submits) == 1


def test_a_run_over_the_budget_sends_nothing_and_says_what_it_would_cost(bench: Bench, make_task: MakeTask) -> None:
    tasks = [make_task(), make_task(take_number=2), make_task(take_number=3)]
    with pytest.raises(BudgetRefusedError, match=r"6\.30 USD.*allowed are 6\.29"):
        bench.run(*tasks, budget_usd=Decimal("6.29"))
    assert bench.engine.submits == []
    assert len(bench.run(*tasks, budget_usd=Decimal("6.30"))) == 3


def test_what_was_spent_before_counts_against_the_project(bench: Bench, make_task: MakeTask) -> None:
    bench.run(make_task(), budget_usd=Decimal(4))
    with pytest.raises(BudgetRefusedError, match=r"4\.20 USD, 2\.10 spent or reserved and 2\.10 for 1 new"):
        bench.run(make_task(), make_task(take_number=2), budget_usd=Decimal(4))


def test_a_failed_job_costs_nothing(bench: Bench, make_task: MakeTask) -> None:
    bench.engine.poll_answers = [Failed(code="timeoutProvider", message="too slow")]
    with pytest.raises(ProviderError):
        bench.run(make_task(), budget_usd=Decimal("2.10"))
    bench.run(make_task(), budget_usd=Decimal("2.10"))


def test_many_jobs_are_under_way_at_once_up_to_what_the_engine_takes(bench: Bench, make_task: MakeTask) -> None:
    bench.engine.parallel_jobs = 3
    takes = bench.run(*(make_task(take_number=number) for number in range(1, 6)))
    assert [take.task.take_number for take in takes] == [1, 2, 3, 4, 5]
    assert bench.notes.lines == ["start 5 takes (folder)", "finish 5 of 5 made, 10.50 USD"]
    assert bench.notes.done[-1] == 500


def test_ctrl_c_leaves_a_job_that_the_next_run_finishes(bench: Bench, make_task: MakeTask) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    poll, bench.engine.poll = bench.engine.poll, interrupt
    with pytest.raises(KeyboardInterrupt):
        bench.run(make_task())
    bench.engine.poll = poll
    bench.run(make_task())
    assert len(bench.engine.submits) == 1
