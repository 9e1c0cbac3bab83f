"""Sound in, AAC out."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kling_post.media.encode import MOVIE_TIMESCALE
from kling_post.media.ffmpeg import FfmpegProcess
from kling_post.whole_files import part_path, publish

Samples = NDArray[np.float32]


def encode_aac(path: Path, blocks: Iterable[Samples], sample_rate: int, kilobits: int) -> Path:
    """Write stereo blocks (samples, 2) as AAC-LC in an ``.m4a`` that appears when it is whole.

    Raises:
        EncodeError: ffmpeg failed.
    """
    part = part_path(path)
    ffmpeg = FfmpegProcess(
        (
            *("-f", "f32le", "-ar", str(sample_rate), "-ac", "2", "-i", "pipe:0"),
            *("-c:a", "aac", "-b:a", f"{kilobits}k", "-movie_timescale", str(MOVIE_TIMESCALE), "-f", "ipod", f"file:{part}"),
        ),
        feed=True,
    )
    try:
        try:
            for block in blocks:
                rest = np.ascontiguousarray(block, np.float32).data.cast("B")
                while rest:
                    rest = rest[ffmpeg.stdin.write(rest) :]
        except BrokenPipeError:
            raise ffmpeg.failure() from None
        ffmpeg.finish()
        publish(part, path)
    finally:
        ffmpeg.end()
        part.unlink(missing_ok=True)
    return path
