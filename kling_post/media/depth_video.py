"""Depth as a video: 16-bit grey, lossless (FFV1 in Matroska), so that a code value is still that code value when it is read."""

from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from kling_post.errors import EncodeError
from kling_post.media.ffmpeg import FfmpegProcess
from kling_post.vocabulary import Size
from kling_post.whole_files import part_path, publish


class DepthWriter:
    """Writes 16-bit grey frames to a file that appears under its name only when it is whole; used as a ``with`` block."""

    def __init__(self, path: Path, *, size: Size, rate: Fraction, comment: str = "") -> None:
        """Describe the file (``.mkv``); ffmpeg starts when the block is entered."""
        self.path = path
        self._size = size
        self._part = part_path(path)
        raw = (
            "-f",
            "rawvideo",
            "-pixel_format",
            "gray16le",
            "-video_size",
            str(size),
            "-framerate",
            f"{rate.numerator}/{rate.denominator}",
        )
        coded = ("-c:v", "ffv1", "-level", "3", "-g", "1", "-slices", "4", "-threads", "2", "-color_range", "pc")
        self._arguments = (*raw, "-i", "pipe:0", *coded, "-metadata", f"comment={comment}", "-f", "matroska", f"file:{self._part}")
        self._ffmpeg: FfmpegProcess | None = None
        self._frames = 0

    def __enter__(self) -> Self:
        self._part.parent.mkdir(parents=True, exist_ok=True)
        self._ffmpeg = FfmpegProcess(self._arguments, feed=True)
        return self

    def write(self, codes: NDArray[np.uint16]) -> None:
        """Append one frame, (rows, columns).

        Raises:
            EncodeError: ffmpeg has stopped (disk full, killed …).
        """
        assert self._ffmpeg is not None, "there is an encoder inside the with block only"
        if codes.dtype != np.uint16 or codes.shape != (self._size.height, self._size.width):
            raise ValueError(f"{self.path}: a frame must be uint16 of {self._size}, not {codes.dtype} {codes.shape}")
        rest = np.ascontiguousarray(codes, "<u2").data.cast("B")
        try:
            while rest:
                rest = rest[self._ffmpeg.stdin.write(rest) :]
        except BrokenPipeError:
            raise self._ffmpeg.failure() from None
        self._frames += 1

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        assert self._ffmpeg is not None
        try:
            if kind is None:
                if not self._frames:
                    raise EncodeError(f"{self.path}: no frame was written.")
                self._ffmpeg.finish()
                publish(self._part, self.path)
        finally:
            self._ffmpeg.end()
            self._part.unlink(missing_ok=True)
