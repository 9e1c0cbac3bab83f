"""Colours by the reader's names, as linear light."""

import numpy as np
from numpy.typing import NDArray

from kling_post.generation.previz.interior.finish import linear

_NAMED = {
    "crimson": (176, 26, 38),
    "red": (186, 40, 34),
    "scarlet": (204, 42, 30),
    "amber": (222, 148, 44),
    "gold": (206, 164, 70),
    "orange": (214, 110, 36),
    "yellow": (226, 196, 72),
    "green": (52, 122, 66),
    "teal": (36, 120, 122),
    "blue": (44, 84, 160),
    "navy": (28, 40, 84),
    "violet": (116, 70, 168),
    "purple": (104, 52, 136),
    "white": (232, 232, 228),
    "black": (26, 26, 28),
    "grey": (126, 128, 130),
    "gray": (126, 128, 130),
    "brown": (104, 70, 46),
    "pink": (216, 132, 148),
    "turquoise": (60, 176, 176),
}


def named_colour(name: str | None, otherwise: tuple[float, float, float]) -> NDArray[np.float32]:
    """Linear light of a colour's key, or of ``otherwise`` (display values, 0 to 255) where it is none or unknown."""
    return linear(*_NAMED.get((name or "").lower(), otherwise))
