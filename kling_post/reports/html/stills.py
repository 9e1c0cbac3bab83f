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
"""Of one still."""
_LEAST_BYTES = 1_200
_BUDGET_BYTES = 9_500_000
"""Of all stills of a page: one about a thousand clips must still open at once and go through a mail gateway."""
_FULL_BYTES = 12_000
"""What a still in full width takes, by experience."""
CROWDED = 100
"""Takes from which on a page shows fewer and smaller stills of each."""


@dataclass(slots=True, kw_only=True)
class StillShelf:
    """Fetches each frame from its file once, however often and in whatever sizes the page shows it."""

    progress: Progress = SILENT
    scale: float = 1.0
    """Of every width; below 1 on a page with very many stills."""
    most_bytes: int = _MOST_BYTES
    crowded: bool = False
    """Whether there are so many takes that each gets fewer stills."""
    _frames: dict[tuple[Path, int], Image.Image | bytes] = field(default_factory=dict)
    _encoded: dict[tuple[Path, int, int], str] = field(default_factory=dict)

    def data_uri(self, path: Path, index: int, *, width: int) -> str:
        """The frame as a WebP data URI, at most ``width`` wide and 40 KB large.

        Raises:
            MediaError: the file cannot be read, or has no such frame.
        """
        key = (path, index, width)
        if key not in self._encoded:
            self._encoded[key] = _as_data_uri(self._frame(path, index), max(80, round(width * self.scale)), self.most_bytes)
        return self._encoded[key]

    def _frame(self, path: Path, index: int) -> Image.Image:
        kept = self._frames.get((path, index))
        if kept is None:
            picture = Image.fromarray(decode_rgb(path, index, width=max(80, round(SEAM_WIDTH * self.scale))))
            # Thousands of open pictures would fill the memory; a crowded page keeps them encoded.
            self._frames[path, index] = _webp(picture, 90) if self.crowded else picture
            self.progress.advance(len(self._frames))
            return picture
        return Image.open(BytesIO(kept)).convert("RGB") if isinstance(kept, bytes) else kept


def shelf_for(takes: int, pictures: int, *, progress: Progress = SILENT) -> StillShelf:
    """A shelf for a page: as wide and fine as so many stills allow.

    Args:
        takes: How many takes the page is about.
        pictures: How many stills it will show, about.
        progress: Told of stills.
    """
    share = _BUDGET_BYTES / max(pictures, 1)
    if share >= _FULL_BYTES:
        return StillShelf(progress=progress, crowded=takes > CROWDED)
    return StillShelf(
        progress=progress,
        scale=(share / _FULL_BYTES) ** 0.5,
        most_bytes=max(_LEAST_BYTES, round(1.5 * share)),
        crowded=takes > CROWDED,
    )


def _as_data_uri(picture: Image.Image, width: int, most_bytes: int) -> str:
    if picture.width > width:
        picture = picture.resize((width, max(1, round(picture.height * width / picture.width))), Image.Resampling.LANCZOS)
    quality = 82
    encoded = _webp(picture, quality)
    while len(encoded) > most_bytes and quality > 20:
        quality -= 12
        encoded = _webp(picture, quality)
    return "data:image/webp;base64," + base64.b64encode(encoded).decode("ascii")


def _webp(picture: Image.Image, quality: int) -> bytes:
    buffer = BytesIO()
    picture.save(buffer, "WEBP", quality=quality, method=4)
    return buffer.getvalue()
