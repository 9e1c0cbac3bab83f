"""Where the places of a picture are in another one, and which of them are there at all: dense flow there and back.

The flow is DIS, as for movement (``motion``). A place that flow leads to another picture, and that the flow back leads home from, is in
both; one that is not led home went behind something, or out of the picture, or was not found (N. Sundaram, T. Brox and K. Keutzer, "Dense
Point Trajectories by GPU-Accelerated Large Displacement Optical Flow", ECCV 2010). None of that asks how bright a place is, so that a
grade, which is what such places are compared for, does not decide which of them are.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.seams.motion import as_codes, like

Picture = NDArray[np.float32]

GUIDE_WIDTH = 240
"""Columns of the pictures that places are followed in."""
_FINEST_SCALE = 1
"""Flow is found down to half of that size, and drawn out."""
_SHARE, _PIXELS = 0.02, 0.125
"""How far from home a place may be led: squared, this share of the squared ways there and back, and so many square pixels of the guide."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """The places of one picture in another."""

    flow: Picture
    """(rows, columns, 2): to the right and down, pixels of the guide."""
    seen: Picture
    """(rows, columns): 1 where a place is in both pictures, else 0."""

    @property
    def share(self) -> float:
        """Of the picture's places that are in both."""
        return float(self.seen.mean())

    def brought(self, picture: Picture) -> Picture:
        """The other picture, (rows, columns) or with channels and of any size, as it looks in the places of this one."""
        rows, columns = picture.shape[:2]
        scale = columns / self.flow.shape[1]
        x, y = _places(_at_size(self.flow, rows, columns) * np.float32(scale))
        channels = picture if picture.ndim == 3 else picture[..., None]
        moved = [
            cv2.remap(np.ascontiguousarray(channels[..., each]), x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
            for each in range(channels.shape[2])
        ]
        return np.asarray(np.stack(moved, axis=-1).reshape(picture.shape), np.float32)

    def seen_at(self, rows: int, columns: int) -> Picture:
        """(rows, columns): how much of each place of a smaller picture is in both."""
        return _at_size(self.seen, rows, columns)


def followed(before: Picture, after: Picture) -> tuple[Followed, Followed]:
    """The places of each of two luma pictures, (rows, columns), 0 to 1, in the other one."""
    codes = as_codes(before), as_codes(like(after, before))
    engine = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    engine.setFinestScale(_FINEST_SCALE)
    there, back = (
        np.asarray(engine.calc(one, other, np.zeros((*before.shape, 2), np.float32)), np.float32) for one, other in (codes, codes[::-1])
    )
    return Followed(flow=there, seen=_seen(there, back)), Followed(flow=back, seen=_seen(back, there))


def _seen(there: Picture, back: Picture) -> Picture:
    rows, columns = there.shape[:2]
    x, y = _places(there)
    returned = np.asarray(cv2.remap(back, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32)
    ways = (there**2).sum(axis=-1) + (returned**2).sum(axis=-1)
    home = ((there + returned) ** 2).sum(axis=-1) < _SHARE * ways + _PIXELS
    inside = (x >= 0) & (x <= columns - 1) & (y >= 0) & (y <= rows - 1)
    return np.asarray(home & inside, np.float32)


def _places(flow: Picture) -> tuple[Picture, Picture]:
    """Where each place is led to: columns and rows."""
    x, y = np.meshgrid(np.arange(flow.shape[1], dtype=np.float32), np.arange(flow.shape[0], dtype=np.float32))
    return x + flow[..., 0], y + flow[..., 1]


def _at_size(values: Picture, rows: int, columns: int) -> Picture:
    return np.asarray(cv2.resize(values, (columns, rows), interpolation=cv2.INTER_AREA), np.float32)
