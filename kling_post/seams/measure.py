"""What both sides of a join look like and how they move, as numbers; no opinion and no limit.

Each property is compared at the join itself: a line through the frames of each side is drawn to the middle of the join, so that a picture
that was brightening anyway does not count as a step (``continuation``). The lines run along what neighbouring frames have in common
(``aligned``), so that things that come into the picture do not count either. Next to each step stands the *noise*: what the same method
finds at the places within the sides, where there is no join.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kling_post.seams.aligned import ALIKE, LOOKS, SmallPictures, change, curve_of, looks_of, small_pictures
from kling_post.seams.continuation import beside_the_next, continued
from kling_post.seams.motion import Movement, Step, movement_around, step_between
from kling_post.seams.repeats import Repeats
from kling_post.seams.side import Side
from kling_post.signals.kernels.perceptual import delta_e_itp
from kling_post.vocabulary import SideLooks

Floats = NDArray[np.float64]

_SHARPEST = 80
"""Percentile of a side's frames that says how sharp it is."""
_HALVES_STRAY = 1.6
"""By how much the larger of two differences between halves of sides is greater, on average, than what the step between the whole sides
strays by: halves have half as many frames (a factor of root 2), and of two Gaussian values the larger is 1.13 deviations from 0."""
_TEXTURE = 1.2
"""Fine over coarse energy of the noisiest texture there is; noise itself has 4. Natural pictures have about 1 (D. J. Field, 1987)."""
_TEXTURE_CHANGE = 0.1
"""Share of a texture's energy that a change of contrast of five per cent makes, and that is not grain."""
_FLASH_FRAMES, _FLASH_REACHES = 12, (5, 8)
"""Next to the join, in which a flash is looked for, and how many of them the line is drawn through that it is held against."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One property at a join: its step from the outgoing to the incoming side, and what the footage varies by itself."""

    step: float
    noise: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SeamMeasurements:
    """All that was measured at one join."""

    before: tuple[Step, ...]
    """Steps within the outgoing side."""
    join: Step
    """From the last outgoing to the first incoming frame."""
    after: tuple[Step, ...]
    """Steps within the incoming side."""
    luma: Compared
    """In percent of the range from black to white."""
    colour: Compared
    """In Delta E ITP, lightness included."""
    black: Compared
    """In percent of the range."""
    contrast: Compared
    """In percent of the outgoing side's contrast."""
    saturation: Compared
    """In percent of the outgoing side's saturation."""
    sharpness: Compared
    """Incoming over outgoing, less 1, in percent."""
    grain: Compared
    """Standard deviation of the noise, in 8-bit codes."""
    flash_before: Compared
    """How far the last outgoing frame's colour lies from where the frames before it lead, Delta E ITP."""
    looks_before: SideLooks
    """How the outgoing side looks as a whole."""
    looks_after: SideLooks
    flash_after: Compared
    """How far the first incoming frame's colour lies from where the frames after it lead, Delta E ITP."""


def _scaled(value: Compared, scale: float) -> Compared:
    return Compared(step=value.step * scale, noise=value.noise * scale)


def _ratio(value: Compared) -> Compared:
    """A step of logarithms, in percent."""
    return Compared(step=100 * float(np.expm1(value.step)), noise=100 * float(np.expm1(value.noise)))


def _colour(axes: list[Compared]) -> Compared:
    """Delta E ITP of the steps of ICtCp; the noise in the same unit."""
    step, noise = (np.array([getattr(axis, name) for axis in axes]) for name in ("step", "noise"))
    return Compared(step=float(delta_e_itp(step, np.zeros(3))), noise=float(delta_e_itp(noise, np.zeros(3))))


def _flash(colours: Floats, beyond: Floats) -> Compared:
    """How far the first frame's colour lies from where the frames after it lead; the noise is what those do themselves, as a rule.

    Of the two reaches the one counts by which they stray less. The median lets a flash of two frames be one. A flash stands out of what
    lies ``beyond`` the join as well, and is nothing between the two: where a shot is turning brighter, its last frame has begun to.
    """
    colours = colours[:_FLASH_FRAMES]
    if len(colours) < 4:
        return Compared(step=0.0, noise=0.0)
    tried = []
    for reach in _FLASH_REACHES:
        off = beside_the_next(colours, reach=min(reach, len(colours) - 2))
        other = beside_the_next(np.vstack([colours[:1], beyond[:reach]]), reach=min(reach, len(beyond)))[0]
        away = delta_e_itp(np.vstack([_off_the_way(off[0], other), off[1:]]), np.zeros(3))
        tried.append(Compared(step=float(away[0]), noise=float(np.median(away[1:]))))
    return min(tried, key=lambda one: one.noise)


def _off_the_way(one: Floats, other: Floats) -> Floats:
    """What lies so far from one place, and so far from another, beside the straight way between the two."""
    way = one - other
    share = np.clip(one @ way / max(float(way @ way), 1e-18), 0, 1)
    return np.asarray(one - share * way)


