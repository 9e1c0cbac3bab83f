"""How much of a repeated frame is left in the coded file.

An encoder at a low rate predicts frames from both sides and leaves the corrections out: a repeat in a slow pan comes out as four steps
of three quarters, and there is none in the file any more. Each decoded frame is placed on the time line of the clean footage by least
squares between the clean frames around the one it should show; where the repeat is left, the place stops for one step.
"""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.media.decode import decode

Rgb = NDArray[np.uint8]
Picture = NDArray[np.float32]

_WIDTH = 160
"""Columns at which frames are placed: at a quarter of the working size even fast pans move by less than the detail that is left."""


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
    wanted = {index for start, stop in repeats for index in range(start - 2, stop + 2)}
    places = {
        index: _place(_small_luma(frame.luma.astype(np.float32)), clean, order[index])
        for index, frame in enumerate(decode(path))
        if index in wanted and index < len(order)
    }
    return float(np.mean([_left(places, start, stop) for start, stop in repeats]))


def _left(places: dict[int, float], start: int, stop: int) -> float:
    """Movement that is missing in the best window of one step more than the repeat has; a repeat spread over two steps is still one."""
    length = stop - start
    missing = []
    for first in (start - 1, start):
        steps = [places[index] - places[index - 1] for index in range(first, first + length + 1) if {index, index - 1} <= places.keys()]
        missing.append(sum(1 - step for step in steps) if len(steps) == length + 1 else 0.0)
    return float(np.clip(max(missing) / length, 0, 1))


def _place(decoded: Picture, clean: Sequence[Rgb], index: int) -> float:
    """Where on the clean time line a decoded frame lies, near ``index``."""
    before, after = max(0, index - 1), min(len(clean) - 1, index + 1)
    here = _expected(clean[index])
    change = (_expected(clean[after]) - _expected(clean[before])) / max(1, after - before)
    off = decoded - here
    change, off = change - change.mean(), off - off.mean()
    return index + float((off * change).sum() / max(1e-6, float((change * change).sum())))


def _expected(frame: Rgb) -> Picture:
    luma = frame.astype(np.float32) @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    return _small_luma(16 + luma * np.float32(219 / 255))


def _small_luma(luma: Picture) -> Picture:
    rows = max(1, round(_WIDTH * luma.shape[0] / luma.shape[1]))
    return np.asarray(cv2.resize(luma, (_WIDTH, rows), interpolation=cv2.INTER_AREA), np.float32)


def _runs(indices: Sequence[int]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for index in indices:
        if found and found[-1][1] == index:
            found[-1] = (found[-1][0], index + 1)
        else:
            found.append((index, index + 1))
    return found
