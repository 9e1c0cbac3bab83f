"""One picture that melts into another: which frames are mixtures, how long that takes, and whether the mixture goes evenly.

A dissolve of n frames mixes k parts of n + 1 of the incoming picture into its k-th frame. Each frame is fitted as a mixture of the picture
before and the picture after, both carried on to that frame by the movement that they have at their ends of the join; a straight ramp
through the shares says where the dissolve begins and ends, and what strays from the ramp is its curve. A shot that goes on, however far its
camera travels, is no dissolve: carried on from either end it is one and the same picture. The share is read from the pictures without
their mean, and so the mean is left to say whether light is lost or gained on the way: where both pictures are not mixed in parts
that add up to one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.seams.motion import Movement, Step
from kling_post.seams.side import Side

Floats = NDArray[np.float64]
Thumbnails = NDArray[np.float32]

_COLUMNS = 48
"""Of the thumbnails that are compared: what the carrying strays by matters little there."""
_ENDS = 5
"""Steps at either end of the join, outside of most dissolves, that say how each of the two pictures moves."""
_IN_COMMON = 0.2
"""Of the picture's area, what both must show of each frame for the frame to be fitted."""
_LEAST_APART = 0.04
"""Root mean square difference of the two pictures, of the range, from which on mixtures of them can be told apart."""
_ONE_SCENE = 0.7
"""Thumbnails that correlate more than this show one scene, which may change but does not dissolve."""
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


