"""Every export format, found by itself: a module of this package with ``SUFFIX``, ``TITLE`` and ``write`` is one.

``has_content(timeline)`` beside them may say that there is nothing to write.
"""

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from kling_post.edit.timeline import Timeline
from kling_post.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportFormat:
    """One way to hand the edit over."""

    name: str
    """The module's name: ``otio``, ``edl`` …"""
    suffix: str
    title: str
    write: Callable[[Timeline, Path], tuple[str, ...]]
    """Writes the file and returns what the format could not carry, one sentence each."""
    has_content: Callable[[Timeline], bool]
    """Whether the edit has anything for such a file; where not, it is written only when it is asked for by name."""


@cache
def all_exports() -> tuple[ExportFormat, ...]:
    """All formats by name."""
    import kling_post.exports as package

    found = []
    for module_info in iter_modules(package.__path__):
        module = import_module(f"{package.__name__}.{module_info.name}")
        if all(hasattr(module, word) for word in ("SUFFIX", "TITLE", "write")):
            has_content = getattr(module, "has_content", _always)
            found.append(
                ExportFormat(name=module_info.name, suffix=module.SUFFIX, title=module.TITLE, write=module.write, has_content=has_content)
            )
    return tuple(sorted(found, key=lambda each: each.name))


def _always(_timeline: Timeline) -> bool:
    return True


def export_format(name: str) -> ExportFormat:
    """The format of that name.

    Raises:
        UsageError: there is none; the nearest name is told.
    """
    names = [each.name for each in all_exports()]
    for each in all_exports():
        if each.name == name.lower().lstrip("."):
            return each
    near = difflib.get_close_matches(name.lower(), names, 1)
    hint = f"Did you mean {near[0]}? " if near else ""
    raise UsageError(f"There is no export format {name!r}.", remedy=f"{hint}There are {', '.join(names)}.")
