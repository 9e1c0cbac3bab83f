"""Where the parts of a picture are in a later one, by a flow too smooth to follow texture, and pictures fetched along it."""

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]

CELL = 4
"""Samples of the working picture to each vector."""
_SMOOTHED = 24
"""The flow is smoothed twice over this part of the longer side: things are larger than their texture."""


class SmoothFlow:
    """Dense inverse search flow (Kroeger and others 2016, OpenCV's ultrafast preset), smoothed."""

    def __init__(self) -> None:
        self._flow = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)  # type: ignore[attr-defined]

    def between(self, earlier: Bytes, later: Bytes) -> Floats:
        """From the earlier to the later working picture, 8-bit codes: across and down in samples, (rows / 4, columns / 4, 2)."""
        rows, columns = earlier.shape
        flow = cv2.resize(self._flow.calc(earlier, later, None), (columns // CELL, rows // CELL), interpolation=cv2.INTER_AREA)
        window = max(rows, columns) // CELL // _SMOOTHED | 1
        return np.asarray(cv2.blur(cv2.blur(flow, (window, window)), (window, window)), np.float32)


def fetched(picture: Bytes, flow: Floats) -> Bytes:
    """A later picture with everything where it was in the earlier one; it may be the working picture, its double or its half."""
    rows, columns = picture.shape
    scale = np.float32(2.0 ** round(np.log2(columns / (CELL * flow.shape[1]))))
    across, down = (np.asarray(cv2.resize(flow[..., axis] * scale, (columns, rows)), np.float32) for axis in (0, 1))
    across += np.arange(columns, dtype=np.float32)
    down += np.arange(rows, dtype=np.float32)[:, None]
    return np.asarray(cv2.remap(picture, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def leaving(flow: Floats) -> Floats:
    """1 where what stands there has gone beyond the picture's border in the later picture, else 0; (rows / 4, columns / 4)."""
    rows, columns = flow.shape[:2]
    across = flow[..., 0] / CELL + np.arange(columns, dtype=np.float32)
    down = flow[..., 1] / CELL + np.arange(rows, dtype=np.float32)[:, None]
    return np.asarray((across < 0) | (across > columns - 1) | (down < 0) | (down > rows - 1), np.float32)
