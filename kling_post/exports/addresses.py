"""How the files of an edit are addressed for the program that opens it: where they lie here, from where the export lies, or elsewhere."""

import os
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from typing import Final
from urllib.parse import quote

from kling_post.edit.timeline import Alternate, Clip, StemClip, Timeline
from kling_post.errors import UsageError

Locate = Callable[[Path], PurePath | None]
_WINDOWS: Final = re.compile(r"^([A-Za-z]:[\\/]|\\\\)")


def addressed(timeline: Timeline, style: str, folder: Path) -> Timeline:
    """The same edit with its takes addressed in a style.

    Args:
        timeline: the edit.
        style: ``absolute``, ``relative`` (to ``folder``), or ``OLD=NEW``: what begins with OLD begins with NEW, on whatever system.
        folder: where the exports will lie.

    Raises:
        UsageError: no such style, or no take lies under OLD.
    """
    if style == "absolute":
        return timeline
    if style == "relative":
        return _located(timeline, lambda path: _relative(path, folder))
    old, separator, new = style.partition("=")
    if not separator or not old or not new:
        raise UsageError(f"{style!r} is no way to write paths.", remedy="Give absolute, relative, or OLD=NEW.")
    return _located(timeline, lambda path: _mapped(path, Path(old), new))


def file_of(clip: Clip | Alternate | StemClip) -> Path:
    """The file that a clip shows or sounds, on this machine."""
    return clip.file.path if isinstance(clip, StemClip) else clip.path


def file_url(clip: Clip | Alternate | StemClip) -> str:
    """The file's address as a URL: ``file:///...``, percent-encoded, or relative without a scheme."""
    location = clip.location or file_of(clip).resolve()
    if location.is_absolute():
        return location.as_uri()
    return quote(location.as_posix(), safe="/")


def _located(timeline: Timeline, locate: Locate) -> Timeline:
    def alternates(clip: Clip) -> tuple[Alternate, ...]:
        return tuple(replace(each, location=locate(each.path.resolve())) for each in clip.alternates)

    located = tuple(replace(clip, location=locate(clip.path.resolve()), alternates=alternates(clip)) for clip in timeline.clips)
    stems = tuple(
        replace(stem, clips=tuple(replace(clip, location=locate(clip.file.path.resolve())) for clip in stem.clips))
        for stem in timeline.stems
    )
    if all(clip.location is None for clip in located):
        raise UsageError(
            "None of the takes lies where the paths are to be replaced.", remedy=f"They lie under {timeline.clips[0].path.parent}."
        )
    return replace(timeline, clips=located, stems=stems)


def _relative(path: Path, folder: Path) -> PurePath:
    try:
        return PurePosixPath(Path(os.path.relpath(path, folder.resolve())).as_posix())
    except ValueError as error:  # another drive
        raise UsageError(f"{path} cannot be reached from {folder}.", remedy="Write absolute paths.") from error


def _mapped(path: Path, old: Path, new: str) -> PurePath | None:
    if not path.is_relative_to(old.absolute()):
        return None
    rest = path.relative_to(old.absolute())
    return PureWindowsPath(new, *rest.parts) if _WINDOWS.match(new) else PurePosixPath(new, *rest.parts)
