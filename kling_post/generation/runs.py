"""Which runs are alive: each holds a lock file for as long as its process lives, and the system lets go of it when it dies."""

import os
import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

if sys.platform == "win32":
    import msvcrt

    def _lock(file: BinaryIO) -> None:
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(file: BinaryIO) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


class Run:
    """One run's name and its sign of life. Killed in any way, the sign goes out by itself."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.run_id = uuid.uuid4().hex
        self._path = folder / f"{self.run_id}.lock"
        self._file = self._path.open("wb")
        _lock(self._file)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let go: what this run held is free for others."""
        self._path.unlink(missing_ok=True)
        self._file.close()


def is_alive(folder: Path, run_id: str) -> bool:
    """Whether the run's process lives; the lock file of a dead one is removed."""
    path = folder / f"{run_id}.lock"
    try:
        with path.open("rb+") as file:
            _lock(file)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    path.unlink(missing_ok=True)
    return False


def life_check(folder: Path, own: str) -> Callable[[str | None], bool]:
    """A function that says whether a run other than ``own`` is alive, and asks the system once for each."""
    known: dict[str, bool] = {own: False}

    def alive(run_id: str | None) -> bool:
        if run_id is None:
            return False
        if run_id not in known:
            known[run_id] = is_alive(folder, run_id)
        return known[run_id]

    return alive


def process_id() -> int:
    """This process, for people who read the ledger."""
    return os.getpid()
