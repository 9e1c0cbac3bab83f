"""Long series some seconds at a time: what is worked out of ten minutes of tiles at once takes several times their room."""

from collections.abc import Iterator

_FRAMES = 512


def blocks(frames: int) -> Iterator[slice]:
    """Frames [0, ``frames``) in order, at most 512 in each slice.

    >>> [(each.start, each.stop) for each in blocks(600)]
    [(0, 512), (512, 600)]
    """
    return (slice(start, min(start + _FRAMES, frames)) for start in range(0, frames, _FRAMES))
