"""Our client against a Runware that misbehaves: a table of faults, each ending in the right state, nothing ordered twice."""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kling_post.errors import ProviderError
from kling_post.generation.ledger import Ledger
from kling_post.generation.producer import produce
from kling_post.generation.runware import RunwareBackend
from kling_post.media.probe import file_sha256
from kling_post.vocabulary import Take, VideoTask

KEY = "sk-test-1234567890"


@dataclass(frozen=True, kw_only=True)
class Fault:
    name: str
    submits: list[str] = field(default_factory=list)
    polls: list[str] = field(default_factory=list)
    media: list[str] = field(default_factory=list)
    ends: str = "verified"
    says: str = ""
    """Part of the error; empty where the run succeeds."""


TABLE = (
    Fault(name="connection dropped before the order was read", submits=["drop"]),
    Fault(name="order accepted, answer lost", submits=["accept then drop"]),
    Fault(name="order accepted, then 504", submits=["accept then 504"]),
    Fault(name="order accepted, answer is a page", submits=["accept then html"]),
    Fault(name="order accepted, acknowledgement empty", submits=["accept then empty ack"]),
    Fault(name="order accepted, answer drips", submits=["accept then drip"]),
    Fault(name="order not accepted, answer drips", submits=["drip"]),
    Fault(name="503 on the order, five times", submits=["503"] * 5),
    Fault(name="504 on the order, never accepted", submits=["504", "504"]),
    Fault(name="429 on the order", submits=["429", "429", "429"]),
    Fault(name="rate limit in the body", submits=["refuse rateLimitExceeded"]),
    Fault(name="internal error in the body", submits=["refuse internalServerError"]),
    Fault(name="503 on ten polls", polls=["503"] * 10),
    Fault(name="polls dropped", polls=["drop", "drop", "processing", "drop"]),
    Fault(name="a page on polls", polls=["html", "html"]),
    Fault(name="429 on polls", polls=["429", "429"]),
    Fault(name="a poll drips", polls=["drip"]),
    Fault(name="nothing to say for a while", polls=["nothing", "nothing", "processing"]),
    Fault(name="failure in errors", polls=["top timeoutProvider"], ends="failed", says="the render failed"),
    Fault(name="failure flat in data", polls=["flat providerError"], ends="failed", says="the render failed"),
    Fault(name="failure nested in data", polls=["nested inferenceError"], ends="failed", says="the render failed"),
    Fault(name="content refused", polls=["top contentPolicyViolation"], ends="failed", says="the same one will fail again"),
    Fault(name="bad request", submits=["refuse unsupportedParameter"], ends="failed", says="refused"),
    Fault(name="bad key", submits=["refuse invalidApiKey"], ends="planned", says="Check RUNWARE_API_KEY"),
    Fault(name="no credit", submits=["refuse insufficientCredits"], ends="planned", says="Top up the account"),
    Fault(name="silent for ever", polls=["nothing"] * 500, ends="unknown", says="may have been billed"),
    Fault(name="away for ever", polls=["503"] * 2000, ends="accepted", says="goes on where it stopped"),
    Fault(name="download cut", media=["cut"]),
    Fault(name="download cut and range ignored", media=["cut", "ignores range"]),
    Fault(name="download dropped", media=["drop"]),
    Fault(name="wrong length", media=["wrong length"]),
    Fault(name="wrong bytes", media=["wrong bytes"]),
    Fault(name="one byte short and consistent", media=["other video"]),
    Fault(name="a page instead of a video", media=["html"]),
    Fault(name="503 from the media host", media=["503", "503"]),
    Fault(name="media drips, then comes", media=["drip"]),
    Fault(name="address gone", media=["404"], ends="succeeded", says="HTTP 404"),
    Fault(name="a page for ever", media=["html"] * 50, ends="succeeded", says="no whole video"),
)


