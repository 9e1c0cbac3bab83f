"""From tasks to verified takes: check, reserve, submit, poll, fetch, verify, resume.

Whatever happened before is respected: a take that lies there whole is used, an order that may have left is asked for before
anything is sent, and nothing is sent that the budget does not cover.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from pathlib import Path

from kling_post.errors import ProviderError, RequestError
from kling_post.generation.backend import Backend
from kling_post.generation.identity import attempt_uuid
from kling_post.generation.job_steps import LOCAL, REMOTE, Clock, Pace, StopRunError, Work
from kling_post.generation.ledger import Ledger
from kling_post.generation.ledger_rows import Job, Order
from kling_post.generation.prices import usd
from kling_post.generation.request import task_name
from kling_post.generation.takes import TakeOrder, copy_in, finished_takes
from kling_post.progress import SILENT, Progress
from kling_post.vocabulary import Take, VideoTask

_ONE_TASK = 100


def produce(
    tasks: Sequence[VideoTask],
    backend: Backend,
    *,
    folder: Path,
    ledger: Ledger,
    progress: Progress = SILENT,
    budget_usd: Decimal | None = None,
    run_budget_usd: Decimal | None = None,
    project: str = "takes",
    pace: Pace | None = None,
    clock: Clock | None = None,
) -> tuple[Take, ...]:
    """Make all takes of the tasks, or find them made.

    Args:
        tasks: Each with a UUID of its own.
        backend: The engine; left open.
        folder: Where takes and their sidecars will lie; work under way lies in ``.work`` in it.
        ledger: Where every step is written down before it is taken.
        progress: Told about each task.
        budget_usd: The most that the project may cost, with what it has cost so far.
        run_budget_usd: The most that this call may order.
        project: Names files and groups money.
        pace: How long to wait for what; by default what fits the backend.
        clock: Real time by default.

    Returns:
        The takes in the order of the tasks; several for a task that asks for several results.

    Raises:
        RequestError: the backend would refuse a task; nothing was sent.
        BudgetRefusedError: it would cost too much; nothing was sent.
        ProviderError: some tasks did not come through; all others are finished, and running again goes on.
    """
    clock = clock or Clock()
    pace = pace if pace is not None else REMOTE if backend.paid else LOCAL
    # The same task asked for twice is made once.
    orders = [
        TakeOrder(task=task, backend=backend, project=project, folder=folder) for task in {one.task_uuid: one for one in tasks}.values()
    ]
    _refuse_what_the_engine_would(orders)
    folder.mkdir(parents=True, exist_ok=True)
    takes = {order.task.task_uuid: made for order in orders if (made := _already_made(order, ledger, progress))}
    missing = [order for order in orders if order.task.task_uuid not in takes]
    jobs = _claimed(missing, ledger, budget_usd, run_budget_usd)
    works = [
        Work(
            order=order,
            job=job,
            ledger=ledger,
            pace=pace,
            clock=clock,
            error=_refused_before(order, job),
        )
        for order, job in zip(missing, jobs, strict=True)
    ]
    _Desk(works=works, backend=backend, progress=progress, clock=clock).run()
    takes |= {work.order.task.task_uuid: work.takes for work in works if work.takes is not None}
    _raise_what_failed(works, len(orders))
    return tuple(take for task in tasks for take in takes[task.task_uuid])


def _refuse_what_the_engine_would(orders: Sequence[TakeOrder]) -> None:
    for order in orders:
        for problem in order.backend.problems(order.task):
            raise RequestError(f"{order.label}: {problem.message}", code=problem.code, parameter=problem.parameter)


def _already_made(order: TakeOrder, ledger: Ledger, progress: Progress) -> tuple[Take, ...]:
    job = ledger.job(order.task.task_uuid, order.engine)
    if job is not None and job.state == "verified":
        copy_in(order, ledger.results(job))
    found = finished_takes(order)
    if not found:
        return ()
    if job is None or job.state in {"planned", "reserved"}:
        files = [(take.path, take.facts.sha256, take.facts.bytes) for take, _ in found]
        ledger.adopt(_entry(order), [video for _, video in found], files)
    elif job.state == "stored" and not ledger.is_held_by_another(job):
        ledger.move(job, "verified", detail="found finished, with its sidecar")
    progress.start(f"{order.label} ({order.backend.name})", 0)
    progress.finish("already there")
    return tuple(take for take, _ in found)


def _entry(order: TakeOrder) -> Order:
    task = order.task
    return Order(
        task_uuid=task.task_uuid,
        backend=order.engine,
        project=order.project,
        shot=task_name(task),
        take_number=task.take_number,
        model=task.model,
        duration_seconds=task.duration_seconds,
        request=task.wire,
        price_usd=order.backend.price_usd(task),
    )


def _claimed(missing: Sequence[TakeOrder], ledger: Ledger, budget_usd: Decimal | None, run_budget_usd: Decimal | None) -> tuple[Job, ...]:
    """The jobs of the orders, reserved or taken over. What failed before is ordered anew where that can help."""
    for order in missing:
        job = ledger.job(order.task.task_uuid, order.engine)
        if job is None or ledger.is_held_by_another(job):
            continue
        if job.state == "failed" and job.retryable:
            ledger.order_again(job, attempt_uuid(job.task_uuid, job.attempt + 1))
        elif job.state == "verified":
            # The file is gone or changed. What was paid for is fetched again; what costs nothing is made again.
            ledger.move(job, "succeeded", detail="its file is not here any more") if order.backend.paid else ledger.start_over(job, "lost")
    return ledger.claim([_entry(order) for order in missing], budget_usd=budget_usd, run_budget_usd=run_budget_usd)


def _refused_before(order: TakeOrder, job: Job) -> ProviderError | None:
    """Why an order is not placed again, where an earlier run learned that it cannot succeed."""
    if job.state != "failed":
        return None
    return ProviderError(
        f"{order.label} failed before: {job.message} ({job.code}); it is not ordered again.",
        code=job.code,
        remedy="Change the request, or ask for another take of it.",
    )


def _raise_what_failed(works: Sequence[Work], asked: int) -> None:
    errors = [work.error for work in works if work.error is not None]
    if not errors:
        return
    first = errors[0]
    more = f" {len(errors) - 1} more of {asked} did not come through." if len(errors) > 1 else ""
    raise ProviderError(first.message + more, code=first.code, retryable=first.retryable, remedy=first.remedy)


@dataclass(slots=True, kw_only=True)
class _Desk:
    """The loop over the jobs: up to ``parallel_jobs`` under way, each looked at when it is due."""

    works: Sequence[Work]
    backend: Backend
    progress: Progress
    clock: Clock

    def run(self) -> None:
        """Work until all jobs are over."""
        lanes = max(1, self.backend.parallel_jobs)
        if lanes == 1 or len(self.works) == 1:
            for work in self.works:
                self._one(work)
        elif self.works:
            self._many(lanes)

    def _one(self, work: Work) -> None:
        self.progress.start(f"{work.order.label} ({self.backend.name})", _ONE_TASK, "%")
        work.on_fraction = lambda fraction: self.progress.advance(int(fraction * _ONE_TASK))
        self._until_over([work], lanes=1)
        self.progress.finish(_outcome(work))

    def _many(self, lanes: int) -> None:
        self.progress.start(f"{len(self.works)} takes ({self.backend.name})", len(self.works) * _ONE_TASK, "%")
        done = [0.0] * len(self.works)

        def tell(index: int, fraction: float) -> None:
            done[index] = fraction
            self.progress.advance(int(sum(done) * _ONE_TASK))

        for index, work in enumerate(self.works):
            work.on_fraction = partial(tell, index)
        self._until_over(self.works, lanes=lanes)
        made = [work for work in self.works if work.takes is not None]
        self.progress.finish(f"{len(made)} of {len(self.works)} made, {usd(_cost(made))} USD")

    def _until_over(self, works: Sequence[Work], *, lanes: int) -> None:
        waiting, under_way = [work for work in works if not work.over], list[Work]()
        try:
            while waiting or under_way:
                while waiting and len(under_way) < lanes:
                    under_way.append(waiting.pop(0))
                work = min(under_way, key=lambda one: one.due)
                if (pause := work.due - self.clock.now()) > 0:
                    self.clock.sleep(pause)
                work.step()
                if work.over:
                    under_way.remove(work)
                    work.on_fraction(1.0)
        except StopRunError as stop:
            raise stop.error from stop


def _outcome(work: Work) -> str:
    if work.error is not None:
        return work.error.message
    return ", ".join(take.path.name for take in work.takes or ()) + (f", {usd(_cost([work]))} USD" if work.order.backend.paid else "")


def _cost(works: Sequence[Work]) -> Decimal:
    return sum((take.cost_usd for work in works for take in work.takes or ()), Decimal(0))
