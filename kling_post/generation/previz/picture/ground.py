"""The ground plane: tiles of light, seen in true perspective, smoothed toward the distance by anisotropic mip levels.

Far ground is squeezed along the view much more than across it, so a tile is kept at reductions by different powers of two in each
direction (a rip-map, after L. McReynolds): every row of the picture is drawn from the level whose texels are as large as its pixels,
and neighbouring levels are blended, so that nothing crawls or pops when the camera moves.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.generation.previz.contract import RgbFrame
from kling_post.generation.previz.picture.camera import Pose
from kling_post.generation.previz.picture.noise import FloatArray, generator, spectral_noise
from kling_post.generation.previz.picture.tone import Bytes
from kling_post.vocabulary import Size


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """A tile of one channel with its reductions."""

    tile: Bytes
    metres: float
    _levels: dict[tuple[int, int], Bytes] = field(default_factory=dict)

    def level(self, across: int, along: int) -> Bytes:
        """The tile at 1 / 2**across of its columns and 1 / 2**along of its rows; a side never falls below one texel."""
        side = self.tile.shape[0].bit_length() - 1
        across, along = min(across, side), min(along, side)
        if (across, along) == (0, 0):
            return self.tile
        if (across, along) not in self._levels:
            larger = self.level(across, along - 1) if along else self.level(across - 1, 0)
            self._levels[across, along] = _halved(larger, rows=bool(along))
        return self._levels[across, along]


def _halved(tile: Bytes, *, rows: bool) -> Bytes:
    """Half as many rows, or columns, filtered by (1 3 3 1) / 8 round the torus.

    A plain mean of pairs leaves detail at the limit of resolution, which then beats against the picture's pixels.
    """
    turned = tile if rows else tile.T
    height, width = turned.shape
    wrapped = cv2.copyMakeBorder(turned, 1, 1, 0, 0, cv2.BORDER_WRAP) if height > 1 else np.repeat(turned, 3, axis=0)
    softened = cv2.sepFilter2D(wrapped, -1, np.ones(1), np.array([0.25, 0.5, 0.25]))[1:-1]
    small = np.asarray(cv2.resize(softened, (width, max(1, height // 2)), interpolation=cv2.INTER_AREA), np.uint8).reshape(-1, width)
    return np.ascontiguousarray(small if rows else small.T)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The rows of ground in one frame, from ``first`` to the bottom."""

    size: Size
    pose: Pose
    first: int
    depth: FloatArray
    """Metres ahead of the camera, for each row."""


def ground_rows(size: Size, pose: Pose, *, farthest: float = 4000.0) -> Rows:
    """Which rows show ground and how far away each of them is."""
    horizon = pose.horizon * size.height
    first = min(max(int(np.floor(horizon)), 0), size.height)
    below = np.arange(first, size.height, dtype=np.float64) + 0.5 - horizon
    depth = pose.y * pose.focal * size.height / np.maximum(below, 1e-6)
    return Rows(size=size, pose=pose, first=first, depth=np.minimum(depth, farthest).astype(np.float32))


def rows_from(rows: Rows, first: int) -> Rows:
    """The rows from the ``first``-th row of ground down: those near the camera."""
    return Rows(size=rows.size, pose=rows.pose, first=rows.first + first, depth=rows.depth[first:])


def drifted(rows: Rows, across: float, along: float) -> Rows:
    """The same rows as seen by a camera that stands elsewhere, in metres: how a material that moves is drawn."""
    return replace(rows, pose=replace(rows.pose, x=rows.pose.x + across, z=rows.pose.z + along))


def cloud_shadows(seed: int, depth: float = 9.0) -> Material:
    """Soft large-scale light and shade, 128 is neutral, to drift over open ground."""
    soft = spectral_noise((256, 256), beta=2.0, rng=generator(seed, "cloud shadows"))
    return Material(tile=np.clip(128 + soft * depth, 0, 255).astype(np.uint8), metres=620.0)


def _warp(material: Material, level: tuple[int, int], rows: Rows, start: int, stop: int) -> Bytes:
    """The tile's level in perspective, for rows ``start`` to ``stop`` of the ground."""
    pixels = material.level(*level)
    pose, size = rows.pose, rows.size
    texels_x, texels_z = pixels.shape[1] / material.metres, pixels.shape[0] / material.metres
    # The origin is taken modulo the tile, so that texel coordinates stay small enough for the fixed-point warp.
    x0, z0 = pose.x % material.metres, pose.z % material.metres
    top = rows.first + start + 0.5 - pose.horizon * size.height
    left = 0.5 - pose.centre(size)
    matrix = np.array(
        [
            [texels_x * pose.y, texels_x * x0 - 0.5, texels_x * (left * pose.y + x0 * top) - 0.5 * top],
            [0.0, texels_z * z0 - 0.5, texels_z * (pose.y * pose.focal * size.height + z0 * top) - 0.5 * top],
            [0.0, 1.0, top],
        ]
    )
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpPerspective(pixels, matrix, (size.width, stop - start), flags=flags, borderMode=cv2.BORDER_WRAP), np.uint8)


