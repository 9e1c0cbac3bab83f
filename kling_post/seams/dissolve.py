"""One picture that melts into another: which frames are mixtures, how long that takes, and whether the mixture goes evenly.

A dissolve of n frames mixes k parts of n + 1 of the incoming picture into its k-th frame. Each frame is fitted as a mixture of the picture
before and the picture after; a straight ramp through the shares says where it begins and ends, and what strays from the ramp is
its curve. The share is read from the pictures without their mean, and so the mean is left to say whether light is lost or
gained on the way: where both pictures are not mixed in parts that add up to one.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.seams.side import Pictures, Side

Floats = NDArray[np.float64]

_COLUMNS = 32
"""Of the thumbnails that are compared: small movement matters little there."""
_LEAST_APART = 0.04
"""Root mean square difference of the first and the last picture, of the range, from which on mixtures of them can be told apart."""
_ONE_SCENE = 0.7
"""Thumbnails that correlate more than this show one scene, which may change but does not dissolve."""
_IN_COMMON = 0.5
"""Of each length of the picture, what must still be there of it to be found again: a pan over soft texture then correlates by 0.98 and
more (32 joins at CRF 14 to 28)."""
_LEFT_OVER = 0.12
"""Energy of what is no mixture, as a share of the difference's."""
_PURE = 0.12
"""Frames with less than this share of one of the two pictures may be that picture alone, moved."""
_FEWEST = 3
_LEAPS = 0.5
"""A share that falls by more than this from one frame to the next is a cut."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dissolve:
    """How one picture goes over into another."""

    frames: int
    """That show both pictures."""
    curve_percent: float
    """The share of the incoming picture beside an even mixture's, where it strays most; more of it where positive."""
    luma_percent: float
    """Mean luma beside the same mixture of both sides' means, where it strays most, in percent of the range; a dip is negative. A little
    less than the truth where the dip begins with the dissolve."""


def find_dissolve(outgoing: Side, incoming: Side, *, travelled: tuple[float, float] = (0.0, 0.0)) -> Dissolve | None:
    """The dissolve over a join; None where the frames do not go over from the first to the last one as a mixture, in three steps or more.

    In a dissolve the share falls steadily and the fit leaves little over. A cut jumps from 1 to 0, and movement is no mixture of its
    ends, unless all is soft: there it is the picture itself that is found again where the movement has taken it.

    Args:
        outgoing: The frames before the join.
        incoming: Those behind it.
        travelled: How far the picture has moved to the right and down from the first frame to the last, in widths of the picture.
    """
    frames = np.concatenate([_thumbnails(outgoing), _thumbnails(incoming)])
    first, last = frames[0], frames[-1]
    energy = float(np.sum((first - last) ** 2))
    if energy < _LEAST_APART**2 * first.size or _correlation(first, last) > _ONE_SCENE:
        return None
    if _correlation(*_in_common(outgoing.luma[0], incoming.luma[-1], travelled)) > _ONE_SCENE:
        return None
    shares = _shares(frames, first, last)
    left_over = np.sum((frames - last - shares[:, None] * (first - last)) ** 2, axis=1) / energy
    between = np.flatnonzero((shares > _PURE) & (shares < 1 - _PURE) & (left_over < _LEFT_OVER))
    if len(between) < _FEWEST or np.ptp(between) + 1 != len(between):
        return None
    falls = np.diff(shares[max(between[0] - 1, 0) : between[-1] + 2])
    if np.any(falls >= 0.02) or np.max(-falls) >= _LEAPS:
        return None
    return _measured(frames, *_ramp(shares))


def _measured(frames: Floats, begin: int, end: int) -> Dissolve:
    """The dissolve that goes about from one of these frames to the other."""
    means = frames.mean(axis=1)
    shapes = frames - means[:, None]
    # Two pictures without shape, as in a fade from white to black, have nothing but their means to be told by.
    shaped = np.mean((shapes[begin] - shapes[end]) ** 2) > _LEAST_APART**2 / 4
    pictures = shapes if shaped else frames
    # Once more with the pictures next to the dissolve, which have not moved as far from it as the first and the last one.
    begin, end = _ramp(_shares(pictures, pictures[begin], pictures[end]))
    even = 1 - np.arange(end - begin + 1) / (end - begin)
    shares = _shares(pictures[begin : end + 1], pictures[begin], pictures[end])
    mixed = shares * means[begin] + (1 - shares) * means[end]
    return Dissolve(
        frames=end - begin - 1,
        curve_percent=100 * _farthest(even - shares),
        luma_percent=100 * _farthest(means[begin : end + 1] - mixed),
    )


def _ramp(shares: Floats) -> tuple[int, int]:
    """The last frame at 1 and the first one at 0 of the straight ramp that fits the shares best."""
    places = np.arange(len(shares))
    begin, end = np.triu_indices(len(shares), k=2)
    ramps = np.clip((end[:, None] - places) / (end - begin)[:, None], 0, 1)
    best = int(np.argmin(np.sum((ramps - shares) ** 2, axis=1)))
    return int(begin[best]), int(end[best])


def _farthest(values: Floats) -> float:
    """The one of largest magnitude."""
    return float(values[np.argmax(np.abs(values))])


def _shares(frames: Floats, first: Floats, last: Floats) -> Floats:
    """(frames,): the share of the first picture that fits each frame (frames, pixels) best, the rest being the last one."""
    apart = first - last
    return np.asarray((frames - last) @ apart / float(apart @ apart))


def _in_common(first: Pictures, last: Pictures, travelled: tuple[float, float]) -> tuple[Floats, Floats]:
    """What two pictures both show where the second one has moved so far from the first, as one row each; nothing where that is little."""
    rows, columns = first.shape
    right, down = (round(each * columns) for each in travelled)
    if abs(right) > columns * (1 - _IN_COMMON) or abs(down) > rows * (1 - _IN_COMMON):
        return np.zeros(1), np.zeros(1)
    stays = first[max(0, -down) : rows - max(0, down), max(0, -right) : columns - max(0, right)]
    comes = last[max(0, down) : rows - max(0, -down), max(0, right) : columns - max(0, -right)]
    return stays.ravel().astype(np.float64), comes.ravel().astype(np.float64)


def _correlation(one: Floats, other: Floats) -> float:
    """Of two pictures as rows of values, blind to brightness and contrast; 0 where one of them is flat, as in a fade to black."""
    one, other = one - one.mean(), other - other.mean()
    energy = float(np.sqrt(np.sum(one**2) * np.sum(other**2)))
    return float(one @ other) / energy if energy > 1e-4 * one.size else 0.0


def _thumbnails(side: Side) -> Floats:
    """(frames, pixels): luma, small."""
    rows, columns = side.luma.shape[1:]
    size = (_COLUMNS, max(1, round(_COLUMNS * rows / columns)))
    return np.stack([cv2.resize(picture, size, interpolation=cv2.INTER_AREA).ravel() for picture in side.luma]).astype(np.float64)
