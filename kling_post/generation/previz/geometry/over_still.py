"""The camera and the depth of a move over a still: what the still's pixels were moved by."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.generation.previz.geometry.country import FAINT, Drawer, cover_of
from kling_post.generation.previz.geometry.view import STILL, UNKNOWN, Floats, Pinhole, View
from kling_post.generation.previz.interior.relief import Relief
from kling_post.generation.previz.picture.camera import Pose
from kling_post.vocabulary import Size

_SKY = 1e-5
"""Nearness below which there is nothing but sky: 100 km."""


def camera_over_still(relief: Relief, pose: Pose, base: Pose, size: Size, enlarge: float) -> Pinhole:
    """The camera of a view over a still; the one that saw the still stands at the origin.

    Args:
        relief: The still's.
        pose: The camera now.
        base: The camera that saw the still.
        size: The picture's.
        enlarge: 0 or more: how much the view is magnified about its middle besides.
    """
    width, height, larger = size.width, size.height, 1 + enlarge
    across = relief.vanishing[0] * width + (pose.shift - base.shift) * height
    return Pinhole(
        x=pose.x - base.x,
        y=pose.y - base.y,
        z=pose.z - base.z,
        focal_pixels=relief.focal * width * larger * pose.focal / base.focal,
        column=width / 2 + (across - width / 2) * larger,
        row=height / 2 + (pose.horizon - 0.5) * height * larger,
        size=size,
        metric=relief.kind == "drawn",
    )


def view_over_still(
    relief: Relief, camera: Pinhole, source: Floats, *, veils: Sequence[Drawer] = (), stirs: NDArray[np.bool_] | None = None
) -> View:
    """The geometry of a view over a still.

    Args:
        relief: The still's.
        camera: The camera now.
        source: (rows, columns, 2): where each pixel lies in the still, in fractions of the still's width.
        veils: What is drawn over it and moves by itself.
        stirs: (rows, columns): where the still itself is bent, by waves say.
    """
    cells = relief.nearness.shape[1]
    cell = np.ascontiguousarray(source * np.float32(cells) - np.float32(0.5))
    near = cv2.remap(relief.nearness, cell[..., 0], cell[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    nothing = near < _SKY
    depth = np.asarray(1 / np.where(nothing, np.float32(1), near) - np.float32(camera.z), np.float32)
    depth[nothing] = np.inf
    motion = np.full(depth.shape, STILL, np.uint8)
    for veil in veils:
        motion[cover_of(veil, depth.shape) > FAINT] = UNKNOWN
    if stirs is not None:
        motion[stirs] = UNKNOWN
    # Past the still's own edges its border is mirrored: nothing is there.
    rows, columns = depth.shape
    x, y = source[..., 0], source[..., 1] * np.float32(columns / rows)
    motion[(x < 0) | (x > 1) | (y < 0) | (y > 1)] = UNKNOWN
    return View(camera=camera, depth=depth, motion=motion)
