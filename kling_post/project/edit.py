"""Changes to a project file that keep everything else in it: comments, order, spacing."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from ruamel.yaml import YAML

from kling_post.errors import ProjectError
from kling_post.generation.prices import price_usd
from kling_post.generation.refusals import nearest_name
from kling_post.project import ProjectShot, load_project
from kling_post.project.file import read_project_file
from kling_post.whole_files import write_whole


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectEdit:
    """A changed project file, not written yet."""

    path: Path
    text: str
    shots: tuple[ProjectShot, ...]
    """The shots that change, as they will be."""

    @property
    def price_usd(self) -> Decimal:
        """What the changed shots will cost."""
        return sum((price_usd(task) for shot in self.shots for task in shot.tasks), Decimal(0))

    def write(self) -> None:
        """Put the change in the place of the file, whole or not at all."""
        write_whole(self.path, self.text)


def promoted(path: Path, shot_ids: Sequence[str]) -> ProjectEdit:
    """The project with shots marked ``final``, so that they leave the draft.

    Raises:
        ProjectError: a wrong project, one that is not in draft, or no such shot.
    """
    before = load_project(path)
    keys, _ = read_project_file(path)
    if keys.draft_model is None:
        raise ProjectError("has no draft_model, so every shot is final already.", path=path)
    places = sorted(set(_places(before.shots, shot_ids, path)))
    text = path.read_text(encoding="utf-8")
    for place in reversed(places):
        text = _with_final(text, place)
    lines = {shot.line for shot in before.shots if _own_id(shot.shot_id) in shot_ids or shot.shot_id in shot_ids}
    changed = _load_text(path, text)
    ids = {shot.shot_id for shot in before.shots if shot.line in lines}
    return ProjectEdit(path=path, text=text, shots=tuple(shot for shot in changed if shot.shot_id in ids))


def _with_final(text: str, place: int) -> str:
    """The text with ``final: true`` written into one shot, at the place of its second key; not a letter else is touched."""
    shot = YAML(typ="rt").load(text)["shots"][place]
    if "final" in shot:
        line, column = shot.lc.value("final")
        start = _offset(text, line, column)
        return text[:start] + re.sub("true|false", "true", text[start:], count=1, flags=re.IGNORECASE)
    keys = list(shot)
    line, column = shot.lc.key(keys[min(1, len(keys) - 1)])
    start = _offset(text, line, column)
    behind = ", " if shot.fa.flow_style() else "\n" + " " * column
    return f"{text[:start]}final: true{behind}{text[start:]}"


def _offset(text: str, line: int, column: int) -> int:
    return sum(len(one) for one in text.splitlines(keepends=True)[:line]) + column


def _load_text(path: Path, text: str) -> tuple[ProjectShot, ...]:
    """The shots of a text as if it stood in the file, whose folder its paths are relative to."""
    beside = path.with_name(f".{path.name}.promoted{path.suffix}")
    try:
        beside.write_text(text, encoding="utf-8")
        return load_project(beside).shots
    finally:
        beside.unlink(missing_ok=True)


def _places(shots: Sequence[ProjectShot], shot_ids: Sequence[str], path: Path) -> list[int]:
    """Which entries of the file's list the ids mean; the parts of a chain stand in one entry."""
    lines = sorted({shot.line for shot in shots if shot.line is not None})
    by_id = {name: shot.line for shot in shots for name in (shot.shot_id, _own_id(shot.shot_id))}
    places = []
    for shot_id in shot_ids:
        line = by_id.get(shot_id)
        if line is None:
            near = nearest_name(shot_id, by_id)
            raise ProjectError(f"has no shot {shot_id!r}.", path=path, remedy=f"Did you mean {near!r}?" if near else "")
        places.append(lines.index(line))
    return places


def _own_id(shot_id: str) -> str:
    """The id in the file of a part of a chain: ``walk`` for ``walk_part2``."""
    stem, part, number = shot_id.rpartition("_part")
    return stem if part and number.isdigit() else shot_id
