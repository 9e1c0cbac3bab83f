"""A run in the light of a review: more takes than the shot list asks for, the takes that were chosen, their trims."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from kling_post.edit.conform import conform
from kling_post.errors import InvalidInputError
from kling_post.generation.request import with_take
from kling_post.pipeline.cut import ExaminedTake, best_take
from kling_post.project import Project, ProjectShot
from kling_post.review.decisions import ShotDecision
from kling_post.review.session import ID_DIGITS
from kling_post.timebase import seconds_to_frames
from kling_post.vocabulary import JoinKind, VideoTask

Decisions = Mapping[str, ShotDecision]


def with_more_takes(project: Project, decisions: Decisions) -> Project:
    """The project with the takes that a review asked for besides its own."""
    return replace(project, shots=tuple(_with_more_takes(shot, decisions.get(shot.shot_id)) for shot in project.shots))


def _with_more_takes(shot: ProjectShot, decision: ShotDecision | None) -> ProjectShot:
    there = {task.take_number for task in shot.tasks}
    numbers = [number for number in decision.more_takes if number not in there] if decision else []

    def more(number: int, *, local: bool) -> VideoTask:
        task = (shot.local_tasks if local else shot.tasks)[0]
        return with_take(task, number, name=shot.shot_id, source=shot.source)

    return replace(
        shot,
        tasks=(*shot.tasks, *(more(number, local=False) for number in numbers)),
        local_tasks=(*shot.local_tasks, *(more(number, local=True) for number in numbers)),
    )


def chosen_takes(by_shot: Mapping[str, Sequence[ExaminedTake]], decisions: Decisions) -> dict[str, ExaminedTake]:
    """The take of each shot that goes into the edit; a shot all of whose takes are rejected is not in it.

    Raises:
        InvalidInputError: nothing would be left.
    """
    chosen = {
        shot_id: take for shot_id, takes in by_shot.items() if (take := _chosen(takes, decisions.get(shot_id, ShotDecision()))) is not None
    }
    if not chosen:
        raise InvalidInputError(
            "Every take of every shot is rejected: there is nothing to cut.", remedy="Order retakes, or approve a take."
        )
    return chosen


def _chosen(takes: Sequence[ExaminedTake], decision: ShotDecision) -> ExaminedTake | None:
    by_id = {take_id(one): one for one in takes if take_id(one) not in decision.rejected}
    if decision.take in by_id:
        return by_id[decision.take]
    good = [one for key, one in by_id.items() if key not in decision.weak]
    return best_take(good or by_id.values()) if by_id else None


def take_id(one: ExaminedTake) -> str:
    """What a review calls a take."""
    return one.take.facts.sha256[:ID_DIGITS]


def as_decided(project: Project, chosen: Mapping[str, ExaminedTake], decisions: Decisions) -> Project:
    """The project as it is cut: without shots that have no take, each trimmed as a reviewer marked its take."""
    shots = [_trimmed(project, shot, chosen[shot.shot_id], decisions.get(shot.shot_id)) for shot in project.shots if shot.shot_id in chosen]
    gone = {shot.shot_id for shot in project.shots} - set(chosen)
    after_gap = {
        shots_after.shot_id for before, shots_after in zip(project.shots, project.shots[1:], strict=False) if before.shot_id in gone
    }
    # What stood before it is not there any more: neither its dissolve nor its going on has anything to join.
    shots = [replace(shot, join=JoinKind.CUT, dissolve_frames=0) if shot.shot_id in after_gap else shot for shot in shots]
    return replace(project, shots=tuple(shots))


def _trimmed(project: Project, shot: ProjectShot, one: ExaminedTake, decision: ShotDecision | None) -> ProjectShot:
    trim = decision.trims.get(take_id(one)) if decision else None
    if trim is None:
        return shot
    facts = one.examination.facts
    whole = conform(facts, rate=project.rate, size=facts.size, retime=shot.edit.retime)
    head, last = (seconds_to_frames(frame / facts.rate / whole.speed, project.rate) for frame in trim)
    return replace(shot, edit=replace(shot.edit, trim_head_frames=head, trim_tail_frames=max(0, whole.frames - last)))
