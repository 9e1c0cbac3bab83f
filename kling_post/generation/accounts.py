"""What the ledger says in sums and rows, for people and for spreadsheets; and how unfinished jobs are brought home."""

import csv
import io
import json
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from kling_post.errors import ProviderError, RequestError
from kling_post.generation.backend import Backend, engine_name
from kling_post.generation.job_steps import Clock
from kling_post.generation.ledger import IN_FLIGHT, Ledger
from kling_post.generation.ledger_rows import Job
from kling_post.generation.prices import usd
from kling_post.generation.producer import produce
from kling_post.generation.request import parse_request
from kling_post.progress import SILENT, Progress
from kling_post.vocabulary import Take, VideoTask

COLUMNS = (
    *("task_uuid", "sent_uuid", "backend", "project", "shot", "take", "model", "seconds", "state", "price_usd", "cost_usd"),
    *("updated_at", "path", "sha256", "message"),
)


def rows(ledger: Ledger, jobs: Sequence[Job]) -> list[dict[str, str]]:
    """One row for each job, all values as text, money exact."""
    return [_row(ledger, job) for job in jobs]


def as_csv(table: Sequence[dict[str, str]]) -> str:
    """The rows as CSV with a header."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(table)
    return text.getvalue()


def as_json(table: Sequence[dict[str, str]]) -> str:
    """The rows as a JSON list."""
    return json.dumps(list(table), ensure_ascii=False, indent=2) + "\n"


def totals_usd(ledger: Ledger, jobs: Sequence[Job]) -> dict[tuple[str, str], Decimal]:
    """What was spent or is reserved, by month (``2026-11``) and project."""
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for job in jobs:
        sums[job.updated_at[:7], job.project] += ledger.cost_usd(job)
    return dict(sums)


def resume(
    ledger: Ledger,
    backend: Backend,
    *,
    folder: Path,
    project: str | None = None,
    resubmit_unknown: bool = False,
    progress: Progress = SILENT,
    clock: Clock | None = None,
) -> tuple[Take, ...]:
    """Bring home whatever was ordered from a backend and is not finished. Nothing new is ordered.

    Args:
        ledger: Where the jobs stand.
        backend: Only its own jobs are looked at.
        folder: Where the takes shall lie.
        project: Only this project's jobs.
        resubmit_unknown: Send orders again of which the engine says nothing, under their UUIDs. An engine that has forgotten
            an order that it did finish bills it once more.
        progress: Told about each job.
        clock: Real time by default.

    Raises:
        ProviderError: some jobs did not come through.
    """
    jobs = [
        job for job in ledger.jobs(project=project, states=IN_FLIGHT) if job.backend == engine_name(backend) and job.state != "reserved"
    ]
    takes: list[Take] = []
    for name in dict.fromkeys(job.project for job in jobs):
        own = [job for job in jobs if job.project == name]
        for job in own:
            if job.state == "unknown" and resubmit_unknown:
                ledger.move(job, "reserved", detail="to be sent again, by the user's own word")
        takes += produce([_task(job) for job in own], backend, folder=folder, ledger=ledger, project=name, progress=progress, clock=clock)
    return tuple(takes)


def _task(job: Job) -> VideoTask:
    try:
        return parse_request(dict(job.request), name=job.shot, take_number=job.take_number)
    except RequestError as error:
        raise ProviderError(
            f"{job.shot} take {job.take_number} cannot be resumed from the ledger alone: {error.message}",
            code="requestGone",
            remedy="Run its project again.",
        ) from error


def _row(ledger: Ledger, job: Job) -> dict[str, str]:
    results = ledger.results(job)
    return {
        "task_uuid": job.task_uuid,
        "sent_uuid": job.sent_uuid,
        "backend": job.backend,
        "project": job.project,
        "shot": job.shot,
        "take": str(job.take_number),
        "model": job.model,
        "seconds": str(job.duration_seconds),
        "state": job.state,
        "price_usd": usd(job.price_usd),
        "cost_usd": usd(ledger.cost_usd(job)),
        "updated_at": job.updated_at,
        "path": " ".join(str(result.path) for result in results if result.path),
        "sha256": " ".join(result.sha256 for result in results if result.sha256),
        "message": job.message,
    }
