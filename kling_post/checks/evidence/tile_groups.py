"""Parts of a picture that touch each other, and the area that they fill."""

import numpy as np
from numpy.typing import NDArray

from kling_post.vocabulary import Area

Tiles = NDArray[np.bool_]


def groups(tiles: Tiles) -> list[Tiles]:
    """Each set of tiles that touch, by side or corner, as a map of its own; in the order of their first tiles."""
    left = tiles.copy()
    found = []
    while left.any():
        group = np.zeros_like(left)
        group[np.unravel_index(int(np.argmax(left)), left.shape)] = True
        while True:
            larger = grown(group) & left
            if (larger == group).all():
                break
            group = larger
        found.append(group)
        left &= ~group
    return found


def largest(tiles: Tiles) -> Tiles:
    """The largest set of tiles that touch, the first of equal ones; an empty map where there is none."""
    return max(groups(tiles), key=lambda piece: int(piece.sum()), default=np.zeros_like(tiles))


def grown(tiles: Tiles) -> Tiles:
    """The tiles and the eight around each."""
    padded = np.pad(tiles, 1)
    larger = np.zeros_like(tiles)
    for down in range(3):
        for across in range(3):
            larger |= padded[down : down + tiles.shape[0], across : across + tiles.shape[1]]
    return larger


def bounds(tiles: Tiles) -> Area:
    """The smallest rectangle around them, as fractions of the picture; at least one tile."""
    rows, columns = (np.flatnonzero(tiles.any(axis=axis)) for axis in (1, 0))
    down, across = tiles.shape
    return Area(
        left=float(columns[0] / across),
        top=float(rows[0] / down),
        right=float((columns[-1] + 1) / across),
        bottom=float((rows[-1] + 1) / down),
    )
