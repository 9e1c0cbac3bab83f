"""A depth map that the user puts beside a still: 8- or 16-bit grey, white is near, as depth estimators and our own previz write it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from kling_post.errors import InvalidInputError
from kling_post.generation.images import ImageKind, image_kind
from kling_post.generation.previz.contract import RgbFrame
from kling_post.generation.previz.geometry.view import Floats
from kling_post.generation.previz.interior.relief import COLUMNS, Relief, guessed_relief
from kling_post.vocabulary import Size

_NEAREST_METRES: Final = 2.0
"""What white stands for: a move goes as far as what is near bears, so that only the proportions count."""
_LEAST_SPREAD: Final = 0.02
"""Of its range: a map with less says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenDepth:
    """A depth map as it was found."""

    path: Path
    nearness: Floats
    """(rows, columns), 0 to 1; 1 is near."""


def depth_beside(image: str | None) -> GivenDepth | None:
    """The map ``NAME.depth.png`` beside a still ``NAME.png``, or ``TAKE.depth_first_frame.png`` beside ``TAKE.first_frame.png``.

    None where the still is no local file, or nothing lies beside it.

    Raises:
        InvalidInputError: what lies there cannot be read, or is one grey throughout.
    """
    if image is None or image_kind(image) is not ImageKind.FILE:
        return None
    still = Path(image)
    take, dot, end = still.stem.rpartition(".")
    names = [f"{still.stem}.depth.png"]
    if dot and end in {"first_frame", "last_frame"}:
        names.append(f"{take}.depth_{end}.png")
    path = next((still.with_name(name) for name in names if still.with_name(name).is_file()), None)
    return None if path is None else GivenDepth(path=path, nearness=_read(path))


def _read(path: Path) -> Floats:
    from PIL import Image

    try:
        with Image.open(path) as picture:
            deep = picture.mode.startswith("I")
            values = np.asarray(picture if deep else picture.convert("L"), np.float32)
    except (OSError, ValueError) as error:
        raise InvalidInputError(f"{path}: the depth map cannot be read: {error}.", remedy="Give a grey PNG, or take it away.") from error
    nearness = values / np.float32(65535 if deep else 255)
    if float(np.percentile(nearness, 98) - np.percentile(nearness, 2)) < _LEAST_SPREAD:
        raise InvalidInputError(f"{path}: the depth map is one grey throughout.", remedy="White is near, black is far; or take it away.")
    return nearness


def relief_given(depth: GivenDepth, still: RgbFrame, size: Size) -> Relief:
    """The relief by a given map; the camera's direction is guessed from the still, whose shape the map is cut to.

    Args:
        depth: The map, of any size and the shape of the image as it was given.
        still: The image, filled to the picture's size.
        size: The picture's.
    """
    rows, columns = depth.nearness.shape
    scale = max(size.width / columns, size.height / rows)
    tall, wide = min(rows, round(size.height / scale)), min(columns, round(size.width / scale))
    top, left = (rows - tall) // 2, (columns - wide) // 2
    cut = depth.nearness[top : top + tall, left : left + wide]
    cells = (COLUMNS, max(2, round(COLUMNS * size.height / size.width)))
    small = np.asarray(cv2.resize(cut, cells, interpolation=cv2.INTER_AREA if wide > COLUMNS else cv2.INTER_LINEAR), np.float32)
    # What is near is widened a little: a move then stretches what is behind it, not its own edge.
    grown = cv2.GaussianBlur(cv2.dilate(small, np.ones((5, 5), np.uint8)), (0, 0), 1.4)
    guess = guessed_relief(still)
    nearness = np.asarray(grown / max(float(grown.max()), 1e-6) / _NEAREST_METRES, np.float32)
    return Relief(nearness=nearness, vanishing=guess.vanishing, focal=guess.focal, kind="given")
