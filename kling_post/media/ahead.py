"""Frames decoded ahead of whoever looks at them, so that opening, probing and measuring do not keep the decoder waiting.

The thread deals in the decoder's own pictures, which whoever reads them turns into arrays: so it can begin before NumPy and OpenCV are
loaded, which takes as long as a quarter of a second's worth of 4K.
"""

import threading
from collections.abc import Iterator
from pathlib import Path
from queue import Empty, Full, Queue
from types import TracebackType
from typing import TYPE_CHECKING, Self

from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from kling_post.media.pictures import pictures

if TYPE_CHECKING:
    from kling_post.media.first_picture import FirstPicture
    from kling_post.media.frames import FrameView

_LEAST, _MOST = 3, 16
"""Frames waiting at most, by their size. While measuring, a few would do; it is at the start that a decoder gets far ahead."""
_WAITING_BYTES = 50_000_000
"""Room for them: four frames of 8-bit 4K. More would be cold by the time they are looked at; the memory does more good in another thread
of the decoder."""
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
        self._ready: Queue[tuple[int, VideoFrame] | BaseException | None] = Queue(_LEAST)
        self._first: FirstPicture | None = None
        self._begun = threading.Event()
        self._unwanted = threading.Event()
        self._thread = threading.Thread(target=self._run, name="decoder", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def __iter__(self) -> "Iterator[FrameView]":
        """The frames.

        Raises:
            MediaError: as ``decode``.
        """
        from kling_post.media.decode import view_of

        while (item := self._ready.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield view_of(*item)

    def first_picture(self) -> "FirstPicture | None":
        """Facts of the first picture, once it is there; None where the decoder gave none."""
        self._begun.wait()
        return self._first

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
            for numbered in pictures(self._path, seen=self._note):
                if not self._put(numbered):
                    return
        except BaseException as error:  # noqa: BLE001 raised again where the frames are read
            last = error
        finally:
            self._begun.set()
        if last is not None:
            self._put(last)
        self._put(None)

    def _note(self, frame: VideoFrame, stream: VideoStream) -> None:
        from kling_post.media.first_picture import first_picture_of

        self._first = first_picture_of(frame, stream)
        frame_bytes = sum(plane.buffer_size for plane in frame.planes)
        self._ready.maxsize = min(_MOST, max(_LEAST, _WAITING_BYTES // max(1, frame_bytes)))
        self._begun.set()

    def _put(self, item: tuple[int, VideoFrame] | BaseException | None) -> bool:
        """Whether it was still wanted."""
        while not self._unwanted.is_set():
            try:
                self._ready.put(item, timeout=_LOOK_AGAIN_SECONDS)
            except Full:
                continue
            return True
        return False
