"""How far a figure jumps at a join beyond where both sides lead it: lines through a few frames of either side, drawn to the join's middle.

What the method says at the places within the sides, where there is no join, is its own error on this very footage: coding, grain, and
whatever bends where a line goes straight. So the sides themselves say how many frames the lines should take in, and how far the answer
strays.
"""

import numpy as np

from kling_post.seams.motion import Floats

_REACHES = (3, 6)
"""Frames on each side that a line may be drawn through: few where things change smoothly, more where frames stray."""
_LEAST = 3
"""Frames on either side of a place within a side that is asked."""


def continued(before: Floats, after: Floats, *, passed: float = 1.0) -> tuple[Floats, Floats]:
    """The jump of each figure at the join, and what the same method strays by within the sides, each with the reach that strays least.

    Args:
        before: (frames, figures) of the outgoing side.
        after: (frames, figures) of the incoming one.
        passed: Time over the join in frames: at a twin the two sides meet in one moment, and not one frame apart.

    Returns:
        (figures,) each: the incoming side less the outgoing one, and the root mean square at the places within; 0 where there are none.
    """
    steps = np.array([jump(before, after, reach=reach, passed=passed)[0] for reach in _REACHES])
    within = [[step for side in (before, after) for step, _ in jumps_within(side, reach=reach, least=_LEAST)] for reach in _REACHES]
    if not within[0]:
        return steps[-1], np.zeros(steps.shape[1])
    strays = np.array([np.sqrt(np.mean(np.square(each), axis=0)) for each in within])
    best, every = np.argmin(strays, axis=0), np.arange(steps.shape[1])
    return steps[best, every], strays[best, every]


def jump(before: Floats, after: Floats, *, reach: int, passed: float, steady: bool = False, left_out: int = 0) -> tuple[Floats, Floats]:
    """(figures,) each: the step between the lines of two sides in the middle of the join, and the change of what they do in a frame.

    ``steady`` lines are those of P. K. Sen (1968) instead of least squares: single frames beside the path do not tilt them. The incoming
    line begins behind the first frames that are ``left_out``, and leads on from there.
    """
    line = _steady_line if steady else _line
    end, ending = line(before[-reach:], from_last=passed / 2)
    start, starting = line(after[left_out:][:reach][::-1], from_last=left_out + passed / 2)
    return start - end, -starting - ending


def jumps_within(side: Floats, *, reach: int, least: int, steady: bool = False) -> list[tuple[Floats, Floats]]:
    """What ``jump`` says at the places within a side that have so many frames on either side."""
    places = range(least, len(side) - least + 1)
    return [jump(side[:place], side[place:], reach=reach, passed=1.0, steady=steady) for place in places]


def beside_the_next(values: Floats, *, reach: int) -> Floats:
    """(frames - reach, figures): how far each frame lies from where the steady line through so many frames after it leads."""
    places = range(len(values) - reach)
    return np.array([values[place] - _steady_line(values[place + 1 : place + 1 + reach][::-1], from_last=1.0)[0] for place in places])


def _line(values: Floats, *, from_last: float) -> tuple[Floats, Floats]:
    """Where the least squares lines through (frames, figures) stand so many frames behind the last one, and their slopes."""
    places = np.arange(len(values)) - (len(values) - 1) / 2
    slope = places @ values / max(float(places @ places), 1e-9)
    return values.mean(axis=0) + slope * ((len(values) - 1) / 2 + from_last), slope


def _steady_line(values: Floats, *, from_last: float) -> tuple[Floats, Floats]:
    """The same by the medians of the slopes between all pairs of frames, and of what they leave."""
    if len(values) == 1:
        return values[0], np.zeros_like(values[0])
    one, other = np.triu_indices(len(values), 1)
    slope = np.median((values[other] - values[one]) / (other - one)[:, None], axis=0)
    level = np.median(values - slope * np.arange(len(values))[:, None], axis=0)
    return level + slope * (len(values) - 1 + from_last), slope
