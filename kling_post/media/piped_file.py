"""A file that ffmpeg writes from frames through a pipe: it appears under its name only when it is whole."""

import contextlib
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from kling_post.errors import EncodeError
from kling_post.media.ffmpeg import FfmpegProcess
from kling_post.whole_files import part_path, publish

_PIPE_BYTES: Final = 1 << 20
"""The most that Linux gives an ordinary user by default; the default 64 KiB costs sixteen times the switches between processes."""


class PipedFile:
    """The ``with`` block around an encoder: ffmpeg runs inside it; leaving by an exception ends it and removes what was written.

    Whoever inherits says in ``_arguments`` how the file is made, with ``self._part`` as its name, before the block is entered.
    """

    _arguments: Sequence[str]

    def __init__(self, path: Path) -> None:
        self.path = path
        self.frames = 0
        """Frames written so far."""
        self._part = part_path(path)
        self._ffmpeg: FfmpegProcess | None = None

    def __enter__(self) -> Self:
        self._part.parent.mkdir(parents=True, exist_ok=True)
        self._ffmpeg = FfmpegProcess(self._arguments, feed=True)
        _widen_pipe(self._ffmpeg)
        return self

    @property
    def process(self) -> FfmpegProcess:
        """The running encoder, inside the ``with`` block."""
        assert self._ffmpeg is not None, "there is an encoder inside the with block only"
        return self._ffmpeg

    def _append(self, *planes: NDArray[Any]) -> None:
        """One frame's planes, one after the other.

        Raises:
            EncodeError: ffmpeg has stopped (disk full, killed …).
        """
        try:
            for plane in planes:
                _write_all(self.process, np.ascontiguousarray(plane))
        except BrokenPipeError:
            raise self.process.failure() from None
        self.frames += 1

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        assert self._ffmpeg is not None
        try:
            if kind is None:
                if self.frames == 0:
                    raise EncodeError(f"{self.path}: no frame was written.")
                self._ffmpeg.finish()
                publish(self._part, self.path)
        finally:
            self._ffmpeg.end()
            self._part.unlink(missing_ok=True)


def _widen_pipe(ffmpeg: FfmpegProcess) -> None:
    """Ask for a larger pipe where the system has such a thing; without it only more switches happen."""
    if sys.platform == "linux":
        import fcntl

        with contextlib.suppress(OSError):  # the user's pipe allowance may be spent
            fcntl.fcntl(ffmpeg.stdin.fileno(), fcntl.F_SETPIPE_SZ, _PIPE_BYTES)


def _write_all(ffmpeg: FfmpegProcess, plane: NDArray[Any]) -> None:
    """An unbuffered pipe may take less than it is given."""
    rest = plane.data.cast("B")
    while rest:
        rest = rest[ffmpeg.stdin.write(rest) :]
