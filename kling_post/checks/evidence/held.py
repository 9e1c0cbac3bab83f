"""Which steps from frame to frame hold the picture, and which of those stop a movement; for freezes and duplicates.

All lengths are root mean square displacements along one axis, every tile weighted by what its gradient can tell and noise taken
off, in pixels of the working picture, whose longer side is at most 480.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from kling_post.checks.check import Subject
from kling_post.checks.evidence.cut_detection import cut_frames
from kling_post.checks.evidence.fading import fades, light_jumps, strobes
from kling_post.checks.evidence.lagging import Paced, paced_steps
from kling_post.checks.evidence.runs import shots
from kling_post.checks.evidence.trend import steady_line
from kling_post.vocabulary import FrameRange

Values = NDArray[np.float64]
Signals = Mapping[str, Mapping[str, Values]]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldLimits:
    """What a held step is. Measured on re-encoded pans, dollies and water, with and without grain of sigma 3."""

    still_pixels: float = 0.02
    """A step shorter than this holds the picture, whatever is around it."""
    still_share: float = 0.3
    """So does one under this share of the movement next to it: coding noise after a stop reaches 0.25, rarely more."""
    tile_ratio: float = 2.5
    """Largest over median change of a tile: 1.1 to 1.9 for grain and coding, from 4 where a small thing moves."""
    tile_share: float = 0.5
    """Not asked where even the most changed tile changes less than this share of what it does beside."""
    middle_pixels: float = 0.03
    """The middle tile must hold too: less than this,"""
    middle_share: float = 0.35
    """or less than this share of what it moves by beside. Behind a figure drawn on twos the scenery goes on."""
    moving_pixels: float = 0.07
    """A side of the run moves from this length: less cannot be told from what an encoder leaves out and makes good later."""
    spread_pixels: float = 0.015
    """What the middle tile of a moving side moves by, noise taken off: where one thing moves and then rests, it does not."""
    grain_codes: float = 0.5
    """Or what the middle tile changes by: where grain runs over the whole picture, a freeze stops that too."""
    grain_share: float = 0.15
    """Change of the middle tile that is left of it in such a freeze."""
    rest_pixels: float = 0.05
    """What the middle tile moves by in the middle step of a run, noise taken off: a slow stretch of a fast shot moves further."""
    eased_share: float = 0.6
    """The six steps on a side must move by this share of the nearest 24: a camera that eases to rest slows down before."""
    abrupt_share: float = 0.35
    """The step next to the run must be this share of the movement before it; a camera that eases out falls below."""
    spread_share: float = 0.8
    """The same where an encoder may have spread the stop over the steps between."""


_NEIGHBOURS = 6
"""Steps on a side that say how far the picture moves there."""
_EASING = 24
"""Steps in which a camera eases."""
_BRIGHTER_CODES = 0.75
"""A fade or a flash does not move anything, but it is not a held frame."""
_CONTRAST = 2.0
"""Standard deviation of luma in 8-bit codes: less is a black or a plain picture."""
_LASTING_SHARE = 0.75
"""Of the steps on a side that must move: a figure that turns its head and rests does not make a moving shot."""
_GRADIENT = 0.05
"""Mean squared gradient, codes squared per pixel squared, below which nothing shows movement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """Every step of a clip; entry n leads to frame n."""

    lengths: Values
    """Pixels; 0 where there is no step or nothing to see."""
    lasting: Values
    """Pixels of movement shared with the steps two to four before and after: what grain and coding noise never have."""
    spread: Values
    """Pixels that the middle tile moves, or where no tile has enough gradient, the whole picture."""
    change: Values
    """Mean absolute difference of the middle tile, 8-bit codes."""
    most_change: Values
    """The same of the tile that changes most."""
    brighter: Values
    """Change of the mean luma, 8-bit codes."""
    difference: Values
    """Mean absolute difference of the working pictures, 8-bit codes."""
    held: NDArray[np.bool_]
    """Whether it holds the picture, seen from the movement on either side."""
    paced: Paced
    """The same seen by pace, which grain and coding do not reach."""
    shots: tuple[FrameRange, ...]


