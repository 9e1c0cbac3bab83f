"""Notices that a file is no longer being examined: a decoder that hangs inside its own code hears no exception and ends no thread."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from kling_post.errors import MediaError
from kling_post.progress import Progress

SILENCE_SECONDS = 120.0
"""Without a new frame, beyond what reading the whole file takes: one frame of 8K takes a second at most, on the slowest machine some."""
_SLOWEST_BYTES_PER_SECOND = 10_000_000
"""Of a network drive: before the first frame is measured, a file's index and its hash are read, and after the last one its sound."""
_LOOK_SECONDS = 1.0


@contextmanager
def watched(path: Path, progress: Progress, give_up: Callable[[MediaError], object]) -> Iterator[Progress]:
    """Watch over the block, which examines a file and tells the progress given here how far it is.

    Args:
        path: The file.
        progress: Told what the block tells.
        give_up: Called in a thread of its own, once, when nothing was told for too long. It must end the process, or have it ended:
            the block itself may never return.
    """
    heard, ended = _Heard(progress), threading.Event()
    thread = threading.Thread(target=_watch, args=(path, heard, ended, give_up), name="watchdog", daemon=True)
    thread.start()
    try:
        yield heard
    finally:
        ended.set()
        thread.join()


def _watch(path: Path, heard: "_Heard", ended: threading.Event, give_up: Callable[[MediaError], object]) -> None:
    limit = SILENCE_SECONDS + (path.stat().st_size if path.is_file() else 0) / _SLOWEST_BYTES_PER_SECOND
    # Looks are counted, not time: while the whole process is stopped, neither goes on.
    signs, silent = heard.signs, 0
    while not ended.wait(_LOOK_SECONDS):
        silent = silent + 1 if heard.signs == signs else 0
        signs = heard.signs
        if silent * _LOOK_SECONDS >= limit:
            give_up(
                MediaError(
                    f"could not be examined: nothing has come from the decoder for {limit:.0f} s.",
                    path=path,
                    remedy="The file may be damaged.",
                )
            )
            return


class _Heard:
    """Hands on what it is told, and counts it."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self.signs = 0

    def start(self, label: str, total: int, unit: str = "frames") -> None:
        self.signs += 1
        self._progress.start(label, total, unit)

    def advance(self, done: int) -> None:
        self.signs += 1
        self._progress.advance(done)

    def finish(self, note: str = "") -> None:
        self.signs += 1
        self._progress.finish(note)
