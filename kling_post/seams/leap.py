"""How far the whole picture jumps between two stretches of its path, and how far such an answer strays on this very footage.

Lines through the path on either side of the join are drawn to its middle, tile by tile, and what they leave is what the tiles agree on
(``whole_picture``). How many frames a line should take in, the footage says: an encoder leads single frames beside an even path, and
many frames do not mind that; a camera in the hand bends its path from frame to frame, and only the nearest frames know where it goes.
So both are asked at the same places within the sides, where there is no jump, and the fewer frames serve where the others would raise the
limits, and where they stray clearly less, and the tiles go no farther apart over the join by them: an encoder's drift is smooth, too, until
its next key frame breaks it, and then moves each block in its own way.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import sqrt
from typing import Self

import numpy as np

from kling_post.seams.continuation import jump, jumps_within
from kling_post.seams.limits import LIMITS
from kling_post.seams.motion import Floats
from kling_post.seams.whole_picture import WHOLE, TileWeights, tile_weights
from kling_post.vocabulary import JoinKind

REFERENCE_WIDTH = 1920
"""Lengths are told in pixels of a picture this wide."""
PATH_FRAMES = 6
"""Frames on each side that the path is drawn through where it is even."""
_BENT_PATH_FRAMES = 3
"""Where it bends from frame to frame."""
_LIMITS = LIMITS[JoinKind.CONTINUE]
_RESTLESS = 2 * _LIMITS.framing_pixels / _LIMITS.noise_factor / REFERENCE_WIDTH
"""Of the width: noise that raises the limit of a shift to twice itself."""
_CLEARLY = 0.8
"""Times: so much less fewer frames must stray. From 0.6 to 0.85 little differs."""
_ENOUGH_PLACES = 6
"""Fewer places within the sides do not say by themselves that a path bends."""
_LEADING_FRAMES = 2
"""First incoming frames that may stand beside the path, all of them on one side of it."""
_FARTHER_FRAMES = 8
"""That lines are drawn through where the incoming one begins behind those, and has farther to lead."""
ZOOM = WHOLE.index("zoom")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """Lines through so many frames: what they say at the join and within the sides, where there is no jump."""

    reach: int
    """Frames on each side."""
    leap: Floats
    """(4,), as ``WHOLE``."""
    change: Floats
    """Field of tiles: of their speed beside the usual one."""
    within: tuple[Floats, Floats]
    """(places, 4) of either side: the same as ``leap``."""
    apart: float
    """How many times as far the tiles go apart over the join as they do within the sides; at least 1."""
    unsteady: float
    """Noise of the speed."""
    weights: TileWeights
    """Tiles by how well the lines hold for them within the sides."""

    @classmethod
    def through(cls, reach: int, before: Floats, after: Floats, passed: float, tensors: Floats, weights: TileWeights) -> Self:
        """Draw them; arguments as for ``leap_of``."""
        leap, change = _between(before, after, passed, reach)
        sides = [_places(path, reach) for path in (before, after)]
        places = [place for side in sides for place in side]
        if places:
            weights = tile_weights(tensors, [[jumped for jumped, _ in side] for side in sides], weights.aspect)
        whole = weights.whole(leap)
        one, other = (_wholes(weights, [jumped for jumped, _ in side]) for side in sides)
        usual = spread([weights.unevenness(jumped, each) for (jumped, _), each in zip(places, (*one, *other), strict=True)])
        return cls(
            reach=reach,
            leap=whole,
            change=change,
            within=(one, other),
            apart=max(weights.unevenness(leap, whole) / max(usual, 1e-12), 1.0),
            unsteady=spread([length_of(weights.whole(changed)) for _, changed in places]),
            weights=weights,
        )

    def stray(self, margin: int) -> float:
        """Without so many places at both ends of either side: shift and size alike, and as they are to be trusted over the join."""
        within = np.concatenate([side[margin : len(side) - margin] for side in self.within])
        return self.apart * sqrt(spread(np.hypot(within[:, 0], within[:, 1])) * spread(within[:, ZOOM]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Leap:
    """What the whole picture does at the join beyond what the paths of its tiles lead to."""

    lines: Lines
    """Those that tell of the leap."""
    pace: Lines
    """Those that tell of the speed."""
    leap: Floats
    """(4,), as ``WHOLE``."""
    staying: Floats
    """(4,): the same without the first incoming frames; the leap itself where too few would be left."""
    within: Floats
    """(places, 4): what the comparison says where there is no jump."""
    staying_within: Floats
    """(places, 4): the same of ``staying``, which leads farther; none where the path is even, and that is no farther."""

    def beside(self, stretches: Sequence[tuple[Floats, Floats]]) -> Floats:
        """(places, 4): what the same lines say between pairs of stretches of paths, as ``leap_of`` takes them."""
        return _wholes(self.lines.weights, [_between(before, after, 1.0, self.lines.reach)[0] for before, after in stretches])

    def without_lean(self, beside: Floats) -> Self:
        """Less what the comparison says alike beside frames within the sides, (places, 4); what those differ by is noise, too."""
        lean = _lean(beside)
        within = np.concatenate([self.within, beside - lean])
        return replace(self, leap=self.leap - lean, staying=self.staying - lean, within=within)


def leap_of(before: Floats, after: Floats, passed: float, tensors: Floats, weights: TileWeights) -> Leap:
    """From the paths of the tiles on both sides of a join, and what the tiles show.

    Args:
        before: (frames, tile rows, tile columns, 2), where the tiles stand beside their usual movement, fractions of the width.
        after: The same of the incoming side.
        passed: Time over the join in frames.
        tensors: (tiles, 2, 2), structure tensors of the shot.
        weights: That serve where the sides are too short to say how steady their tiles are.
    """
    lines = pace = Lines.through(PATH_FRAMES, before, after, passed, tensors, weights)
    farther: list[Floats] = []
    if _restless(lines):
        bent = Lines.through(_BENT_PATH_FRAMES, before, after, passed, tensors, weights)
        # They fit at more places, nearer to the ends of the sides, and are compared at those where both do.
        if bent.stray(PATH_FRAMES - _BENT_PATH_FRAMES) < _CLEARLY * lines.stray(0):
            pace = bent if bent.unsteady < lines.unsteady else lines
            lines, farther = bent, [each for path in (before, after) for each in _staying_places(path)]
    lasting = len(after) >= _LEADING_FRAMES + PATH_FRAMES
    return Leap(
        lines=lines,
        pace=pace,
        leap=lines.leap,
        staying=lines.weights.whole(_staying(before, after, passed)) if lasting else lines.leap,
        within=np.concatenate(lines.within),
        staying_within=_wholes(lines.weights, farther),
    )


def _restless(lines: Lines) -> bool:
    """Whether so much is known of the sides, and they stray so far, that other lines may be worth their time."""
    within = np.concatenate(lines.within)
    return len(within) >= _ENOUGH_PLACES and spread(np.hypot(within[:, 0], within[:, 1])) > _RESTLESS


def length_of(whole: Floats) -> float:
    """Of the shift, a fraction of the width."""
    return float(np.hypot(whole[0], whole[1]))


def spread(values: Sequence[float] | Floats) -> float:
    """Root mean square; 0 of nothing."""
    return float(np.sqrt(np.mean(np.square(values)))) if len(values) else 0.0


def _wholes(weights: TileWeights, fields: Sequence[Floats]) -> Floats:
    """(fields, 4)."""
    return np.array([weights.whole(field) for field in fields]).reshape(-1, len(WHOLE))


def _lean(beside: Floats) -> Floats:
    """(4,): the mean of (places, 4), less the more they differ.

    Shrunk towards nothing in the manner of W. James and C. Stein ("Estimation with Quadratic Loss", 1961), each figure by itself.
    """
    if len(beside) < 2:
        return np.zeros(len(WHOLE))
    mean, variance = beside.mean(axis=0), beside.var(axis=0, ddof=1) / len(beside)
    return np.asarray(mean * np.clip(1 - variance / np.maximum(mean**2, 1e-18), 0, 1))


def _between(before: Floats, after: Floats, passed: float, reach: int) -> tuple[Floats, Floats]:
    """Fields of tiles: how far they jump between two stretches of a path, and how their speed changes."""
    flat = (path.reshape(len(path), -1) for path in (before, after))
    leap, change = jump(*flat, reach=reach, passed=passed, steady=True)
    return leap.reshape(before.shape[1:]), change.reshape(before.shape[1:])


def _staying(before: Floats, after: Floats, passed: float) -> Floats:
    """Field of tiles: how far they jump between two stretches of a path if the first frames of the second are left out."""
    flat = (path.reshape(len(path), -1) for path in (before, after))
    leap, _ = jump(*flat, reach=_FARTHER_FRAMES, passed=passed, steady=True, left_out=_LEADING_FRAMES)
    return leap.reshape(before.shape[1:])


def _staying_places(path: Floats) -> list[Floats]:
    """The same at the places within a side, where there is no jump."""
    places = range(PATH_FRAMES, len(path) - _LEADING_FRAMES - PATH_FRAMES + 1)
    return [_staying(path[:place], path[place:], 1.0) for place in places]


def _places(path: Floats, reach: int) -> list[tuple[Floats, Floats]]:
    """What the comparison says at the places within a side, where there is no jump."""
    found = jumps_within(path.reshape(len(path), -1), reach=reach, least=min(reach, max(len(path) // 2, 2)), steady=True)
    return [(leap.reshape(path.shape[1:]), change.reshape(path.shape[1:])) for leap, change in found]
