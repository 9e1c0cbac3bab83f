"""A decoded picture's planes as arrays: without a copy where the decoder's layout allows, always planar YCbCr 4:2:0 or grey."""

import re

import cv2
import numpy as np
from av.video.frame import VideoFrame
from av.video.plane import VideoPlane

from kling_post.media.frames import Plane

_PLANAR = re.compile(r"^yuv[aj]?(420|422|444|440)p(\d+le)?$")
_GREY = re.compile(r"^gray(\d+le)?$")
_CHROMA_STEPS = {"420": (1, 1), "422": (2, 1), "444": (2, 2), "440": (1, 2)}
"""How far chroma must be reduced in rows and columns to be 4:2:0, by the layout's name."""


def planes(frame: VideoFrame) -> tuple[int, Plane, Plane | None, Plane | None]:
    """Bit depth, luma and the two chroma planes of a picture; chroma is None for grey pictures.

    Luma is the decoder's own memory whenever the picture is planar. Chroma of 4:2:2, 4:4:0 and 4:4:4 is area-averaged to
    4:2:0; semi-planar, packed and RGB pictures are rewritten to planar YCbCr of the same depth (RGB by BT.709, limited range).
    """
    grey = _GREY.match(frame.format.name)
    if grey:
        return frame.format.components[0].bits, _view(frame.planes[0], frame), None, None
    planar = _PLANAR.match(frame.format.name)
    if not planar:
        frame = _as_planar(frame)
        planar = _PLANAR.match(frame.format.name)
        assert planar, frame.format.name
    blue, red = (_reduced(_view(frame.planes[plane], frame), *_CHROMA_STEPS[planar[1]], frame) for plane in (1, 2))
    return frame.format.components[0].bits, _view(frame.planes[0], frame), blue, red


def _as_planar(frame: VideoFrame) -> VideoFrame:
    bits = frame.format.components[0].bits
    depth = 8 if bits <= 8 else next((known for known in (9, 10, 12, 14, 16) if bits <= known), 16)
    name = "yuv420p" if depth == 8 else f"yuv420p{depth}le"
    if frame.format.is_rgb:
        return frame.reformat(format=name, dst_colorspace="ITU709", src_color_range="JPEG", dst_color_range="MPEG")
    return frame.reformat(format=name)


def _view(plane: VideoPlane, frame: VideoFrame) -> Plane:
    """The plane's samples as (rows, columns), backed by the decoder's buffer, which lives as long as the array."""
    samples = memoryview(plane)
    if frame.format.components[0].bits > 8:
        return np.frombuffer(samples, np.uint16).reshape(plane.height, plane.line_size // 2)[:, : plane.width]
    return np.frombuffer(samples, np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width]


def _reduced(plane: Plane, row_step: int, column_step: int, frame: VideoFrame) -> Plane:
    if row_step == column_step == 1:
        return plane
    size = ((frame.width + 1) // 2, (frame.height + 1) // 2)
    reduced: Plane = cv2.resize(plane, size, interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
    return reduced
