"""A project as work to be made, and a task read as a specification for the checks."""

from collections.abc import Mapping
from fractions import Fraction
from itertools import accumulate
from pathlib import Path

from kling_post.checks.words import asks_for_rest, names_what_stirs
from kling_post.generation.chains import Link
from kling_post.generation.images import local_image
from kling_post.generation.request import expected_size
from kling_post.project import Project
from kling_post.vocabulary import Size, TakePlan, VideoTask


def links_of(project: Project, *, local: bool) -> tuple[Link, ...]:
    """A project's shots in the order in which their takes are made; ``local`` where the engine cannot reach the network."""
    return tuple(
        Link(shot_id=shot.shot_id, tasks=shot.local_tasks if local else shot.tasks, continues=shot.continues) for shot in project.shots
    )


def take_plan(task: VideoTask, *, rehearsal_size: Size | None = None, drawn: bool = False) -> TakePlan:
    """The task as a specification for the checks.

    Args:
        task: As it was, or will be, sent.
        rehearsal_size: The size that was asked of a local backend in place of the task's; it keeps the task's aspect.
        drawn: Whether the engine draws by rules and writes a label of its own into the picture.
    """
    first = _local(task.first_image)
    size = task.size if task.first_image is None else None if first is None else expected_size(task, _image_size(first))
    if rehearsal_size is not None:
        from kling_post.generation.local.given import rehearsal_size as at_the_aspect_of

        size = at_the_aspect_of(size or rehearsal_size, rehearsal_size)
    ends = tuple(accumulate(shot.duration_seconds for shot in task.shots))
    return TakePlan(
        size=size,
        duration_seconds=Fraction(task.duration_seconds),
        sound=task.sound,
        cut_seconds=tuple(map(Fraction, ends[:-1])),
        may_cut=_chooses_shots(task),
        negative_prompt=task.negative_prompt,
        first_image=first,
        last_image=_local(task.last_image),
        ends_at_rest=asks_for_rest(task.shots[-1].prompt) if task.shots else False,
        stirs=any(names_what_stirs(shot.prompt) for shot in task.shots),
        drawn=drawn,
    )


def _chooses_shots(task: VideoTask) -> bool:
    """Whether the model was asked to divide the clip by itself: ``shotType`` is ``intelligence``, and no shots are listed."""
    settings = task.wire.get("providerSettings")
    kling = settings.get("klingai") if isinstance(settings, Mapping) else None
    return isinstance(kling, Mapping) and kling.get("shotType") == "intelligence" and not kling.get("multiPrompt")


def _image_size(path: Path) -> Size:
    return local_image(str(path), folder=None, parameter="inputs.frameImages").size


def _local(image: str | None) -> Path | None:
    """A still on this machine; a URL or a data URI is not compared with the take."""
    if image is None or "://" in image or image.startswith("data:"):
        return None
    path = Path(image)
    return path if path.is_file() else None
