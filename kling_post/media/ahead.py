"""Frames decoded ahead of whoever looks at them, so that opening, probing and measuring do not keep the decoder waiting."""

import threading
from collections.abc import Iterator
from pathlib import Path
from queue import Empty, Full, Queue
from types import TracebackType
from typing import Self

from kling_post.media.decode import decode
from kling_post.media.frames import FrameView

_DEPTH = 4
"""Frames waiting at most: 12 MB each in 8-bit 4K. Deeper queues were measured to gain nothing."""
_LOOK_AGAIN_SECONDS = 0.05
"""How long the thread waits for room before it looks whether anybody still wants frames."""


class FramesAhead:
    """All frames of a file, in order, once; a thread begins to decode them at once.

    Use it as a context manager: leaving the block ends the thread, whether the frames were used up or not. What goes wrong in the
    thread is raised where the frame would have come out.

        with FramesAhead(path) as frames:
            facts = probe(path)  # meanwhile the decoder runs
            for frame in frames: ...
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._ready: Queue[FrameView | BaseException | None] = Queue(_DEPTH)
        self._unwanted = threading.Event()
        self._thread = threading.Thread(target=self._run, name="decoder", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def __iter__(self) -> Iterator[FrameView]:
        """The frames.

        Raises:
            MediaError: as ``decode``.
        """
        while (item := self._ready.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item

    def close(self) -> None:
        """End the thread and let go of the frames that nobody fetched."""
        self._unwanted.set()
        while self._thread.is_alive():
            self._let_go()
            self._thread.join(_LOOK_AGAIN_SECONDS)
        self._let_go()

    def _let_go(self) -> None:
        try:
            while True:
                self._ready.get_nowait()
        except Empty:
            pass

    def _run(self) -> None:
        last: BaseException | None = None
        try:
            for frame in decode(self._path):
                if not self._put(frame):
                    return
        except BaseException as error:  # noqa: BLE001 raised again where the frames are read
            last = error
        if last is not None:
            self._put(last)
        self._put(None)

    def _put(self, item: FrameView | BaseException | None) -> bool:
        """Whether it was still wanted."""
        while not self._unwanted.is_set():
            try:
                self._ready.put(item, timeout=_LOOK_AGAIN_SECONDS)
            except Full:
                continue
            return True
        return False
