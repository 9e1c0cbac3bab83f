"""Grain for a clip that is cleaner than its neighbour: the same strength in every frame, never the same pattern twice running."""

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.edit.corrections import AddedGrain
from kling_post.media.encode import Planes

_SPARE = 251
"""Rows and columns of pattern beyond the picture: the frames show different windows of it."""
_BLACK, _WHITE = 16, 235


@lru_cache(maxsize=2)
def _pattern(rows: int, columns: int, grain: AddedGrain, scale: int) -> NDArray[np.int16]:
    """Gaussian noise of the grain's strength, rounded to codes; the same on every machine and in every run."""
    noise = np.random.Generator(np.random.PCG64(7)).standard_normal((rows + _SPARE, columns + _SPARE), np.float32)
    if grain.size_pixels > 0:
        noise = cv2.GaussianBlur(noise, (0, 0), grain.size_pixels).astype(np.float32, copy=False)
        noise /= noise.std()
    pattern: NDArray[np.int16] = np.rint(noise * np.float32(grain.sigma_codes * scale)).astype(np.int16)
    return pattern


def grained(planes: Planes, grain: AddedGrain, frame: int) -> Planes:
    """The frame with grain on its luma; ``frame`` chooses the window of the pattern. Black and white stay where they are."""
    luma = planes[0]
    scale = 1 if luma.dtype == np.uint8 else 4  # 10 bits
    pattern = _pattern(*luma.shape, grain, scale)
    down, right = (frame * 97 + 31) % _SPARE, (frame * 173 + 59) % _SPARE
    window = pattern[down : down + luma.shape[0], right : right + luma.shape[1]]
    low, high = min(_BLACK * scale, int(luma.min())), max(_WHITE * scale, int(luma.max()))
    noisy = np.clip(cv2.add(luma, window, dtype=cv2.CV_8U if scale == 1 else cv2.CV_16U), low, high)
    return noisy.astype(luma.dtype, copy=False), planes[1], planes[2]
