"""Pixels that show the same thing on both sides of a join: what a colour transform may be fitted to."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.repair.window import Window
from kling_post.seams.motion import as_codes, like

Floats = NDArray[np.float64]
Pictures = NDArray[np.float32]

_SOFTENED = 1.5
"""Sigma, in pixels of the small picture: grain and a difference of sharpness then do not pass for a difference of colour."""
_ASTRAY = 0.75
"""Forward and backward flow that miss each other by more, in pixels of the small picture, show something moving or uncovered."""
_EVEN = 0.5
"""The share of the pixels with the least detail around them that is used: on an edge, a flow that is slightly off looks like a colour."""
_CLIPPED = (0.03, 0.97)
"""R'G'B' outside of these has lost what it was."""
_BORDER = 0.03
_MOST_PIXELS = 12_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """Colours that belong together: (pixels, 3) R'G'B' each."""

    incoming: Floats
    outgoing: Floats
    tile: NDArray[np.int64]
    """(pixels,): which tile of the picture each is from, for fits that are tried on other tiles than they are made from."""
    share: float
    """Of the picture's pixels that could be used, 0 to 1."""


def matched_pixels(outgoing: Window, incoming: Window, *, repeated_frames: int = 0) -> Matched:
    """Pair the pixels of frames next to the join along the optical flow between them.

    Where the incoming side begins with ``repeated_frames`` that the outgoing one ended with, those twins are compared; elsewhere the
    nearest frames across the join. Left out are pixels whose flow does not lead back, those beside edges, clipped ones, and the
    picture's border.

    A take's very first frame stands by itself in the stream, while all others are predicted, and the rounding of H.264's and HEVC's
    prediction makes those lighter by up to half a code. Along a chain that would add up, so that frame is not compared where there
    are others.
    """
    skipped = 1 if incoming.opens_take and len(incoming.frames) > 1 else 0
    pairs = _pairs(outgoing, incoming, repeated_frames, skipped)
    found = [_pair(outgoing.colours(one), incoming.colours(other)) for one, other in pairs]
    before, after, tile = (np.concatenate(parts) for parts in zip(*(pair[:3] for pair in found), strict=True))
    every = max(1, -(-len(before) // _MOST_PIXELS))
    return Matched(incoming=after[::every], outgoing=before[::every], tile=tile[::every], share=float(np.mean([pair[3] for pair in found])))


def _pairs(outgoing: Window, incoming: Window, repeated_frames: int, skipped: int) -> list[tuple[int, int]]:
    """Places of frames on both sides, without the first ``skipped`` incoming ones."""
    last, frames = len(outgoing.frames) - 1, len(incoming.frames)
    if repeated_frames > skipped:
        twins = [(last + 1 - repeated_frames + place, place) for place in range(skipped, min(repeated_frames, frames))]
        return [twin for twin in twins if twin[0] >= 0][-3:] or [(last, min(repeated_frames, frames - 1))]
    near = [(last, skipped), (last - 1, skipped), (last, skipped + 1), (last - 1, skipped + 1)]
    return [(one, other) for one, other in near if one >= 0 and other < frames]


def _pair(before: tuple[Pictures, Pictures], after: tuple[Pictures, Pictures]) -> tuple[Floats, Floats, NDArray[np.int64], float]:
    (luma, rgb), (other_luma, other_rgb) = before, after
    rows, columns = luma.shape
    alike = like(other_luma, luma)
    forth, back = _flow(luma, alike), _flow(alike, luma)
    across, down = np.meshgrid(np.arange(columns, dtype=np.float32), np.arange(rows, dtype=np.float32))
    to = (across + forth[..., 0], down + forth[..., 1])
    missed = np.hypot(*np.moveaxis(cv2.remap(back, *to, cv2.INTER_LINEAR, borderValue=(99, 99)) + forth, -1, 0))
    soft = [cv2.GaussianBlur(picture, (0, 0), _SOFTENED) for picture in (rgb, other_rgb)]
    brought = cv2.remap(soft[1], *to, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    good = missed < _ASTRAY
    for picture in (soft[0], brought):
        good &= (picture > _CLIPPED[0]).all(axis=-1) & (picture < _CLIPPED[1]).all(axis=-1)
    detail = sum(np.hypot(cv2.Sobel(p, cv2.CV_32F, 1, 0), cv2.Sobel(p, cv2.CV_32F, 0, 1)).max(axis=-1) for p in (soft[0], brought))
    good &= detail <= np.quantile(detail[good], _EVEN) if good.any() else False
    margin = max(2, round(_BORDER * columns))
    good[:margin] = good[-margin:] = False
    good[:, :margin] = good[:, -margin:] = False
    tile = (down // 20).astype(np.int64) * 1000 + (across // 20).astype(np.int64)
    return soft[0][good].astype(np.float64), brought[good].astype(np.float64), tile[good], float(good.mean())


def _flow(one: Pictures, other: Pictures) -> Pictures:
    """Dense inverse search (Kroeger et al., ECCV 2016), as for the seams' movement."""
    engine = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
    return np.asarray(engine.calc(as_codes(one), as_codes(other), np.zeros((*one.shape, 2), np.float32)), np.float32)
