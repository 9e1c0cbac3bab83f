"""Ffmpeg as a child process that never outlives us, says how far it is, and fails in one clear sentence.

Two ways in: ``run_ffmpeg`` for a finished command (its filter graph built with ffmpeg-python where it needs one), and
``FfmpegProcess`` for work that is fed through a pipe. Both write to ``<name>.part`` beside the wanted file; ``publish``
gives it its name only when it is whole.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Final

from kling_post.errors import EncodeError, InvalidInputError, MissingToolError
from kling_post.progress import SILENT, Progress
from kling_post.whole_files import part_path, publish

_STDERR_LINES: Final = 40
_COMMON: Final = ("-hide_banner", "-nostats", "-loglevel", "warning", "-y")
_MUXERS: Final = {".mp4": "mp4", ".m4a": "ipod", ".mov": "mov", ".mkv": "matroska", ".wav": "wav", ".ts": "mpegts", ".h264": "h264"}

# Linux can end a child when the thread that started it ends. The call is made in a short Python process that then becomes
# ffmpeg, because code between fork and exec (``preexec_fn``) is unsafe in a process with threads.
_DIE_WITH_PARENT: Final = (
    "import ctypes, os, signal, sys; ctypes.CDLL(None).prctl(1, signal.SIGKILL); "
    "os.getppid() == int(sys.argv[1]) or sys.exit(1); os.execv(sys.argv[2], sys.argv[2:])"
)


def ffmpeg_program() -> str:
    """The ffmpeg to start: ``KLING_POST_FFMPEG`` (a path, or a name on the PATH), else the binary that imageio-ffmpeg brings.

    Raises:
        MissingToolError: neither is there.
    """
    wanted = os.environ.get("KLING_POST_FFMPEG")
    if wanted:
        found = shutil.which(wanted)
        if found is None:
            raise MissingToolError(
                f"KLING_POST_FFMPEG names {wanted!r}, which is not a program.",
                remedy="Point it at an ffmpeg, or unset it to use the one that was installed with this package.",
            )
        return found
    import imageio_ffmpeg

    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError as error:
        raise MissingToolError(
            "No ffmpeg was found.", remedy="Install ffmpeg and set KLING_POST_FFMPEG to its path, or reinstall imageio-ffmpeg."
        ) from error


def muxer_for(path: Path) -> str:
    """Ffmpeg's name of the container that a file name's ending means; a ``.part`` name cannot say it.

    Raises:
        InvalidInputError: an ending that this package does not write.
    """
    try:
        return _MUXERS[path.suffix.lower()]
    except KeyError:
        endings = ", ".join(sorted(_MUXERS))
        raise InvalidInputError(f"{path}: no container is known for this ending.", remedy=f"Use one of {endings}.") from None


class FfmpegProcess:
    """One running ffmpeg, with the end of what it said kept, and optionally its progress reports.

    The thread that creates it must live until it has ended: on Linux the kernel ends ffmpeg with that thread.
    """

    def __init__(self, arguments: Sequence[str], *, feed: bool = False, progress: Progress = SILENT) -> None:
        """Start ``ffmpeg arguments``; ``feed`` opens its standard input as ``self.stdin``."""
        self.argv: tuple[str, ...] = (ffmpeg_program(), *_COMMON, *(() if feed else ("-nostdin",)), "-progress", "pipe:1", *arguments)
        self._tail: deque[str] = deque(maxlen=_STDERR_LINES)
        self._progress = progress
        command: Sequence[str] = self.argv
        if sys.platform == "linux" and sys.executable:
            command = (sys.executable, "-I", "-S", "-c", _DIE_WITH_PARENT, str(os.getpid()), *self.argv)
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE if feed else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0 if feed else -1,
            )
        except OSError as error:
            raise MissingToolError(f"{self.argv[0]} could not be started: {error.strerror}.") from error
        self._readers = [
            threading.Thread(target=self._read_progress, args=(self._process.stdout,), daemon=True),
            threading.Thread(target=self._read_stderr, args=(self._process.stderr,), daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    @property
    def stdin(self) -> IO[bytes]:
        """Where raw frames go in; only with ``feed``."""
        assert self._process.stdin is not None
        return self._process.stdin

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def stderr_tail(self) -> str:
        """The last lines that ffmpeg said."""
        return "\n".join(self._tail)

    def finish(self) -> None:
        """Close the input, wait for the end, and raise if it went wrong.

        Raises:
            EncodeError: ffmpeg ended with an error.
        """
        if self._process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):  # it has ended already; its exit status says why
                self._process.stdin.close()
        code = self._process.wait()
        self._join_readers()
        if code != 0:
            raise self.failure(code)

    def end(self) -> None:
        """End it at once, whatever it is doing; harmless where it has ended."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        if self._process.stdin is not None and not self._process.stdin.closed:
            with contextlib.suppress(OSError):  # the pipe's other end is gone
                self._process.stdin.close()
        self._join_readers()

    def failure(self, code: int | None = None) -> EncodeError:
        """What went wrong, from the end of what ffmpeg said."""
        if code is None:
            code = self._process.wait()
            self._join_readers()
        tail = self.stderr_tail
        if "No space left on device" in tail:
            return EncodeError(
                "The disk is full: ffmpeg could not write its output.",
                argv=self.argv,
                stderr_tail=tail,
                remedy="Free some space and run again; what was finished is kept.",
            )
        said = next((line for line in reversed(self._tail) if line.strip()), "it said nothing")
        ended = f"was ended by signal {-code}" if code < 0 else f"failed with exit status {code}"
        return EncodeError(f"ffmpeg {ended}: {said}.".replace("..", "."), argv=self.argv, stderr_tail=tail)

    def _join_readers(self) -> None:
        for reader in self._readers:
            reader.join()
        for stream in (self._process.stdout, self._process.stderr):
            if stream is not None:
                stream.close()

    def _read_stderr(self, stream: IO[bytes]) -> None:
        for line in stream:
            self._tail.append(line.decode("utf-8", "replace").rstrip())

    def _read_progress(self, stream: IO[bytes]) -> None:
        for line in stream:
            key, _, value = line.partition(b"=")
            if key == b"frame" and value.strip().isdigit():
                self._progress.advance(int(value))


def run_ffmpeg(
    arguments: Sequence[str], *, output: Path | None = None, progress: Progress = SILENT, total_frames: int = 0, label: str = "encode"
) -> None:
    """Run ffmpeg to its end, reporting frames as they are done (from a thread of its own).

    ``arguments`` is everything behind the program's name, without the output file: that is ``output``, which appears only
    when it is whole (``None`` for a command that writes no file, such as ``-f null -``).

    Raises:
        EncodeError: ffmpeg failed; ``stderr_tail`` has the end of what it said. The ``.part`` file is gone.
        MissingToolError: no ffmpeg.
    """
    part = None if output is None else part_path(output)
    tail = () if output is None or part is None else ("-f", muxer_for(output), _as_file(part))
    process = FfmpegProcess((*arguments, *tail), progress=progress)
    try:
        progress.start(label, total_frames)
        process.finish()
        if output is not None and part is not None:
            publish(part, output)
    except BaseException:  # KeyboardInterrupt too: nothing half-written stays
        process.end()
        if part is not None:
            part.unlink(missing_ok=True)
        raise
    progress.finish()


def _as_file(path: Path) -> str:
    """A file name as ffmpeg takes it: never read as an option or a protocol."""
    return f"file:{path}"
