"""A folder that is watched: every clip that settles in it is checked, once for each content."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from kling_post.errors import MediaError
from kling_post.pipeline.examine import Examination
from kling_post.pipeline.examine_many import examine_many
from kling_post.pipeline.gate import Gate
from kling_post.vocabulary import TakePlan

SUFFIXES = frozenset({".mp4", ".mov", ".m4v", ".mkv", ".webm", ".mxf", ".avi", ".ts"})
_State = tuple[int, int]
"""Size in bytes and time of the last change, in nanoseconds."""


@dataclass(slots=True, kw_only=True)
class Settling:
    """Which files of a folder have come to rest: the same size and time at two looks that lie apart."""

    folder: Path
    settle_seconds: float = 2.0
    clock: Callable[[], float] = time.monotonic
    _seen: dict[Path, tuple[_State, float]] = field(default_factory=dict)
    _given: dict[Path, _State] = field(default_factory=dict)

    def look(self) -> list[Path]:
        """Files that came to rest since the last look, by name; a file that was changed later comes again.

        Raises:
            OSError: the folder cannot be read.
        """
        now, rested, there = self.clock(), [], set()
        for path in sorted(self.folder.rglob("*")):
            state = self._state(path)
            if state is None:
                continue
            there.add(path)
            before = self._seen.get(path)
            if before is None or before[0] != state:
                self._seen[path] = (state, now)
            elif now - before[1] >= self.settle_seconds and self._given.get(path) != state:
                self._given[path] = state
                rested.append(path)
        for gone in self._seen.keys() - there:
            self._seen.pop(gone)
            self._given.pop(gone, None)
        return rested

    @property
    def waiting(self) -> int:
        """How many files are there that have not come to rest."""
        return sum(self._given.get(path) != state for path, (state, _) in self._seen.items())

    def _state(self, path: Path) -> _State | None:
        """None for what is no clip: other endings, hidden files, a take's depth, files that vanish while they are looked at, empty ones."""
        if path.name.endswith(".depth.mkv"):
            return None
        if path.suffix.lower() not in SUFFIXES or any(part.startswith(".") for part in path.relative_to(self.folder).parts):
            return None
        try:
            found = path.stat()
        except OSError:
            return None
        return (found.st_size, found.st_mtime_ns) if found.st_size and path.is_file() else None


def watch(
    settling: Settling,
    *,
    plan: TakePlan | None = None,
    gate: Gate | None = None,
    cache_folder: Path | None = None,
    look_seconds: float = 1.0,
    until_idle: bool = False,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[tuple[Path, Examination | MediaError]]:
    """Every clip that comes to rest, with what the checks say of it; each in a process of its own, so that a broken one costs itself only.

    Args:
        settling: The folder.
        plan: What the clips were meant to be.
        gate: How findings are weighed.
        cache_folder: Keeps measured signals by content.
        look_seconds: Between two looks into the folder.
        until_idle: End when everything that is there was checked; else go on for ever.
        sleep: Waits between looks.

    Raises:
        OSError: the folder cannot be read.
    """
    while True:
        rested = settling.look()
        outcomes = examine_many(rested, plan or TakePlan(), gate=gate, cache_folder=cache_folder) if rested else ()
        yield from zip(rested, outcomes, strict=True)
        if until_idle and not rested and not settling.waiting:
            return
        sleep(look_seconds)
