"""How much of a change of time, a repeat or a cadence, is left in the coded file.

An encoder at a low rate predicts frames from both sides and leaves the corrections out: a repeat in a slow pan comes out as four steps
of three quarters, a cadence as even movement, and there is none in the file any more. Each decoded frame is placed on the time line of
the clean footage by least squares between the clean frames around the one it should show. Where a repeat is left, the place stops for one
step; where a cadence is, the places stand as far from an even movement as they were meant to.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.media.decode import decode

Rgb = NDArray[np.uint8]
Picture = NDArray[np.float32]
Values = NDArray[np.float64]

_WIDTH = 160
"""Columns at which frames are placed: at a quarter of the working size even fast pans move by less than the detail that is left."""
_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)
"""ITU-R BT.709."""


def repeats_left(path: Path, clean: Sequence[Rgb], order: Sequence[int]) -> float:
    """The mean share of the repeats that the file holds, 0 to 1.

    Args:
        path: The coded clip.
        clean: The footage without the defect.
        order: For every frame of the clip the clean frame that it shows.
    """
    repeats = _runs([index for index in range(1, len(order)) if order[index] == order[index - 1]])
    if not repeats:
        return 1.0
    places = _places(path, clean, order)
    return float(np.mean([_left(places, start, stop) for start, stop in repeats]))


def judder_left(path: Path, clean: Sequence[Rgb], order: Sequence[int]) -> float:
    """How far on average the file's frames stand from where an even movement would have them, over how far they were meant to.

    It asks for no single repeat in its place: an encoder that moves every other one by a frame leaves the judder what it was, and one
    that spreads them leaves none. Arguments as for ``repeats_left``.
    """
    places = _places(path, clean, order)
    meant = np.array(order[: len(places)], np.float64)
    index = np.arange(len(meant))
    even = np.polyval(np.polyfit(index, meant, 1), index)
    off = places - even
    return float(np.abs(off - off.mean()).mean() / max(1e-6, float(np.abs(meant - even).mean())))


def _left(places: Values, start: int, stop: int) -> float:
    """Movement that is missing in the best window of one step more than the repeat has; a repeat spread over two steps is still one."""
    length = stop - start
    firsts = (first for first in (start - 1, start) if first >= 1 and first + length < len(places))
    missing = max((length + 1 - (places[first + length] - places[first - 1]) for first in firsts), default=0.0)
    return float(np.clip(missing / length, 0, 1))


def _places(path: Path, clean: Sequence[Rgb], order: Sequence[int]) -> Values:
    """Where on the clean time line each decoded frame lies, (frames,)."""

    @cache
    def expected(index: int) -> Picture:
        return 16 + (_small(clean[index]) @ _LUMA) * np.float32(219 / 255)

    found = []
    for frame, index in zip(decode(path), order, strict=False):
        before, after = max(0, index - 1), min(len(clean) - 1, index + 1)
        change = (expected(after) - expected(before)) / max(1, after - before)
        off = _small(frame.luma) - expected(index)
        change, off = change - change.mean(), off - off.mean()
        found.append(index + float((off * change).sum() / max(1e-6, float((change * change).sum()))))
    return np.array(found)


def _small(picture: NDArray[np.generic]) -> Picture:
    rows = max(1, round(_WIDTH * picture.shape[0] / picture.shape[1]))
    return np.asarray(cv2.resize(picture.astype(np.float32), (_WIDTH, rows), interpolation=cv2.INTER_AREA), np.float32)


def _runs(indices: Sequence[int]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for index in indices:
        if found and found[-1][1] == index:
            found[-1] = (found[-1][0], index + 1)
        else:
            found.append((index, index + 1))
    return found
