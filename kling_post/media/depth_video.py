"""Depth as a video: 16-bit grey, lossless (FFV1 in Matroska), so that a code value is still that code value when it is read."""

from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kling_post.media.piped_file import PipedFile
from kling_post.vocabulary import Size


class DepthWriter(PipedFile):
    """Writes 16-bit grey frames to a file that appears under its name only when it is whole; used as a ``with`` block."""

    def __init__(self, path: Path, *, size: Size, rate: Fraction, comment: str = "") -> None:
        """Describe the file (``.mkv``); ffmpeg starts when the block is entered."""
        super().__init__(path)
        self._size = size
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

    def write(self, codes: NDArray[np.uint16]) -> None:
        """Append one frame, (rows, columns).

        Raises:
            EncodeError: ffmpeg has stopped (disk full, killed …).
        """
        if codes.dtype != np.uint16 or codes.shape != (self._size.height, self._size.width):
            raise ValueError(f"{self.path}: a frame must be uint16 of {self._size}, not {codes.dtype} {codes.shape}")
        self._append(codes.astype("<u2", copy=False))
