"""The ledger: what was ordered, what it cost, where it lies. Every paid step is written down, on the disk, before it is taken.

States of a job: ``planned``, ``reserved`` (its price is set aside), ``sending`` (the order may have left), ``accepted``,
``succeeded`` (delivered and billed; the addresses are known), ``stored`` (the bytes are here), ``verified`` (they decode);
or ``failed``, or ``unknown`` (sent, and the engine says nothing of it).

Money is exact decimal USD. A job's price counts against the budget from its reservation on, its cost from its delivery on.
Any number of processes may use one ledger on one machine at once.
"""

import json
import platform
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Self

from kling_post.errors import BudgetRefusedError
from kling_post.generation.backend import DeliveredVideo
from kling_post.generation.ledger_rows import Event, Job, Order, Result, job_from_row, request_text, result_from_row
from kling_post.generation.ledger_schema import open_database
from kling_post.generation.prices import usd
from kling_post.generation.runs import Run, life_check, process_id

IN_FLIGHT = ("reserved", "sending", "accepted", "succeeded", "stored", "unknown")
"""Ordered or about to be, and not finished."""


class Ledger:
    """An open ledger. Use as a context manager."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._database = open_database(path)
        self._lock = threading.RLock()
        self._run_folder = path.with_name(path.name + ".runs")
        self._run = Run(self._run_folder)
        self._known_run = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the database; what this run was working on is free for the next."""
        self._run.close()
        self._database.close()

    # ------------------------------------------------------------------------------------------------------- writing

    def claim(
        self, orders: Sequence[Order], *, budget_usd: Decimal | None = None, run_budget_usd: Decimal | None = None
    ) -> tuple[Job, ...]:
        """Enter orders, set their prices aside, and take the jobs over; all of them, or none where the budget forbids it.

        Jobs that are under way or finished are taken over as they stand. A job that another living run works on is
        returned with that run's id, and stays with it.

        Args:
            orders: Each for one project.
            budget_usd: The most that the project may cost, all its runs together.
            run_budget_usd: The most that the orders of this call may cost that are not yet under way.

        Raises:
            BudgetRefusedError: it would cost more; nothing has been reserved.
        """
        with self._transaction():
            alive = life_check(self._run_folder, self._run.run_id)
            for order in orders:
                self._plan(order)
            jobs = [self._require(order.task_uuid, order.backend) for order in orders]
            new = [job for job in jobs if job.state == "planned"]
            self._check_budget(new, budget_usd, run_budget_usd, alive)
            for job in jobs:
                if job.state == "planned":
                    self._move(job, "reserved", detail=f"{usd(job.price_usd)} USD")
                elif job.state != "verified" and not alive(job.run_id):
                    self._database.execute(
                        "UPDATE jobs SET run_id = ? WHERE task_uuid = ? AND backend = ?", (self._run.run_id, job.task_uuid, job.backend)
                    )
            return tuple(self._require(order.task_uuid, order.backend) for order in orders)

    def move(self, job: Job, state: str, *, detail: str = "", code: str = "", retryable: bool = False) -> Job:
        """Write that a job is in another state now; on the disk when this returns."""
        with self._transaction():
            self._move(job, state, detail=detail, code=code, retryable=retryable)
            return self._require(job.task_uuid, job.backend)

    def order_again(self, job: Job, sent_uuid: str) -> Job:
        """Make a failed job a planned one under a new UUID: another attempt at the same task."""
        with self._transaction():
            self._database.execute(
                "UPDATE jobs SET sent_uuid = ?, attempt = attempt + 1, state = 'planned' WHERE task_uuid = ? AND backend = ?",
                (sent_uuid, job.task_uuid, job.backend),
            )
            self._event(job, "planned", f"attempt {job.attempt + 1} as {sent_uuid}")
            return self._require(job.task_uuid, job.backend)

    def start_over(self, job: Job, detail: str) -> Job:
        """Make a job that an engine on this machine lost a planned one again."""
        with self._transaction():
            self._database.execute("DELETE FROM results WHERE task_uuid = ? AND backend = ?", (job.task_uuid, job.backend))
            self._move(job, "planned", detail=detail)
            return self._require(job.task_uuid, job.backend)

    def delivered(self, job: Job, videos: Sequence[DeliveredVideo]) -> Job:
        """Write what the engine delivered, where it lies and what it cost; the job has succeeded."""
        with self._transaction():
            for position, video in enumerate(videos):
                cost = None if video.cost_usd is None else str(video.cost_usd)
                self._database.execute(
                    "INSERT INTO results (task_uuid, backend, position, video_uuid, location, cost_usd, seed, notes)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET video_uuid = excluded.video_uuid,"
                    " location = excluded.location, cost_usd = excluded.cost_usd, seed = excluded.seed, notes = excluded.notes",
                    (
                        *(job.task_uuid, job.backend, position, video.video_uuid, video.location),
                        *(cost, video.seed, json.dumps(video.notes, ensure_ascii=False)),
                    ),
                )
            costs = [video.cost_usd for video in videos if video.cost_usd is not None]
            detail = f"{len(videos)} video(s)" + (f", {usd(sum(costs, Decimal(0)))} USD" if costs else "")
            self._move(job, "succeeded", detail=detail)
            return self._require(job.task_uuid, job.backend)

    def stored(self, job: Job, position: int, path: Path, sha256: str, size: int) -> None:
        """Write that a result's bytes are on this machine."""
        with self._transaction():
            self._database.execute(
                "UPDATE results SET path = ?, sha256 = ?, bytes = ? WHERE task_uuid = ? AND backend = ? AND position = ?",
                (str(path), sha256, size, job.task_uuid, job.backend, position),
            )
            self._event(job, "stored", f"{path} sha256 {sha256}")

    def adopt(self, order: Order, videos: Sequence[DeliveredVideo], files: Sequence[tuple[Path, str, int]]) -> Job:
        """Enter a take that lies here finished though this ledger knows nothing of it: the ledger was lost, or is another machine's."""
        with self._transaction():
            self._plan(order)
            job = self._require(order.task_uuid, order.backend)
            self.delivered(job, videos)
            for position, (path, sha256, size) in enumerate(files):
                self.stored(job, position, path, sha256, size)
            self._move(job, "verified", detail="found finished, with its sidecar")
            return self._require(order.task_uuid, order.backend)

    # ------------------------------------------------------------------------------------------------------- reading

    def job(self, task_uuid: str, backend: str) -> Job | None:
        """One job, or None where the ledger knows nothing of it."""
        with self._lock:
            row = self._database.execute("SELECT * FROM jobs WHERE task_uuid = ? AND backend = ?", (task_uuid, backend)).fetchone()
        return job_from_row(row) if row else None

    def jobs(self, *, project: str | None = None, states: Sequence[str] = ()) -> tuple[Job, ...]:
        """Jobs in the order in which they were entered."""
        with self._lock:
            rows = self._database.execute(
                "SELECT * FROM jobs WHERE project = coalesce(?, project) ORDER BY created_at, rowid", (project,)
            ).fetchall()
        return tuple(job for job in map(job_from_row, rows) if not states or job.state in states)

    def results(self, job: Job) -> tuple[Result, ...]:
        """What was delivered for a job."""
        with self._lock:
            rows = self._database.execute(
                "SELECT * FROM results WHERE task_uuid = ? AND backend = ? ORDER BY position", (job.task_uuid, job.backend)
            ).fetchall()
        return tuple(map(result_from_row, rows))

    def events(self, job: Job) -> tuple[Event, ...]:
        """The job's history, oldest first."""
        with self._lock:
            rows = self._database.execute(
                "SELECT * FROM events WHERE task_uuid = ? AND backend = ? ORDER BY number", (job.task_uuid, job.backend)
            ).fetchall()
        return tuple(Event(at=row["at"], state=row["state"], detail=row["detail"], run_id=row["run_id"]) for row in rows)

    def is_held_by_another(self, job: Job) -> bool:
        """Whether another living run works on the job."""
        return job.run_id is not None and job.state in IN_FLIGHT and life_check(self._run_folder, self._run.run_id)(job.run_id)

    def cost_usd(self, job: Job) -> Decimal:
        """What the job counts for: the delivered cost where it is known, nothing where it failed, else its price."""
        if job.state in {"planned", "failed"}:
            return Decimal(0)
        costs = [result.video.cost_usd for result in self.results(job)]
        known = [cost for cost in costs if cost is not None]
        return sum(known, Decimal(0)) if known and len(known) == len(costs) else job.price_usd

    def spent_usd(self, project: str) -> Decimal:
        """What a project has cost or reserved so far."""
        return sum((self.cost_usd(job) for job in self.jobs(project=project)), Decimal(0))

    # ------------------------------------------------------------------------------------------------------ internal

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """One write transaction; inner ones join it. Taken at the start, so that what is read in it cannot change under it."""
        with self._lock:
            if self._database.in_transaction:
                yield
                return
            self._database.execute("BEGIN IMMEDIATE")
            entered = self._known_run
            try:
                self._enter_run()
                yield
                self._database.execute("COMMIT")
            except BaseException:
                self._known_run = entered
                self._database.execute("ROLLBACK")
                raise

    def _enter_run(self) -> None:
        if self._known_run:
            return
        self._database.execute(
            "INSERT INTO runs (run_id, host, process, started_at) VALUES (?, ?, ?, ?)",
            (self._run.run_id, platform.node() or socket.gethostname(), process_id(), _now()),
        )
        self._known_run = True

    def _plan(self, order: Order) -> None:
        now = _now()
        done = self._database.execute(
            "INSERT INTO jobs (task_uuid, backend, sent_uuid, project, shot, take_number, model, duration_seconds, request, price_usd,"
            " state, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'planned', ?, ?) ON CONFLICT DO NOTHING",
            (
                *(order.task_uuid, order.backend, order.task_uuid, order.project, order.shot, order.take_number, order.model),
                *(order.duration_seconds, request_text(order.request), str(order.price_usd), now, now),
            ),
        )
        if done.rowcount:
            self._event(order, "planned", "")

    def _check_budget(
        self, new: Sequence[Job], budget_usd: Decimal | None, run_budget_usd: Decimal | None, alive: Callable[[str | None], bool]
    ) -> None:
        asked = sum((job.price_usd for job in new), Decimal(0))
        if not asked:
            return
        if run_budget_usd is not None and asked > run_budget_usd:
            raise BudgetRefusedError(
                f"this run would cost {usd(asked)} USD for {len(new)} task(s), allowed are {usd(run_budget_usd)}; nothing was sent.",
                remedy="Raise the budget, or ask for fewer takes.",
            )
        if budget_usd is None:
            return
        project = new[0].project
        for job in self.jobs(project=project, states=("reserved",)):
            if job not in new and not alive(job.run_id) and job.run_id != self._run.run_id:
                self._move(job, "planned", detail="its run has died before sending; the reservation is released")
        spent = self.spent_usd(project)
        if spent + asked > budget_usd:
            raise BudgetRefusedError(
                f"project {project} would come to {usd(spent + asked)} USD, {usd(spent)} spent or reserved and {usd(asked)} for"
                f" {len(new)} new task(s); allowed are {usd(budget_usd)}; nothing was sent.",
                remedy="Raise budget_usd, or ask for fewer takes.",
            )

    def _move(self, job: Job, state: str, *, detail: str = "", code: str = "", retryable: bool = False) -> None:
        sent_at = datetime.now(UTC).timestamp() if state == "sending" else job.sent_at
        self._database.execute(
            "UPDATE jobs SET state = ?, run_id = ?, code = ?, message = ?, retryable = ?, sent_at = ?, updated_at = ?"
            " WHERE task_uuid = ? AND backend = ?",
            (state, self._run.run_id, code, detail if code else "", retryable, sent_at, _now(), job.task_uuid, job.backend),
        )
        self._event(job, state, f"{code}: {detail}" if code else detail)

    def _event(self, job: Order, state: str, detail: str) -> None:
        self._database.execute(
            "INSERT INTO events (at, task_uuid, backend, run_id, state, detail) VALUES (?, ?, ?, ?, ?, ?)",
            (_now(), job.task_uuid, job.backend, self._run.run_id, state, detail),
        )

    def _require(self, task_uuid: str, backend: str) -> Job:
        job = self.job(task_uuid, backend)
        assert job is not None, f"{task_uuid} was entered before"
        return job


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
