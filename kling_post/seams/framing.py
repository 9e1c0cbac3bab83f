"""Whether the picture as a whole goes on where it was and as fast as it was: offset, zoom and speed at a join that continues.

Every step around the join is registered against the usual movement of its side, tile by tile, so that parallax and things that move by
themselves do not count (``registration``). What a tile strays from that movement adds up to its path. An encoder's key frame, and single
frames after it, may stand beside the path, and come back to it: so the two sides are compared by lines through several frames of the
paths that such frames do not tilt, both drawn to the middle of the join. A fault of the join moves all tiles alike, and for good.

The noise is what the same method finds at the places within the sides, where there is no jump, as many times over as the tiles go
apart more over the join than they do there: water, leaves, and blocks that an encoder moves each in its own way.
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
    path_before, path_after = (_path(side.registered(weights), before.usual.shape) for side in (before, after))
    path_after = path_after + path_before[-1] + _over_join(before, after, join, passed, weights)
    jumped = _jump_of(path_before, path_after, passed, tensors, weights)
    change = jumped.weights.whole(jumped.change + after.usual - before.usual)
    # Half of an honest change of speed may fall on the join itself.
    offset = _length(jumped.leap) - passed * max(_length(change) - 3 * jumped.unsteady, 0.0) / 2
    zoom = WHOLE.index("zoom")
    return Framing(
        offset_pixels=Compared(step=max(offset, 0.0) * REFERENCE_WIDTH, noise=jumped.noise_of_shift * REFERENCE_WIDTH),
        zoom_percent=Compared(step=float(jumped.leap[zoom]) * 100, noise=jumped.noise_of_zoom * 100),
        velocity_pixels=Compared(step=_length(change) * REFERENCE_WIDTH, noise=jumped.unsteady * REFERENCE_WIDTH),
        leap=(float(jumped.leap[0]), float(jumped.leap[1]), float(jumped.leap[zoom])),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Jump:
    """What the whole picture does at the join beyond what the paths of its tiles lead to."""

    leap: Floats
    """(4,), as ``WHOLE``."""
    change: Floats
    """Field of tiles: of their speed beside the usual one."""
    noise_of_shift: float
    noise_of_zoom: float
    unsteady: float
    """Noise of the speed."""
    weights: TileWeights
    """Tiles by how well the comparison holds for them within the sides."""


def _jump_of(before: Floats, after: Floats, passed: float, tensors: Floats, weights: TileWeights) -> _Jump:
    """From the paths of the tiles on both sides, (frames, tile rows, tile columns, 2), and what the tiles show.

    ``weights`` serve where the sides are too short to say how steady their tiles are.
    """
    shape = before.shape[1:]
    flat = [path.reshape(len(path), -1) for path in (before, after)]
    leap, change = (each.reshape(shape) for each in jump(*flat, reach=_PATH_FRAMES, passed=passed, steady=True))
    within = [[(one.reshape(shape), other.reshape(shape)) for one, other in _jumps_within(path)] for path in flat]
    found = [each for side in within for each in side]
    if found:
        weights = tile_weights(tensors, [[one for one, _ in side] for side in within], weights.aspect)
    whole, wholes = weights.whole(leap), [weights.whole(one) for one, _ in found]
    usual = _spread([weights.unevenness(one, each) for (one, _), each in zip(found, wholes, strict=True)])
    apart = max(weights.unevenness(leap, whole) / max(usual, 1e-12), 1.0)
    return _Jump(
        leap=whole,
        change=change,
        noise_of_shift=apart * _spread([_length(each) for each in wholes]),
        noise_of_zoom=apart * _spread([float(each[WHOLE.index("zoom")]) for each in wholes]),
        unsteady=_spread([_length(weights.whole(other)) for _, other in found]),
        weights=weights,
    )


def _stretch(luma: Pictures, steps: tuple[Step, ...], near: Sequence[Step]) -> _Stretch:
    """A side; ``near`` are the steps that say what is usual."""
    return _Stretch(details=tuple(Detail.of(picture) for picture in luma), steps=steps, usual=usual_field(near))


def _registered(usual: Floats, over: Floats, before: Detail, after: Detail, aspect: float) -> Floats:
    """By how much the tiles stray from the usual movement, where the picture as a whole strays by about ``over``."""
    field = field_of(over, usual.shape, aspect)
    return field + stray_tiles(usual + field, before, after)


def _over_join(before: _Stretch, after: _Stretch, join: Step, passed: float, weights: TileWeights) -> Floats:
    """Field of tiles: what they do over the join beyond their movement, registered twice, since it may be much."""
    usual = passed * (before.usual + after.usual) / 2
    field = join.tiles - usual
    for _ in range(2):
        field = _registered(usual, weights.whole(field), before.details[-1], after.details[0], weights.aspect)
    return field


def _path(strays: Sequence[Floats], shape: tuple[int, ...]) -> Floats:
    """(frames, tile rows, tile columns, 2): where each tile stands beside its usual movement, from the first frame on."""
    return np.cumsum([np.zeros(shape), *strays], axis=0)


def _jumps_within(path: Floats) -> list[tuple[Floats, Floats]]:
    """What the same comparison says at the places within a side, where there is no jump."""
    return jumps_within(path, reach=_PATH_FRAMES, least=min(_PATH_FRAMES, max(len(path) // 2, 2)), steady=True)


def _length(whole: Floats) -> float:
    """Of the shift, a fraction of the width."""
    return float(np.hypot(whole[0], whole[1]))


def _spread(values: Sequence[float]) -> float:
    """Root mean square; 0 of nothing."""
    return float(np.sqrt(np.mean(np.square(values)))) if len(values) else 0.0
