"""Do frames repeat in a regular pattern: fewer pictures a second carried at a higher rate?

16 pictures carried at 24 show every other picture twice, 24 at 30 one in four, 24 at 60 two and three of each in turn (the 2:3
pulldown), drawn animation every picture twice. All of these are one rule, picture floor(n * a / b) at frame n, and one finding.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from kling_post.checks.check import Answer, Subject
from kling_post.checks.evidence.fading import light_jumps
from kling_post.checks.evidence.held import HeldLimits, Steps, steps_of
from kling_post.checks.evidence.runs import runs, stretch
from kling_post.vocabulary import Finding, FrameRange, Severity

_ONE_IN = (*range(2, 13), 25)
"""One frame in so many repeats the one before: 16 at 24, 24 at 30, 25 at 30, 24 at 25 among them."""
_OTHERS = ("1/3", "1/4", "2/5", "3/5", "3/8", "5/8", "5/12", "8/15", "12/25", "16/25", "18/25")
"""Threes and fours; 24 at 60 and 12 at 30; 15 at 25 and 30 at 50; 15 at 24; 25 at 60; 16 at 30; 12, 16 and 18 at 25."""
RATIOS = tuple(
    sorted({Fraction(many - 1, many) for many in _ONE_IN} | {Fraction(other) for other in _OTHERS}, key=lambda each: each.denominator)
)
_SIMPLE = tuple(ratio for ratio in RATIOS if ratio.numerator == 1 or ratio.denominator - ratio.numerator == 1)
_GAP_FRAMES = 30
"""Between two repeats of one stretch."""
_AROUND = 4
"""Frames on either side whose mean step says whether the picture moves there."""
_REACH = 6
"""Steps on either side that a step is short beside: no pattern stands still for as long."""

Frames = NDArray[np.int64]
Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class CadenceLimits(HeldLimits):
    """What a pattern is."""

    short_share: float = 0.55
    """Of the longest quarter of the steps around it, and of the pace there, up to which a step may be a repeat: encoders leave one up to
    half a step and take it off the steps beside. That it is so at every place of a pattern, and hardly elsewhere, tells it from a step
    that is short by itself."""
    quiet_share: float = 0.6
    """Of what the most changed tile changes by in those steps, up to which a step may be a repeat."""
    quiet_coherence: float = 0.75
    """Share of the movement around that its steps have in common, up to which that is asked; else their pace answers."""
    least_repeats: int = 4
    """In a stretch that moves."""
    least_periods: int = 7
    """Where most of them only are short: a movement that eases has a few such steps at even distance;"""
    least_frames: int = 24
    """and frames that such a stretch must have."""
    fitting_share: float = 0.9
    """Share of the repeats that lie where the pattern has one."""
    filled_share: float = 0.6
    """Share of the pattern's places, where the picture moves, that hold a repeat."""
    certain_share: float = 0.85
    """Share of them that hold the picture altogether, from which it is no accident of a generator's frame groups, but frames carried at
    another rate."""
    mean_pixels: float = 0.06
    """Mean step around a place from which a repeat there is told for certain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cadence:
    """One pattern over a stretch."""

    ratio: Fraction
    """Pictures per frame."""
    parts: tuple[tuple[FrameRange, int], ...]
    """From the first to the last repeat of each part, and the pattern's phase there."""
    repeats: int
    held: float
    """Share of the places that hold the picture altogether."""

    @property
    def frames(self) -> FrameRange:
        """From the first to the last repeat."""
        return FrameRange(self.parts[0][0].start, self.parts[-1][0].stop)

    @property
    def covered(self) -> int:
        """Frames of its parts together."""
        return sum(span.frames for span, _ in self.parts)

    def holds(self, run: FrameRange) -> bool:
        """Whether a run of repeats is the pattern's, of any of its phases; also where it shifts, and some places beyond its ends."""
        beyond = _BEYOND * self.ratio.denominator
        if not (self.frames.start - beyond <= run.start and run.stop <= self.frames.stop + beyond):
            return False
        return any(bool(_due(np.arange(run.start, run.stop), self.ratio, phase).any()) for _, phase in self.parts)


_BEYOND = 4
"""Periods beyond the ends of a pattern, where the movement slows, that still belong to it."""


