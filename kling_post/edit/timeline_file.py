"""The edit beside its master, ``<name>.timeline.json``: whole and exact, so that it can be exported again without rendering.

It is our own JSON and not OTIO, because nothing of the edit may be lost in it: exact rates, corrections, levels, fades, the takes'
facts. Whoever needs an edit to read elsewhere takes an export.
"""

import json
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from kling_post.edit.timeline import Timeline
from kling_post.errors import InvalidInputError
from kling_post.whole_files import write_whole

SUFFIX: Final = ".timeline.json"
_FORMAT: Final = "kling-post timeline"
_VERSION: Final = 2
"""Raise it when a file written before could no longer be read as what it was."""


def write_timeline(timeline: Timeline, master: Path) -> Path:
    """Write the edit beside its master.

    Raises:
        OSError: the folder cannot be written to.
    """
    path = master.with_suffix(SUFFIX)
    content = {"format": _FORMAT, "version": _VERSION, "timeline": TypeAdapter(Timeline).dump_python(timeline, mode="json")}
    text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        write_whole(path, text)
    return path


def read_timeline(path: Path) -> Timeline:
    """The edit as it was written.

    Raises:
        InvalidInputError: missing, or not an edit that this version reads.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InvalidInputError(
            f"{path}: there is no such file.", remedy="Run or assemble first: the edit lies beside its master."
        ) from error
    except (OSError, ValueError) as error:
        raise InvalidInputError(f"{path}: is no stored edit ({error}).", remedy="Run or assemble again.") from error
    if not isinstance(content, dict) or content.get("format") != _FORMAT or content.get("version") != _VERSION:
        raise InvalidInputError(f"{path}: is no edit stored by this version.", remedy="Run or assemble again; nothing is made twice.")
    try:
        return TypeAdapter(Timeline).validate_json(json.dumps(content["timeline"]))
    except (ValidationError, KeyError) as error:
        first = error.errors(include_url=False)[0] if isinstance(error, ValidationError) else {"loc": ("timeline",), "msg": "missing"}
        where = ".".join(map(str, first["loc"]))
        raise InvalidInputError(f"{path}: {where}: {first['msg']}.", remedy="Run or assemble again; nothing is made twice.") from error
