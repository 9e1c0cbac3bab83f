"""How a picture moves from one frame to the next: dense optical flow, summed up in tiles.

The flow is DIS (Kroeger et al., "Fast Optical Flow using Dense Inverse Search", ECCV 2016) as OpenCV has it. On 480 pixel wide
pictures it is right to about 0.05 pixel, stays right to tens of pixels, and does not mind a step of brightness, which makes it the
one measure that tells a repeated frame from a slow shot: a difference of pixel values does not, because a re-encoded frame can
differ more from itself than a slow pan moves.
"""

from dataclasses import dataclass, field
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

TILE_COLUMNS, TILE_ROWS = 16, 9
"""Into which the movement of a picture is summed up."""
_LEAST_TILE = 8
"""Pixels of flow across a tile that are enough for its median."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What happens between two pictures. Lengths are fractions of the picture's width, so that sizes do not matter."""

    right: float
    """How far the picture as a whole moves to the right."""
    down: float
    zoom: float
    """Growth about the picture's centre: 0.001 is 0.1 % larger."""
    roll_radians: float
    """Clockwise."""
    movement: float
    """The 90th percentile of the tiles' movement: also sees a small thing moving before a locked camera."""
    likeness: float
    """Correlation of the two pictures, after the movement is taken out: 1 the same picture, about 0 two unrelated ones."""
    detail_likeness: float = 1.0
    """Correlation of the fine detail alone, after the movement of the tiles is taken out: clouds and water of another picture can be
    bent until they look alike, their detail cannot."""
    tiles: Floats = field(default_factory=lambda: np.zeros((TILE_ROWS, TILE_COLUMNS, 2)), repr=False, compare=False)
    """(tile rows, tile columns, 2): median movement of each tile to the right and down, fractions of the picture's width."""

    @property
    def speed(self) -> float:
        """Length of the whole picture's movement."""
        return float(np.hypot(self.right, self.down))


def like(after: NDArray[np.float32], before: NDArray[np.float32]) -> NDArray[np.float32]:
    """The luma picture ``after`` with the mean and the contrast of ``before``, so that a step of brightness is not taken for a movement."""
    ratio = float(before.std()) / max(float(after.std()), 1e-6)
    # Beyond that, one of the two is flat and has no contrast to be matched.
    gain = np.float32(ratio if 0.4 < ratio < 2.5 else 1.0)
    matched: NDArray[np.float32] = (after - after.mean()) * gain + before.mean()
    return matched


