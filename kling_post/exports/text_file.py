"""Writing a text file that is whole or not there."""

import os
from pathlib import Path


def write_text(path: Path, text: str, *, encoding: str = "utf-8") -> None:
    """Write ``text`` beside ``path``, to the disk, then give it its name. Line ends stay as they are."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    try:
        with part.open("w", encoding=encoding, newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