def draw_material(material: Material, rows: Rows, *, sharper: float = 0.2) -> Bytes:
    """The material on the whole ground, (rows, columns) uint8. ``sharper`` in octaves trades crispness against shimmer."""
    pose, size = rows.pose, rows.size
    out = np.empty((len(rows.depth), size.width), np.uint8)
    if not len(rows.depth):
        return out
    texel = material.metres / material.tile.shape[0]
    pixel = rows.depth / (pose.focal * size.height)
    octave = np.log2(np.maximum(pixel / texel, 1e-6)) - sharper
    lowest, highest = int(np.floor(octave.min())), int(np.ceil(octave.max()))
    first = True
    for number in range(lowest, highest + 1):
        covered = np.flatnonzero(np.abs(octave - number) < 0.75)
        if not len(covered):
            continue
        start, stop = int(covered[0]), int(covered[-1]) + 1
        # Along the view a pixel covers depth / camera height times more ground: take that for the middle of the octave.
        middle = 2.0 ** (number + sharper) * texel * pose.focal * size.height
        along = max(0, number + round(float(np.log2(max(middle / pose.y, 1.0)))))
        drawn = _warp(material, (max(0, number), along), rows, start, stop)
        # Each level fades in over the nearer one and is itself covered by the next farther one.
        weight = np.clip(1.5 - 2 * (number - octave[start:stop]), 0, 1)
        _blend_rows(out, drawn, weight, start, first=first)
        first = False
    return out


def draw_broad(material: Material, rows: Rows, *, shrink: int = 4) -> Bytes:
    """A soft, large-scale material on the whole ground, drawn at a fraction of the size and enlarged."""
    size = Size(rows.size.width // shrink, rows.size.height // shrink)
    small = draw_material(material, ground_rows(size, rows.pose))
    wide = cv2.resize(small, (rows.size.width, small.shape[0] * shrink), interpolation=cv2.INTER_LINEAR)
    extra = wide.shape[0] - len(rows.depth)
    if extra < 0:
        wide = cv2.copyMakeBorder(wide, -extra, 0, 0, 0, cv2.BORDER_REPLICATE)
    return np.asarray(wide[max(extra, 0) :], np.uint8)


def _blend_rows(out: Bytes, drawn: Bytes, weight: NDArray[np.floating], start: int, *, first: bool) -> None:
    """Add a level's share: rows that an earlier level has begun are mixed, the others are set."""
    fixed = np.round(np.asarray(weight, np.float64) * 256).astype(np.uint16)
    whole = fixed >= 256
    region = out[start : start + len(drawn)]
    if first or whole.all():
        np.copyto(region, drawn)
        return
    region[whole] = drawn[whole]
    mixed = np.flatnonzero(~whole)
    if len(mixed):
        low, high = int(mixed[0]), int(mixed[-1]) + 1
        share = fixed[low:high, None]
        blend = drawn[low:high] * share + region[low:high] * (np.uint16(256) - share) + np.uint16(128)
        keep = whole[low:high]
        result = (blend >> np.uint16(8)).astype(np.uint8)
        result[keep] = drawn[low:high][keep]
        region[low:high] = result


def colour_table(stops: Sequence[tuple[int, tuple[float, float, float]]]) -> Bytes:
    """A (256, 1, 3) look-up table from light of a tile to display colours, straight lines between the stops."""
    places = [stop for stop, _ in stops]
    channels = [np.interp(np.arange(256), places, [colour[channel] for _, colour in stops]) for channel in range(3)]
    return np.asarray(np.round(np.stack(channels, axis=-1)), np.uint8).reshape(256, 1, 3)


def modulate(light: Bytes, by: Bytes) -> None:
    """Multiply a picture of light by another whose neutral value is 128, in place."""
    cv2.multiply(light, by, dst=light, scale=1 / 128)


def paint_ground(frame: RgbFrame, rows: Rows, light: Bytes, table: Bytes, clear: Bytes, air: Bytes) -> None:
    """Colour the ground's light, dim it by what the air lets through and add the air's own light.

    ``clear`` is (rows, columns, 3), 255 where the air is clear; ``air`` is (rows, columns, 3) display light.
    """
    region = frame[rows.first :]
    cv2.LUT(cv2.cvtColor(light, cv2.COLOR_GRAY2RGB), table, dst=region)
    cv2.multiply(region, clear, dst=region, scale=1 / 255)
    cv2.add(region, air, dst=region)
