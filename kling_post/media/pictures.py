"""Pictures as the decoder gives them, in display order: what ``decode`` makes arrays of.

Needs neither NumPy nor OpenCV, so that a decoder can run before those are loaded.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import av
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from kling_post.errors import MediaError
from kling_post.media.container import describe, open_media, picture_stream
from kling_post.media.timing import PictureTiming, picture_timing

Seen = Callable[[VideoFrame, VideoStream], None] | None
"""Told of the first picture and of its stream."""


def pictures(path: Path, start: int = 0, stop: int | None = None, *, seen: Seen = None) -> Iterator[tuple[int, VideoFrame]]:
    """The pictures [start, stop) in display order with their indices; all of them without ``stop``.

    Args:
        path: The file.
        start: First picture wanted.
        stop: The one after the last.
        seen: Told of the first picture of the file, and of its stream, before it is handed on; only where ``start`` is 0.

    Raises:
        MediaError: the file cannot be opened, a picture cannot be decoded (named in the sentence), or the range lies outside it.
    """
    timing = picture_timing(path)
    end = timing.frames if stop is None else stop
    if not 0 <= start <= end <= timing.frames:
        raise MediaError(f"has {timing.frames} frames; [{start}, {end}) lies outside.", path=path)
    if start == end:
        return
    reached = start
    for index, frame in _from(path, timing, start, seen):
        yield index, frame
        reached = index + 1
        if reached == end:
            return
    raise MediaError(f"from frame {reached} on it cannot be decoded: the pictures end before the {timing.frames} that it holds.", path=path)


def _from(path: Path, timing: PictureTiming, start: int, seen: Seen) -> Iterator[tuple[int, VideoFrame]]:
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
        for index, frame in enumerate(_decoded(container, stream, path, 0, seen=seen)):
            if index >= start:
                yield index, frame


def _decoded(
    container: InputContainer, stream: VideoStream, path: Path, first: int, *, wanted_from: int | None = None, seen: Seen = None
) -> Iterator[VideoFrame]:
    """The frames that the container gives from where it stands; before ``wanted_from`` only those that others are predicted from."""
    # Frame threads: most generated footage has one slice per picture, where slice threads would leave cores idle.
    stream.thread_type = "FRAME"
    stream.codec_context.thread_count = min(8, (os.cpu_count() or 2) + 6)
    index = first
    try:
        for packet in container.demux(stream):
            if wanted_from is not None:
                passed_over = packet.pts is not None and packet.pts < wanted_from
                stream.codec_context.skip_frame = "NONREF" if passed_over else "DEFAULT"
            for frame in packet.decode():
                if seen and index == first:
                    seen(frame, stream)
                yield frame
                index += 1
    except av.error.FFmpegError as error:
        raise MediaError(
            f"from frame {index} on it cannot be decoded: {describe(error)}.", path=path, remedy="Fetch the file again."
        ) from error
