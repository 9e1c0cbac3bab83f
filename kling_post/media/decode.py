"""Frame-exact decoding: planes for the signals, RGB for stills and people."""

import os
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from kling_post.errors import MediaError
from kling_post.media.container import describe, open_media, picture_stream
from kling_post.media.frames import FrameView
from kling_post.media.planes import planes
from kling_post.media.rgb import frame_to_rgb, read_rgb_file
from kling_post.media.timing import PictureTiming, picture_timing


def decode(path: Path, *, start: int = 0, stop: int | None = None) -> Iterator[FrameView]:
    """The frames [start, stop) in display order, as stored (not rotated); all of them without ``stop``.

    A range is found by its presentation times: seek to the key frame before, decode, drop what comes earlier. Memory does not
    grow with the length of the file.

    Raises:
        MediaError: the file cannot be opened, a frame cannot be decoded (named in the sentence), or the range lies outside it.
    """
    for index, frame in _frames(path, start, stop):
        depth, luma, chroma_blue, chroma_red = planes(frame)
        seconds = Fraction(frame.pts) * frame.time_base if frame.pts is not None and frame.time_base else Fraction(0)
        yield FrameView(
            index=index,
            seconds=seconds,
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
    for _, frame in _frames(path, index, index + 1):
        return frame_to_rgb(frame, width=width)
    raise MediaError(f"has no frame {index}.", path=path)


def read_image_rgb(path: Path) -> NDArray[np.uint8]:
    """A still image file as RGB (rows, columns, 3), 0 to 255, upright by its EXIF orientation, without its alpha.

    Raises:
        MediaError: missing, or not an image that can be read.
    """
    return read_rgb_file(path)


def _frames(path: Path, start: int, stop: int | None) -> Iterator[tuple[int, VideoFrame]]:
    timing = picture_timing(path)
    end = timing.frames if stop is None else stop
    if not 0 <= start <= end <= timing.frames:
        raise MediaError(f"has {timing.frames} frames; [{start}, {end}) lies outside.", path=path)
    if start == end:
        return
    reached = start
    for index, frame in _from(path, timing, start):
        yield index, frame
        reached = index + 1
        if reached == end:
            return
    raise MediaError(f"from frame {reached} on it cannot be decoded: the pictures end before the {timing.frames} that it holds.", path=path)


def _from(path: Path, timing: PictureTiming, start: int) -> Iterator[tuple[int, VideoFrame]]:
    """Every frame from ``start`` on, with its index; falls back to decoding from the beginning where a seek misses."""
    if 0 < start < len(timing.presentation):
        target = timing.presentation[start]
        with open_media(path) as container:
            stream = picture_stream(container, path)
            container.seek(target, stream=stream, backward=True)
            found = False
            for frame in _decoded(container, stream, path, start, wanted_from=target):
                if not found and (frame.pts is None or frame.pts > target):
                    break
                found = found or frame.pts == target
                if found:
                    yield start, frame
                    start += 1
        if found:
            return
    with open_media(path) as container:
        stream = picture_stream(container, path)
        for index, frame in enumerate(_decoded(container, stream, path, 0)):
            if index >= start:
                yield index, frame


def _decoded(
    container: InputContainer, stream: VideoStream, path: Path, first: int, *, wanted_from: int | None = None
) -> Iterator[VideoFrame]:
    """The frames that the container gives from where it stands; before ``wanted_from`` only those that others are predicted from."""
    # Frame threads: most generated footage has one slice per picture, where slice threads would leave cores idle.
    stream.thread_type = "FRAME"
    stream.codec_context.thread_count = min(6, (os.cpu_count() or 2) + 4)
    index = first
    try:
        for packet in container.demux(stream):
            if wanted_from is not None:
                passed_over = packet.pts is not None and packet.pts < wanted_from
                stream.codec_context.skip_frame = "NONREF" if passed_over else "DEFAULT"
            for frame in packet.decode():
                yield frame
                index += 1
    except av.error.FFmpegError as error:
        raise MediaError(
            f"from frame {index} on it cannot be decoded: {describe(error)}.", path=path, remedy="Fetch the file again."
        ) from error
