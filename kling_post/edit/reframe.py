"""Move and scale a picture by fractions of a pixel, so that it meets the picture before it, and let it go back unseen."""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.edit.corrections import Reframing
from kling_post.media.encode import Planes


def share_left(frame: int, eased_frames: int) -> float:
    """How much of an eased correction is left at a frame counted from the clip's first: 1 at first, 0 from ``eased_frames`` on.

    A half cosine: it sets out and arrives without a jolt.

    >>> share_left(0, 12), round(share_left(6, 12), 3), share_left(12, 12)
    (1.0, 0.5, 0.0)
    """
    return (1 + math.cos(math.pi * frame / eased_frames)) / 2 if frame < eased_frames else 0.0


def reframed(planes: Planes, reframing: Reframing, frame: int) -> Planes:
    """The picture of the clip's frame ``frame`` (from 0) moved and scaled as much as is left there.

    Lanczos over eight samples; what comes in from outside of the picture is its own border mirrored, a few pixels at most.
    """
    left = share_left(frame, reframing.eased_frames)
    if not left:
        return planes
    rows, columns = planes[0].shape
    zoom = 1 + reframing.zoom * left
    right, down = (part * left * columns for part in (reframing.right, reframing.down))
    moved = [_warped(plane, zoom, right, down, chroma=place > 0, size=(columns, rows)) for place, plane in enumerate(planes)]
    return moved[0], moved[1], moved[2]


def _warped(plane: NDArray[np.uint8], zoom: float, right: float, down: float, *, chroma: bool, size: tuple[int, int]) -> NDArray[np.uint8]:
    """One plane, by where each of its samples is fetched from; lengths in luma pixels."""
    columns, rows = size
    middle = np.array([(columns - 1) / 2, (rows - 1) / 2])
    # Luma place of sample (0, 0) and the step between samples: chroma sits on every second column, between two rows.
    origin, step = (np.array([0.0, 0.5]), 2.0) if chroma else (np.zeros(2), 1.0)
    # source = middle + (target - middle - shift) / zoom, each in luma pixels, then back to this plane's samples.
    constant = middle + (origin - middle - np.array([right, down])) / zoom
    back = np.array([[1 / zoom, 0, (constant[0] - origin[0]) / step], [0, 1 / zoom, (constant[1] - origin[1]) / step]])
    flags = cv2.INTER_LANCZOS4 | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(plane, back, plane.shape[::-1], flags=flags, borderMode=cv2.BORDER_REFLECT_101)  # type: ignore[return-value]