def _curves(
    outgoing: Side, incoming: Side, pictures: tuple[SmallPictures, SmallPictures], movement: Movement, repeats: Repeats
) -> tuple[Floats, Floats]:
    """The looks of both sides along what their frames have in common, the incoming side's set on the outgoing side's."""
    one, other = pictures
    before, after = curve_of(one, movement.before), curve_of(other, movement.after)
    # A repeated frame is compared with its own twin: the same picture, so that nothing but the grade can differ.
    back = max(1, min(repeats.repeated_frames, outgoing.frames))
    step = movement.join if back == 1 else step_between(outgoing.luma[-back], incoming.luma[0])
    if step.likeness < ALIKE:
        back = 1
    return before, after + before[-back] + change(one, outgoing.frames - back, other, 0, step)


def measure_seam(outgoing: Side, incoming: Side, movement: Movement | None = None, repeats: Repeats | None = None) -> SeamMeasurements:
    """Measure a join from the last frames of the outgoing and the first frames of the incoming clip, of one picture size.

    Args:
        outgoing: Frames before the join.
        incoming: Frames after the join.
        movement: Around the join; measured here where it is not given.
        repeats: Frames that come twice or are missing, as far as that is known.
    """
    movement = movement or movement_around(outgoing.luma, incoming.luma)
    repeats = repeats or Repeats()
    one, other = small_pictures(outgoing), small_pictures(incoming)
    before, after = _curves(outgoing, incoming, (one, other), movement, repeats)
    # Where frames come twice both sides have gone on since: they meet at the twin of the first incoming frame, no time apart.
    until = outgoing.frames - min(max(repeats.repeated_frames - 1, 0), outgoing.frames - 1)
    steps, noises = continued(before[:until], after, passed=repeats.frames_passed)
    looks = {name: Compared(step=float(step), noise=float(noise)) for name, step, noise in zip(LOOKS, steps, noises, strict=True)}
    colours = slice(LOOKS.index("intensity"), LOOKS.index("protan") + 1)
    return SeamMeasurements(
        before=movement.before,
        join=movement.join,
        after=movement.after,
        luma=_scaled(looks["luma"], 100),
        colour=_colour([looks[name] for name in LOOKS[colours]]),
        black=_scaled(looks["black"], 100),
        contrast=_ratio(looks["contrast"]),
        saturation=_ratio(looks["saturation"]),
        sharpness=_ratio(_sharpness(np.log(outgoing.sharpness + 1e-6), np.log(incoming.sharpness + 1e-6))),
        grain=_grain(outgoing, incoming),
        looks_before=looks_of(one, outgoing.sharpness),
        looks_after=looks_of(other, incoming.sharpness),
        flash_before=_flash(before[::-1, colours], after[:, colours]),
        flash_after=_flash(after[:, colours], before[::-1, colours]),
    )


def _sharpness(before: Floats, after: Floats) -> Compared:
    """The step of the sharpest fifth of the frames: those that others are predicted from, on either side.

    What lies between them is softer by what the encoder leaves out, and how many of which kind stand next to the join is chance. The noise
    follows from what the same comparison finds between the halves of a side.
    """

    def sharpest(values: Floats) -> float:
        return float(np.percentile(values, _SHARPEST))

    halves = [(values[: len(values) // 2], values[len(values) // 2 :]) for values in (before, after) if len(values) >= 6]
    noise = max((abs(sharpest(late) - sharpest(early)) for early, late in halves), default=0.0)
    return Compared(step=sharpest(after) - sharpest(before), noise=noise / _HALVES_STRAY)


def _grain(outgoing: Side, incoming: Side) -> Compared:
    """The noise that one side has and the other has not; its noise is what the halves of a side differ by.

    The noise of a frame says little, and its place in the group of pictures much: sides are compared by the means over all their frames.
    """
    sides = []
    for side in (outgoing, incoming):
        known = np.isfinite(side.grain)
        coarse = side.coarse_grain if len(side.coarse_grain) == len(side.grain) else np.zeros_like(side.grain)
        sides.append((side.grain[known] ** 2, coarse[known] ** 2))
    if not all(len(fine) for fine, _ in sides):
        return Compared(step=0.0, noise=0.0)
    halves = [[tuple(part[cut] for part in side) for cut in (np.s_[: len(side[0]) // 2], np.s_[len(side[0]) // 2 :])] for side in sides]
    within = max((abs(_more_noise(*early, *late)) for early, late in halves if len(early[0])), default=0.0)
    return Compared(step=_more_noise(*sides[0], *sides[1]), noise=within / 3)


def _more_noise(fine_before: Floats, coarse_before: Floats, fine_after: Floats, coarse_after: Floats) -> float:
    """The noise that comes or goes between two sets of frames, in quadrature: independent noises add as squares. All are variances.

    Texture that contrast raises grows at both scales, noise at the finer one: what the coarser scale accounts for is taken out.
    """
    before, below_before, after, below_after = (float(np.mean(part)) for part in (fine_before, coarse_before, fine_after, coarse_after))
    ratio = min((before + after) / max(below_before + below_after, 1e-6), _TEXTURE)
    # White noise of variance v is v in the fine band and v / 4 in the coarse one; texture changes by a part of what was there.
    texture = (below_after - below_before - (after - before) / 4) / (1 - ratio / 4)
    most = _TEXTURE_CHANGE * min(below_before, below_after)
    more = after - before - ratio * float(np.clip(texture, -most, most))
    return float(np.sign(more) * np.sqrt(abs(more)))
