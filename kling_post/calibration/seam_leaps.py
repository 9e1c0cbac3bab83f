"""How far the encoder itself moves the picture over a join: what is in the file decides what a fault of the framing is.

At low bit rates a codec leaves slow movement undone from frame to frame, and the next key frame brings the picture to where it belongs: the
file then leaps though nothing was put in, or holds another shift than was. It is measured on the file's frames beside the very pictures
that were encoded, by the enhanced correlation coefficient (G. Evangelidis and E. Psarakis, "Parametric Image Alignment Using Enhanced
Correlation Coefficient Maximization", IEEE PAMI 30, 2008), as OpenCV has it.
"""

from collections.abc import Mapping, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.calibration.seam_alterations import LIMIT_OF, REFERENCE_WIDTH

RgbFrame = NDArray[np.uint8]
Plane = NDArray[np.generic]

_FRAMES = 3
"""On each side, nearest to the join."""
_WIDTH = 320
_STOP = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 30, 1e-5)
_MOST = 0.5
"""Of the limit: an encoder's leap beyond it leaves open what the truth is."""


def as_coded(
    steps: Mapping[str, float], outgoing: Sequence[RgbFrame], incoming: Sequence[RgbFrame], coded: Sequence[Plane]
) -> dict[str, float]:
    """The steps of a join with framing and zoom unknown where the encoder moves the picture by more than half of their limits.

    Args:
        steps: What was put in.
        outgoing: Pictures before the join, as they were encoded.
        incoming: Pictures after it.
        coded: Luma planes of all of them after encoding and decoding.
    """
    pairs = list(zip((*outgoing, *incoming), coded, strict=True))
    join = len(outgoing)
    before, after = (
        np.median([_moved(*pair) for pair in side], axis=0) for side in (pairs[join - _FRAMES : join], pairs[join : join + _FRAMES])
    )
    right, down, growth = after - before
    leaps = {"framing": float(np.hypot(right, down)) * REFERENCE_WIDTH, "zoom": 100 * abs(float(growth))}
    unknown = {name: float("nan") for name, leap in leaps.items() if not leap <= _MOST * LIMIT_OF[name]}
    return dict(steps) | unknown


def _moved(picture: RgbFrame, coded: Plane) -> NDArray[np.float64]:
    """(3,): how far right and down (fractions of the width), and how much larger, a coded picture is; NaN where there is no telling."""
    rows, columns = coded.shape
    size = (min(columns, _WIDTH), max(1, round(rows * min(columns, _WIDTH) / columns)))
    one = cv2.resize(cv2.cvtColor(np.asarray(picture), cv2.COLOR_RGB2GRAY), size, interpolation=cv2.INTER_AREA).astype(np.float32)
    other = cv2.resize(coded.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    start = np.eye(2, 3, dtype=np.float32)
    try:
        _, warp = cv2.findTransformECC(one, other, start, cv2.MOTION_AFFINE, _STOP, np.empty(0, np.uint8), 5)
    except cv2.error:
        # Pictures without detail have no place.
        return np.full(3, np.nan)
    middle = np.array([(size[0] - 1) / 2, (size[1] - 1) / 2, 1])
    right, down = np.asarray(warp, np.float64) @ middle - middle[:2]
    return np.array([right / size[0], down / size[0], (float(warp[0, 0]) + float(warp[1, 1])) / 2 - 1])
