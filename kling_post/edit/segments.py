"""Old encoded segments: kept for a while, because an edit often goes back to what it was, but not without end."""

import contextlib
import time
from collections.abc import Collection
from pathlib import Path
from typing import Final

MOST_OLD_BYTES: Final = 4 << 30
"""Of segments that the current edit does not use: some ten minutes of 4K dissolves."""
_ABANDONED_SECONDS: Final = 3600
"""A ``.part`` file untouched for so long belongs to no run that still lives."""


def clean_segments(folder: Path, *, keep: Collection[Path], most_old_bytes: int = MOST_OLD_BYTES) -> int:
    """Remove abandoned ``.part`` files, and the oldest segments not in ``keep`` until the others fit into ``most_old_bytes``.

    Segments in ``keep`` are never touched and not counted. A file that another run is just removing is no error.

    Returns:
        How many bytes were freed.
    """
    if not folder.is_dir():
        return 0
    used = {path.resolve() for path in keep}
    freed = sum(_removed(path) for path in folder.glob("*.part") if time.time() - _changed(path) > _ABANDONED_SECONDS)
    old = sorted((path for path in folder.glob("*.mp4") if path.resolve() not in used), key=_changed, reverse=True)
    total = 0
    for path in old:
        total += _bytes(path)
        if total > most_old_bytes:
            freed += _removed(path)
    return freed


def _changed(path: Path) -> float:
    with contextlib.suppress(OSError):
        return path.stat().st_mtime
    return 0.0


def _bytes(path: Path) -> int:
    with contextlib.suppress(OSError):
        return path.stat().st_size
    return 0


def _removed(path: Path) -> int:
    size = _bytes(path)
    with contextlib.suppress(OSError):
        path.unlink()
        return size
    return 0
