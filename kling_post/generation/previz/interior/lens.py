"""A pinhole camera with a shift lens: it looks straight along the hall, so that upright edges stay upright in the picture."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kling_post.vocabulary import Size

Points = NDArray[np.float64]
"""(..., 3) metres: x to the right, y up from the floor or the water, z into the picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lens:
    """Where the camera stands, and how it sees."""

    size: Size
    focal: float
    """Focal length as a fraction of the picture's width: 0.7 is about a 25 mm lens on full frame."""
    horizon: float
    """Height of the vanishing point, from the top, as a fraction of the picture's height."""
    eye: tuple[float, float, float]
    centre: float = 0.5
    """Vanishing point across, as a fraction of the width."""

    @property
    def focal_pixels(self) -> float:
        """Pixels of one metre at one metre's distance."""
        return self.focal * self.size.width

    @property
    def vanishing(self) -> tuple[float, float]:
        """The vanishing point in pixels."""
        return self.centre * self.size.width, self.horizon * self.size.height

    def project(self, points: Points) -> tuple[Points, Points]:
        """Pixels (..., 2), pixel centres at .5, and distance along the axis (...) in metres."""
        depth = points[..., 2] - self.eye[2]
        across, down = self.vanishing
        x = across + self.focal_pixels * (points[..., 0] - self.eye[0]) / depth
        y = down - self.focal_pixels * (points[..., 1] - self.eye[1]) / depth
        return np.stack([x, y], axis=-1), depth

    def pixels_per_metre(self, z: float) -> float:
        """Scale of an upright plane at ``z``."""
        return self.focal_pixels / (z - self.eye[2])

    def mirrored(self, size: Size) -> "Lens":
        """The camera under the water that sees what the water at y = 0 mirrors; its picture must be turned upside down."""
        x, y, z = self.eye
        return replace(self, size=size, eye=(x, -y, z))
