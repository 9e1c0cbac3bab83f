"""A frame between two others by optical flow: for slow motion and other rates where an editor asks for it, never unasked.

Dense inverse search (Kroeger, Timofte, Dai, Van Gool, "Fast optical flow using dense inverse search", ECCV 2016, OpenCV's): each of
the two frames is moved as far towards the other as the moment lies between them, and both are mixed. Where they do not agree, at a
cut or in water, the nearer frame stands instead: a synthetic frame must not show what nobody filmed.
"""

from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.media.encode import Planes

_FLOW_WIDTH: Final = 960
"""Flow is sought in pictures of this width at most."""
_MOST_DIFFERENCE_CODES: Final = 20.0
"""Mean difference of the two moved frames, in 8-bit luma codes, beyond which they show different things."""


def between(before: Planes, after: Planes, share: float) -> Planes:
    """The frame that lies ``share`` (0 to 1) of the way from one to the next."""
    small = [_small(planes[0]) for planes in (before, after)]
    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    forward = np.asarray(search.calc(small[0], small[1], None), np.float32)  # type: ignore[call-overload]
    backward = np.asarray(search.calc(small[1], small[0], None), np.float32)  # type: ignore[call-overload]
    moved = [_moved(small[0], forward * share), _moved(small[1], backward * (1 - share))]
    if float(cv2.absdiff(moved[0], moved[1]).mean()) > _MOST_DIFFERENCE_CODES:
        return before if share < 0.5 else after
    made = []
    for one, other in zip(before, after, strict=True):
        there = _moved(one, _at_size(forward, one) * share)
        back = _moved(other, _at_size(backward, other) * (1 - share))
        made.append(cv2.addWeighted(there, 1 - share, back, share, 0))
    return made[0], made[1], made[2]


def _small(luma: NDArray[Any]) -> NDArray[np.uint8]:
    eight = luma if luma.dtype == np.uint8 else cv2.convertScaleAbs(luma, alpha=1 / 4)
    rows, columns = eight.shape
    if columns <= _FLOW_WIDTH:
        return np.ascontiguousarray(eight)
    return np.asarray(cv2.resize(eight, (_FLOW_WIDTH, max(1, rows * _FLOW_WIDTH // columns)), interpolation=cv2.INTER_AREA), np.uint8)


def _at_size(flow: NDArray[np.float32], plane: NDArray[Any]) -> NDArray[np.float32]:
    """The flow for a plane of another size, in that plane's samples."""
    rows, columns = plane.shape
    factors = np.array([columns / flow.shape[1], rows / flow.shape[0]], np.float32)
    large = flow if (rows, columns) == flow.shape[:2] else cv2.resize(flow, (columns, rows), interpolation=cv2.INTER_LINEAR)
    return np.asarray(large * factors, np.float32)


def _moved(plane: NDArray[Any], flow: NDArray[np.float32]) -> NDArray[Any]:
    """The plane with each sample fetched from where the flow has brought it from."""
    down, across = np.indices(plane.shape, np.float32)
    return cv2.remap(plane, across - flow[..., 0], down - flow[..., 1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
