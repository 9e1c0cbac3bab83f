"""Where the pictures of a coded join stand: what is in the file decides what a fault of the framing is, whoever put it there.

An encoder moves pictures too. At low bit rates it leaves slow movement undone, and a key frame brings the picture to where it belongs, for
as long as the next frames stay there. So each coded picture is laid beside the untouched one, before a fault was put in and before it was
encoded, which the check never sees, by the enhanced correlation coefficient (G. Evangelidis and E. Psarakis, "Parametric Image Alignment
Using Enhanced Correlation Coefficient Maximization", IEEE PAMI 30, 2008), as OpenCV has it. The step of framing and zoom is the incoming
side's place less the outgoing side's, the same for joins with a fault and without: what was put in and what the encoder makes of it.

Encoders also leave the last frames of a file behind by more and more, as nothing follows that would be predicted from them: up to two
pixels at CRF 28. There the nearest frames say something else than the side: is it a jump or none? It is both, and nothing is asked.
"""

from collections.abc import Mapping, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.calibration.seam_alterations import REFERENCE_WIDTH
from kling_post.calibration.seam_known import median_error, with_known
from kling_post.media.encode import rgb_to_ycbcr420

RgbFrame = NDArray[np.uint8]
Plane = NDArray[np.generic]
Floats = NDArray[np.float64]

_FRAMES = 8
"""On each side, nearest to the join: a key frame that stands beside its neighbours for a frame or three is no place of its side."""
_NEAREST = 3
"""Of these: what an eye that is on the join sees."""
_WIDTH = 320
_COARSEST = 12.0
"""Pixels: what is coarser is light, by which pictures cannot be laid beside each other to parts of a pixel."""
_STOP = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 30, 1e-5)


def as_coded(
    steps: Mapping[str, float], outgoing: Sequence[RgbFrame], clean: Sequence[RgbFrame], coded: Sequence[Plane]
) -> dict[str, float]:
    """The steps of a join with framing (pixels at 1920) and zoom (percent) as they are in the file.

    Args:
        steps: What was put in; what is unknown (NaN) stays so.
        outgoing: Pictures before the join, as they were encoded.
        clean: Pictures after it, before a fault was put in.
        coded: Luma planes of all of them after encoding and decoding.

    Returns:
        The same with framing and zoom measured; NaN where the encoder moves its pictures to and fro, or the nearest frames elsewhere than
        their side, so that there is no telling.
    """
    join, total = len(outgoing), len(outgoing) + len(clean)
    places = range(max(join - _FRAMES, 0), min(join + _FRAMES, total))
    pictures = [*outgoing, *clean]
    moved = {place: _moved(pictures[place], coded[place]) for place in places}
    before, after = (np.array([moved[place] for place in places if (place < join) is first]) for first in (True, False))
    step, nearest = _step(before, after), _step(before[-_NEAREST:], after[:_NEAREST])
    error = np.maximum(np.hypot(median_error(before), median_error(after)), np.abs(nearest - step))
    found = {
        "framing": (float(np.hypot(*step[:2])) * REFERENCE_WIDTH, float(np.hypot(*error[:2])) * REFERENCE_WIDTH),
        "zoom": (100 * abs(float(step[2])), 100 * float(error[2])),
    }
    return with_known(steps, found)


def _step(before: Floats, after: Floats) -> Floats:
    """(3,): from where most frames of one side are, (frames, 3), to where most of the other are."""
    return np.asarray(np.median(after, axis=0) - np.median(before, axis=0))


def _moved(picture: RgbFrame, coded: Plane) -> Floats:
    """(3,): how far right and down (fractions of the width), and how much larger, a coded picture is; NaN where there is no telling."""
    one, other = _detail(rgb_to_ycbcr420(np.ascontiguousarray(picture))[0]), _detail(coded)
    rows, columns = one.shape
    start = np.eye(2, 3, dtype=np.float32)
    try:
        _, warp = cv2.findTransformECC(one, other, start, cv2.MOTION_AFFINE, _STOP, np.empty(0, np.uint8), 5)
    except cv2.error:
        # Pictures without detail have no place.
        return np.full(3, np.nan)
    middle = np.array([(columns - 1) / 2, (rows - 1) / 2, 1])
    right, down = np.asarray(warp, np.float64) @ middle - middle[:2]
    return np.array([right / columns, down / columns, (float(warp[0, 0]) + float(warp[1, 1])) / 2 - 1])


def _detail(luma: Plane) -> NDArray[np.float32]:
    """Luma, small, without its light."""
    rows, columns = luma.shape
    width = min(columns, _WIDTH)
    size = (width, max(1, round(rows * width / columns)))
    small = cv2.resize(luma.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    return np.asarray(small - cv2.GaussianBlur(small, (0, 0), _COARSEST), np.float32)
