"""Make fine detail stronger or weaker, so that a picture is as sharp as the one before it, and let that go unseen."""

from typing import Final

import cv2
import numpy as np

from kling_post.edit.corrections import Refocusing
from kling_post.edit.reframe import share_left
from kling_post.media.encode import Planes

_SIGMA_AT_1920: Final = 1.5
_LEAST_SIGMA: Final = 1.5
"""Pixels; a narrower Gaussian takes nothing away."""


def refocused(planes: Planes, refocusing: Refocusing, frame: int) -> Planes:
    """The picture of the clip's frame ``frame`` (from 0) with as much of the refocusing as is left there; luma only.

    Unsharp masking, or its opposite: what a Gaussian takes away is added, or taken away, in part.
    """
    detail = refocusing.detail * share_left(frame, refocusing.eased_frames)
    if not detail:
        return planes
    luma = planes[0]
    sigma = max(_SIGMA_AT_1920 * luma.shape[1] / 1920, _LEAST_SIGMA)
    # Not in code values: rounding the blurred picture would be grain.
    exact = luma.astype(np.float32)
    soft = cv2.GaussianBlur(exact, (0, 0), sigma)
    mixed = np.rint(cv2.addWeighted(exact, 1 + detail, soft, -detail, 0))
    # Never beyond what the picture has: sharpening must not make new blacks and whites.
    return np.clip(mixed, int(luma.min()), int(luma.max())).astype(luma.dtype), planes[1], planes[2]
