"""A camera move over a given still: 2.5D, by one warp per frame, with the reading's moving air drawn over it.

Frame 0 is the still itself. The move only ever looks inward: where a sideways or upward move would look past the still's edge, the
picture is enlarged as much as the move needs, growing with it from nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.generation.previz.contract import CameraMove, Picture, PictureRequest, Reading, RgbFrame
from kling_post.generation.previz.geometry.given_depth import GivenDepth, relief_given
from kling_post.generation.previz.geometry.over_still import camera_over_still, view_over_still
from kling_post.generation.previz.geometry.view import Pinhole, View
from kling_post.generation.previz.interior.coarse import Grid
from kling_post.generation.previz.interior.drift import Drift, drift_for
from kling_post.generation.previz.interior.drifting import Layer
from kling_post.generation.previz.interior.noise import Field
from kling_post.generation.previz.interior.relief import Relief, guessed_relief
from kling_post.generation.previz.interior.stir import Stir, stir_for
from kling_post.generation.previz.picture.camera import CameraPath, Pose, Reach
from kling_post.vocabulary import Size

_FULL_MOVE_SECONDS = 8.0
_STIRRED_PIXELS = 0.05
"""What ripples or sways by more than this has no known movement."""
_NOTES = {
    "flat": "No depth was found in the still: the camera move is a flat one.",
    "hall": "Depth was guessed from the still's vanishing point, as of a hall with straight walls; things in the middle may stretch.",
    "landscape": "Depth was guessed from the still's horizon, as of level ground; tall things may stretch.",
}


def move_over_still(image: RgbFrame, request: PictureRequest, *, depth: GivenDepth | None = None) -> Picture:
    """The shot that begins with ``image`` ((rows, columns, 3) uint8, any size) and moves over it as the reading says.

    The still is scaled to fill the output, cut evenly where its shape differs. ``depth`` is the user's own map of it.
    """
    still, cut = filled(image, request.size)
    relief = guessed_relief(still) if depth is None else relief_given(depth, still, request.size)
    notes: tuple[str, ...] = (_NOTES[relief.kind],) if relief.kind in _NOTES else ()
    if depth is not None:
        notes += (f"Depth is that of the given map, {depth.path.name}.",)
    if cut > 0.01:
        notes += (f"The still has another shape than the picture: {cut:.0%} of it was cut away at the edges.",)
    return moving_still(still, relief, request, notes=notes)


def moving_still(
    still: RgbFrame,
    relief: Relief,
    request: PictureRequest,
    *,
    notes: tuple[str, ...] = (),
    drawn: frozenset[str] = frozenset(),
    air: tuple[Layer, ...] | None = None,
    events: Mapping[str, tuple[float, ...]] | None = None,
    bears: float = 1.0,
) -> "MovingStill":
    """The same for a still of the output's size whose relief is known; ``air`` takes the place of what drifts in a room's air.

    ``events`` are what is heard of it; ``bears`` shortens the camera's way.
    """
    moves = camera_moves(request.reading)
    if not request.reading.camera:
        notes += ("The prompt names no camera move: a slow push in.",)
    if any(move.kind == "dolly" and move.direction < 0 for move in moves):
        notes += ("A still has nothing outside its edges: the pull-back is kept inside it.",)
    path = still_path(relief, moves, request, bears)
    poses = (path.base, *(path.at(path.duration_seconds * step / 16) for step in range(1, 17)))
    margin = enlargement(relief, poses, request.size)
    drift = drift_for(request, relief) if air is None else Drift(layers=air, relief=relief, drawn=frozenset())
    stir = stir_for(still, relief, request)
    return MovingStill(
        still=still,
        relief=relief,
        request=request,
        path=path,
        margin=margin,
        drift=drift,
        stir=stir,
        drawn=drawn | drift.drawn | stir.drawn,
        notes=notes,
        events=events or {},
    )


def filled(image: RgbFrame, size: Size) -> tuple[RgbFrame, float]:
    """The image scaled to fill ``size``, cut evenly at the edges, and the share of it that was cut."""
    rows, columns = image.shape[:2]
    if (columns, rows) == (size.width, size.height):
        return np.ascontiguousarray(image), 0.0
    scale = max(size.width / columns, size.height / rows)
    wide, tall = size.width / scale, size.height / scale
    method = cv2.INTER_CUBIC if scale >= 1 else cv2.INTER_AREA
    fitted = cv2.resize(image, (max(size.width, round(columns * scale)), max(size.height, round(rows * scale))), interpolation=method)
    top, left = (fitted.shape[0] - size.height) // 2, (fitted.shape[1] - size.width) // 2
    cut = 1 - (wide * tall) / (columns * rows)
    return np.ascontiguousarray(fitted[top : top + size.height, left : left + size.width], dtype=np.uint8), max(0.0, cut)


def camera_moves(reading: Reading) -> tuple[CameraMove, ...]:
    """The reading's moves, or a slow push where it has none."""
    return reading.camera or (CameraMove(kind="dolly", direction=1.0, pace=0.5),)