def steps_of(subject: Subject, limits: HeldLimits) -> Steps:
    """All steps of a clip and which of them hold the picture; worked out once for all checks that ask with the same limits."""
    name = f"steps by {[getattr(limits, each.name) for each in fields(HeldLimits)]}"
    found = subject.shared.get(name)
    if not isinstance(found, Steps):
        found = subject.shared[name] = _steps(subject.signals, limits)
    return found


def _steps(signals: Signals, limits: HeldLimits) -> Steps:
    """Held is false at frame 0 and at cuts."""
    moved = signals["displacement"]
    cuts = cut_frames(signals)
    in_shots = shots(len(moved["whole"]), cuts)
    lengths = _pixels(moved["accord"][:, 0] - moved["noise"], moved["gradient"])
    same = signals["luma"]["identical"] == 1
    brighter = np.diff(signals["luma"]["mean"], prepend=np.nan)
    unchanged = np.abs(brighter) < _BRIGHTER_CODES
    spread, rest = _or_whole(moved, "tile_median"), _or_whole(moved, "tile_p90")
    change = np.nan_to_num((moved["tile_change"] + 0.25) / moved["tile_ratio"] - 0.25)
    paced = paced_steps(moved, cuts, lengths=lengths, middle=spread, rest=rest, change=change, brighter=brighter)
    held = np.zeros(len(lengths), bool)
    for shot in in_shots:
        inside = slice(shot.start + 1, shot.stop)
        part = _Part(
            lengths=lengths[inside],
            spread=spread[inside],
            ratio=moved["tile_ratio"][inside],
            change=moved["tile_change"][inside],
        )
        held[inside] = (_still(part, limits, backwards=False) | _still(part, limits, backwards=True)) & unchanged[inside]
    return Steps(
        lengths=lengths,
        lasting=_lasting(moved),
        spread=spread,
        change=change,
        most_change=np.nan_to_num(moved["tile_change"]),
        brighter=brighter,
        difference=moved["difference"],
        # Between two fades there is nothing to see, and so nothing that could stand still.
        held=((held & ~paced.unlike) | same) & (signals["luma"]["spread"] >= _CONTRAST),
        paced=paced,
        shots=in_shots,
    )


def _or_whole(moved: Mapping[str, Values], name: str) -> Values:
    return np.nan_to_num(np.where(np.isnan(moved[name]), moved["whole"], moved[name]))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """The steps of one shot."""

    lengths: Values
    spread: Values
    ratio: Values
    change: Values


def _still(part: _Part, limits: HeldLimits, *, backwards: bool) -> NDArray[np.bool_]:
    """Which steps are still beside the last ones that were not, going one way."""
    # Plain lists: a median of six numbers costs NumPy thirty times what it costs a sort.
    lengths, spread, ratio, change = (each.tolist() for each in (part.lengths, part.spread, part.ratio, part.change))
    still = np.zeros(len(lengths), bool)
    live: deque[int] = deque(maxlen=_NEIGHBOURS)
    order = range(len(lengths))
    for step in reversed(order) if backwards else order:
        usual, middle, busy = (_median_of_few([each[place] for place in live]) for each in (lengths, spread, change))
        short = lengths[step] < max(limits.still_pixels, limits.still_share * usual)
        alike = ratio[step] < limits.tile_ratio or change[step] < limits.tile_share * busy
        still[step] = short and alike and spread[step] < max(limits.middle_pixels, limits.middle_share * middle)
        if not still[step]:
            live.append(step)
    return still


def _median_of_few(values: list[float]) -> float:
    """The median; 0 of nothing, NaN where one of them is."""
    if not values:
        return 0.0
    if any(value != value for value in values):  # noqa: PLR0124 NaN alone differs from itself
        return float("nan")
    ordered, half = sorted(values), len(values) // 2
    return ordered[half] if len(values) % 2 else (ordered[half - 1] + ordered[half]) / 2


def _lasting(moved: Mapping[str, Values]) -> Values:
    accord = moved["accord"]
    around = np.full((6, len(accord)), np.nan)
    for place, lag in enumerate((2, 3, 4)):
        around[place] = accord[:, lag]
        around[place + 3, : -lag or None] = accord[lag:, lag]
    shared = np.where(np.isfinite(around).any(axis=0), np.nan_to_num(around).sum(axis=0), 0.0)
    return _pixels(shared / np.maximum(1, np.isfinite(around).sum(axis=0)), moved["gradient"])