def _due(frames: Frames, ratio: Fraction, phase: int) -> NDArray[np.bool_]:
    """At which of these frames the pattern repeats the picture before."""
    a, b = ratio.numerator, ratio.denominator
    return np.asarray((frames + phase) * a // b == (frames + phase - 1) * a // b)


def cadences(steps: Steps, limits: CadenceLimits) -> tuple[Cadence, ...]:
    """The patterns of a clip in order; stretches of one pattern are one, whatever stands still or shifts between them.

    They are looked for among the steps that stand still and, where that explains more of the clip, among those that are only short or
    change little.
    """
    padded = np.pad(_unlit(steps, steps.lengths), _AROUND)
    mean = np.convolve(padded, np.full(2 * _AROUND + 1, 1 / (2 * _AROUND + 1)), mode="valid")
    moving = mean >= limits.mean_pixels
    still = steps.held | steps.paced.lagging
    told = _among(still, still, moving, limits)
    found = [told]
    for short in (_short(steps, limits), _quiet(steps, limits)):
        among = _among(still | short, still, moving, limits)
        found.append(tuple(each for each in among if each.held >= limits.filled_share or _lasts(each, limits)))
    return max(found, key=lambda found: sum(each.covered for each in found))


def _lasts(found: Cadence, limits: CadenceLimits) -> bool:
    """Whether a pattern told by lengths goes on for long enough, and stands still for no more than every other step."""
    least = max(limits.least_frames, limits.least_periods * found.ratio.denominator)
    return found.covered >= least and found.ratio >= Fraction(1, 2)


def _short(steps: Steps, limits: CadenceLimits) -> NDArray[np.bool_]:
    """Which steps are short beside those around them, by length and along the movement."""
    short = steps.lengths <= limits.short_share * _longest_quarter(_unlit(steps, steps.lengths))
    short[[shot.start for shot in steps.shots]] = False
    return np.asarray(short & (np.nan_to_num(np.abs(steps.paced.pace)) <= limits.short_share), bool)


def _quiet(steps: Steps, limits: CadenceLimits) -> NDArray[np.bool_]:
    """Which steps change little even where they change most: water and fog have no movement that their steps share."""
    quiet = steps.most_change <= limits.quiet_share * _longest_quarter(_unlit(steps, steps.most_change))
    quiet &= np.nan_to_num(steps.paced.coherence) <= limits.quiet_coherence
    quiet[[shot.start for shot in steps.shots]] = False
    return np.asarray(quiet, bool)


def _unlit(steps: Steps, values: Values) -> Values:
    """The values, 0 where the light jumps: gradients do too, and a picture that stands still seems to move."""
    return np.where(light_jumps(steps.brighter, steps.difference), 0.0, values)


def _longest_quarter(values: Values) -> Values:
    """What the largest quarter of the values around each one begins with."""
    around = np.lib.stride_tricks.sliding_window_view(np.pad(values, _REACH), 2 * _REACH + 1)
    return np.asarray(np.sort(around, axis=1)[:, 3 * _REACH // 2])


def _among(short: NDArray[np.bool_], still: NDArray[np.bool_], moving: NDArray[np.bool_], limits: CadenceLimits) -> tuple[Cadence, ...]:
    """The patterns of the ``short`` steps where the picture moves; how many of them are ``still`` is told with each."""
    repeats = np.array(
        [frame for run in runs(short) if run.frames <= _LONGEST for frame in range(run.start, run.stop) if moving[frame]], int
    )
    found: list[Cadence] = []
    for stretch_of in np.split(repeats, np.flatnonzero(np.diff(repeats) > _GAP_FRAMES) + 1) if repeats.size else ():
        for each in _patterns(stretch_of, short, moving, limits):
            if found and found[-1].ratio == each.ratio:
                last = found.pop()
                found.append(replace(each, parts=(*last.parts, *each.parts), repeats=last.repeats + each.repeats))
            else:
                found.append(each)
    return tuple(replace(each, held=_held(each, still, moving)) for each in found)


def _held(found: Cadence, still: NDArray[np.bool_], moving: NDArray[np.bool_]) -> float:
    """The share of a pattern's places, where the picture moves, that hold it altogether."""
    places = [np.arange(span.start, span.stop)[_due(np.arange(span.start, span.stop), found.ratio, phase)] for span, phase in found.parts]
    asked = np.concatenate(places)
    asked = asked[moving[asked]]
    return float(np.mean(still[asked])) if asked.size else 0.0


_LONGEST = 4
"""Held frames in a row that a pattern can have: fives."""


_MOST = 0.75
"""Of a stretch that simple patterns must explain."""


def _patterns(repeats: Frames, held: NDArray[np.bool_], moving: NDArray[np.bool_], limits: CadenceLimits) -> list[Cadence]:
    """One pattern for a whole stretch; else simple ones for as much of it as they fit, from its start on; else one of the others."""
    whole = _fitted(repeats, held, moving, limits, _SIMPLE)
    if whole:
        return [whole]
    found: list[Cadence] = []
    first = 0
    while first < len(repeats):
        grown = None
        for last in range(first + limits.least_repeats, len(repeats) + 1):
            grown = _fitted(repeats[first:last], held, moving, limits, (grown.ratio,) if grown else _SIMPLE) or grown
            if grown is None or grown.frames.stop <= repeats[last - 1]:
                break
        if grown:
            found.append(grown)
        first += grown.repeats if grown else 1
    if sum(each.repeats for each in found) >= _MOST * len(repeats):
        return found
    other = _fitted(repeats, held, moving, limits, RATIOS) if len(repeats) >= 2 * limits.least_repeats else None
    return [other] if other else found


def _fitted(
    repeats: Frames, held: NDArray[np.bool_], moving: NDArray[np.bool_], limits: CadenceLimits, ratios: Sequence[Fraction]
) -> Cadence | None:
    """The simplest pattern that fits, or none."""
    if 1 + np.count_nonzero(np.diff(repeats) > 1) < limits.least_repeats:
        return None
    frames = np.arange(repeats[0], repeats[-1] + 1)
    asked, there = moving[frames], held[frames]
    for ratio in ratios:
        for phase in range(ratio.denominator):
            due = _due(frames, ratio, phase)
            filled = float(np.mean(there[due & asked])) if np.any(due & asked) else 0.0
            if np.mean(due[there & asked]) >= limits.fitting_share and filled >= limits.filled_share:
                span = FrameRange(int(repeats[0]), int(repeats[-1]) + 1)
                return Cadence(ratio=ratio, parts=((span, phase),), repeats=int(repeats.size), held=0.0)
    return None


class RepeatCadence:
    """Regular repeats, as one finding."""

    name = "cadence"
    title = "Cadence"
    needs = ("displacement", "luma", "motion", "structure")
    limits = CadenceLimits()

    def judge(self, subject: Subject, limits: CadenceLimits) -> Answer:
        """A finding per pattern."""
        if subject.facts.frames < 4:
            return Answer()
        return Answer(findings=tuple(self._finding(subject, each, limits) for each in cadences(steps_of(subject, limits), limits)))

    def _finding(self, subject: Subject, found: Cadence, limits: CadenceLimits) -> Finding:
        rate, drawn = subject.facts.rate, found.ratio.numerator == 1
        certain = found.held >= limits.certain_share
        return Finding(
            check=self.name,
            # Drawings held for two or three frames are a style; whoever ordered live action looks at it.
            severity=Severity.REVIEW if drawn or not certain else Severity.FAIL,
            frames=found.frames,
            measured=float(rate * found.ratio),
            limit=float(rate),
            unit="pictures a second",
            message=(
                f"{float(rate * found.ratio):.3f} pictures a second are carried at {float(rate):.3f}: {shown(found.ratio)}"
                f"{', as drawn animation does' if drawn else ''} ({found.repeats} repeats in {stretch(found.frames, subject.facts)})."
            ),
            code="MovieLabs PICTURE-INSERT/EDIT-ERROR",
            source="pattern of held steps, least-squares displacement",
            remedy="Drop the repeats and play at the lower rate.",
        )


def shown(ratio: Fraction) -> str:
    """How long the pictures of a cadence stay, in words.

    >>> shown(Fraction(4, 5)), shown(Fraction(1, 2)), shown(Fraction(2, 5))
    ('one frame in 5 repeats the one before', 'every picture is shown 2 times', 'pictures are shown 2, 3 times in turn')
    """
    if ratio.numerator == 1:
        return f"every picture is shown {ratio.denominator} times"
    if ratio.denominator - ratio.numerator == 1:
        return f"one frame in {ratio.denominator} repeats the one before"
    starts = [-(-place * ratio.denominator // ratio.numerator) for place in range(ratio.numerator + 1)]
    lengths = sorted(later - earlier for earlier, later in pairwise(starts))
    return f"pictures are shown {', '.join(str(length) for length in lengths)} times in turn"


CHECK = RepeatCadence()
