"""How much of a change of time, a repeat, a hold, a freeze, a cadence or a mixed frame, is left in the coded file.

An encoder at a low rate predicts frames from both sides and leaves the corrections out: a repeat in a slow pan comes out as four steps
of three quarters, a cadence as even movement, and there is none in the file any more. Each decoded frame is placed on the time line of
the clean footage by least squares between the clean frames around the one it should show. Where a halt is left, the place stops for as
long, and stays behind; where a cadence is, the places stand as far from an even movement as they were meant to. A frame mixed of its
neighbours is still one as far as it lies between what the encoder makes of the frames beside it and that mixture.
"""

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.calibration.injectors.injector import LEAST_SHARE
from kling_post.checks.evidence.runs import runs
from kling_post.media.decode import decode
from kling_post.vocabulary import FrameRange

Rgb = NDArray[np.uint8]
Picture = NDArray[np.float32]
Values = NDArray[np.float64]

_WIDTH = 160
"""Columns at which frames are placed: at a quarter of the working size even fast pans move by less than the detail that is left."""
_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)
"""ITU-R BT.709."""
_BESIDE = 10
"""Frames on either side of a halt that say whether the picture stays behind."""


def halts_held(clean: Sequence[Rgb], order: Sequence[int]) -> Callable[[Path], float]:
    """For an injector: 1 for a file that holds the halts, else 0, as half of a halt is none. Arguments as for ``halts_left``."""
    return lambda path: float(halts_left(path, clean, order) >= LEAST_SHARE)


def judder_held(clean: Sequence[Rgb], order: Sequence[int]) -> Callable[[Path], float]:
    """The same of a cadence: its size says how often a frame repeats, and half of it is not the half of that."""
    return lambda path: float(judder_left(path, clean, order) >= LEAST_SHARE)


def halts_left(path: Path, clean: Sequence[Rgb], order: Sequence[int]) -> float:
    """The share of the halts that the file holds, of the one that has lost most; about 0 to 1, and 0 where that cannot be told.

    Args:
        path: The coded clip.
        clean: The footage without the defect.
        order: For every frame of the clip the clean frame that it shows; a halt is where it stays the same.
    """
    shown = np.array(order)
    halts = runs(np.diff(shown, prepend=-1) == 0)
    if not halts:
        return 1.0
    places = _places(path, clean, order)
    late = places - shown[: len(places)]
    firsts, lasts = [0, *(halt.stop + 1 for halt in halts[:-1])], [*(halt.start - 1 for halt in halts[1:]), len(late)]
    return min(_left(late, halt, FrameRange(first, last)) for halt, first, last in zip(halts, firsts, lasts, strict=True))


def judder_left(path: Path, clean: Sequence[Rgb], order: Sequence[int]) -> float:
    """How far on average the file's frames stand from where an even movement would have them, over how far they were meant to.

    It asks for no single repeat in its place: an encoder that moves every other one by a frame leaves the judder what it was, and one
    that spreads them leaves none. Arguments as for ``halts_left``.
    """
    places = _places(path, clean, order)
    meant = np.array(order[: len(places)], np.float64)
    index = np.arange(len(meant))
    even = np.polyval(np.polyfit(index, meant, 1), index)
    off = places - even
    return float(np.abs(off - off.mean()).mean() / max(1e-6, float(np.abs(meant - even).mean())))


def mixture_left(path: Path, clean: Sequence[Rgb], place: int) -> float:
    """How much of a frame that is the mean of its neighbours is still one, over what the frames beside it are by coding alone; 0 to 1.

    Soft coding blurs what moves, and so looks like such a mixture a little in every frame.

    Args:
        path: The coded clip.
        clean: The footage without the defect.
        place: The mixed frame.
    """
    near = range(max(1, place - _BESIDE), min(len(clean) - 1, place + _BESIDE + 1))
    mixed = {
        frame.index: _mixed(frame.luma, *(_luma(clean[frame.index + way]) for way in (-1, 0, 1)))
        for frame in decode(path)
        if frame.index in near
    }
    usual = float(np.median([share for index, share in mixed.items() if index != place]))
    return float(np.clip((mixed[place] - usual) / max(1e-6, 1 - usual), 0, 1))


def _mixed(luma: NDArray[np.generic], before: Picture, own: Picture, after: Picture) -> float:
    """How far a frame lies from its clean picture towards the mean of the clean neighbours: least squares, a shift along the way aside."""
    ways = [each - each.mean() for each in ((before + after) / 2 - own, after - before)]
    off = (np.asarray(luma, np.float32) - own).ravel()
    return float(np.linalg.lstsq(np.stack([each.ravel() for each in ways], axis=1), off, rcond=None)[0][0])


def _left(late: Values, halt: FrameRange, room: FrameRange) -> float:
    """What is missing within one step more than the halt has, and stays missing, over its length.

    A halt that is spread over two steps is still one. One that is made good for, or that the frames beside stray as far as the fifth
    of it that may be missing, is the encoder's own unevenness: nobody could say where it is.

    Args:
        late: How far each frame lies from the clean frame that it should show, in frames.
        halt: Its steps.
        room: The frames before the next halt and after the one before.
    """
    length = halt.frames
    shares = [0.0]
    for first in (halt.start - 1, halt.start):
        if first <= room.start or first + length >= room.stop:
            continue
        before, after = late[max(room.start, first - _BESIDE) : first], late[first + length : min(room.stop, first + length + _BESIDE)]
        strays = np.sqrt((before.var() * before.size + after.var() * after.size) / (before.size + after.size))
        if strays <= (1 - LEAST_SHARE) * length:
            shares.append(1 - max(after[0] - before[-1], after.mean() - before.mean()) / length)
    return float(np.clip(max(shares), 0, 1))


def _places(path: Path, clean: Sequence[Rgb], order: Sequence[int]) -> Values:
    """Where on the clean time line each decoded frame lies, (frames,)."""

    @cache
    def expected(index: int) -> Picture:
        return _luma(_small(clean[index]))

    found = []
    for frame, index in zip(decode(path), order, strict=False):
        before, after = max(0, index - 1), min(len(clean) - 1, index + 1)
        change = (expected(after) - expected(before)) / max(1, after - before)
        off = _small(frame.luma) - expected(index)
        change, off = change - change.mean(), off - off.mean()
        found.append(index + float((off * change).sum() / max(1e-6, float((change * change).sum()))))
    return np.array(found)


def _luma(picture: NDArray[np.generic]) -> Picture:
    """Y' of limited range, 8-bit codes, of R'G'B' of full range."""
    return np.asarray(16 + (np.asarray(picture, np.float32) @ _LUMA) * np.float32(219 / 255), np.float32)


def _small(picture: NDArray[np.generic]) -> Picture:
    rows = max(1, round(_WIDTH * picture.shape[0] / picture.shape[1]))
    return np.asarray(cv2.resize(picture.astype(np.float32), (_WIDTH, rows), interpolation=cv2.INTER_AREA), np.float32)
