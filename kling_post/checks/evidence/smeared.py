"""Repeats that an encoder has spread over two steps.

A frame that is predicted from both sides comes out in between: a repeat becomes two half steps, or a short step after a long
one. What gives it away is that the movement falls behind by one step and does not make good for it, in a movement that is even.
"""

import numpy as np

from kling_post.checks.evidence.lagging import Paced
from kling_post.vocabulary import FrameRange

_LEAST_PIXELS = 0.09
"""Movement of the working picture, longer side up to 480; slower movement is the encoder's to arrange."""
_COHERENCE = 0.93
"""Share of the movement around that its steps have in common: a camera's, not a crowd's."""
_SHORT, _SHORT_THREE, _SHORT_BESIDE = 0.4, 2.35, 0.65
"""Pace of a short step, at most; of it and the two beside it together; of each of those two, at least."""
_HALF, _TWO_HALVES, _FOUR, _HALF_BESIDE = 0.65, 1.15, 3.35, 0.75
"""Pace of each of two half steps, at most; of both; of them and the two beside them; of each of those, at least."""
_LAGGING_COHERENCE = 0.7
"""Enough for steps that lag behind for certain."""


def smeared_repeats(steps: Paced) -> tuple[tuple[FrameRange, float], ...]:
    """Where they are, each with the pace of its shortest step: 0 for a stop, 1 for an ordinary step."""
    found: list[tuple[FrameRange, float]] = []
    sure = (steps.pixels >= _LEAST_PIXELS) & (np.nan_to_num(steps.coherence) >= _COHERENCE) & steps.everywhere
    sure |= steps.lagging & (np.nan_to_num(steps.coherence) >= _LAGGING_COHERENCE)
    for frame in np.flatnonzero(sure):
        around = steps.pace[frame - 1 : frame + 3]
        if frame < 2 or around.size < 4 or not np.all(np.isfinite(around)):
            continue
        before, first, second, after = (float(pace) for pace in around)
        least = -_SHORT if steps.lagging[frame] else 0
        short = least <= first <= _SHORT and before + first + second <= _SHORT_THREE and min(before, second) >= _SHORT_BESIDE
        halves = (
            max(first, second) <= _HALF and first + second <= _TWO_HALVES and sum(around) <= _FOUR and min(before, after) >= _HALF_BESIDE
        )
        if short or (halves and first >= 0 and second >= 0):
            # Of two half steps the later one shows the picture that comes late.
            found.append((FrameRange(int(frame), int(frame) + 1).shifted(int(halves)), min(first, second)))
    return tuple(found)