def find_dissolve(outgoing: Side, incoming: Side, movement: Movement) -> Dissolve | None:
    """The dissolve over a join; None where the frames do not go over from the first to the last one as a mixture, in three steps or more.

    In a dissolve the share falls steadily and the fit leaves little over. A cut jumps from 1 to 0, and movement is no mixture of its ends.

    Args:
        outgoing: The frames before the join.
        incoming: Those behind it.
        movement: Around the join.
    """
    frames = np.concatenate([_thumbnails(outgoing), _thumbnails(incoming)])
    steps = (*movement.before, movement.join, *movement.after)
    mixtures = _mixtures(frames, steps, 0, len(frames) - 1)
    if mixtures is None or _is_one_scene(mixtures[len(frames) // 2]):
        return None
    shares = np.array([each.share for each in mixtures])
    left_over = np.array([each.left_over for each in mixtures])
    between = np.flatnonzero((shares > _PURE) & (shares < 1 - _PURE) & (left_over < _LEFT_OVER))
    if len(between) < _FEWEST or np.ptp(between) + 1 != len(between):
        return None
    falls = np.diff(shares[max(between[0] - 1, 0) : between[-1] + 2])
    if np.any(falls >= 0.02) or np.max(-falls) >= _LEAPS:
        return None
    return _measured(frames, steps, *_ramp(shares))


def _measured(frames: Thumbnails, steps: Sequence[Step], begin: int, end: int) -> Dissolve | None:
    """The dissolve that goes about from one of these frames to the other."""
    # Once more with the pictures next to the dissolve, which are not carried as far as the first and the last one.
    mixtures = _mixtures(frames, steps, max(begin - 1, 0), min(end + 1, len(frames) - 1))
    if mixtures is None:
        return None
    # Two pictures without shape, as in a fade from white to black, have nothing but their means to be told by.
    shaped = np.mean([np.var(each.before - each.after) for each in mixtures[begin : end + 1]]) > _LEAST_APART**2 / 4
    shares = np.array([each.share_of_shape if shaped else each.share for each in mixtures])
    begin, end = _ramp(shares)
    shares, mixed = shares[begin : end + 1], mixtures[begin : end + 1]
    even = 1 - np.arange(end - begin + 1) / (end - begin)
    astray = [
        each.frame.mean() - share * each.before.mean() - (1 - share) * each.after.mean() for share, each in zip(shares, mixed, strict=True)
    ]
    return Dissolve(frames=end - begin - 1, curve_percent=100 * _farthest(even - shares), luma_percent=100 * _farthest(np.array(astray)))


# ----------------------------------------------------------------------------------------------- one frame as a mixture


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mixture:
    """A frame beside the two pictures that it may be a mixture of, where both of them reach: (pixels,) each."""

    frame: Floats
    before: Floats
    after: Floats

    @property
    def share(self) -> float:
        """Of the picture before, that fits the frame best, the rest being the picture after."""
        return _fit(self.frame, self.before, self.after)

    @property
    def share_of_shape(self) -> float:
        """The same without the means."""
        return _fit(*(values - values.mean() for values in (self.frame, self.before, self.after)))

    @property
    def left_over(self) -> float:
        """Energy of what is no mixture, as a share of the difference's."""
        apart = self.before - self.after
        rest = self.frame - self.after - self.share * apart
        return float(rest @ rest) / max(float(apart @ apart), 1e-12)


def _fit(frame: Floats, before: Floats, after: Floats) -> float:
    apart = before - after
    return float((frame - after) @ apart) / max(float(apart @ apart), 1e-12)


def _is_one_scene(mixture: _Mixture) -> bool:
    """Whether the two pictures, carried to this frame, are too much alike for a mixture of them to be told."""
    apart = mixture.before - mixture.after
    return bool(np.mean(apart**2) < _LEAST_APART**2) or _correlation(mixture.before, mixture.after) > _ONE_SCENE


def _mixtures(frames: Thumbnails, steps: Sequence[Step], begin: int, end: int) -> list[_Mixture] | None:
    """Every frame beside the pictures at ``begin`` and at ``end``, carried to it; None where they travel out of each other's sight."""
    rows, columns = frames.shape[1:]
    early = _usual_movement(steps[: max(begin, _ENDS)], rows, columns)
    late = _usual_movement(steps[min(end, len(steps) - _ENDS) :], rows, columns)
    mixtures = []
    for place, frame in enumerate(frames):
        before, shows_before = _carried(frames[begin], early, place - begin)
        after, shows_after = _carried(frames[end], late, place - end)
        both = shows_before & shows_after
        if np.mean(both) < _IN_COMMON:
            return None
        mixtures.append(_Mixture(frame=_row(frame[both]), before=_row(before[both]), after=_row(after[both])))
    return mixtures


def _usual_movement(steps: Sequence[Step], rows: int, columns: int) -> Thumbnails:
    """(rows, columns, 2): how far each pixel of a thumbnail moves to the right and down in a usual one of these steps."""
    tiles = np.median([step.tiles for step in steps], axis=0).astype(np.float32)
    return np.asarray(cv2.resize(tiles, (columns, rows), interpolation=cv2.INTER_LINEAR) * columns, np.float32)


def _carried(picture: Thumbnails, movement: Thumbnails, steps: int) -> tuple[Thumbnails, NDArray[np.bool_]]:
    """A thumbnail so many steps later, or earlier where negative, and where that shows what was in it."""
    rows, columns = picture.shape
    down, right = np.mgrid[:rows, :columns].astype(np.float32)
    right, down = right - steps * movement[..., 0], down - steps * movement[..., 1]
    shown = (right > -0.5) & (right < columns - 0.5) & (down > -0.5) & (down < rows - 0.5)
    return np.asarray(cv2.remap(picture, right, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32), shown


# ----------------------------------------------------------------------------------------------- numbers


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


def _row(values: Thumbnails) -> Floats:
    return values.astype(np.float64)


def _correlation(one: Floats, other: Floats) -> float:
    """Of two pictures as rows of values, blind to brightness and contrast; 0 where one of them is flat, as in a fade to black."""
    one, other = one - one.mean(), other - other.mean()
    energy = float(np.sqrt(np.sum(one**2) * np.sum(other**2)))
    return float(one @ other) / energy if energy > 1e-4 * one.size else 0.0


def _thumbnails(side: Side) -> Thumbnails:
    """(frames, rows, columns): luma, small."""
    rows, columns = side.luma.shape[1:]
    size = (_COLUMNS, max(1, round(_COLUMNS * rows / columns)))
    return np.stack([cv2.resize(picture, size, interpolation=cv2.INTER_AREA) for picture in side.luma])
