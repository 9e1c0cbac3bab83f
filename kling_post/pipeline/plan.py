"""What a run would do and cost, before anything is sent; and a task read as a specification for the checks."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate
from pathlib import Path

from kling_post.errors import RequestError
from kling_post.generation.backend import Backend
from kling_post.project import Project
from kling_post.vocabulary import JoinKind, Size, TakePlan, VideoTask


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedTake:
    """One take of the shot list, priced."""

    shot_id: str
    task: VideoTask
    duration_seconds: int
    join: JoinKind
    price_usd: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All takes of a project on one backend."""

    project: str
    backend: str
    takes: tuple[PlannedTake, ...]

    @property
    def price_usd(self) -> Decimal:
        """The most that the whole run may cost."""
        return sum((take.price_usd for take in self.takes), Decimal(0))

    @property
    def duration_seconds(self) -> int:
        """Footage ordered, in seconds."""
        return sum(take.duration_seconds for take in self.takes)


def plan(project: Project, backend: Backend) -> Plan:
    """Price every take of the project on a backend. Sends nothing.

    Raises:
        RequestError: the backend would refuse one of the tasks.
    """
    takes = []
    for shot in project.shots:
        for task in shot.tasks if backend.paid else shot.local_tasks:
            for problem in backend.problems(task):
                raise RequestError(f"{shot.source}: {problem.message}", code=problem.code, parameter=problem.parameter)
            takes.append(
                PlannedTake(
                    shot_id=shot.shot_id,
                    task=task,
                    duration_seconds=task.duration_seconds,
                    join=shot.join,
                    price_usd=backend.price_usd(task),
                )
            )
    return Plan(project=project.name, backend=backend.name, takes=tuple(takes))


def take_plan(task: VideoTask, *, rehearsal_size: Size | None = None) -> TakePlan:
    """The task as a specification for the checks.

    Args:
        task: As it was, or will be, sent.
        rehearsal_size: The size that was asked of a local backend in place of the task's; it keeps the task's aspect.
    """
    size = task.size
    if rehearsal_size is not None:
        from kling_post.generation.previz.scene import rehearsal_size as at_the_aspect_of

        size = at_the_aspect_of(task.size or rehearsal_size, rehearsal_size)
    ends = tuple(accumulate(shot.duration_seconds for shot in task.shots))
    return TakePlan(
        size=size,
        duration_seconds=Fraction(task.duration_seconds),
        sound=task.sound,
        cut_seconds=tuple(map(Fraction, ends[:-1])),
        negative_prompt=task.negative_prompt,
        first_image=_local(task.first_image),
        last_image=_local(task.last_image),
    )


def _local(image: str | None) -> Path | None:
    """A still on this machine; a URL or a data URI is not compared with the take."""
    if image is None or "://" in image or image.startswith("data:"):
        return None
    path = Path(image)
    return path if path.is_file() else None
