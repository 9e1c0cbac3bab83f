"""What a run will take, before it runs: what is in hand, what it costs, and how long, by what the ledger has seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Literal

from kling_post.generation.backend import Backend, engine_name
from kling_post.generation.chains import Link
from kling_post.generation.ledger import IN_FLIGHT, Ledger
from kling_post.generation.ledger_rows import Job
from kling_post.generation.takes import TakeOrder, copy_in, finished_takes
from kling_post.vocabulary import VideoTask

_LEAST_SAMPLES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """A run before it runs."""

    in_hand: int
    """Takes that lie there whole."""
    under_way: int
    """Ordered before and not finished: they are waited for, and cost nothing more."""
    to_order: int
    price_usd: Decimal
    """Of what is to be ordered."""
    wall_seconds: float | None
    """How long it will take; None where the ledger has seen too few jobs of the kind to tell."""
    why: str
    """Where the estimate comes from, or why there is none: one sentence."""


def forecast(links: Sequence[Link], backend: Backend, *, folder: Path, ledger: Ledger | None, project: str) -> Forecast:
    """Look ahead; orders nothing and changes nothing but for takes of other folders that are brought to this one.

    The time is the median of render seconds for a second of video, over the finished jobs of the same backend and model, times
    the seconds to be rendered, over the jobs that run at once. Shots that wait for the one before are counted as if they did not.
    """
    states = [_state(task, link, backend, folder=folder, ledger=ledger, project=project) for link in links for task in link.tasks]
    to_order = [task for state, task in zip(states, (task for link in links for task in link.tasks), strict=True) if state == "to order"]
    seconds, why = _wall_seconds(to_order, backend, ledger)
    return Forecast(
        in_hand=states.count("in hand"),
        under_way=states.count("under way"),
        to_order=len(to_order),
        price_usd=sum((backend.price_usd(task) for task in to_order), Decimal(0)),
        wall_seconds=seconds,
        why=why,
    )


def _state(
    task: VideoTask, link: Link, backend: Backend, *, folder: Path, ledger: Ledger | None, project: str
) -> Literal["in hand", "under way", "to order"]:
    job = _job(task, link, backend, ledger, project)
    if link.continues:
        # The task lacks the image that it will begin with, so it is known by its shot and take alone.
        results = ledger.results(job) if ledger is not None and job is not None and job.state == "verified" else ()
        here = bool(results) and all(result.path is not None and result.path.is_file() for result in results)
    else:
        order = TakeOrder(task=task, backend=backend, project=project, folder=folder)
        if ledger is not None and job is not None and job.state == "verified":
            copy_in(order, ledger.results(job))
        here = bool(finished_takes(order))
    if here:
        return "in hand"
    return "under way" if job is not None and job.state in IN_FLIGHT else "to order"


def _job(task: VideoTask, link: Link, backend: Backend, ledger: Ledger | None, project: str) -> Job | None:
    if ledger is None:
        return None
    if not link.continues:
        return ledger.job(task.task_uuid, engine_name(backend))
    same = (engine_name(backend), link.shot_id, task.take_number)
    jobs = (job for job in ledger.jobs(project=project) if (job.backend, job.shot, job.take_number) == same)
    return max(jobs, key=lambda job: job.updated_at, default=None)


def render_ratios(ledger: Ledger, backend: str, model: str) -> tuple[float, ...]:
    """For each finished job of a kind, how many seconds one second of its video took from sending to delivery."""
    jobs = [job for job in ledger.jobs(states=("verified", "stored", "succeeded")) if (job.backend, job.model) == (backend, model)]
    ratios = (_render_seconds(ledger, job) for job in jobs)
    return tuple(seconds / job.duration_seconds for seconds, job in zip(ratios, jobs, strict=True) if seconds is not None)


def _wall_seconds(tasks: Sequence[VideoTask], backend: Backend, ledger: Ledger | None) -> tuple[float | None, str]:
    if not tasks:
        return 0.0, "nothing is to be ordered"
    total, samples = 0.0, 0
    for model in dict.fromkeys(task.model for task in tasks):
        ratios = render_ratios(ledger, engine_name(backend), model) if ledger is not None else ()
        if len(ratios) < _LEAST_SAMPLES:
            seen = f"{len(ratios)} finished job(s) of {model} on {backend.name}"
            return None, f"no estimate: the ledger has seen {seen}, {_LEAST_SAMPLES} are needed"
        samples += len(ratios)
        total += median(ratios) * sum(task.duration_seconds for task in tasks if task.model == model)
    lanes = max(1, min(backend.parallel_jobs, len(tasks)))
    return total / lanes, f"median of {samples} finished job(s), {lanes} at once"


def _render_seconds(ledger: Ledger, job: Job) -> float | None:
    at = {event.state: datetime.fromisoformat(event.at) for event in ledger.events(job) if event.state in {"sending", "succeeded"}}
    return (at["succeeded"] - at["sending"]).total_seconds() if len(at) == 2 else None
