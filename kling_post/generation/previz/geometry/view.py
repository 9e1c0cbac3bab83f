"""The camera and the depth of one frame, as exactly as the frame was drawn with them.

World axes in metres: x right, y up, z ahead. The camera always looks straight ahead and keeps verticals upright: a pan or a tilt shifts
its lens, so that the whole camera is a position, a focal length and a principal point that may lie outside the picture.
"""

from dataclasses import dataclass
from typing import Final, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from kling_post.generation.previz.picture.camera import Pose
from kling_post.vocabulary import Size

Floats = NDArray[np.float32]

STILL: Final = 0
"""In ``View.motion``: stands still in the world."""
UNKNOWN: Final = 255
"""In ``View.motion``: moves in a way that is not described, or is seen through something that does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinhole:
    """A camera without distortion that looks along +z, in pixels counted from the picture's outer edges."""

    x: float
    y: float
    z: float
    """Where it stands, in metres."""
    focal_pixels: float
    column: float
    row: float
    """The principal point: where things infinitely far ahead are seen; it may lie outside the picture."""
    size: Size
    metric: bool = True
    """Whether the metres are those of the drawn scene; False where they were guessed from a given still."""

    def rays(self) -> tuple[Floats, Floats]:
        """Slope to the right of each column's centre, (1, columns), and slope downward of each row's centre, (rows, 1)."""
        across = (np.arange(self.size.width, dtype=np.float64) + 0.5 - self.column) / self.focal_pixels
        down = (np.arange(self.size.height, dtype=np.float64) + 0.5 - self.row) / self.focal_pixels
        return across.astype(np.float32)[None], down.astype(np.float32)[:, None]


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One frame's geometry."""

    camera: Pinhole
    depth: Floats
    """(rows, columns) metres ahead of the camera, along its axis; infinite where there is only sky."""
    motion: NDArray[np.uint8]
    """(rows, columns): ``STILL``, ``UNKNOWN``, or n for what is carried along at ``velocities[n - 1]``."""
    velocities: tuple[tuple[float, float, float], ...] = ()
    """Metres a second of the bodies that move; their limbs swing besides."""


@runtime_checkable
class Viewed(Protocol):
    """A ``Picture`` that knows its geometry. Not every one does: a dissolve between two given images has none."""

    def view(self, index: int) -> View | None:
        """The geometry of one frame; None where there is none. Frames may be asked for in any order, by several threads at once."""

    def camera(self, index: int) -> Pinhole | None:
        """The camera of one frame alone, which costs next to nothing."""


def pinhole(pose: Pose, size: Size) -> Pinhole:
    """The camera that a pose of drawn country stands for."""
    return Pinhole(
        x=pose.x,
        y=pose.y,
        z=pose.z,
        focal_pixels=pose.focal * size.height,
        column=pose.centre(size),
        row=pose.horizon * size.height,
        size=size,
    )
