"""How the pictures of a coded join look: what is in the file decides what a step of looks is, whoever put it there.

An encoder changes looks too: where chroma is a few codes strong, rounding takes a fifth of a saturation that was put in, and at low bit
rates a side can keep less of its colour than the other. So each coded picture is laid beside the untouched one, before a fault was put in
and before it was encoded, which the check never sees, pixel on pixel, by the definition of each look. The step is what the incoming side
has and the outgoing one has not, the same for joins with a fault and without.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from kling_post.calibration.seam_alterations import as_floats, looks, steps_between
from kling_post.calibration.seam_known import median_error, with_known

RgbFrame = NDArray[np.uint8]
Floats = NDArray[np.float64]

_RATIOS = np.array([False, False, True, True, True, False, False, False])
"""Of ``looks``, those that a fault multiplies; to the others it adds."""


def looks_as_coded(
    steps: Mapping[str, float], outgoing: Sequence[RgbFrame], incoming: Sequence[RgbFrame], coded: Sequence[RgbFrame]
) -> dict[str, float]:
    """The steps of a join with its looks and its sharpness as they are in the file.

    Args:
        steps: What was put in; what is unknown (NaN) stays so.
        outgoing: Pictures before the join, as they were encoded.
        incoming: Pictures after it, before a fault was put in.
        coded: All of them after encoding and decoding.

    Returns:
        The same with each look measured: medians over the frames of each side, which a key frame that looks otherwise for a frame or three
        does not move. NaN where the frames of a side go apart too far to tell.
    """
    untouched, found = (np.array([looks(as_floats(np.asarray(frame))) for frame in frames]) for frames in ((*outgoing, *incoming), coded))
    usual = untouched.mean(axis=0)
    # What a picture that usually looks so would look like if the encoder and the fault did to it what they did to each of these.
    shown = np.where(_RATIOS, found / np.maximum(untouched, 1e-3) * usual, found - untouched + usual)
    before, after = shown[: len(outgoing)], shown[len(outgoing) :]
    one, other = np.median(before, axis=0), np.median(after, axis=0)
    error = np.hypot(median_error(before), median_error(after))
    step, off = steps_between(one, other), steps_between(one, one + error)
    return with_known(steps, {name: (step[name], off[name]) for name in step})
