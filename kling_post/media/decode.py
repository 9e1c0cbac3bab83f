"""Frame-exact decoding: planes for the signals, RGB for stills and people."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from kling_post.errors import MediaError
from kling_post.media.frames import FrameView
from kling_post.media.pictures import pictures
from kling_post.media.planes import planes
from kling_post.media.rgb import frame_to_rgb, read_rgb_file


def decode(path: Path, *, start: int = 0, stop: int | None = None) -> Iterator[FrameView]:
    """The frames [start, stop) in display order, as stored (not rotated); all of them without ``stop``.

    A range is found by its presentation times: seek to the key frame before, decode, drop what comes earlier. Memory does not
    grow with the length of the file.

    Raises:
        MediaError: the file cannot be opened, a frame cannot be decoded (named in the sentence), or the range lies outside it.
    """
    for index, frame in pictures(path, start, stop):
        yield view_of(index, frame)


def view_of(index: int, frame: VideoFrame) -> FrameView:
    """A decoded picture as its planes."""
    depth, luma, chroma_blue, chroma_red = planes(frame)
    return FrameView(
        index=index,
        seconds=Fraction(frame.pts) * frame.time_base if frame.pts is not None and frame.time_base else Fraction(0),
        bit_depth=depth,
        luma=luma,
        chroma_blue=chroma_blue,
        chroma_red=chroma_red,
        damaged=frame.is_corrupt,
    )


def decode_rgb(path: Path, index: int, *, width: int | None = None) -> NDArray[np.uint8]:
    """One frame as people see it: RGB (rows, columns, 3), 0 to 255, turned upright; ``width`` scales it down, keeping its shape.

    The conversion uses the file's matrix and range; pictures without tags are BT.709 limited range (BT.601 below 720 lines).
    High dynamic range is not tone-mapped.

    Raises:
        MediaError: the file cannot be opened, has no such frame, or the frame cannot be decoded.
    """
    for _, frame in pictures(path, index, index + 1):
        return frame_to_rgb(frame, width=width)
    raise MediaError(f"has no frame {index}.", path=path)


def read_image_rgb(path: Path) -> NDArray[np.uint8]:
    """A still image file as RGB (rows, columns, 3), 0 to 255, upright by its EXIF orientation, without its alpha.

    Raises:
        MediaError: missing, or not an image that can be read.
    """
    return read_rgb_file(path)