def as_codes(picture: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Luma, nominal black 0 and white 1, as the 8-bit codes that OpenCV follows movement in."""
    return np.clip(picture * 219 + 16, 0, 255).astype(np.uint8)


def _likeness(before: NDArray[np.float32], after: NDArray[np.float32], flow: NDArray[np.float32]) -> float:
    """Normalised correlation of ``before`` with ``after`` brought back along the flow; blind to brightness and contrast."""
    rows, columns = before.shape
    grid_x, grid_y = np.meshgrid(np.arange(0, columns, 2, dtype=np.float32), np.arange(0, rows, 2, dtype=np.float32))
    # Every second pixel of every second row says as much as all of them.
    moved = flow[::2, ::2]
    back = cv2.remap(after, grid_x + moved[..., 0], grid_y + moved[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    one = before[::2, ::2]
    one, other = one - one.mean(), back - back.mean()
    energy = float(np.sqrt(np.sum(one**2) * np.sum(other**2)))
    # Two pictures without any content, black against black, are the same picture.
    return float(np.sum(one * other)) / energy if energy > 1e-3 * one.size * 0.01 else 1.0


def _detail_likeness(before: NDArray[np.float32], after: NDArray[np.float32], tiles: Floats) -> float:
    """Normalised correlation of the bands of two pictures, ``after`` brought back by the smooth movement of the tiles."""
    rows, columns = (length // 2 * 2 for length in before.shape)
    moved = cv2.resize(tiles.astype(np.float32), (columns // 2, rows // 2), interpolation=cv2.INTER_LINEAR)
    grid_x, grid_y = np.meshgrid(np.arange(0, columns, 2, dtype=np.float32), np.arange(0, rows, 2, dtype=np.float32))
    back = cv2.remap(after, grid_x + moved[..., 0], grid_y + moved[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0)
    one = before[:rows:2, :columns:2]
    energy = float(np.sqrt(np.sum(one**2) * np.sum(back**2)))
    return float(np.sum(one * back)) / energy if energy > 1e-6 * one.size else 1.0


def _band(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    """The detail between sigma 1 and sigma 5."""
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 1.0) - cv2.GaussianBlur(picture, (0, 0), 5.0), np.float32)


def _tiles(flow: NDArray[np.float32]) -> Floats:
    """Median flow of each tile: (tile rows, tile columns, 2)."""
    if min(flow.shape[0] // TILE_ROWS, flow.shape[1] // TILE_COLUMNS) >= 2 * _LEAST_TILE:
        # The flow is found at a quarter of the size and drawn out: every second pixel of every second row says as much as all.
        flow = flow[::2, ::2]
    cut = in_tiles(flow)
    down, high, right, wide, _ = cut.shape
    return np.asarray(np.median(cut.transpose(0, 2, 1, 3, 4).reshape(down, right, high * wide, 2), axis=2), np.float64)


def in_tiles(values: NDArray[np.floating]) -> NDArray[np.floating]:
    """(rows, columns, ...) as (tile rows, rows of a tile, tile columns, columns of a tile, ...).

    Whole tiles only, about the picture's middle: a few rows and columns at the edge are left out.
    """
    rows, columns = values.shape[:2]
    down, right = min(TILE_ROWS, rows), min(TILE_COLUMNS, columns)
    high, wide = rows // down, columns // right
    top, left = (rows - down * high) // 2, (columns - right * wide) // 2
    return values[top : top + down * high, left : left + right * wide].reshape(down, high, right, wide, *values.shape[2:])


def _similarity(tiles: Floats, *, columns: float, rows: float) -> tuple[float, float, float, float]:
    """Shift, zoom and roll of the whole picture by least squares with Tukey weights, so that things that move by themselves drop out."""
    x = (np.arange(tiles.shape[1]) + 0.5) * columns / tiles.shape[1] - columns / 2
    y = (np.arange(tiles.shape[0]) + 0.5) * rows / tiles.shape[0] - rows / 2
    grid_x, grid_y = (axis.ravel() for axis in np.meshgrid(x, y))
    ones, none = np.ones_like(grid_x), np.zeros_like(grid_x)
    system = np.concatenate(
        [np.stack([ones, none, grid_x, -grid_y], axis=1), np.stack([none, ones, grid_y, grid_x], axis=1)],
    )
    moved = np.concatenate([tiles[..., 0].ravel(), tiles[..., 1].ravel()])
    weights = np.ones(grid_x.size)
    solution = np.zeros(4)
    for _ in range(6):
        root = np.sqrt(np.tile(weights, 2))
        solution = np.linalg.lstsq(system * root[:, None], moved * root, rcond=None)[0]
        error = np.hypot(*(moved - system @ solution).reshape(2, -1))
        scale = 4.685 * max(1.4826 * float(np.median(error)), 6e-5 * columns)
        weights = np.clip(1 - (error / scale) ** 2, 0, None) ** 2
    return float(solution[0]), float(solution[1]), float(solution[2]), float(solution[3])


STANDING = Step(right=0.0, down=0.0, zoom=0.0, roll_radians=0.0, movement=0.0, likeness=1.0)
"""Nothing moves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """How the picture moves on both sides of a join and over it."""

    before: tuple[Step, ...]
    """Steps within the outgoing side."""
    join: Step
    """From the last outgoing to the first incoming frame."""
    after: tuple[Step, ...]
    """Steps within the incoming side."""


def movement_around(outgoing: NDArray[np.float32], incoming: NDArray[np.float32]) -> Movement:
    """The steps of two stacks of pictures (frames, rows, columns) of one size, and the one between them."""
    steps = steps_of(np.concatenate([outgoing, incoming]))
    join = len(outgoing) - 1
    return Movement(before=steps[:join], join=steps[join], after=steps[join + 1 :])


def step_between(before: NDArray[np.float32], after: NDArray[np.float32]) -> Step:
    """Measure the step from one small luma picture (rows, columns; 0 to 1) to the next one of the same size."""
    return _step(_prepared(before), _prepared(after))


def steps_of(luma: NDArray[np.float32]) -> tuple[Step, ...]:
    """The steps within one stack of pictures: one fewer than there are frames."""
    return tuple(_step(before, after) for before, after in pairwise(_prepared(picture) for picture in luma))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prepared:
    """What both steps of a picture need of it."""

    luma: NDArray[np.float32]
    codes: NDArray[np.uint8]
    band: NDArray[np.float32]


def _prepared(luma: NDArray[np.float32]) -> _Prepared:
    return _Prepared(luma=luma, codes=as_codes(luma), band=_band(luma))


def _step(before: _Prepared, after: _Prepared) -> Step:
    engine = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
    rows, columns = before.luma.shape
    still = np.zeros((rows, columns, 2), np.float32)
    flow = np.asarray(engine.calc(before.codes, as_codes(like(after.luma, before.luma)), still), np.float32)
    tiles = _tiles(flow)
    right, down, zoom, roll = _similarity(tiles, columns=columns, rows=rows)
    return Step(
        right=right / columns,
        down=down / columns,
        zoom=zoom,
        roll_radians=roll,
        movement=float(np.percentile(np.hypot(tiles[..., 0], tiles[..., 1]), 90)) / columns,
        likeness=_likeness(before.luma, after.luma, flow),
        detail_likeness=_detail_likeness(before.band, after.band, tiles),
        tiles=tiles / columns,
    )
