"""Shots that go on where the one before ended: its last frame, decoded exactly and at full size, is their first image."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

from kling_post.errors import BudgetRefusedError
from kling_post.generation.backend import Backend
from kling_post.generation.ledger import Ledger
from kling_post.generation.prices import usd
from kling_post.generation.producer import produce
from kling_post.generation.request import parse_request, task_name
from kling_post.media.decode import decode_rgb
from kling_post.progress import SILENT, Progress
from kling_post.vocabulary import Take, VideoTask


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One shot of the edit as its takes are to be made."""

    shot_id: str
    tasks: tuple[VideoTask, ...]
    """One for each take; where the shot goes on, as they would be without the image that they wait for."""
    continues: bool = False
    """Whether each take begins with the last frame of the same take of the shot before."""


def produce_links(
    links: Sequence[Link],
    backend: Backend,
    *,
    folder: Path,
    ledger: Ledger,
    project: str,
    progress: Progress = SILENT,
    budget_usd: Decimal | None = None,
    run_budget_usd: Decimal | None = None,
) -> Mapping[str, tuple[Take, ...]]:
    """Make all takes of all shots; those that go on after the ones that they go on from.

    Arguments and errors are those of ``produce``. The budget is held against the whole before anything is sent.

    Returns:
        The takes by shot id, in the order of the shot's tasks.
    """
    _require_budget(links, backend, ledger, project, budget_usd, run_budget_usd)

    def make(tasks: Sequence[VideoTask]) -> tuple[Take, ...]:
        return produce(
            tasks,
            backend,
            folder=folder,
            ledger=ledger,
            progress=progress,
            budget_usd=budget_usd,
            run_budget_usd=run_budget_usd,
            project=project,
        )

    free = [link for link in links if not link.continues]
    made = make([task for link in free for task in link.tasks])
    by_task: dict[str, list[Take]] = {}
    for take in made:
        by_task.setdefault(take.task.task_uuid, []).append(take)
    takes = {link.shot_id: tuple(take for task in link.tasks for take in by_task[task.task_uuid]) for link in free}
    for before, link in pairwise(links):
        if link.continues:
            tasks = [
                continued(task, _take_like(task, takes[before.shot_id]), folder=folder / "chains", shot_id=link.shot_id)
                for task in link.tasks
            ]
            takes[link.shot_id] = make(tasks)
    return {link.shot_id: takes[link.shot_id] for link in links}


def continued(task: VideoTask, before: Take, *, folder: Path, shot_id: str) -> VideoTask:
    """The task with the last frame of another take as its first image, in place of a size of its own.

    The image lies as PNG in ``folder``; made anew it has the same bytes, so the task's UUID stays the same for the same take.
    """
    image = last_frame(before, folder)
    wire = {key: value for key, value in task.wire.items() if key not in {"taskUUID", "width", "height"}}
    inputs = wire.get("inputs")
    kept = dict(inputs) if isinstance(inputs, Mapping) else {}
    wire["inputs"] = {**kept, "frameImages": [{"image": str(image), "frame": "first"}]}
    return parse_request(wire, name=shot_id, take_number=task.take_number)


def last_frame(take: Take, folder: Path) -> Path:
    """The take's last frame as a PNG of full size, made once.

    A backend that hands over its last frame by itself knows it better: before the encoder, and without a label burnt in.
    """
    from PIL import Image

    given = take.path.with_suffix(".last_frame.png")
    if given.is_file():
        return given
    path = folder / f"{take.path.stem}_{take.facts.sha256[:8]}_last.png"
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        Image.fromarray(decode_rgb(take.path, take.facts.frames - 1)).save(part, format="PNG", compress_level=1)
        part.replace(path)
    return path


def _take_like(task: VideoTask, takes: Sequence[Take]) -> Take:
    """The take with the same number, or the first."""
    return next((take for take in takes if take.task.take_number == task.take_number), takes[0])


def _require_budget(
    links: Sequence[Link], backend: Backend, ledger: Ledger, project: str, budget_usd: Decimal | None, run_budget_usd: Decimal | None
) -> None:
    """Refuse before the first link what would only be refused at the last."""
    waiting = [task for link in links if link.continues for task in link.tasks]
    if not waiting:
        return
    chained = {(job.shot, job.take_number) for job in ledger.jobs(project=project) if job.state not in {"planned", "failed"}}
    known = {job.task_uuid for job in ledger.jobs(project=project) if job.state not in {"planned", "failed"}}
    new = [task for task in waiting if (task_name(task), task.take_number) not in chained]
    new += [task for link in links if not link.continues for task in link.tasks if task.task_uuid not in known]
    price = sum((backend.price_usd(task) for task in new), Decimal(0))
    spent = ledger.spent_usd(project)
    for limit, total in ((run_budget_usd, price), (budget_usd, spent + price)):
        if limit is not None and total > limit:
            raise BudgetRefusedError(
                f"project {project} with its chained shots would come to {usd(total)} USD, allowed are {usd(limit)}; nothing was sent.",
                remedy="Raise the budget, or ask for fewer takes.",
            )
