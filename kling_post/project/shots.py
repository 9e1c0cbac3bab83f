"""The shots of a project file as tasks: request files and prompts, takes, drafts, chains and packed lists of prompts."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from kling_post.errors import ProjectError, RequestError
from kling_post.generation.models import VideoModel, nearest_size, video_model
from kling_post.generation.planning import pack_prompts, split_seconds
from kling_post.generation.promote import by_model
from kling_post.generation.request import parse_request, with_take
from kling_post.generation.stills import with_local_stills
from kling_post.project.edit_list import Clock, Part, ShotEdit, shot_edit
from kling_post.project.file import JoinKeys, Lines, ProjectKeys, ShotKeys
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
    continues: bool = False
    """Whether each take begins with the last frame of the same take of the shot before; its tasks still lack that image."""
    edit: ShotEdit = field(default_factory=ShotEdit)
    """Trims, level, speed, framing and what is said."""
    planning: str = ""
    """Why the shot is ordered as it is, where that is not plain: one sentence for the plan."""
    source: Path
    """The file that the request stands in."""
    line: int | None = None
    """Line of the shot in the project file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The project file around a shot."""

    project: ProjectKeys
    path: Path
    lines: Lines
    stills: Path | None
    """A folder of stills that was handed in."""
    clock: Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class _Piece:
    """One order of a shot; a shot that fits one order is one piece."""

    shot_id: str
    keys: ShotKeys
    join: JoinKind
    dissolve_frames: int = 0
    part: Part = field(default_factory=Part)
    planning: str = ""


def read_shots(keys: ShotKeys, index: int, sheet: Sheet) -> tuple[ProjectShot, ...]:
    """One line of the shot list as shots with their tasks; several where it does not fit one order.

    Raises:
        ProjectError: a wrong line, or what the model would refuse.
    """
    line = sheet.lines.line("shots", index)
    _check_source(keys, index, sheet.path, sheet.lines)
    shot_id = keys.id or (Path(keys.request).stem if keys.request else f"shot_{index + 1:02d}")
    try:
        return tuple(_shot(piece, sheet, index) for piece in _pieces(keys, shot_id, sheet))
    except RequestError as error:
        raise ProjectError(f"shot {shot_id!r}: {error.message}", path=sheet.path, line=line, remedy=error.remedy) from error


def _shot(piece: _Piece, sheet: Sheet, index: int) -> ProjectShot:
    keys, shot_id, path = piece.keys, piece.shot_id, sheet.path
    source = (path.parent / keys.request) if keys.request else path
    first = _first_take(keys, sheet, shot_id, source, sheet.lines.line("shots", index, "request"))
    numbers = range(keys.take, keys.take + (keys.takes or sheet.project.takes))
    tasks = tuple(first if number == 1 else with_take(first, number, name=shot_id, source=source) for number in numbers)
    named = path.parent / sheet.project.stills if sheet.project.stills else None
    folders = still_folders(source, sheet.stills, named, path.parent / "stills")
    given = [str((path.parent / still).resolve()) for still in keys.offline_frame_images or ()]
    names = (shot_id, source.stem) if keys.request else (shot_id,)
    return ProjectShot(
        shot_id=shot_id,
        tasks=tasks,
        local_tasks=tuple(with_local_stills(task, names=names, folders=folders, given=given, source=source) for task in tasks),
        join=piece.join,
        dissolve_frames=piece.dissolve_frames,
        edit=shot_edit(keys, sheet.project, sheet.clock, index, part=piece.part),
        continues=piece.join is JoinKind.CONTINUE and first.first_image is None,
        planning=piece.planning,
        source=source,
        line=sheet.lines.line("shots", index),
    )


def _pieces(keys: ShotKeys, shot_id: str, sheet: Sheet) -> Iterator[_Piece]:
    """The shot as orders: one, or a chain of several, or a list of prompts in several."""
    asked = keys.join if isinstance(keys.join, JoinKeys) else JoinKeys()
    join = JoinKind(keys.join) if isinstance(keys.join, str) else JoinKind.DISSOLVE if asked.dissolve else JoinKind.CUT
    shift = (asked.sound_trails or 0) - (asked.sound_leads or 0)
    dissolve = asked.dissolve or 0
    if keys.request is not None:
        yield _Piece(shot_id=shot_id, keys=keys, join=join, dissolve_frames=dissolve, part=Part(sound_shift_frames=shift))
        return
    parts, why, next_join = _parts(keys, _model(keys, sheet.project))
    begun = 0
    for number, part in enumerate(parts, start=1):
        piece_keys, last = keys.model_copy(update=part), number == len(parts)
        seconds = piece_keys.duration or sum(shot.duration for shot in piece_keys.shots or ())
        stops = None if last else begun + seconds
        yield _Piece(
            shot_id=shot_id if len(parts) == 1 else f"{shot_id}_part{number}",
            keys=piece_keys,
            join=join if number == 1 else next_join,
            dissolve_frames=dissolve if number == 1 else 0,
            part=Part(first=number == 1, last=last, sound_shift_frames=shift, starts_seconds=begun, stops_seconds=stops),
            planning=why,
        )
        begun += seconds


def _parts(keys: ShotKeys, model: VideoModel) -> tuple[list[dict[str, object]], str, JoinKind]:
    """What each order changes in the shot's keys, why there are several, and how they join."""
    if keys.shots is not None and keys.duration is None:
        durations = [shot.duration for shot in keys.shots]
        packing = pack_prompts(durations, model)
        if packing is not None and len(packing.groups) > 1:
            return [{"shots": [keys.shots[index] for index in group]} for group in packing.groups], packing.why, JoinKind.CUT
    if keys.prompt is not None and keys.duration is not None and keys.duration > model.longest_seconds:
        lengths = split_seconds(keys.duration, model)
        if len(keys.frame_images or ()) > 1:
            raise RequestError(
                f"a shot of {keys.duration} s is a chain of {len(lengths)} orders, allowed for it is a first frame image only.",
                code="incompatibleParameters",
                parameter="inputs.frameImages",
            )
        why = (
            f"{keys.duration} s in {len(lengths)} orders of {' + '.join(map(str, lengths))} s: one order lasts up to"
            f" {model.longest_seconds} s; each begins with the last frame of the one before."
        )
        parts: list[dict[str, object]] = [{"duration": length, "frame_images": None} for length in lengths]
        parts[0].pop("frame_images")
        return parts, why, JoinKind.CONTINUE
    return [{}], "", JoinKind.CUT


