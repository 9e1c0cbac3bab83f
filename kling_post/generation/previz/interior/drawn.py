"""One still as it left the painter: the picture, and how near each pixel is."""

from dataclasses import dataclass, field

from kling_post.generation.previz.contract import RgbFrame
from kling_post.generation.previz.interior.noise import Field


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnStill:
    """A finished still with the geometry that a camera move needs."""

    picture: RgbFrame
    nearness: Field
    """(rows, columns) 1 / metres; 0 is the sky."""
    vanishing: tuple[float, float]
    """Where the camera looks, as fractions of width and height."""
    focal: float
    """Focal length as a fraction of the width."""
    drawn: frozenset[str]
    """Element keys that are in the picture."""
    notes: tuple[str, ...] = field(default=())
