"""Single frames of takes as pictures for the review page: small ones for lists, full ones to judge by."""

import threading
from io import BytesIO
from pathlib import Path

from kling_post.media.decode import decode_rgb
from kling_post.whole_files import whole_file

THUMBNAIL_WIDTH = 240
_ONE_AT_A_TIME = threading.Semaphore(1)
"""Decoding a 4K frame takes all cores: a page full of thumbnails must not start them all at once."""


def still(source: Path, frame: int, *, key: str, folder: Path, full: bool) -> Path:
    """A frame as WebP, made once: 240 wide, or in full size.

    Raises:
        MediaError: the file cannot be read or has no such frame.
    """
    path = folder / f"{key}_f{frame}{'_full' if full else ''}.webp"
    if path.is_file():
        return path
    from PIL import Image

    with _ONE_AT_A_TIME:
        picture = Image.fromarray(decode_rgb(source, frame, width=None if full else THUMBNAIL_WIDTH))
    buffer = BytesIO()
    picture.save(buffer, "WEBP", quality=93 if full else 78, method=2)
    folder.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as part:
        part.write_bytes(buffer.getvalue())
    return path
