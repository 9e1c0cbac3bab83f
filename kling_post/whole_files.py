"""Files that are there whole or not at all: written beside their place, brought to the disk, and only then given their name."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def part_path(path: Path) -> Path:
    """Where a file is written until it is whole."""
    return path.with_name(path.name + ".part")


def publish(part: Path, path: Path) -> None:
    """Give a whole file its name; after a power cut there is the old file or the new one, never half of one."""
    with part.open("rb+") as file:
        os.fsync(file.fileno())
    part.replace(path)
    if os.name == "posix":  # Windows has no handle on a folder
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Gives the path to write to, publishes what was written there, and leaves nothing behind where writing fails.

    Raises:
        OSError: it cannot be written.
    """
    part = part_path(path)
    try:
        yield part
        publish(part, path)
    finally:
        part.unlink(missing_ok=True)


def write_whole(path: Path, text: str, *, encoding: str = "utf-8") -> None:
    """Write a text file, line ends as they stand in the text; its folder is made where it is missing.

    Raises:
        OSError: it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as part, part.open("w", encoding=encoding, newline="") as file:
        file.write(text)
