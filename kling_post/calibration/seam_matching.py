"""What others do to colours at a join, on the same joins: statistics of whole frames matched, once or frame by frame.

E. Reinhard, M. Ashikhmin, B. Gooch and P. Shirley, "Color Transfer between Images" (IEEE CG&A 21, 2001) give every channel the mean and the
deviation of another picture, here in CIE L*a*b*. Fitted once, the first incoming frame is matched to the last outgoing one and all follow;
frame by frame, each incoming frame is matched to that one. Beside them stands the transform that our own repair fits, and only where the
scorecard finds something. Each is held against the same frames as they were before the fault was put in.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.media.frames import FrameView
from kling_post.media.rgb import ycbcr_to_rgb
from kling_post.repair.fit_colour import fit_colour
from kling_post.repair.matching import matched_pixels
from kling_post.repair.window import Window
from kling_post.signals.kernels.perceptual import delta_e_itp, ictcp

RgbFrame = NDArray[np.uint8]
Plane = NDArray[np.uint8] | NDArray[np.uint16]
Floats = NDArray[np.float32]

_SIZE = (160, 90)
_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)
_WEIGHTS = (0.2126, 0.0722)
_PAIRS = 5
"""Frames on each side that our own fit looks at."""
METHODS = ("as it is", "kling-post", "Reinhard, once", "Reinhard, frame by frame")


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOver:
    """What a method leaves of a step, or brings in, on the incoming side."""

    colour_delta_e_itp: float
    """Between the mean colours of its frames and of the clean ones, lightness included."""
    flicker_percent: float
    """The largest change of the mean luma from one frame to the next that the clean frames do not make, of the range."""


def left_over(
    outgoing: Sequence[FrameView], incoming: Sequence[FrameView], clean: Sequence[RgbFrame], *, found: bool
) -> Mapping[str, LeftOver]:
    """Every method on one join.

    Args:
        outgoing: Decoded frames before the join.
        incoming: Decoded frames after it.
        clean: The incoming frames without the fault, uncompressed.
        found: Whether the scorecard finds a step of looks, so that our own repair would do anything.
    """
    wanted = [_small(frame) for frame in clean]
    before, after = _lab(_rgb(outgoing[-1])), [_lab(_rgb(view)) for view in incoming]
    once = _statistics(after[0], before)
    ours = _ours(outgoing, incoming) if found else None
    pictures = {
        "as it is": [_rgb(view) for view in incoming],
        "kling-post": [_rgb(view) for view in incoming] if ours is None else ours,
        "Reinhard, once": [_from_lab(once(frame)) for frame in after],
        "Reinhard, frame by frame": [_from_lab(_statistics(frame, before)(frame)) for frame in after],
    }
    return {name: _compared(frames, wanted) for name, frames in pictures.items()}


def _ours(outgoing: Sequence[FrameView], incoming: Sequence[FrameView]) -> list[Floats] | None:
    """The incoming frames under the transform that our repair fits; None where it fits none."""
    before, after = (Window(frames=tuple(_planes(view) for view in views)) for views in (outgoing[-_PAIRS:], incoming))
    fitted = fit_colour(matched_pixels(before, after))
    if fitted is None:
        return None
    return [_of_planes(*planes, bit_depth=8) for planes in after.graded(fitted.transform).frames]


def _planes(view: FrameView) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]]:
    assert view.chroma_blue is not None
    assert view.chroma_red is not None
    luma, blue, red = (np.asarray(plane, np.uint8) for plane in (view.luma, view.chroma_blue, view.chroma_red))
    return luma, blue, red


def _rgb(view: FrameView) -> Floats:
    return _of_planes(view.luma, view.chroma_blue, view.chroma_red, bit_depth=view.bit_depth)


def _of_planes(luma: Plane, blue: Plane | None, red: Plane | None, *, bit_depth: int) -> Floats:
    # The reference encoder writes BT.709, limited range, whatever the size.
    rgb = ycbcr_to_rgb(luma, blue, red, bit_depth=bit_depth, full_range=False, weights=_WEIGHTS, size=_SIZE)
    return rgb.astype(np.float32) / np.float32(255)


def _small(frame: RgbFrame) -> Floats:
    return cv2.resize(np.asarray(frame), _SIZE, interpolation=cv2.INTER_AREA).astype(np.float32) / np.float32(255)


def _lab(rgb: Floats) -> Floats:
    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB), np.float32)


def _from_lab(lab: Floats) -> Floats:
    return np.clip(np.asarray(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB), np.float32), 0, 1)


def _statistics(source: Floats, target: Floats) -> Callable[[Floats], Floats]:
    """The transfer that gives ``source`` the mean and the deviation of ``target``."""
    source_mean, target_mean = source.mean(axis=(0, 1)), target.mean(axis=(0, 1))
    gain = target.std(axis=(0, 1)) / np.maximum(source.std(axis=(0, 1)), 1e-3)
    return lambda frame: np.asarray((frame - source_mean) * gain + target_mean, np.float32)


def _compared(frames: Sequence[Floats], wanted: Sequence[Floats]) -> LeftOver:
    pairs = list(zip(frames, wanted, strict=False))
    colours = np.array([[ictcp(np.clip(frame, 0, 1).astype(np.float64)).mean(axis=(0, 1)) for frame in pair] for pair in pairs[::3]])
    one, other = colours.mean(axis=0)
    off = np.array([float((frame @ _LUMA).mean() - (clean @ _LUMA).mean()) for frame, clean in pairs])
    flicker = float(np.abs(np.diff(off)).max()) if len(off) > 1 else 0.0
    return LeftOver(colour_delta_e_itp=float(delta_e_itp(one, other)), flicker_percent=100 * flicker)
