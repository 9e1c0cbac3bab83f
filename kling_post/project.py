"""What the editor asked for: a project file, or one bare generation request, as a ``Project`` with everything resolved."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Literal

from kling_post.errors import ProjectError, RequestError
from kling_post.generation.models import nearest_size, video_model
from kling_post.generation.request import parse_request, with_take
from kling_post.generation.stills import with_local_stills
from kling_post.project_file import DissolveKeys, Lines, LoudnessKeys, ProjectKeys, ShotKeys, read_project_file
from kling_post.timebase import is_ntsc, nominal_rate, parse_rate, parse_timecode, seconds_to_frames
from kling_post.vocabulary import JoinKind, Size, VideoTask


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectShot:
    """One line of the shot list, with its takes as tasks."""

    shot_id: str
    tasks: tuple[VideoTask, ...]
    """One for each take, for an engine that can reach the frame images as they are given."""
    local_tasks: tuple[VideoTask, ...]
    """The same for an engine on this machine: local stills in place of remote images where there are any."""
    join: JoinKind
    """How the shot joins the one before it; the first one's is CUT."""
    dissolve_frames: int = 0
    source: Path
    """The file that the request stands in."""
    line: int | None = None
    """Line of the shot in the project file."""


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
    shots: tuple[ProjectShot, ...]

    def tasks(self, *, local: bool) -> tuple[VideoTask, ...]:
        """All takes of all shots in the order of the edit; ``local`` where the engine cannot reach the network."""
        return tuple(task for shot in self.shots for task in (shot.local_tasks if local else shot.tasks))


def load_project(path: Path, *, stills: Path | None = None) -> Project:
    """Read a project file (YAML), or a bare ``videoInference`` request (JSON) as a project of one shot.

    Args:
        path: ``project.yaml`` or ``request.json``.
        stills: A folder of local stills to look in before those that the project knows.

    Raises:
        ProjectError: the project file, or a file that it names, is missing or wrong, with its line.
        RequestError: a bare request that the model would refuse.
    """
    path = Path(path)
    if path.suffix.lower() == ".json":
        return _bare_request(path, stills)
    keys, lines = read_project_file(path)
    rate, start_frame, drop_frame = _clock(keys, path, lines)
    shots = tuple(_shot(shot, index, keys, path, lines, stills) for index, shot in enumerate(keys.shots))
    _check_shots(shots, rate, path)
    return Project(
        name=keys.name or _folder_name(path),
        path=path,
        rate=rate,
        size=_size(keys.size),
        start_frame=start_frame,
        drop_frame=drop_frame,
        loudness=keys.loudness.model_dump() if isinstance(keys.loudness, LoudnessKeys) else keys.loudness,
        budget_usd=keys.budget_usd,
        repair=keys.repair,
        limits=keys.limits,
        takes=keys.takes,
        shots=shots,
    )


def _bare_request(path: Path, stills: Path | None) -> Project:
    task = _read_request(path, name=path.stem, named_by=path, line=None)
    folders = _still_folders(path, stills)
    shot = ProjectShot(
        shot_id=path.stem,
        tasks=(task,),
        local_tasks=(with_local_stills(task, names=(path.stem,), folders=folders, source=path),),
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
        shots=(shot,),
    )


def _read_request(path: Path, *, name: str, named_by: Path, line: int | None) -> VideoTask:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        missing = "there is no such file." if path == named_by else f"the request {path} is not there."
        raise ProjectError(missing, path=named_by, line=line) from error
    except json.JSONDecodeError as error:
        raise ProjectError(f"not JSON: {error.msg} at column {error.colno}.", path=path, line=error.lineno) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ProjectError(f"cannot be read: {error}.", path=path) from error
    try:
        return parse_request(data, name=name, source=path)
    except RequestError as error:
        raise RequestError(f"{path}: {error.message}", code=error.code, parameter=error.parameter, remedy=error.remedy) from error


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


