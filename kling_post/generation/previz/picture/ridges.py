"""Mountains with true relief, rendered once into a layer by walking a height field front to back, all columns together.

For each picture column the land is sampled on slices of growing depth. The running maximum of the slices' screen heights is the
silhouette so far, and it only grows; counting, for every pixel, the slices whose maximum lies below it gives the slice that is seen
there. This is the column renderer of the old voxel-landscape games with the loop over columns replaced by array operations.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np

from kling_post.generation.previz.contract import RgbFrame
from kling_post.generation.previz.picture.camera import Outlook, Pose
from kling_post.generation.previz.picture.layers import Layer, affine, lay, layer
from kling_post.generation.previz.picture.noise import FloatArray, smoothstep
from kling_post.generation.previz.picture.sky import SkyLook
from kling_post.generation.previz.picture.tone import display, mix, rgb
from kling_post.vocabulary import Size

_HOLLOW = 0.0135
"""Width of the surroundings that the land is held against to find its hollows, as (x / z)."""
_MARGIN = 4
"""Columns on either side that an outlook may stray by."""


class Land(Protocol):
    """Anything with a height."""

    def height(self, x: FloatArray, z: FloatArray) -> FloatArray:
        """Metres above the plain at world positions, two-dimensional arrays of one shape."""


Paint = Callable[["Slopes"], FloatArray]


@dataclass(frozen=True, slots=True, kw_only=True)
class Slopes:
    """The land on its sampling grid, (slices, columns): what a painter may look at."""

    x: FloatArray
    z: FloatArray
    height: FloatArray
    slope_x: FloatArray
    """Rise per metre to the right."""
    slope_z: FloatArray
    """Rise per metre away from the camera."""
    hollow: FloatArray
    """How far the land lies below its surroundings, in metres (negative on crests)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RidgeLook:
    """How the land is lit and what the air does to it."""

    sun_direction: tuple[float, float, float]
    """Toward the sun: right, up, ahead; unit length."""
    sun_light: tuple[float, float, float]
    sky_light: tuple[float, float, float]
    haze_metres: float
    """Distance over which haze hides 63 % of the land."""
    haze_height: float
    """Height over which haze thins to 37 %, in metres."""
    haze_floor: float = 0.25
    haze_blue: float = 0.0
    """Share of the upper sky in the haze: 0 glows like the horizon, 1 is as cool as the middle of the sky."""
    """Share of the haze that does not thin with height."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ridge:
    """One rendered stretch of land."""

    picture: Layer
    anchor: tuple[float, float]
    """Column of the vanishing point and row of the horizon in the layer."""
    distance: float
    """Metres: how fast it passes when the camera moves."""
    base: Pose
    top_row: float
    """Rows above the horizon that the land reaches."""

    def draw(self, frame: RgbFrame, pose: Pose) -> None:
        """Lay the land over the frame for a pose near the one that it was rendered for."""
        size = Size(frame.shape[1], frame.shape[0])
        grown = pose.focal / self.base.focal * self.distance / max(self.distance - (pose.z - self.base.z), 1.0)
        pixels = pose.focal * size.height / self.distance
        across = pose.centre(size) - pixels * (pose.x - self.base.x)
        down = pose.horizon * size.height + pixels * (pose.y - self.base.y)
        lay(frame, self.picture, affine(scale_x=grown, at=(across, down), anchor=self.anchor))


def _slopes(terrain: Land, columns: FloatArray, near: float, far: float, slices: int) -> Slopes:
    z = np.geomspace(near, far, slices, dtype=np.float32)[:, None]
    x = columns[None] * z
    deep = np.broadcast_to(z, x.shape).copy()
    height = terrain.height(x, deep)
    across = np.gradient(height, axis=1) / ((columns[1] - columns[0]) * z)
    along = np.gradient(height, axis=0) / np.gradient(z, axis=0) - columns[None] * across
    # On this grid a blur of fixed width covers more metres the farther the land, as perspective does.
    wide = max(6.0, _HOLLOW / float(columns[1] - columns[0]))
    blur = cv2.GaussianBlur(height, (0, 0), sigmaX=wide, sigmaY=slices / 90)
    return Slopes(x=x, z=deep, height=height, slope_x=across, slope_z=np.asarray(along, np.float32), hollow=blur - height)


def _lit(slopes: Slopes, albedo: FloatArray, look: RidgeLook) -> FloatArray:
    """Light leaving the land: sun by Lambert's law with a soft terminator, sky from above, darker in hollows."""
    length = np.sqrt(1 + slopes.slope_x**2 + slopes.slope_z**2)
    sun_x, sun_y, sun_z = look.sun_direction
    facing = (-slopes.slope_x * sun_x + sun_y - slopes.slope_z * sun_z) / length
    sun = np.clip(facing, 0, 1) ** np.float32(1.15)
    open_sky = np.clip(0.72 - slopes.hollow / (np.abs(slopes.hollow).mean() * 7 + 1e-3), 0.2, 1.15) * (0.55 + 0.45 / length)
    light = sun[..., None] * rgb(*look.sun_light) + open_sky[..., None] * rgb(*look.sky_light)
    return np.asarray(albedo * light, np.float32)


