"""Takes on the disk: what their files are called, what lies beside them, and which are there already.

Each take has a sidecar, ``<take>.json``: what was asked, of whom, what it cost, and the hash of the file. With it a take is
known again even where the ledger is lost.
"""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path

from kling_post.errors import MediaError
from kling_post.generation.backend import Backend, DeliveredVideo, engine_name
from kling_post.generation.identity import file_key
from kling_post.generation.ledger_rows import Result
from kling_post.generation.prices import result_count
from kling_post.generation.request import task_name
from kling_post.media.decode import decode_rgb
from kling_post.media.probe import file_sha256, probe
from kling_post.vocabulary import MediaFacts, Take, VideoTask
from kling_post.whole_files import write_whole

_SCHEMA = "kling-post take 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOrder:
    """One task as it is to be made: by which backend, for which project, under which file names."""

    task: VideoTask
    backend: Backend
    project: str
    folder: Path

    @property
    def engine(self) -> str:
        """The name under which the order and its takes are kept."""
        return engine_name(self.backend)

    @property
    def key(self) -> str:
        """Eight digits that are this task's, made by this backend."""
        return file_key(self.task.task_uuid, self.engine)

    @property
    def label(self) -> str:
        """What a person calls it: ``salt_flats take 1``."""
        return f"{task_name(self.task)} take {self.task.take_number}"

    @property
    def work_folder(self) -> Path:
        """The task's own folder while it is under way."""
        return self.folder / ".work" / self.key

    @property
    def paths(self) -> tuple[Path, ...]:
        """Where its results will lie: ``{project}_{shot}_t{take}_{key8}.mp4``, ``_r2`` and so on where several were asked for."""
        suffix = f".{str(self.task.wire.get('outputFormat', 'MP4')).lower()}"
        shot = task_name(self.task)
        # A bare request is a project of one shot with its own name: say it once.
        place = shot if shot == self.project else f"{self.project}_{shot}"
        stem = f"{place}_t{self.task.take_number}_{self.key}"
        return tuple(
            self.folder / f"{stem}{f'_r{number}' if number > 1 else ''}{suffix}" for number in range(1, result_count(self.task) + 1)
        )


def verified_facts(path: Path) -> MediaFacts:
    """What a delivered file is, after its first and its last frame were decoded.

    Raises:
        MediaError: it is no video, or it is damaged or cut short.
    """
    facts = probe(path)
    decode_rgb(path, 0, width=64)
    decode_rgb(path, facts.frames - 1, width=64)
    return facts


def take_from(order: TakeOrder, path: Path, facts: MediaFacts, video: DeliveredVideo) -> Take:
    """The take that a verified file is."""
    cost = video.cost_usd if video.cost_usd is not None else order.backend.price_usd(order.task)
    return Take(task=order.task, backend=order.backend.name, path=path, facts=replace(facts, path=path), cost_usd=cost, notes=video.notes)


def write_sidecar(order: TakeOrder, path: Path, facts: MediaFacts, video: DeliveredVideo, *, sent_uuid: str, results: int) -> None:
    """Write what is known about a take beside it, and bring the backend's own sidecars with it.

    ``results`` is how many videos the task brought: fewer than were asked for where the engine failed at some.
    """
    beside = {name: path.with_suffix(f".{name}{made.suffix}") for name, made in sorted(video.sidecars.items()) if made.is_file()}
    for name, copy in beside.items():
        shutil.copyfile(video.sidecars[name], copy)
    task = order.task
    known = {
        "schema": _SCHEMA,
        "file": path.name,
        "sha256": facts.sha256,
        "bytes": facts.bytes,
        "project": order.project,
        "shot": task_name(task),
        "take": task.take_number,
        "backend": order.engine,
        "model": task.model,
        "task_uuid": task.task_uuid,
        "sent_uuid": sent_uuid,
        "video_uuid": video.video_uuid,
        "results": results,
        "prompts": [shot.prompt for shot in task.shots],
        "negative_prompt": task.negative_prompt,
        "seed": video.seed,
        "cost_usd": None if video.cost_usd is None else str(video.cost_usd),
        "notes": list(video.notes),
        "beside": {name: copy.name for name, copy in beside.items()},
        "request": _without_data(task.wire),
    }
    write_whole(sidecar_path(path), json.dumps(known, ensure_ascii=False, indent=2) + "\n")


def sidecar_path(path: Path) -> Path:
    """Where a take's sidecar lies."""
    return path.with_suffix(".json")


def finished_takes(order: TakeOrder) -> tuple[tuple[Take, DeliveredVideo], ...]:
    """The order's takes that lie here whole, by their sidecars; empty unless all that were delivered do."""
    found: list[tuple[Take, DeliveredVideo]] = []
    wanted = len(order.paths)
    for path in order.paths:
        if len(found) == wanted:
            break
        known = _from_sidecar(order, path)
        if known is None:
            return ()
        video, wanted = known
        try:
            found.append((take_from(order, path, probe(path), video), video))
        except MediaError:
            return ()
    return tuple(found)


def copy_in(order: TakeOrder, results: Sequence[Result]) -> None:
    """Bring takes that the ledger knows in another folder to this one: another project, or a moved one, asks for the same task."""
    for path, result in zip(order.paths, results, strict=False):
        source = result.path
        if path.exists() or source is None or source == path or not source.is_file() or file_sha256(source) != result.sha256:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(path.name + ".part")
        shutil.copyfile(source, part)
        write_sidecar(order, path, probe(part), result.video, sent_uuid=order.task.task_uuid, results=len(results))
        part.replace(path)


def _from_sidecar(order: TakeOrder, path: Path) -> tuple[DeliveredVideo, int] | None:
    """What the sidecar says, and how many results its task brought, where it is this task's and the file still has the hash that it had."""
    try:
        known = json.loads(sidecar_path(path).read_text(encoding="utf-8"))
        same_task = (known["schema"], known["task_uuid"], known["backend"]) == (_SCHEMA, order.task.task_uuid, order.engine)
        if not same_task or known["bytes"] != path.stat().st_size or known["sha256"] != file_sha256(path):
            return None
        video = DeliveredVideo(
            video_uuid=str(known["video_uuid"]),
            location=str(path),
            cost_usd=None if known["cost_usd"] is None else Decimal(known["cost_usd"]),
            seed=known["seed"],
            notes=tuple(map(str, known["notes"])),
        )
        return video, int(known.get("results", len(order.paths)))
    except (OSError, ValueError, KeyError, TypeError, InvalidOperation, MediaError):
        return None


def _without_data(value: object) -> object:
    if isinstance(value, str):
        return value if len(value) <= 8192 else f"{value[:64]}…"
    if isinstance(value, Mapping):
        return {key: _without_data(item) for key, item in value.items()}
    return [_without_data(item) for item in value] if isinstance(value, list) else value
