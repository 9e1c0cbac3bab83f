"""Which steps from frame to frame hold the picture, and which of those stop a movement; for freezes and duplicates."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kling_post.vocabulary import FrameRange

Values = NDArray[np.float64]
Signals = Mapping[str, Mapping[str, Values]]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldLimits:
    """What a held step is; lengths in pixels of the working picture, whose longer side is at most 480."""

    whole_pixels: float = 0.02
    """Displacement of the whole picture. Measured under grain and re-encoding: held up to 0.005, slow pans from 0.06."""
    tile_pixels: float = 0.03
    """Displacement that nine tiles of ten stay under."""
    tile_ratio: float = 2.0
    """Largest over median change of a tile: 1.1 to 1.3 for grain alone, from 4 where a small thing moves."""
    moving_pixels: float = 0.1
    """A side of the run moves where its tiles are displaced by this: less cannot be told from a locked camera."""
    abrupt_share: float = 0.35
    """The step next to the run must be this share of the movement before it; a camera that eases out falls below."""


def held_steps(signals: Signals, limits: HeldLimits) -> NDArray[np.bool_]:
    """Per frame: whether it shows the same moment as the frame before. False at frame 0."""
    moved = signals["displacement"]
    tiles = np.where(np.isnan(moved["tile_p90"]), moved["whole"], moved["tile_p90"])
    still = (moved["whole"] < limits.whole_pixels) & (tiles < limits.tile_pixels) & (moved["tile_ratio"] < limits.tile_ratio)
    # A fade or a flash does not move anything, but it is not a held frame.
    unchanged = np.abs(np.diff(signals["luma"]["mean"], prepend=np.nan)) < 0.75
    return np.asarray((still & unchanged) | (signals["luma"]["identical"] == 1))


def movement_beside(signals: Signals, steps: FrameRange, shot: FrameRange, limits: HeldLimits) -> tuple[float, float]:
    """How far the picture moves right before and right after a run of held steps, in its shot; 0 where it eases or nothing is there.

    The movement is the median of the six steps on that side; it counts only if the nearest step belongs to it, so that a
    camera coming to rest is not taken for a stop.
    """
    moved = np.nan_to_num(signals["displacement"]["tile_p90"])
    before = moved[max(shot.start + 1, steps.start - 6) : steps.start]
    after = moved[steps.stop : min(shot.stop, steps.stop + 6)]
    return _abrupt(before, -1, limits), _abrupt(after, 0, limits)


def _abrupt(side: Values, nearest: int, limits: HeldLimits) -> float:
    if side.size == 0:
        return 0.0
    usual = float(np.median(side))
    return usual if usual >= limits.moving_pixels and side[nearest] >= limits.abrupt_share * usual else 0.0


def shot_of(frame: int, shots: tuple[FrameRange, ...]) -> FrameRange:
    """The shot that holds a frame."""
    return next(shot for shot in shots if shot.start <= frame < shot.stop)