def _model(keys: ShotKeys, project: ProjectKeys) -> VideoModel:
    return video_model(keys.model or project.model)


def _check_source(keys: ShotKeys, index: int, path: Path, lines: Lines) -> None:
    """A shot is a request file, or a prompt, or a list of prompts; keys that shape an inline request do not bend a request file."""
    if isinstance(keys.join, JoinKeys) and ((keys.join.sound_leads and keys.join.sound_trails) or keys.join == JoinKeys()):
        found = "sound_leads and sound_trails" if keys.join.sound_leads else "nothing"
        raise ProjectError(
            f"shots[{index}].join has {found}, allowed are dissolve, and one of sound_leads and sound_trails.",
            path=path,
            line=lines.line("shots", index, "join"),
        )
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


def _first_take(keys: ShotKeys, sheet: Sheet, shot_id: str, source: Path, line: int | None) -> VideoTask:
    """Take 1 of a shot, by the draft model where the project is in draft and the shot is not final."""
    if keys.request is not None:
        task = read_request(source, name=shot_id, named_by=sheet.path, line=line)
    else:
        task = parse_request(_inline_request(keys, sheet.project), name=shot_id, source=source)
    draft = sheet.project.draft_model
    return task if draft is None or keys.final else by_model(task, draft, name=shot_id, source=source)


def _inline_request(keys: ShotKeys, project: ProjectKeys) -> dict[str, object]:
    """The wire body of a shot that is written in the project file."""
    model = _model(keys, project)
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
        size = parse_size(keys.size) or (nearest_size(model, wanted) if (wanted := parse_size(project.size)) else model.sizes[0])
        body |= {"width": size.width, "height": size.height}
    return {**body, "providerSettings": {"klingai": klingai}}


def read_request(path: Path, *, name: str, named_by: Path, line: int | None) -> VideoTask:
    """The request in a JSON file.

    Raises:
        ProjectError: not there, or no JSON.
        RequestError: one that the model would refuse.
    """
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


def parse_size(text: str | None) -> Size | None:
    """``3840x2160`` as a size."""
    return Size(*map(int, text.split("x"))) if text else None


def still_folders(source: Path, *more: Path | None) -> tuple[Path, ...]:
    """Where local stills may lie: folders named by the user, then ``stills`` beside the request's folder and in it."""
    return (*(folder for folder in more if folder is not None), source.parent / "stills", source.parent.parent / "stills")
