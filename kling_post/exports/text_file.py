"""Writing a text file that is whole or not there."""

from pathlib import Path

from kling_post.errors import KlingPostError
from kling_post.whole_files import write_whole


def write_text(path: Path, text: str, *, encoding: str = "utf-8") -> None:
    """Write an export; line ends stay as they are.

    Raises:
        KlingPostError: the file cannot be written.
    """
    try:
        write_whole(path, text, encoding=encoding)
    except OSError as error:
        raise KlingPostError(f"{path}: cannot be written ({error.strerror}).", remedy="Give a folder that can be written to.") from error
