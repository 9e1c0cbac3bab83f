"""How the whole picture brightens and darkens together, apart from what moves in it: for flicker and flash."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from kling_post.checks.evidence.blocks import blocks

Values = NDArray[np.float64]

_DARK_CODES = 16.0
"""Tiles nearer to black than this (8-bit codes) are left out: their ratio of brightness is noise."""
_LEAST_TILES = 20
"""With fewer tiles to ask, nothing is said of the step."""


def tile_levels(luma: Mapping[str, Values], *, full_range: bool) -> Values:
    """Tile means above black, 8-bit codes, (frames, 144)."""
    tiles = luma["tiles"] - (0 if full_range else 16)
    return np.asarray(tiles.reshape(len(tiles), -1))


def exposure_steps(luma: Mapping[str, Values], *, full_range: bool, cuts: Sequence[int] = ()) -> Values:
    """Change of exposure from the frame before, in per cent (of the natural logarithm), (frames,); 0 at frame 0 and at cuts.

    It is the median over tiles of each tile's change of log brightness: a pulsing lamp, sensor or decoder moves all tiles
    alike, whereas a thing that moves changes only the tiles it crosses, and a pan brightens as many as it darkens.
    """
    steps = np.zeros(len(luma["tiles"]))
    for block in blocks(len(steps) - 1):
        # Each block's last frame is the next one's first: it is stepped to here, and from there.
        steps[block.start + 1 : block.stop + 1] = _steps({"tiles": luma["tiles"][block.start : block.stop + 1]}, full_range=full_range)
    steps[list(cuts)] = 0
    return steps


def _steps(luma: Mapping[str, Values], *, full_range: bool) -> Values:
    levels = tile_levels(luma, full_range=full_range)
    bright = levels > _DARK_CODES
    usable = bright[1:] & bright[:-1]
    change = np.where(usable, np.diff(np.log(np.maximum(levels, 1.0)), axis=0), np.nan)
    steps = np.zeros(len(change))
    enough = usable.sum(axis=1) >= _LEAST_TILES
    steps[enough] = 100 * np.nanmedian(change[enough], axis=1)
    return steps


def reversals(curve: Values, amplitude: float) -> list[int]:
    """Turning points of a curve that swing by at least ``amplitude`` from the turning point before; ripples below it are ignored.

    >>> reversals(np.array([0.0, 2.0, 0.0, 0.1, 0.0, 2.0, 0.0]), 1.0)
    [1, 4, 5]
    """
    points: list[int] = []
    low = high = 0
    rising: bool | None = None
    for place in range(1, len(curve)):
        high = place if curve[place] >= curve[high] and rising is not False else high
        low = place if curve[place] <= curve[low] and rising is not True else low
        if rising is not False and curve[high] - curve[place] >= amplitude:
            if rising or curve[high] - curve[0] >= amplitude:
                points.append(high)
            rising, low = False, place
        elif rising is not True and curve[place] - curve[low] >= amplitude:
            if rising is False or curve[0] - curve[low] >= amplitude:
                points.append(low)
            rising, high = True, place
    return points
