"""From a first image to a last one: aligned where both show the same place, else an honest dissolve.

The first frame is the first image and the last frame the last one, to the byte, but for what drifts in the air. Between them the
picture turns place by place rather than all at once, so that what grows, grows, and what stays, stays sharp.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import cv2
import numpy as np

from kling_post.generation.previz.contract import Picture, PictureRequest, RgbFrame
from kling_post.generation.previz.interior.alignment import Alignment, align
from kling_post.generation.previz.interior.coarse import Grid
from kling_post.generation.previz.interior.drift import Drift, drift_for
from kling_post.generation.previz.interior.noise import Field
from kling_post.generation.previz.interior.relief import Relief, guessed_relief
from kling_post.generation.previz.interior.stir import Stir, stir_for
from kling_post.generation.previz.interior.turning import Turning, turning_between
from kling_post.generation.previz.picture.camera import Pose
from kling_post.generation.previz.still import Enlargement, camera_moves, enlargement, filled, source_map, still_path, warped

_TURN = 0.62
"""At which share of the shot's camera path the there-and-back move turns round."""


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

    def frame(self, index: int) -> RgbFrame:
        """One frame, (rows, columns, 3)."""
        final = max(1, self.request.frames - 1)
        at = min(index / final, 1.0)
        seconds = float(index / self.request.rate)
        there_and_back = float(np.sin(np.pi * at) ** 2)
        pose = _between_poses(self.base, self.away, there_and_back)
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
        share = self.turning.share(at, size)
        if self.alignment.kind != "moved":
            return warped(_mixed(self.first, self.last, share), view, grid)
        to_first, to_last = self.alignment.views(view, eased)
        return _mixed(warped(self.first, to_first, grid), warped(self.last, to_last, grid), share)


def _mixed(first: RgbFrame, last: RgbFrame, share: Field) -> RgbFrame:
    """``share`` (rows, columns) of the last picture over the first."""
    return np.asarray(cv2.blendLinear(first, last, np.float32(1) - share, share), np.uint8)