def _pixels(energy: Values, gradient: Values) -> Values:
    known = np.isfinite(energy) & (np.nan_to_num(gradient) >= _GRADIENT)
    return np.sqrt(np.where(known, np.maximum(np.nan_to_num(energy), 0), 0) / np.where(known, gradient, 1))


def at_rest(steps: Steps, run: FrameRange, limits: HeldLimits) -> bool:
    """Whether a run is a stop and not a slow stretch."""
    return float(np.median(steps.spread[run.start : run.stop])) < limits.rest_pixels


def expected_length(signals: Signals, steps: Steps, run: FrameRange) -> float:
    """How long a step would be halfway between the one before a short run and the one after it; 0 where the movement turns back.

    The length of the mean of the two movements, not the mean of their lengths: a hand that turns back stands still for a moment.
    """
    accord, gradient = signals["displacement"]["accord"], signals["displacement"]["gradient"]
    before, after = run.start - 1, run.stop
    if before < 1 or after >= len(accord) or after - before >= accord.shape[1]:
        return 0.0
    scale = float(np.sqrt(max(_GRADIENT, np.nan_to_num(gradient[before])) * max(_GRADIENT, np.nan_to_num(gradient[after]))))
    shared = float(np.nan_to_num(accord[after, after - before])) / scale
    return float(np.sqrt(max(0.0, steps.lengths[before] ** 2 + steps.lengths[after] ** 2 + 2 * shared))) / 2


def movement_beside(steps: Steps, run: FrameRange, limits: HeldLimits, *, left_out: int = 0) -> tuple[float, float]:
    """How far the picture moves right before and right after a run of held steps, in its shot; 0 where it eases or nothing is there.

    The movement is the median of the six steps on that side. It counts only if the nearest step belongs to it, so that a camera
    coming to rest is not taken for a stop, and if it is everywhere, so that a person who pauses before a tripod is not. So many steps
    right beside the run may be ``left_out``, where an encoder spreads the stop over them.
    """
    shot = shot_of(run.start, steps.shots)
    # Nearest first, on either side.
    before = np.arange(run.start - 1, max(shot.start, run.start - 1 - _EASING), -1)
    after = np.arange(run.stop, min(shot.stop, run.stop + _EASING))
    share = limits.spread_share if left_out else limits.abrupt_share
    return _abrupt(steps, before[left_out:], run, limits, share), _abrupt(steps, after[left_out:], run, limits, share)


def _abrupt(steps: Steps, side: NDArray[np.int64], run: FrameRange, limits: HeldLimits, share: float) -> float:
    near = side[:_NEIGHBOURS]
    lengths = steps.lengths[near]
    if lengths.size == 0:
        return 0.0
    usual, change = float(np.median(lengths)), float(np.median(steps.change[near]))
    inside = slice(run.start, run.stop)
    expected = min(float(lengths[0]), _continued(lengths[::-1]))
    lasting = float(np.mean(lengths >= limits.abrupt_share * usual)) >= _LASTING_SHARE
    eased = usual < limits.eased_share * float(np.median(steps.lengths[side]))
    everywhere = float(np.median(steps.spread[near])) >= limits.spread_pixels
    grainy = change >= limits.grain_codes and float(np.median(steps.change[inside])) <= limits.grain_share * change
    stops = usual >= limits.moving_pixels and expected >= share * usual and lasting and not eased and not light_changes(steps, near, run)
    return usual if stops and (everywhere or grainy) else 0.0


def light_changes(steps: Steps, beside: NDArray[np.int64], run: FrameRange) -> bool:
    """Whether what the steps beside a run move by is a fade or lamps."""
    lengths, brighter, difference = steps.lengths[beside], steps.brighter[beside], steps.difference[beside]
    fading = fades(brighter, difference, left=float(np.median(steps.difference[run.start : run.stop])))
    return bool(fading | strobes(lengths, light_jumps(brighter, difference)))


def _continued(towards: Values) -> float:
    """Where a series would go one step on."""
    return steady_line(np.arange(-towards.size, 0), towards)[0]


def shot_of(frame: int, shots: tuple[FrameRange, ...]) -> FrameRange:
    """The shot that holds a frame."""
    return next(shot for shot in shots if shot.start <= frame < shot.stop)
