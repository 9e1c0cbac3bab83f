"""The user's clips: which files, and their frames as RGB, one after the other."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kling_post.media import color
from kling_post.media.decode import decode
from kling_post.media.rgb import ycbcr_to_rgb
from kling_post.vocabulary import MediaFacts

SUFFIXES = frozenset({".mp4", ".mov", ".mkv", ".webm", ".m4v"})


def clips_in(folder: Path) -> tuple[Path, ...]:
    """The media files of a folder, by name; folders in it are not entered, and a take's depth is no clip."""
    files = (path for path in folder.iterdir() if path.is_file() and path.suffix.lower() in SUFFIXES)
    return tuple(sorted(path for path in files if not path.name.endswith(".depth.mkv")))


def rgb_frames(path: Path, facts: MediaFacts, *, width: int | None = None) -> Iterator[NDArray[np.uint8]]:
    """Every frame of a file, in order, of an even size no wider than ``width``; turned clips stay as they are stored."""
    stored_width, stored_height = facts.size.width, facts.size.height
    if facts.rotation_degrees in {90, 270}:
        stored_width, stored_height = stored_height, stored_width
    columns = None if width is None else min(width, stored_width // 2 * 2)
    size = None if columns is None else (columns, max(2, round(columns * stored_height / stored_width / 2) * 2))
    weights = color.luma_weights(facts.color_matrix, height=stored_height)
    for frame in decode(path):
        yield ycbcr_to_rgb(
            frame.luma,
            frame.chroma_blue,
            frame.chroma_red,
            bit_depth=frame.bit_depth,
            full_range=facts.color_range == "full",
            weights=weights,
            size=size,
        )
