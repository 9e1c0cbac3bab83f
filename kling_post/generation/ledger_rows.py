"""What stands in the ledger, row by row, as values."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from kling_post.generation.backend import DeliveredVideo


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be entered: one task for one backend."""

    task_uuid: str
    backend: str
    project: str
    shot: str
    take_number: int
    model: str
    duration_seconds: int
    request: Mapping[str, object]
    price_usd: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Job(Order):
    """An order as it stands in the ledger."""

    sent_uuid: str
    """The UUID under which it went out; differs from ``task_uuid`` from the second attempt on."""
    attempt: int
    state: str
    run_id: str | None
    """The run that works on it, or worked on it last."""
    code: str
    message: str
    """Why it failed, or why it is unknown."""
    retryable: bool
    sent_at: float | None
    """Seconds since the epoch at which it last went out."""
    updated_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One delivered video of a job."""

    position: int
    """From 0, in the order of delivery."""
    video: DeliveredVideo
    path: Path | None
    sha256: str | None
    bytes: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of a job's history."""

    at: str
    state: str
    detail: str
    run_id: str | None


def job_from_row(row: sqlite3.Row) -> Job:
    """A row of ``jobs``."""
    return Job(
        task_uuid=row["task_uuid"],
        backend=row["backend"],
        project=row["project"],
        shot=row["shot"],
        take_number=row["take_number"],
        model=row["model"],
        duration_seconds=row["duration_seconds"],
        request=json.loads(row["request"]),
        price_usd=Decimal(row["price_usd"]),
        sent_uuid=row["sent_uuid"],
        attempt=row["attempt"],
        state=row["state"],
        run_id=row["run_id"],
        code=row["code"],
        message=row["message"],
        retryable=bool(row["retryable"]),
        sent_at=row["sent_at"],
        updated_at=row["updated_at"],
    )


def result_from_row(row: sqlite3.Row) -> Result:
    """A row of ``results``."""
    cost = None if row["cost_usd"] is None else Decimal(row["cost_usd"])
    return Result(
        position=row["position"],
        video=DeliveredVideo(
            video_uuid=row["video_uuid"],
            location=row["location"],
            cost_usd=cost,
            seed=row["seed"],
            notes=tuple(json.loads(row["notes"])),
        ),
        path=Path(row["path"]) if row["path"] else None,
        sha256=row["sha256"],
        bytes=row["bytes"],
    )


def request_text(value: object) -> str:
    """The request as JSON, images given as data cut short: a ledger keeps orders, not pictures."""

    def short(item: object) -> object:
        if isinstance(item, str) and len(item) > 8192:
            return f"{item[:64]}…"
        if isinstance(item, Mapping):
            return {key: short(inner) for key, inner in item.items()}
        return [short(inner) for inner in item] if isinstance(item, list) else item

    return json.dumps(short(value), ensure_ascii=False)
