"""Begins to decode a clip before its command line is even understood: loading the rest takes as long as a quarter of a second of 4K."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kling_post.media.ahead import FramesAhead

_begun: "dict[Path, FramesAhead]" = {}


@contextmanager
def decoder_begun(words: Sequence[str]) -> Iterator[None]:
    """Decode the only file of a ``check`` from now on; what nobody has asked for at the end of the block is let go of.

    A guess, and harmless where it is wrong: it is made only where a single word besides options follows the verb, it is a file, and no
    cache may make decoding needless.
    """
    options = [word for word in words[1:] if word.startswith("-")]
    named = [Path(word) for word in words[1:] if not word.startswith("-")]
    cached = "KLING_POST_CACHE" in os.environ or any(option.startswith("--cache") for option in options)
    if words[:1] == ["check"] and "--help" not in options and len(named) == 1 and not cached and _is_file(named[0]):
        from kling_post.media.ahead import FramesAhead

        _begun[named[0]] = FramesAhead(named[0])
    try:
        yield
    finally:
        while _begun:
            _begun.popitem()[1].close()


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name that is too long, say: the verb will find better words for it
        return False


def frames_of(path: Path) -> "FramesAhead":
    """The frames of a file, from the beginning, being decoded: since long, or from now on."""
    from kling_post.media.ahead import FramesAhead

    return _begun.pop(path, None) or FramesAhead(path)
