"""From a first image to a last one: aligned where both show the same place, else an honest dissolve.

The first frame is the first image and the last frame the last one, to the byte, but for what drifts in the air. Between them the
picture turns place by place rather than all at once, so that what grows, grows, and what stays, stays sharp.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import cv2
import numpy as np

from kling_post.generation.previz.contract import Picture, PictureRequest, RgbFrame
from kling_post.generation.previz.geometry.over_still import camera_over_still, view_over_still
from kling_post.generation.previz.geometry.view import Pinhole, View
from kling_post.generation.previz.interior.alignment import Alignment, align
from kling_post.generation.previz.interior.coarse import Grid
from kling_post.generation.previz.interior.drawn import DrawnStill
from kling_post.generation.previz.interior.drift import Drift, drift_for
from kling_post.generation.previz.interior.noise import Field, smooth
from kling_post.generation.previz.interior.relief import Relief, guessed_relief, relief_of
from kling_post.generation.previz.interior.stir import Stir, stir_for
from kling_post.generation.previz.interior.turning import Turning, turning_between
from kling_post.generation.previz.picture.camera import Pose
from kling_post.generation.previz.still import Enlargement, camera_moves, enlargement, filled, pixel_maps, source_map, still_path, warped

_TURN = 0.62
"""At which share of the shot's camera path the there-and-back move turns round."""
_TURNED = 0.02
"""A share of the last image that can be seen."""


def go_between(
    first: RgbFrame, last: RgbFrame, request: PictureRequest, *, relief: Relief | None = None, drawn: frozenset[str] = frozenset()
) -> Picture:
    """The shot that begins with ``first`` and ends with ``last`` ((rows, columns, 3) uint8, any size).

    Args:
        first: The first image.
        last: The last image.
        request: The shot; its reading gives the camera and what drifts in the air.
        relief: Exact nearness of the first image, where it was drawn here.
        drawn: Element keys that are known to be in the images.
    """
    begin, cut_first = filled(first, request.size)
    end, cut_last = filled(last, request.size)
    alignment = align(begin, end)
    notes = [alignment.note]
    if max(cut_first, cut_last) > 0.01:
        notes.append(f"The images have another shape than the picture: up to {max(cut_first, cut_last):.0%} was cut away at the edges.")
    relief = relief or guessed_relief(begin)
    path = still_path(relief, camera_moves(request.reading), request)
    away = path.at(path.duration_seconds * _TURN) if alignment.kind != "moved" else path.base
    if alignment.kind != "moved":
        notes.append("Both ends are fixed images: the camera glides out and comes back to rest.")
    margin = enlargement(relief, (path.base, *(_between_poses(path.base, away, share) for share in (0.25, 0.5, 0.75, 1.0))), request.size)
    drift = drift_for(request, relief)
    stir = stir_for(begin, relief, request)
    return _Between(
        first=begin,
        last=end,
        request=request,
        relief=relief,
        alignment=alignment,
        base=path.base,
        away=away,
        margin=margin,
        turning=turning_between(begin, end, alignment, request.seed),
        drift=drift,
        stir=replace(stir, glow=None, aurora=None),
        drawn=drawn | drift.drawn | (stir.drawn - {"aurora", "sunbeams"}),
        notes=tuple(notes),
        events={},
    )


def glide_between(
    first: DrawnStill, last: DrawnStill, request: PictureRequest, *, ahead: float, drawn: frozenset[str] = frozenset()
) -> Picture:
    """The shot between two stills drawn here, the second one seen ``ahead`` metres further into the place; both depths are exact."""
    begin = relief_of(first.nearness, first.vanishing, first.focal)
    end = relief_of(last.nearness, last.vanishing, last.focal)
    base = Pose(x=0.0, y=100.0, z=0.0, focal=first.focal, horizon=first.vanishing[1])
    arrived = replace(base, z=ahead)
    size, grid = request.size, Grid.of(request.size)
    brought_back = warped(last.picture, source_map(end, base, arrived, size, grid), grid)
    same = Alignment(kind="same", homography=np.eye(3), flow=None, matched=0, aspect=size.height / size.width)
    drift = drift_for(request, begin)
    stir = stir_for(first.picture, begin, request)
    return _Between(
        first=first.picture,
        last=last.picture,
        request=request,
        relief=begin,
        alignment=same,
        base=base,
        away=arrived,
        margin=Enlargement(per_magnitude=0.0, base=base, relief=begin),
        turning=turning_between(first.picture, brought_back, same, request.seed),
        drift=drift,
        stir=replace(stir, glow=None, aurora=None),
        drawn=drawn | drift.drawn | (stir.drawn - {"aurora", "sunbeams"}),
        notes=(*first.notes, *last.notes),
        events={},
        last_relief=end,
    )


