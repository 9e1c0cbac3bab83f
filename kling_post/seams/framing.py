"""Whether the picture as a whole goes on where it was and as fast as it was: offset, zoom and speed at a join that continues.

Every frame around the join is laid beside one and the same frame, the last outgoing one, tile by tile (``registration``): where its tiles
stand beside their usual movement is the path of the picture, so that parallax and things that move by themselves do not count. From frame
to frame an encoder carries pictures along a little wrong, water and leaves are followed in part, and such errors would add up on the way;
beside one frame they do not, and what is odd in that frame is the same for both sides. An encoder's key frame, and single frames after
it, may stand beside the path, and come back to it: so the two sides are compared by lines through several frames of the paths that such
frames do not tilt, both drawn to the middle of the join. A fault of the join moves all tiles alike, and for good: where an encoder leaves
slow movement undone, its key frame leads the picture by up to a pixel, which shrinks over three or four frames, so that a shift counts
only as far as it is still there behind the first incoming frames.

Water and leaves are followed less the further a frame lies from the one it is laid beside, on both sides of it, so that the lines do not
meet where there is no jump either. That lean is the footage's own: where a jump may be told, the same is measured beside frames within
the sides, and what all of them say alike is taken off.

The noise is what the same method finds at the places within the sides, where there is no jump, in the jump's own direction: a shot that
pans unevenly says little of its sideways place, and much of its height. Where the tiles go apart more over the join than within the
sides, as water does, and blocks that an encoder moves each in its own way, half of the noise is taken to grow as they do.

A jump, and a change of pace, is told where corners that are followed over the join see it as well (``corners``), if they stray as little
as the lines.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kling_post.seams.corners import Witness, nearest_jump
from kling_post.seams.leap import PATH_FRAMES, REFERENCE_WIDTH, ZOOM, Leap, leap_of, length_of, spread
from kling_post.seams.limits import LIMITS
from kling_post.seams.measure import Compared
from kling_post.seams.motion import Floats, Movement, step_between
from kling_post.seams.registration import Detail, stray_tiles, structure
from kling_post.seams.repeats import Repeats
from kling_post.seams.side import Side
from kling_post.seams.time_step import usual_field
from kling_post.seams.whole_picture import TileWeights, field_of, tile_weights
from kling_post.vocabulary import JoinKind

_USUAL_STEPS = 8
"""Steps on each side that say how the picture moves at the join."""
_FARTHER_STRAY = 0.75
"""Times the noise of the farther lines: what may be missing of a shift behind the first frames. From 0.5 to 1 little differs."""
_APART_FRAMES = 2
"""Between the frames within the sides that others are laid beside to see how the lines lean."""
_TELLING_NOISE = 2.0
"""Times the noise: a jump below that is not looked into further, since the noise raises its limit to three times itself."""
_AS_STEADY = 1.5
"""Times the noise of the lines: corners that stray farther are not heard."""
_PACE_NOISE = 2.0
"""Times the noise of the corners: a change of pace beyond that is seen by them."""
_MOST = 0.6
_SEEN_TWICE = 0.8
"""A jump that would not be told counts for so much if ``_MOST`` of it is still there behind the first frames and corners see it, too."""
_LIMITS = LIMITS[JoinKind.CONTINUE]


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
class _Frames:
    """The frames of both sides, and how their tiles move from one to the next. Fields of tiles: (tile rows, tile columns, 2)."""

    details: tuple[Detail, ...]
    strays: tuple[Floats, ...]
    """Fields, one fewer than there are frames: what the tiles do beyond their usual movement, as dense flow has it."""
    usual: Floats
    """(frames, tile rows, tile columns, 2): where the usual movement brings the tiles, from the first frame on."""
    join: int
    """The first incoming frame."""

    def sides(self) -> tuple[tuple[Floats, ...], tuple[Floats, ...]]:
        """The strays within either side."""
        return self.strays[: self.join - 1], self.strays[self.join :]

    def paths(self, weights: TileWeights) -> tuple[Floats, Floats]:
        """(frames, tile rows, tile columns, 2) of either side: where the tiles stand beside the last outgoing frame and the usual."""
        return self._paths_beside(self.join - 1, range(len(self.details)), weights)

    def paths_within(self, weights: TileWeights) -> list[tuple[Floats, Floats]]:
        """The same beside frames within the sides, where nothing jumps: of as many frames up to each and after it as lines go through."""
        sides = (range(self.join), range(self.join, len(self.details)))
        bases = [base for side in sides for base in side[PATH_FRAMES - 1 : -PATH_FRAMES : _APART_FRAMES]]
        return [self._paths_beside(base, range(base + 1 - PATH_FRAMES, base + 1 + PATH_FRAMES), weights) for base in bases]

    def _paths_beside(self, base: int, frames: range, weights: TileWeights) -> tuple[Floats, Floats]:
        """Where the tiles of some frames stand beside the ``base`` among them: of the frames up to it, and of those after it."""
        placed = {base: np.zeros_like(self.usual[0])}
        for frame in range(base + 1, frames.stop):
            placed[frame] = self._placed(base, frame, placed[frame - 1] + self.strays[frame - 1], weights)
        for frame in range(base - 1, frames.start - 1, -1):
            placed[frame] = self._placed(base, frame, placed[frame + 1] - self.strays[frame], weights)
        path, up_to = np.stack([placed[frame] for frame in frames]), base + 1 - frames.start
        return path[:up_to], path[up_to:]

    def _placed(self, base: int, frame: int, about: Floats, weights: TileWeights) -> Floats:
        """Where the tiles of a frame stand; as a whole they stand ``about`` there."""
        whole = field_of(weights.whole(about), about.shape, weights.aspect)
        usual = self.usual[frame] - self.usual[base]
        return whole + stray_tiles(usual + whole, self.details[base], self.details[frame])


def measure_framing(movement: Movement, outgoing: Side, incoming: Side, repeats: Repeats) -> Framing:
    """Compare the paths of the picture on both sides of a join.

    Repeated and held frames are left out first. Where so few pass for held that they are no fault, the movement may as well have slowed
    down there, and the framing is the one that goes on better.
    """
    framing = _measured(movement, outgoing, incoming, repeats)
    if 0 < repeats.held_tail_frames + repeats.held_head_frames <= _LIMITS.held_frames:
        none_held = replace(repeats, held_tail_frames=0, held_head_frames=0)
        framing = min(framing, _measured(movement, outgoing, incoming, none_held), key=_over_limits)
    return framing


def _measured(movement: Movement, outgoing: Side, incoming: Side, repeats: Repeats) -> Framing:
    """The framing without the frames that are repeated or held."""
    repeated = min(repeats.repeated_frames, outgoing.frames - 1)
    left_out = min(max(repeats.held_tail_frames, repeated - 1, 0), outgoing.frames - 1)
    held_head = min(repeats.held_head_frames, incoming.frames - 1)
    before, after = movement.before[: len(movement.before) - left_out], movement.after[held_head:]
    if not (before or after):
        nothing = Compared(step=0.0, noise=0.0)
        return Framing(offset_pixels=nothing, zoom_percent=nothing, velocity_pixels=nothing)
    near = (before[-_USUAL_STEPS:], after[:_USUAL_STEPS])
    usual_before, usual_after = usual_field(near[0] or near[1]), usual_field(near[1] or near[0])
    # The twin of a repeated frame shows the jump alone; otherwise one frame of movement stands between the two pictures.
    passed = 0.0 if repeated else 1.0 + repeats.skipped_frames
    join = movement.join if repeated <= 1 else step_between(outgoing.luma[-repeated], incoming.luma[0])
    luma = (*outgoing.luma[: outgoing.frames - left_out], *incoming.luma[held_head:])
    usual = [*[usual_before] * len(before), passed * (usual_before + usual_after) / 2, *[usual_after] * len(after)]
    frames = _Frames(
        details=tuple(Detail.of(picture) for picture in luma),
        strays=tuple(step.tiles - one for step, one in zip((*before, join, *after), usual, strict=True)),
        usual=np.cumsum([np.zeros_like(usual_before), *usual], axis=0),
        join=len(before) + 1,
    )
    tensors = np.mean([structure(detail) for detail in frames.details[frames.join - 1 : frames.join + 1]], axis=0)
    weights = tile_weights(tensors, frames.sides(), outgoing.luma.shape[1] / outgoing.luma.shape[2])
    jumped = leap_of(*frames.paths(weights), passed, tensors, weights)
    velocity = jumped.pace.weights.whole(jumped.pace.change + usual_after - usual_before)
    framing = _framing_of(jumped, velocity, passed)
    if _may_be_told(framing.offset_pixels, _LIMITS.framing_pixels) or _may_be_told(framing.zoom_percent, _LIMITS.zoom_percent):
        beside = jumped.beside(frames.paths_within(weights))
        framing = _framing_of(jumped.without_lean(beside), velocity, passed)
    goes_on_evenly = passed == 1 and left_out == held_head == 0
    return _as_corners_see_it(framing, velocity[:2], luma, frames.join) if goes_on_evenly else framing


def _framing_of(jumped: Leap, velocity: Floats, passed: float) -> Framing:
    """What a jump, and a change of velocity, (4,), come to."""
    length, grown = length_of(jumped.leap), (1 + jumped.lines.apart) / 2
    towards = jumped.leap[:2] / max(length, 1e-12)
    noise, farther = (grown * spread(within[:, :2] @ towards) for within in (jumped.within, jumped.staying_within))
    stays = min(length, max(float(jumped.staying[:2] @ towards), 0.0) + _FARTHER_STRAY * max(noise, farther))
    # Half of an honest change of speed may fall on the join itself.
    offset = max(stays - passed * max(length_of(velocity) - 3 * jumped.pace.unsteady, 0.0) / 2, 0.0)
    return Framing(
        offset_pixels=Compared(step=offset * REFERENCE_WIDTH, noise=noise * REFERENCE_WIDTH),
        zoom_percent=Compared(step=float(jumped.leap[ZOOM]) * 100, noise=grown * spread(jumped.within[:, ZOOM]) * 100),
        velocity_pixels=Compared(step=length_of(velocity) * REFERENCE_WIDTH, noise=jumped.pace.unsteady * REFERENCE_WIDTH),
        leap=(float(jumped.leap[0]), float(jumped.leap[1]), float(jumped.leap[ZOOM])),
    )


def _as_corners_see_it(framing: Framing, velocity: Floats, luma: tuple[NDArray[np.float32], ...], join: int) -> Framing:
    """The framing as far as corners confirm it; asked only where something would be told. ``velocity``: (2,), its change."""
    right, down, _ = framing.leap
    length = max(float(np.hypot(right, down)), 1e-12)
    at_most = framing.offset_pixels
    if at_most.step > _MOST * length * REFERENCE_WIDTH:
        at_most = replace(at_most, step=max(at_most.step, _SEEN_TWICE * length * REFERENCE_WIDTH))
    told = (
        (at_most, _LIMITS.framing_pixels),
        (framing.zoom_percent, _LIMITS.zoom_percent),
        (framing.velocity_pixels, _LIMITS.velocity_pixels),
    )
    if not any(_beyond(found, limit) for found, limit in told):
        return framing
    witness = nearest_jump(luma, join)
    if witness is None:
        return framing
    towards = np.array([right, down]) / length * REFERENCE_WIDTH
    shift = Compared(step=float(witness.leap[:2] @ towards), noise=spread(witness.within[:, :2] @ towards))
    grows = float(np.sign(framing.zoom_percent.step)) * 100
    zoom = Compared(step=float(witness.leap[2]) * grows, noise=spread(witness.within[:, 2] * 100))
    zoom_percent = _confirmed(framing.zoom_percent, framing.zoom_percent, zoom, _LIMITS.zoom_percent)
    return replace(
        framing,
        offset_pixels=_confirmed(framing.offset_pixels, at_most, shift, _LIMITS.framing_pixels),
        zoom_percent=replace(zoom_percent, step=float(np.copysign(zoom_percent.step, framing.zoom_percent.step))),
        velocity_pixels=_pace_confirmed(framing.velocity_pixels, velocity, witness),
    )


def _pace_confirmed(lines: Compared, velocity: Floats, witness: Witness) -> Compared:
    """The change of pace, or what corners say of it where they see none; theirs is the mean of many steps, and strays less."""
    if not (len(witness.pace_within) and np.isfinite(witness.pace).all()):
        return lines
    towards = velocity / max(float(np.hypot(*velocity)), 1e-12) * REFERENCE_WIDTH
    corners = Compared(step=float(witness.pace[:2] @ towards), noise=spread(witness.pace_within[:, :2] @ towards))
    seen = corners.step > max(_LIMITS.velocity_pixels, _PACE_NOISE * corners.noise)
    return lines if seen or corners.noise > _AS_STEADY * lines.noise else replace(corners, step=max(corners.step, 0.0))


def _confirmed(lines: Compared, at_most: Compared, corners: Compared, limit: float) -> Compared:
    """What the lines say, ``at_most`` where that alone may be told and corners see it; what corners say where they see no jump."""
    if corners.noise > _AS_STEADY * lines.noise:
        return lines
    if _beyond(lines, limit):
        return lines if _beyond(corners, limit) else replace(corners, step=max(corners.step, 0.0))
    return at_most if _beyond(at_most, limit) and _beyond(corners, limit) else lines


def _beyond(found: Compared, limit: float) -> bool:
    """Whether a step is larger than its limit, as the footage raises that."""
    return abs(found.step) > max(limit, _LIMITS.noise_factor * found.noise)


def _over_limits(framing: Framing) -> float:
    """How many times the limit of it the shift or the zoom is, whichever is more."""
    found = ((framing.offset_pixels, _LIMITS.framing_pixels), (framing.zoom_percent, _LIMITS.zoom_percent))
    return max(abs(each.step) / max(limit, _LIMITS.noise_factor * each.noise) for each, limit in found)


def _may_be_told(found: Compared, limit: float) -> bool:
    """Whether a jump is as large as its limit, or nearly as the footage raises that, so that its lean matters."""
    return abs(found.step) > max(limit, _TELLING_NOISE * found.noise)