def _shot(keys: ShotKeys, index: int, project: ProjectKeys, path: Path, lines: Lines, stills: Path | None) -> ProjectShot:
    line = lines.line("shots", index)
    _check_source(keys, index, path, lines)
    source = (path.parent / keys.request) if keys.request else path
    shot_id = keys.id or (Path(keys.request).stem if keys.request else f"shot_{index + 1:02d}")
    still_name = Path(keys.request).stem if keys.request else shot_id
    try:
        first = _first_take(keys, project, shot_id, source, path, lines.line("shots", index, "request"))
        numbers = range(keys.take, keys.take + (keys.takes or project.takes))
        tasks = tuple(first if number == 1 else with_take(first, number, name=shot_id, source=source) for number in numbers)
        folders = _still_folders(source, stills, path.parent / project.stills if project.stills else None, path.parent / "stills")
        given = [str((path.parent / still).resolve()) for still in keys.offline_frame_images or ()]
        local_tasks = tuple(
            with_local_stills(task, names=(shot_id, still_name), folders=folders, given=given, source=source) for task in tasks
        )
    except RequestError as error:
        raise ProjectError(f"shot {shot_id!r}: {error.message}", path=path, line=line, remedy=error.remedy) from error
    dissolve = keys.join.dissolve if isinstance(keys.join, DissolveKeys) else 0
    return ProjectShot(
        shot_id=shot_id,
        tasks=tasks,
        local_tasks=local_tasks,
        join=JoinKind.DISSOLVE if isinstance(keys.join, DissolveKeys) else JoinKind(keys.join),
        dissolve_frames=dissolve,
        source=source,
        line=line,
    )


def _check_source(keys: ShotKeys, index: int, path: Path, lines: Lines) -> None:
    """A shot is a request file, or a prompt, or a list of prompts; keys that shape an inline request do not bend a request file."""
    given = [key for key in ("request", "prompt", "shots") if getattr(keys, key) is not None]
    where = f"shots[{index}]"
    if len(given) != 1:
        found = " and ".join(given) if given else "none of them"
        raise ProjectError(
            f"{where} has {found}, allowed is exactly one of request, prompt and shots.", path=path, line=lines.line("shots", index)
        )
    if keys.request is None:
        return
    for key in ("negative", "duration", "size", "sound", "model", "frame_images"):
        if getattr(keys, key) is not None:
            raise ProjectError(
                f"{where}.{key} is given beside request, allowed is to write it in {keys.request}.",
                path=path,
                line=lines.line("shots", index, key),
                remedy="To stand in for remote images offline, use offline_frame_images." if key == "frame_images" else "",
            )


def _first_take(keys: ShotKeys, project: ProjectKeys, shot_id: str, source: Path, path: Path, line: int | None) -> VideoTask:
    if keys.request is not None:
        return _read_request(source, name=shot_id, named_by=path, line=line)
    return parse_request(_inline_request(keys, project), name=shot_id, source=source)


def _inline_request(keys: ShotKeys, project: ProjectKeys) -> dict[str, object]:
    """The wire body of a shot that is written in the project file."""
    model = video_model(keys.model or project.model)
    klingai: dict[str, object] = {"sound": True if keys.sound is None else keys.sound}
    body: dict[str, object] = {"taskType": "videoInference", "model": model.air}
    if keys.prompt is not None:
        body["positivePrompt"] = keys.prompt
    if keys.shots is not None:
        klingai["multiPrompt"] = [{"prompt": shot.prompt, "duration": shot.duration} for shot in keys.shots]
    if keys.negative is not None:
        body["negativePrompt"] = keys.negative
    summed = sum(shot.duration for shot in keys.shots or ())
    body["duration"] = keys.duration if keys.duration is not None else summed or model.default_seconds
    if keys.frame_images is not None:
        body["inputs"] = {"frameImages": keys.frame_images}
    if keys.frame_images is None or keys.size is not None:
        size = _size(keys.size) or (nearest_size(model, wanted) if (wanted := _size(project.size)) else model.sizes[0])
        body |= {"width": size.width, "height": size.height}
    return {**body, "providerSettings": {"klingai": klingai}}


def _check_shots(shots: tuple[ProjectShot, ...], rate: Fraction, path: Path) -> None:
    if shots[0].join is not JoinKind.CUT:
        raise ProjectError("the first shot's join is not a cut, allowed is cut: nothing stands before it.", path=path, line=shots[0].line)
    seen: dict[str, ProjectShot] = {}
    for shot in shots:
        for name in (f"the id {shot.shot_id!r}", *(f"the task {task.task_uuid}" for task in shot.tasks)):
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


def _size(text: str | None) -> Size | None:
    return Size(*map(int, text.split("x"))) if text else None


def _still_folders(source: Path, *more: Path | None) -> tuple[Path, ...]:
    """Where local stills may lie: folders named by the user, then ``stills`` beside the request's folder and in it."""
    return (*(folder for folder in more if folder is not None), source.parent / "stills", source.parent.parent / "stills")


def _folder_name(path: Path) -> str:
    return path.resolve().parent.name if path.stem == "project" else path.stem
