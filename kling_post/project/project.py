"""What the editor asked for: a project file, or one bare generation request, as a ``Project`` with everything resolved."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Literal

from kling_post.errors import ProjectError
from kling_post.generation.request import with_take
from kling_post.generation.stills import with_local_stills
from kling_post.project.edit_checks import check_edit
from kling_post.project.edit_list import Clock, EditList, edit_list
from kling_post.project.file import Lines, LoudnessKeys, ProjectKeys, read_project_file
from kling_post.project.shots import ProjectShot, Sheet, parse_size, read_request, read_shots, still_folders
from kling_post.timebase import is_ntsc, nominal_rate, parse_rate, parse_timecode, seconds_to_frames
from kling_post.vocabulary import JoinKind, Size, VideoTask


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A whole edit as it was asked for."""

    name: str
    path: Path
    rate: Fraction
    size: Size | None
    """Of the finished picture; None means as the first take comes."""
    start_frame: int
    """Frame count of the first frame's timecode: 86400 for 01:00:00:00 at 24."""
    drop_frame: bool
    loudness: str | Mapping[str, float]
    """Name of a loudness target, or its numbers by their unit names."""
    budget_usd: Decimal | None
    repair: Literal["off", "propose", "apply"]
    limits: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    """Limits by check that differ from the built-in ones."""
    takes: int = 1
    edit: EditList = field(default_factory=EditList)
    """Tracks beside the takes' own sound, and the depth of the picture."""
    shots: tuple[ProjectShot, ...]

    def tasks(self, *, local: bool) -> tuple[VideoTask, ...]:
        """All takes of all shots in the order of the edit; ``local`` where the engine cannot reach the network."""
        return tuple(task for shot in self.shots for task in (shot.local_tasks if local else shot.tasks))


def load_project(path: Path, *, stills: Path | None = None, takes: int | None = None) -> Project:
    """Read a project file (YAML), or a bare ``videoInference`` request (JSON) as a project of one shot.

    Args:
        path: ``project.yaml`` or ``request.json``.
        stills: A folder of local stills to look in before those that the project knows.
        takes: How many takes of each shot, whatever the project says.

    Raises:
        ProjectError: the project file, or a file that it names, is missing or wrong, with its line.
        RequestError: a bare request that the model would refuse.
    """
    path = Path(path)
    if path.suffix.lower() == ".json":
        return _bare_request(path, stills, takes or 1)
    keys, lines = read_project_file(path)
    if takes is not None:
        shots_with_takes = [shot.model_copy(update={"takes": takes}) for shot in keys.shots]
        keys = keys.model_copy(update={"takes": takes, "shots": shots_with_takes})
    rate, start_frame, drop_frame = _clock(keys, path, lines)
    clock = Clock(rate=rate, start_frame=start_frame, path=path, lines=lines)
    sheet = Sheet(project=keys, path=path, lines=lines, stills=stills, clock=clock)
    shots = tuple(one for index, shot in enumerate(keys.shots) for one in read_shots(shot, index, sheet))
    _check_shots(shots, rate, path)
    edit = edit_list(keys.edit, clock)
    check_edit(edit, shots, rate, path)
    return Project(
        name=keys.name or _folder_name(path),
        path=path,
        rate=rate,
        size=parse_size(keys.size),
        start_frame=start_frame,
        drop_frame=drop_frame,
        loudness=keys.loudness.model_dump() if isinstance(keys.loudness, LoudnessKeys) else keys.loudness,
        budget_usd=keys.budget_usd,
        repair=keys.repair,
        limits=keys.limits,
        takes=keys.takes,
        edit=edit,
        shots=shots,
    )


def _bare_request(path: Path, stills: Path | None, takes: int) -> Project:
    task = read_request(path, name=path.stem, named_by=path, line=None)
    tasks = (task, *(with_take(task, number, name=path.stem, source=path) for number in range(2, takes + 1)))
    folders = still_folders(path, stills)
    shot = ProjectShot(
        shot_id=path.stem,
        tasks=tasks,
        local_tasks=tuple(with_local_stills(one, names=(path.stem,), folders=folders, source=path) for one in tasks),
        join=JoinKind.CUT,
        source=path,
    )
    return Project(
        name=path.stem,
        path=path,
        rate=Fraction(24),
        size=task.size,
        start_frame=86_400,
        drop_frame=False,
        loudness="streaming",
        budget_usd=None,
        repair="propose",
        takes=takes,
        shots=(shot,),
    )


# --------------------------------------------------------------------------------------------------------- project file


def _clock(keys: ProjectKeys, path: Path, lines: Lines) -> tuple[Fraction, int, bool]:
    try:
        rate = parse_rate(keys.rate)
    except ValueError as error:
        raise ProjectError(f"rate: {error}.", path=path, line=lines.line("rate")) from error
    try:
        start_frame = parse_timecode(keys.start_timecode, rate)
    except ValueError as error:
        raise ProjectError(f"start_timecode: {error}.", path=path, line=lines.line("start_timecode")) from error
    drop_frame = ";" in keys.start_timecode and is_ntsc(rate) and nominal_rate(rate) % 30 == 0
    return rate, start_frame, drop_frame


def _check_shots(shots: tuple[ProjectShot, ...], rate: Fraction, path: Path) -> None:
    if shots[0].join is not JoinKind.CUT or shots[0].edit.sound_shift_frames:
        raise ProjectError("the first shot's join is not a cut, allowed is cut: nothing stands before it.", path=path, line=shots[0].line)
    seen: dict[str, ProjectShot] = {}
    for shot in shots:
        # A shot that goes on is another task once it has the image that it waits for.
        fixed = () if shot.continues else shot.tasks
        for name in (f"the id {shot.shot_id!r}", *(f"the task {task.task_uuid}" for task in fixed)):
            if name in seen:
                raise ProjectError(
                    f"shot {shot.shot_id!r} has {name}, which the shot in line {seen[name].line} has already.",
                    path=path,
                    line=shot.line,
                    remedy="Give it an id of its own, and 'take: 2' where it is to be another take of the same words.",
                )
            seen[name] = shot
    for before, shot in pairwise(shots):
        shortest = min(seconds_to_frames(one.tasks[0].duration_seconds, rate) for one in (before, shot))
        if shot.dissolve_frames >= shortest:
            raise ProjectError(
                f"join.dissolve is {shot.dissolve_frames} frames, allowed are fewer than the {shortest} of the shorter shot.",
                path=path,
                line=shot.line,
            )


def _folder_name(path: Path) -> str:
    return path.resolve().parent.name if path.stem == "project" else path.stem


__all__ = ["Project", "ProjectShot", "load_project"]
