"""Depth as 16-bit codes: nearness, white is near, black is infinitely far, as depth-conditioned models are trained on it.

Nearness rather than distance gives the codes to what is near, where they are seen, and the sky a code of its own. Each shot has one
scale, so that codes can be compared through the shot, and the scale turns them back into metres.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from kling_post.generation.previz.geometry.view import Floats, Viewed
from kling_post.vocabulary import Size

Codes = NDArray[np.uint16]

FULL: Final = 65535
_SAMPLES: Final = 5
"""Frames of a shot that are asked for what is nearest."""
_ROOM: Final = 0.9
"""Something may come nearer between them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DepthScale:
    """What the codes of one shot mean."""

    shot_id: str
    first_frame: int
    """In the take."""
    frames: int
    nearest_metres: float | None
    """Depth of code ``FULL``; what is nearer has that code too. None where the shot has no depth: its frames are black."""
    metric: bool = True

    def codes(self, depth: Floats) -> Codes:
        """Depth in metres as codes, 0 for the sky."""
        with np.errstate(divide="ignore"):
            nearness = np.float32((self.nearest_metres or 0.0) * FULL) / np.maximum(depth, np.float32(1e-6))
        return np.asarray(np.minimum(np.rint(nearness), FULL), np.uint16)

    def metres(self, codes: Codes) -> Floats:
        """Codes as metres, infinite for code 0."""
        with np.errstate(divide="ignore"):
            return np.asarray(np.float32((self.nearest_metres or np.inf) * FULL) / codes.astype(np.float32), np.float32)


def depth_scale(picture: object, *, shot_id: str, first_frame: int, frames: int) -> DepthScale:
    """The scale of a shot, from some of its frames."""
    nearest, metric = [], True
    if isinstance(picture, Viewed):
        for index in sorted({round(part * (frames - 1) / (_SAMPLES - 1)) for part in range(_SAMPLES)}):
            view = picture.view(index)
            if view is None:
                break
            nearest.append(float(view.depth.min()))
            metric = view.camera.metric
    found = round(_ROOM * min(nearest), 4) if nearest and np.isfinite(min(nearest)) else None
    return DepthScale(shot_id=shot_id, first_frame=first_frame, frames=frames, nearest_metres=found, metric=metric)


def scale_json(scales: Sequence[DepthScale], size: Size, rate: Fraction, comment: str) -> dict[str, Any]:
    """What a program needs to read the depth files."""
    return {
        "schema": "kling-post depth 1",
        "comment": comment,
        "size": str(size),
        "rate": str(rate),
        "depth": "metres ahead of the camera, along its axis: metres = nearest_metres * 65535 / code; code 0 is infinitely far",
        "shots": [
            {
                "shot": scale.shot_id,
                "first_frame": scale.first_frame,
                "frames": scale.frames,
                "nearest_metres": scale.nearest_metres,
                "metric": scale.metric,
            }
            for scale in scales
        ],
    }


def write_depth_still(path: Path, codes: Codes, comment: str) -> Path:
    """One frame's codes as a 16-bit grey PNG."""
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    from kling_post.whole_files import whole_file

    about = PngInfo()
    about.add_text("Comment", comment)
    with whole_file(path) as part:
        Image.fromarray(codes).save(part, format="PNG", pnginfo=about, compress_level=3)
    return path
