"""Whether the picture as a whole goes on where it was and as fast as it was: offset, zoom and speed at a join that continues.

Every step around the join is registered against the usual movement of its side, tile by tile, so that parallax and things that move by
themselves do not count (``registration``). What the picture as a whole strays from that movement adds up to its path. Encoders place
single frames beside the path, and the next frame comes back to it: so the two sides are compared by lines through several frames of
their paths, both drawn to the middle of the join. The noise is what the same method finds at the places within the sides, where there
is no jump.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from kling_post.seams.continuation import jump, jumps_within
from kling_post.seams.measure import Compared
from kling_post.seams.motion import Floats, Movement, Step, step_between
from kling_post.seams.registration import Detail, stray_tiles, structure
from kling_post.seams.repeats import Repeats
from kling_post.seams.side import Pictures, Side
from kling_post.seams.time_step import usual_field
from kling_post.seams.whole_picture import WHOLE, TileWeights, field_of, tile_weights

REFERENCE_WIDTH = 1920
"""Lengths are told in pixels of a picture this wide."""
_USUAL_STEPS = 8
"""Steps on each side that say how the picture moves at the join."""
_PATH_FRAMES = 6
"""Frames on each side that the path is drawn through."""
_DISPLACED, _ENLARGED = 15 / 1920, 0.025
"""Of the width and of the size, for a loss of all likeness of the detail: so far the first key frame after a join leaps on footage that a
codec has let lag behind, over three."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Framing:
    """How the framing goes over a join."""

    offset_pixels: Compared
    """How far the picture jumps beyond what its movement on both sides accounts for."""
    zoom_percent: Compared
    velocity_pixels: Compared
    """Change of the picture's speed and direction, per frame."""
    leap: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """The jump itself: to the right and down, fractions of the width, and growth."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stretch:
    """Frames of one side and the steps between them."""

    details: tuple[Detail, ...]
    steps: tuple[Step, ...]
    usual: Floats
    """Field of tiles: the movement in one frame near the join."""

    def strays(self) -> list[Floats]:
        """By how much the tiles of each step stray from the usual movement, as dense flow has it."""
        return [step.tiles - self.usual for step in self.steps]

    def registered(self, weights: TileWeights) -> list[Floats]:
        """The same to hundredths of a pixel."""
        pairs = zip(self.strays(), pairwise(self.details), strict=True)
        return [_registered(self.usual, weights.whole(strays), *details, weights.aspect) for strays, details in pairs]


def measure_framing(movement: Movement, outgoing: Side, incoming: Side, repeats: Repeats) -> Framing:
    """Compare the paths of the picture on both sides of a join; repeated and held frames are left out first."""
    repeated = min(repeats.repeated_frames, outgoing.frames - 1)
    left_out = min(max(repeats.held_tail_frames, repeated - 1, 0), outgoing.frames - 1)
    held_head = min(repeats.held_head_frames, incoming.frames - 1)
    steps_before, steps_after = movement.before[: len(movement.before) - left_out], movement.after[held_head:]
    if not (steps_before or steps_after):
        nothing = Compared(step=0.0, noise=0.0)
        return Framing(offset_pixels=nothing, zoom_percent=nothing, velocity_pixels=nothing)
    near = (steps_before[-_USUAL_STEPS:], steps_after[:_USUAL_STEPS])
    before = _stretch(outgoing.luma[: outgoing.frames - left_out], steps_before, near[0] or near[1])
    after = _stretch(incoming.luma[held_head:], steps_after, near[1] or near[0])
    # The twin of a repeated frame shows the jump alone; otherwise one frame of movement stands between the two pictures.
    passed = 0.0 if repeated else 1.0 + repeats.skipped_frames
    join = movement.join if repeated <= 1 else step_between(outgoing.luma[-repeated], incoming.luma[0])
    tensors = np.mean([structure(before.details[-1]), structure(after.details[0])], axis=0)
    aspect = outgoing.luma.shape[1] / outgoing.luma.shape[2]
    weights = tile_weights(tensors, (before.strays(), after.strays()), aspect)
    strays = (before.registered(weights), after.registered(weights))
    weights = tile_weights(tensors, strays, aspect)
    path_before, path_after = (_path(fields, weights) for fields in strays)
    path_after = path_after + path_before[-1] + _over_join(before, after, join, passed, weights)
    leap, change = jump(path_before, path_after, reach=_PATH_FRAMES, passed=passed)
    change = change + weights.whole(after.usual - before.usual)
    found = [*_strays(path_before), *_strays(path_after)] or [(np.zeros(4), np.zeros(4))]
    unsteady = _spread([_length(change_within) for _, change_within in found])
    lost = _lost(join, (*near[0], *near[1]))
    shift_noise = max(_spread([_length(each) for each, _ in found]), _DISPLACED * lost)
    zoom = WHOLE.index("zoom")
    zoom_noise = max(_spread([float(each[zoom]) for each, _ in found]), _ENLARGED * lost)
    # Half of an honest change of speed may fall on the join itself.
    offset = _length(leap) - passed * max(_length(change) - 3 * unsteady, 0.0) / 2
    return Framing(
        offset_pixels=Compared(step=max(offset, 0.0) * REFERENCE_WIDTH, noise=shift_noise * REFERENCE_WIDTH),
        zoom_percent=Compared(step=float(leap[zoom]) * 100, noise=zoom_noise * 100),
        velocity_pixels=Compared(step=_length(change) * REFERENCE_WIDTH, noise=unsteady * REFERENCE_WIDTH),
        leap=(float(leap[0]), float(leap[1]), float(leap[zoom])),
    )


def _stretch(luma: Pictures, steps: tuple[Step, ...], near: Sequence[Step]) -> _Stretch:
    """A side; ``near`` are the steps that say what is usual."""
    return _Stretch(details=tuple(Detail.of(picture) for picture in luma), steps=steps, usual=usual_field(near))


def _registered(usual: Floats, over: Floats, before: Detail, after: Detail, aspect: float) -> Floats:
    """By how much the tiles stray from the usual movement, where the picture as a whole strays by about ``over``."""
    field = field_of(over, usual.shape, aspect)
    return field + stray_tiles(usual + field, before, after)


def _over_join(before: _Stretch, after: _Stretch, join: Step, passed: float, weights: TileWeights) -> Floats:
    """(4,): what the whole picture does over the join beyond its movement, registered twice, since it may be much."""
    usual = passed * (before.usual + after.usual) / 2
    over = weights.whole(join.tiles - usual)
    for _ in range(2):
        over = weights.whole(_registered(usual, over, before.details[-1], after.details[0], weights.aspect))
    return over


def _path(strays: Sequence[Floats], weights: TileWeights) -> Floats:
    """(frames, 4): where the whole picture stands beside its usual movement, from the first frame on."""
    wholes = np.array([weights.whole(field) for field in strays]).reshape(-1, 4)
    return np.concatenate([np.zeros((1, 4)), np.cumsum(wholes, axis=0)])


def _strays(path: Floats) -> list[tuple[Floats, Floats]]:
    """What the same comparison says at the places within a side, where there is no jump."""
    return jumps_within(path, reach=_PATH_FRAMES, least=min(_PATH_FRAMES, max(len(path) // 2, 2)))


def _lost(join: Step, near: Sequence[Step]) -> float:
    """How much less alike the detail is over the join than within the sides, 0 to 1: what the two sides' coding has done to it."""
    return max(float(np.median([step.detail_likeness for step in near])) - join.detail_likeness, 0.0)


def _length(whole: Floats) -> float:
    """Of the shift, a fraction of the width."""
    return float(np.hypot(whole[0], whole[1]))


def _spread(values: Sequence[float]) -> float:
    return float(np.sqrt(np.mean(np.square(values))))