def _between_poses(base: Pose, away: Pose, share: float) -> Pose:
    def mix(a: float, b: float) -> float:
        return a + (b - a) * share

    return Pose(
        x=mix(base.x, away.x),
        y=mix(base.y, away.y),
        z=mix(base.z, away.z),
        focal=mix(base.focal, away.focal),
        horizon=mix(base.horizon, away.horizon),
        shift=mix(base.shift, away.shift),
    )


@dataclass(slots=True, kw_only=True)
class _Between:
    """A ``Picture``: two images and all that lies between them."""

    first: RgbFrame
    last: RgbFrame
    request: PictureRequest
    relief: Relief
    alignment: Alignment
    base: Pose
    away: Pose
    margin: Enlargement
    turning: Turning
    drift: Drift
    stir: Stir
    drawn: frozenset[str]
    notes: tuple[str, ...]
    events: Mapping[str, tuple[float, ...]]
    last_relief: Relief | None = None
    """Where the last image was drawn from ``away``: its own nearness. The camera then goes there and stays."""

    def _at(self, index: int) -> tuple[float, Pose]:
        """How far the shot has come, 0 to 1, and where the camera is then."""
        at = min(index / max(1, self.request.frames - 1), 1.0)
        way = at if self.last_relief is not None else float(np.sin(np.pi * at) ** 2)
        return at, _between_poses(self.base, self.away, way)

    def camera(self, index: int) -> Pinhole | None:
        """The camera of one frame; None where two images of unlike views say nothing of one camera."""
        if self.alignment.kind != "same":
            return None
        _, pose = self._at(index)
        return camera_over_still(self.relief, pose, self.base, self.request.size, self.margin.at(pose))

    def view(self, index: int) -> View | None:
        """Camera and depth of one frame by the first image; where the picture has begun to turn into the last, movement is not known."""
        camera = self.camera(index)
        if camera is None:
            return None
        at, pose = self._at(index)
        size, seconds = self.request.size, float(index / self.request.rate)
        grid = Grid.of(size)
        source = source_map(self.relief, pose, self.base, size, grid, self.margin.at(pose))
        return view_over_still(
            self.relief,
            camera,
            grid.full(source, size.height, size.width),
            veils=(lambda frame: self.drift.draw(frame, pose, self.base, seconds),),
            stirs=self.turning.share(at, size) > _TURNED,
        )

    def frame(self, index: int) -> RgbFrame:
        """One frame, (rows, columns, 3)."""
        at, pose = self._at(index)
        seconds = float(index / self.request.rate)
        if index == 0:
            frame = self.first.copy()
        elif at >= 1.0:
            frame = self.last.copy()
        else:
            frame = self._turned(pose, at, seconds)
        self.drift.draw(frame, pose, self.base, seconds)
        return frame

    def _turned(self, pose: Pose, at: float, seconds: float) -> RgbFrame:
        size = self.request.size
        grid = Grid.of(size)
        view = source_map(self.relief, pose, self.base, size, grid, self.margin.at(pose))
        view = self.stir.bent(view, seconds, amount=float(np.clip(min(at, 1 - at) * 6, 0, 1)))
        eased = at * at * (3 - 2 * at)
        if self.last_relief is not None:
            return self._glided(self.last_relief, pose, view, at)
        share = self.turning.share(at, size)
        if self.alignment.kind != "moved":
            return warped(_mixed(self.first, self.last, share), view, grid)
        to_first, to_last = self.alignment.views(view, eased)
        return _mixed(warped(self.first, to_first, grid), warped(self.last, to_last, grid), share)

    def _glided(self, last_relief: Relief, pose: Pose, to_first: Field, at: float) -> RgbFrame:
        """Both images as seen from ``pose``, each by its own depth; the last one only as far as it reaches."""
        size = self.request.size
        grid = Grid.of(size)
        to_last = source_map(last_relief, pose, self.away, size, grid)
        edge = np.minimum(
            np.minimum(to_last[..., 0], 1 - to_last[..., 0]), np.minimum(to_last[..., 1], size.height / size.width - to_last[..., 1])
        )
        reach = grid.full(smooth(edge, -0.002, 0.03 * (1 - at) + 0.001), size.height, size.width)
        fixed, fraction = pixel_maps(to_first, grid, size.height, size.width)
        share = cv2.remap(self.turning.share(at, size), fixed, fraction, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        first = cv2.remap(self.first, fixed, fraction, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)
        return _mixed(np.asarray(first, np.uint8), warped(self.last, to_last, grid), np.asarray(share, np.float32) * reach)


def _mixed(first: RgbFrame, last: RgbFrame, share: Field) -> RgbFrame:
    """``share`` (rows, columns) of the last picture over the first."""
    return np.asarray(cv2.blendLinear(first, last, np.float32(1) - share, share), np.uint8)
