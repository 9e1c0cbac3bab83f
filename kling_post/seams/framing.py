"""Whether the picture as a whole goes on where it was and as fast as it was: offset, zoom and speed at a join that continues.

What the movement of the shot accounts for is taken out tile by tile before the whole picture's offset and zoom are fitted, so that
parallax and things that move by themselves do not count as a jump.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kling_post.seams.measure import Compared
from kling_post.seams.motion import Movement, Step, similarity, step_between
from kling_post.seams.repeats import Repeats
from kling_post.seams.side import Side
from kling_post.seams.time_step import usual_field

REFERENCE_WIDTH = 1920
"""Lengths are told in pixels of a picture this wide."""
_NEAR_STEPS = 5
"""Steps on each side that say how the picture moves at the join."""
_ZOOM_OF_SHIFT = 2.1
"""A tile that is off by one part of the width feigns a zoom of up to so many parts: its lever is a half of the width or less."""
_UNEVEN = 1.5
_DISPLACED = 26 / 1920
"""Lag of the detail, of the width, for a loss of all its likeness. This and the two above: measured on drawn scenes at CRF 28."""

Field = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Framing:
    """How the framing goes over a join."""

    offset_pixels: Compared
    """How far the picture jumps beyond what its movement on both sides accounts for."""
    zoom_percent: Compared
    velocity_pixels: Compared
    """Change of the picture's speed and direction, per frame."""
    offset_right: float = 0.0
    """The jump's two parts, fractions of the picture's width, the incoming picture lying further right or down where positive."""
    offset_down: float = 0.0


def measure_framing(movement: Movement, outgoing: Side, incoming: Side, repeats: Repeats) -> Framing:
    """Compare the step over the join with the steps on both sides; repeated and held frames are left out first."""
    repeated = min(repeats.repeated_frames, outgoing.frames - 1)
    # The twin of a repeated frame shows the jump alone; otherwise one frame of movement stands between the two pictures.
    join = movement.join if repeated <= 1 else step_between(outgoing.luma[-repeated], incoming.luma[0])
    passed = 0.0 if repeated else 1.0 + repeats.skipped_frames
    before = movement.before[: len(movement.before) - repeats.held_tail_frames][-_NEAR_STEPS:]
    after = movement.after[max(repeats.held_head_frames, repeated - 1, 0) :][:_NEAR_STEPS]
    near = (*before, *after)
    if not near:
        nothing = Compared(step=0.0, noise=0.0)
        return Framing(offset_pixels=nothing, zoom_percent=nothing, velocity_pixels=nothing)
    aspect = outgoing.luma.shape[1] / outgoing.luma.shape[2]
    end, start = usual_field(before or near), usual_field(after or near)
    right, down, zoom = _whole(join.tiles - passed * (end + start) / 2, aspect)
    change = float(np.hypot(*_whole(start - end, aspect)[:2]))
    # Half of an honest change of speed falls on the join itself.
    offset = float(np.hypot(right, down)) - passed * change / 2
    stray = np.array([*_strays(before, aspect), *_strays(after, aspect)] or [(0.0, 0.0, 0.0)])
    shift_noise = max(float(np.sqrt(np.mean(np.sum(stray[:, :2] ** 2, axis=1)))), _uneven(before, after), _coding(join, near))
    zoom_noise = max(float(np.sqrt(np.mean(stray[:, 2] ** 2))), _ZOOM_OF_SHIFT * shift_noise)
    return Framing(
        offset_pixels=Compared(step=max(offset, 0.0) * REFERENCE_WIDTH, noise=shift_noise * REFERENCE_WIDTH),
        zoom_percent=Compared(step=zoom * 100, noise=zoom_noise * 100),
        velocity_pixels=Compared(step=change * REFERENCE_WIDTH, noise=_unsteady(before, after, aspect) * REFERENCE_WIDTH),
        offset_right=right,
        offset_down=down,
    )


def _whole(field: Field, aspect: float) -> tuple[float, float, float]:
    """Shift to the right and down, fractions of the width, and zoom of a whole field of tiles."""
    right, down, zoom, _ = similarity(field, aspect=aspect)
    return right, down, zoom


def _strays(steps: Sequence[Step], aspect: float) -> list[tuple[float, float, float]]:
    """What the same comparison says of the steps within a side, each beside its neighbours, where there is no jump."""
    return [
        _whole(step.tiles - usual_field([steps[place - 1], steps[place + 1]]), aspect)
        for place, step in enumerate(steps)
        if 0 < place < len(steps) - 1
    ]


def _uneven(before: Sequence[Step], after: Sequence[Step]) -> float:
    """How unevenly a tile moves from step to step, as a codec makes it that lets parts of the picture stand and then catch up."""
    found = [0.0]
    for steps in (before, after):
        if len(steps) >= 3:
            fields = np.stack([step.tiles for step in steps])
            found.append(_UNEVEN * float(np.median(np.linalg.norm(fields - np.median(fields, axis=0), axis=-1))))
    return max(found)


def _coding(join: Step, near: Sequence[Step]) -> float:
    """How far the detail may have moved by coding alone, from how much less alike it is over the join than within the sides.

    A codec that spares bits lets fine detail lag behind the movement from frame to frame; the next key frame puts it where it belongs.
    The picture then jumps there indeed, but so it does at every key frame of that file.
    """
    lost = float(np.median([step.detail_likeness for step in near])) - join.detail_likeness
    return _DISPLACED * max(lost, 0.0)


def _unsteady(before: Sequence[Step], after: Sequence[Step], aspect: float) -> float:
    """How much the speed changes within the sides by itself over as many frames as lie between their middles."""
    changes = [0.0]
    for steps in (before, after):
        if len(steps) >= 4:
            half = len(steps) // 2
            late, early = usual_field(steps[half:]), usual_field(steps[:half])
            changes.append(float(np.hypot(*_whole(late - early, aspect)[:2])))
    return max(changes)