def run(service: Any, folder: Path, task: VideoTask, clock: Any, key: str = KEY) -> Take:
    backend = RunwareBackend(api_key=key, base_url=f"{service.url}/v1", answer_seconds=0.4)
    try:
        with Ledger(folder / "ledger.sqlite") as ledger:
            return produce([task], backend, folder=folder / "takes", ledger=ledger, project="demo", clock=clock)[0]
    finally:
        backend.close()


def state(folder: Path, task: VideoTask) -> str:
    with Ledger(folder / "ledger.sqlite") as ledger:
        job = ledger.job(task.task_uuid, "runware")
        assert job is not None
        return job.state


@pytest.mark.parametrize("fault", TABLE, ids=lambda fault: fault.name)
def test_every_fault_ends_in_the_right_state(
    fault: Fault, service: Any, tmp_path: Path, make_task: Callable[..., VideoTask], clock: Any
) -> None:
    service.submits, service.polls, service.media = list(fault.submits), list(fault.polls), list(fault.media)
    task = make_task()
    error = ""
    try:
        take = run(service, tmp_path, task, clock)
        assert take.facts.sha256 == _sha256_of(service, tmp_path)
        assert take.cost_usd == Decimal("2.1")
    except ProviderError as problem:
        error = str(problem)
    assert fault.says in error
    assert bool(fault.says) == bool(error), error
    assert state(tmp_path, task) == fault.ends
    assert len(service.accepted) <= 1
    assert KEY not in error
    assert list((tmp_path / "takes").glob("*.mp4")) == ([] if error else [take.path])


@pytest.mark.parametrize(
    "fault", [fault for fault in TABLE if fault.ends in {"accepted", "succeeded", "planned", "unknown"}], ids=lambda f: f.name
)
def test_after_a_fault_has_passed_the_next_run_finishes_without_a_second_order(
    fault: Fault, service: Any, tmp_path: Path, make_task: Callable[..., VideoTask], clock: Any
) -> None:
    service.submits, service.polls, service.media = list(fault.submits), list(fault.polls), list(fault.media)
    with pytest.raises(ProviderError):
        run(service, tmp_path, make_task(), clock)
    service.submits, service.polls, service.media = [], [], []
    assert run(service, tmp_path, make_task(), clock).path.is_file()
    assert service.accepted == [make_task().task_uuid]


def test_a_cut_download_goes_on_where_it_was_cut(service: Any, tmp_path: Path, make_task: Callable[..., VideoTask], clock: Any) -> None:
    service.media = ["cut"]
    run(service, tmp_path, make_task(), clock)
    assert service.ranges == [None, f"bytes={len(service.content) // 2}-"]


def test_the_key_goes_to_the_interface_and_nowhere_else(
    service: Any, tmp_path: Path, make_task: Callable[..., VideoTask], clock: Any
) -> None:
    service.submits = ["refuse rateLimitExceeded"]
    run(service, tmp_path, make_task(), clock)
    assert set(service.keys) == {f"Bearer {KEY}"}
    assert all("Authorization" not in headers for headers in service.media_headers)
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert KEY.encode() not in path.read_bytes(), path
    assert KEY not in repr(RunwareBackend(api_key=KEY))


def test_an_order_carries_its_uuid_and_asks_for_its_cost(
    service: Any, tmp_path: Path, make_task: Callable[..., VideoTask], clock: Any
) -> None:
    task = make_task()
    run(service, tmp_path, task, clock)
    (body,) = service.bodies
    assert body == {**task.wire, "includeCost": True}


def test_without_a_key_nothing_is_sent_and_the_remedy_is_named(
    service: Any, tmp_path: Path, make_task: Callable[..., VideoTask], clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RUNWARE_API_KEY", raising=False)
    with pytest.raises(ProviderError, match="Set RUNWARE_API_KEY"):
        run(service, tmp_path, make_task(), clock, key="")
    assert service.bodies == []


def _sha256_of(service: Any, folder: Path) -> str:
    path = folder / "expected"
    path.write_bytes(service.content)
    return file_sha256(path)