def _visible(screen: FloatArray, rows: int) -> tuple[FloatArray, FloatArray]:
    """Slice number (with fraction) seen at each (row, column), row 0 lowest, and the silhouette's height per column."""
    slices, columns = screen.shape
    so_far = np.maximum.accumulate(screen, axis=0)
    first_row = np.clip(np.ceil(so_far - 0.5), 0, rows).astype(np.int32)
    counts = np.bincount((first_row * columns + np.arange(columns)).ravel(), minlength=(rows + 1) * columns)
    hidden = np.cumsum(counts.reshape(rows + 1, columns)[:rows], axis=0)
    seen = np.clip(hidden, 1, slices - 1)
    below = np.take_along_axis(so_far, seen - 1, axis=0)
    above = np.take_along_axis(so_far, seen, axis=0)
    centre = np.arange(rows, dtype=np.float32)[:, None] + np.float32(0.5)
    part = np.clip((centre - below) / np.maximum(above - below, 1e-3), 0, 1)
    return np.asarray(seen - 1 + part, np.float32), so_far[-1]


def build_ridge(
    terrain: Land,
    paint: Paint,
    look: RidgeLook,
    sky: SkyLook,
    size: Size,
    base: Pose,
    outlook: Outlook,
    *,
    near: float,
    far: float,
    slices: int = 420,
    glow: Paint | None = None,
) -> Ridge:
    """Render the land between two depths. ``paint`` gives albedo and ``glow`` emitted light, (slices, columns, 3)."""
    width = size.width + 2 * (int(outlook.beside * size.height) + _MARGIN)
    columns = (np.arange(width, dtype=np.float32) + np.float32(0.5 - width / 2)) / np.float32(size.height * base.focal)
    slopes = _slopes(terrain, columns, near, far, slices)
    screen = (slopes.height - np.float32(base.y)) / slopes.z * np.float32(base.focal * size.height)
    below = int(np.ceil(base.y / near * base.focal * size.height)) + 2
    screen = screen + np.float32(below)
    tallest = int(np.ceil(screen.max())) + 2
    seen, silhouette = _visible(screen, tallest)
    light = _lit(slopes, paint(slopes), look)
    thickness = look.haze_floor + (1 - look.haze_floor) * np.exp(-slopes.height / np.float32(look.haze_height))
    clear = np.exp(-slopes.z / np.float32(look.haze_metres) * thickness)
    haze = mix(sky.horizon_light(columns), rgb(*sky.middle), look.haze_blue)[None]
    shaded = display(mix(np.broadcast_to(haze, light.shape), light, clear[..., None]))
    column_map = np.ascontiguousarray(np.broadcast_to(np.arange(width, dtype=np.float32)[None], seen.shape))
    picture = np.asarray(cv2.remap(shaded, column_map, seen, cv2.INTER_LINEAR)[::-1], np.float32)
    if glow is not None:
        emitted = np.asarray(
            cv2.remap(np.asarray(glow(slopes) * clear[..., None], np.float32), column_map, seen, cv2.INTER_LINEAR)[::-1], np.float32
        )
        bloom = cv2.GaussianBlur(emitted, (0, 0), size.height / 150) * np.float32(0.8) + cv2.GaussianBlur(
            emitted, (0, 0), size.height / 600
        )
        picture = np.minimum(picture + display(emitted + bloom), 255)
    cover = np.clip(silhouette[None] - np.arange(tallest, dtype=np.float32)[::-1, None], 0, 1)
    # Level land is left to the ground plane.
    risen = smoothstep(0.15, 1.2, slopes.height)
    cover *= np.asarray(cv2.remap(risen, column_map, seen, cv2.INTER_LINEAR)[::-1], np.float32)
    foot = smoothstep(0.0, max(3.0, 0.006 * size.height), np.arange(tallest, dtype=np.float32)[::-1, None] + 1)
    return Ridge(
        picture=layer(picture, cover * foot),
        anchor=(width / 2, float(tallest - below)),
        distance=float(np.sqrt(near * far)) if far < 3 * near else near * 1.7,
        base=base,
        top_row=float(tallest - below),
    )
