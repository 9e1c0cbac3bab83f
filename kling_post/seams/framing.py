"""Whether the picture as a whole goes on where it was and as fast as it was: offset, zoom and speed at a join that continues."""

from dataclasses import dataclass

import numpy as np

from kling_post.seams.measure import Compared, SeamMeasurements
from kling_post.seams.motion import Step, step_between
from kling_post.seams.side import Side

REFERENCE_WIDTH = 1920
"""Lengths are told in pixels of a picture this wide."""
_NEAR_STEPS = 5
"""Steps on each side that say how the picture moves at the join."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Framing:
    """How the framing goes over a join."""

    offset_pixels: Compared
    """How far the picture jumps beyond what its movement on both sides accounts for."""
    zoom_percent: Compared
    velocity_pixels: Compared
    """Change of the picture's speed and direction, per frame."""


def measure_framing(measured: SeamMeasurements, outgoing: Side, incoming: Side, *, repeated_frames: int = 0) -> Framing:
    """Compare the step over the join with the steps on both sides; ``repeated_frames`` of the incoming side are left out first."""
    kept = min(repeated_frames, incoming.frames - 1)
    join = measured.join if kept == 0 else step_between(outgoing.luma[-1], incoming.luma[kept])
    before, after = measured.before[-_NEAR_STEPS:], measured.after[kept : kept + _NEAR_STEPS]
    near = (*before, *after)
    if not near:
        nothing = Compared(step=0.0, noise=0.0)
        return Framing(offset_pixels=nothing, zoom_percent=nothing, velocity_pixels=nothing)
    end, start = _velocity(before or near), _velocity(after or near)
    change = np.hypot(*(start - end))
    # Half of an honest change of speed falls on the join itself.
    offset = np.hypot(*(np.array([join.right, join.down]) - (end + start) / 2)) - change / 2
    spread = max(_spread(before, end), _spread(after, start))
    zooms = np.array([step.zoom for step in near])
    return Framing(
        offset_pixels=Compared(step=max(float(offset), 0.0) * REFERENCE_WIDTH, noise=spread * REFERENCE_WIDTH),
        zoom_percent=Compared(
            step=(join.zoom - float(np.median(zooms))) * 100,
            noise=148.26 * float(np.median(np.abs(zooms - np.median(zooms)))),
        ),
        velocity_pixels=Compared(step=float(change) * REFERENCE_WIDTH, noise=spread * REFERENCE_WIDTH),
    )


def _velocity(steps: tuple[Step, ...]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array([np.median([step.right for step in steps]), np.median([step.down for step in steps])])


def _spread(steps: tuple[Step, ...], velocity: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
    """Robust spread of the steps about their median velocity, a fraction of the width."""
    if not steps:
        return 0.0
    return 1.4826 * float(np.median([np.hypot(step.right - velocity[0], step.down - velocity[1]) for step in steps]))
