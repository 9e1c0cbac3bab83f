"""Frames of takes as small pictures inside the page."""

import base64
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from PIL import Image

from kling_post.media.decode import decode_rgb
from kling_post.progress import SILENT, Progress

STRIP_WIDTH, STILL_WIDTH, SEAM_WIDTH = 208, 480, 640
_MOST_BYTES = 40_000
"""A page with hundreds of stills must still open at once."""


@dataclass(slots=True, kw_only=True)
class StillShelf:
    """Fetches each frame from its file once, however often and in whatever sizes the page shows it."""

    progress: Progress = SILENT
    _frames: dict[tuple[Path, int], Image.Image] = field(default_factory=dict)
    _encoded: dict[tuple[Path, int, int], str] = field(default_factory=dict)

    def data_uri(self, path: Path, index: int, *, width: int) -> str:
        """The frame as a WebP data URI, at most ``width`` wide and 40 KB large.

        Raises:
            MediaError: the file cannot be read, or has no such frame.
        """
        key = (path, index, width)
        if key not in self._encoded:
            self._encoded[key] = _as_data_uri(self._frame(path, index), width)
        return self._encoded[key]

    def _frame(self, path: Path, index: int) -> Image.Image:
        if (path, index) not in self._frames:
            self._frames[path, index] = Image.fromarray(decode_rgb(path, index, width=SEAM_WIDTH))
            self.progress.advance(len(self._frames))
        return self._frames[path, index]


def _as_data_uri(picture: Image.Image, width: int) -> str:
    if picture.width > width:
        picture = picture.resize((width, max(1, round(picture.height * width / picture.width))), Image.Resampling.LANCZOS)
    quality = 82
    encoded = _webp(picture, quality)
    while len(encoded) > _MOST_BYTES and quality > 20:
        quality -= 12
        encoded = _webp(picture, quality)
    return "data:image/webp;base64," + base64.b64encode(encoded).decode("ascii")


def _webp(picture: Image.Image, quality: int) -> bytes:
    buffer = BytesIO()
    picture.save(buffer, "WEBP", quality=quality, method=4)
    return buffer.getvalue()
