"""Writing a text file that is whole or not there."""

import contextlib
import os
from pathlib import Path

from kling_post.errors import KlingPostError


def write_text(path: Path, text: str, *, encoding: str = "utf-8") -> None:
    """Write ``text`` beside ``path``, to the disk, then give it its name. Line ends stay as they are.

    Raises:
        KlingPostError: the file cannot be written.
    """
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("w", encoding=encoding, newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        raise KlingPostError(f"{path}: cannot be written ({error.strerror}).", remedy="Give a folder that can be written to.") from error
    finally:
        with contextlib.suppress(OSError):  # there may be no such folder at all
            part.unlink(missing_ok=True)
