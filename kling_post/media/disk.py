"""What the operating system says of a disk, as one sentence with a way out."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kling_post.errors import EncodeError


@contextmanager
def writing_into(folder: Path) -> Iterator[None]:
    """Turn the system's errors inside the block into ``EncodeError``.

    Raises:
        EncodeError: the disk is full, read-only, or the folder cannot be written to.
    """
    try:
        yield
    except OSError as error:
        full = error.errno in {errno.ENOSPC, errno.EDQUOT}
        raise EncodeError(
            f"{folder}: " + ("the disk is full." if full else f"cannot be written ({error.strerror})."),
            remedy="What was finished is kept: make room and run again." if full else "Give a folder that can be written to.",
        ) from error
