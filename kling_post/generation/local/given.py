"""What a task gives an engine on this machine: its frame images as far as they can be read here, and the size to work at."""

import base64
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kling_post.generation.images import ImageKind, image_kind
from kling_post.media.decode import read_image_rgb
from kling_post.vocabulary import Size, VideoTask

RgbFrame = NDArray[np.uint8]
"""(rows, columns, 3), 0 to 255."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameImages:
    """The request's frame images as far as they can be read here."""

    first: RgbFrame | None
    last: RgbFrame | None
    unreadable: tuple[str, ...]
    """``first``, ``last``: named in the request, but lying elsewhere."""

    @property
    def size(self) -> Size | None:
        """Of the first one, else of the last one."""
        known = self.first if self.first is not None else self.last
        return None if known is None else Size(known.shape[1], known.shape[0])


def rehearsal_size(asked: Size, wanted: Size) -> Size:
    """The wanted size turned to the aspect asked for: its longer side stays, both sides even.

    >>> rehearsal_size(Size(2160, 3840), Size(1280, 720))
    Size(width=720, height=1280)
    """
    scale = max(wanted.width, wanted.height) / max(asked.width, asked.height)
    return Size(max(2, round(asked.width * scale / 2) * 2), max(2, round(asked.height * scale / 2) * 2))


def frame_images(task: VideoTask, folder: Path) -> FrameImages:
    """The task's first and last image; ``folder`` takes what has to be unpacked.

    Raises:
        MediaError: a given image cannot be read.
    """
    given = {"first": _given_image(task.first_image, "first", folder), "last": _given_image(task.last_image, "last", folder)}
    named = {"first": task.first_image, "last": task.last_image}
    unreadable = tuple(place for place, value in named.items() if value is not None and given[place] is None)
    return FrameImages(first=given["first"], last=given["last"], unreadable=unreadable)


def _given_image(value: str | None, place: str, folder: Path) -> RgbFrame | None:
    """The pixels of a frame image that lies on this machine or in the request itself; None for one that lies elsewhere."""
    if value is None:
        return None
    kind = image_kind(value)
    if kind is ImageKind.FILE:
        return read_image_rgb(Path(value))
    if kind is not ImageKind.DATA:
        return None
    path = folder / f"given_{place}"
    path.write_bytes(base64.b64decode(value.partition(",")[2] if value.startswith("data:") else value))
    return read_image_rgb(path)