def still_path(relief: Relief, moves: tuple[CameraMove, ...], request: PictureRequest, bears: float = 1.0) -> CameraPath:
    """The camera's way: as far as a single still bears, whatever the shot's length; the nearest fifth of the picture sets the scale."""
    seconds = float(request.frames / request.rate)
    near = float(1 / max(float(np.percentile(relief.nearness, 88)), 1e-3))  # metres to what is near
    per_second = bears * near / max(seconds, _FULL_MOVE_SECONDS)
    reach = Reach(
        dolly=0.46 * per_second,
        truck=0.12 * per_second,
        crane=0.085 * per_second,
        pan=0.012,
        tilt=0.01,
        zoom=0.025,
        orbit_depth=near * 3,
    )
    base = Pose(x=0.0, y=100.0, z=0.0, focal=relief.focal, horizon=relief.vanishing[1], shift=0.0)
    return CameraPath(base=base, moves=moves, reach=reach, duration_seconds=seconds, seed=request.seed)


def source_map(relief: Relief, pose: Pose, base: Pose, size: Size, grid: Grid, enlarge: float = 0.0) -> Field:
    """Where each node of the new view lies in the still: (nodes down, nodes across, 2), in fractions of the *width*.

    Args:
        relief: The still's.
        pose: The camera now.
        base: The camera that saw the still.
        size: The picture's.
        grid: The nodes.
        enlarge: 0 or more: how much the view is magnified about its middle besides.
    """
    rows, columns = relief.nearness.shape
    aspect = np.float32(size.height / size.width)
    scale = np.float32(1 / (1 + enlarge))
    x = (grid.across / np.float32(size.width) - np.float32(0.5)) * scale + np.float32(0.5)
    y = (grid.down / np.float32(size.width) - aspect / 2) * scale + aspect / 2
    across, down = np.float32(relief.vanishing[0]), np.float32(relief.vanishing[1]) * aspect
    zoom = np.float32(base.focal / pose.focal)
    ray_x = (x - across - np.float32(pose.shift - base.shift) * aspect)[None, :] * zoom
    ray_y = (y - np.float32(pose.horizon) * aspect)[:, None] * zoom
    ray_x, ray_y = np.broadcast_arrays(ray_x, ray_y)
    from_x, from_y = ray_x + across, ray_y + down
    focal = np.float32(relief.focal)
    step_x, step_y, step_z = (np.float32(v) for v in (pose.x - base.x, pose.y - base.y, pose.z - base.z))
    for _ in range(4):  # nearness belongs to the still's own place, which is what is looked for: a fixed point
        cell_x = np.ascontiguousarray(from_x * np.float32(columns) - np.float32(0.5))
        cell_y = np.ascontiguousarray(from_y / aspect * np.float32(rows) - np.float32(0.5))
        near = np.asarray(cv2.remap(relief.nearness, cell_x, cell_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32)
        closer = 1 - step_z * near
        from_x = across + ray_x * closer + focal * step_x * near
        from_y = down + ray_y * closer - focal * step_y * near
    return np.dstack([from_x, from_y]).astype(np.float32)


def _overreach(relief: Relief, pose: Pose, base: Pose, size: Size, enlarge: float = 0.0) -> float:
    """By how much more the view must be enlarged so as to stay inside the still."""
    # Only nodes inside the picture: those past its edges lie outside the still even where nothing moves.
    view = source_map(relief, pose, base, size, Grid.of(size), enlarge)[2:-2, 2:-2]
    x, y = np.abs(view[..., 0] - 0.5) * 2, np.abs(view[..., 1] * np.float32(size.width / size.height) - 0.5) * 2
    return max(0.0, float(x.max()) - 1, float(y.max()) - 1)


def _magnitude(pose: Pose, base: Pose, relief: Relief) -> float:
    near = float(relief.nearness.max())
    return (
        (abs(pose.x - base.x) + abs(pose.y - base.y) + abs(pose.z - base.z)) * near
        + abs(pose.horizon - base.horizon)
        + abs(pose.shift - base.shift)
        + abs(float(np.log(pose.focal / base.focal)))
    )


_OVER_EDGE = 0.002
"""Of half the picture: so little of the mirrored border is not seen."""
_ROUNDS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Enlargement:
    """How much a view must be magnified so that a move stays inside the still: in step with the move, from nothing."""

    per_magnitude: float
    base: Pose
    relief: Relief

    def at(self, pose: Pose) -> float:
        """0 or more, for one pose."""
        return self.per_magnitude * _magnitude(pose, self.base, self.relief)


def enlargement(relief: Relief, poses: Sequence[Pose], size: Size) -> Enlargement:
    """The enlargement for a shot, from some of its poses; the first one is the camera that saw the still."""
    base = poses[0]
    need = 0.0
    for pose in poses[1:]:
        magnitude = _magnitude(pose, base, relief)
        if magnitude > 1e-9:
            need = max(need, _overreach(relief, pose, base, size) * 1.25 / magnitude)
    margin = Enlargement(per_magnitude=need, base=base, relief=relief)
    # Nearer places move farther than the magnification about the middle brings them back: the farthest view is asked again.
    farthest = max(poses, key=lambda pose: _magnitude(pose, base, relief))
    for _ in range(_ROUNDS):
        if _overreach(relief, farthest, base, size, margin.at(farthest)) <= _OVER_EDGE:
            break
        margin = replace(margin, per_magnitude=1.1 * margin.per_magnitude)
    return margin


@dataclass(slots=True, kw_only=True)
class MovingStill:
    """A ``Picture``: the still under a moving camera."""

    still: RgbFrame
    relief: Relief
    request: PictureRequest
    path: CameraPath
    margin: Enlargement
    drift: Drift
    stir: Stir
    drawn: frozenset[str]
    notes: tuple[str, ...]
    events: Mapping[str, tuple[float, ...]]

    def frame(self, index: int) -> RgbFrame:
        """One frame, (rows, columns, 3)."""
        seconds = float(index / self.request.rate)
        pose = self.path.at(seconds)
        grid = Grid.of(self.request.size)
        view = source_map(self.relief, pose, self.path.base, self.request.size, grid, self.margin.at(pose))
        frame = self.still.copy() if index == 0 else warped(self.still, self.stir.bent(view, seconds), grid)
        self.stir.shine(frame, view, grid, seconds)
        self.drift.draw(frame, pose, self.path.base, seconds)
        return frame

    def camera(self, index: int) -> Pinhole:
        """The camera of one frame; the one that saw the still stands at the origin."""
        pose = self.path.at(float(index / self.request.rate))
        return camera_over_still(self.relief, pose, self.path.base, self.request.size, self.margin.at(pose))

    def view(self, index: int) -> View:
        """Camera and depth of one frame, as the still was moved by them; what drifts in the air or stirs has no known movement."""
        seconds = float(index / self.request.rate)
        size, pose, base = self.request.size, self.path.at(seconds), self.path.base
        grid = Grid.of(size)
        source = source_map(self.relief, pose, base, size, grid, self.margin.at(pose))
        stirred = grid.full(np.abs(self.stir.bent(source, seconds) - source).max(axis=2), size.height, size.width)
        return view_over_still(
            self.relief,
            self.camera(index),
            grid.full(source, size.height, size.width),
            veils=(lambda frame: self.drift.draw(frame, pose, base, seconds),),
            stirs=stirred * np.float32(size.width) > _STIRRED_PIXELS,
        )


def pixel_maps(view: NDArray[np.float32], grid: Grid, rows: int, columns: int) -> tuple[NDArray[np.int16], NDArray[np.uint16]]:
    """A coarse map (fractions of the width at the grid's nodes) as fixed-point maps for every pixel."""
    fine = grid.full(view * np.float32(columns) - np.float32(0.5), rows, columns)
    fixed, fraction = cv2.convertMaps(fine[..., 0], fine[..., 1], cv2.CV_16SC2)
    return np.asarray(fixed, np.int16), np.asarray(fraction, np.uint16)


def warped(still: RgbFrame, view: NDArray[np.float32], grid: Grid) -> RgbFrame:
    """The still seen through a coarse map, cubic, in one pass."""
    fixed, fraction = pixel_maps(view, grid, *still.shape[:2])
    return np.asarray(cv2.remap(still, fixed, fraction, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101), np.uint8)
