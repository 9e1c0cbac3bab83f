"""Does the ambience change at a stroke inside a take: another gain, a join of two stretches?

A scene grows louder by what happens in it, and what happens moves some octaves and not others; a chord that sets in, too. Where all
octaves shift by one amount from one instant to the next, in sound that is steady before and after, somebody turned a knob or made a
join.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kling_post.checks.check import Answer, Subject
from kling_post.checks.evidence.sound_place import STEPS_PER_SECOND, frames_of, heard, not_measured
from kling_post.vocabulary import Finding, Severity

Levels = NDArray[np.float64]

_GAP = 2
"""Steps of 10 ms on either side of an edge that belong to neither side."""
_AT_ONCE = 8
"""So many steps right before and behind an edge say whether it happened at once: a bird's note dies away within a dozen."""
_SMOOTHED = 5
_TOGETHER = 5
_HEARD_DB = 40.0
"""An octave so far under the loudest is not heard beside it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundStepLimits:
    """What makes a change of level a step."""

    step_db: float = 7.0
    """Mean of the octaves, from 0.4 s before to 0.4 s after; 3 dB are noticed side by side; music and weather make 6."""
    alike_db: float = 2.2
    """By how much the octaves' changes may scatter (standard deviation): a note or a voice that sets in or ends moves some of them."""
    steady_db: float = 5.0
    """From quiet to loud within the 0.4 s on each side: in restless sound nobody hears a step, and the measure says nothing."""
    elsewhere_share: float = 0.7
    """Of the step, so much may the level change from 0.4 s to 0.4 s elsewhere, nine tenths of the two seconds before and after: gusts
    and birds come again."""
    sudden_share: float = 0.57
    """Of the step, so much must happen within some 40 ms, ..."""
    sudden_most: float = 1.6
    """... and not far more, as at a stroke that dies away."""
    lasting_share: float = 0.4
    """Of the step, so much must be left between the seconds before and after; ..."""
    lasting_most: float = 1.8
    """... not far more, as where the sound goes on falling."""
    side_seconds: float = 0.4
    long_seconds: float = 1.0
    floor_dbfs: float = -75.0
    """Both sides must be heard; digital silence is the business of sound_silence."""


class SoundStep:
    """Steps of the ambience or of the whole level inside a take."""

    name = "sound_step"
    title = "Ambience step"
    needs = ()
    limits = SoundStepLimits()

    def judge(self, subject: Subject, limits: SoundStepLimits) -> Answer:
        """A finding per step."""
        levels = heard(subject, "sound_levels")
        if levels is None:
            return not_measured(self.name, subject)
        if "rms" not in levels:
            return Answer()
        level = 10 * np.log10(np.square(levels["rms"]).sum(axis=1) + 1e-12)
        findings = []
        for step, before, after in _steps(level, 10 * np.log10(levels["bands"] + 1e-13), limits):
            seconds = step / STEPS_PER_SECOND
            findings.append(
                Finding(
                    check=self.name,
                    severity=Severity.REVIEW,
                    frames=frames_of(seconds, 0.0, subject.facts),
                    measured=abs(after - before),
                    limit=limits.step_db,
                    unit="dB",
                    message=(
                        f"The whole sound {'rises' if after > before else 'falls'} by {abs(after - before):.1f} dB at a stroke at "
                        f"{seconds:.2f} s, from {before:.0f} to {after:.0f} dBFS."
                    ),
                    source="octave bands of 10 ms, before and after",
                    remedy="Match the gain of both sides, or lay room tone under the join.",
                )
            )
        return Answer(findings=tuple(findings))


def _steps(level: Levels, bands: Levels, limits: SoundStepLimits) -> list[tuple[int, float, float]]:
    """Place of each step, and the middle levels of the second before and after it, in dBFS.

    Args:
        level: (steps,) of the whole sound, dBFS.
        bands: (steps, octaves), decibels.
        limits: What makes a step.
    """
    side, far = round(limits.side_seconds * STEPS_PER_SECOND), round(limits.long_seconds * STEPS_PER_SECOND)
    at = np.arange(side + _GAP + 1, len(level) - side - _GAP)
    if not len(at):
        return []
    change, scatter = _changes(bands, at, side)
    found: list[tuple[int, float, float]] = []
    likely = np.flatnonzero((np.abs(change) >= limits.step_db) & (scatter <= limits.alike_db))
    for group in np.split(likely, np.flatnonzero(np.diff(likely) > _TOGETHER) + 1) if len(likely) else ():
        best = int(group[np.abs(change[group]).argmax()])
        place, middle = int(at[best]), bands.mean(axis=1)
        before, after = slice(max(0, place - far), place - _GAP), slice(place + _GAP, place + far)
        quieter = min(float(np.median(level[before])), float(np.median(level[after])))
        if quieter < limits.floor_dbfs or _restless(middle, place, side) > limits.steady_db:
            continue
        away = np.abs(at - place)
        elsewhere = np.abs(change[(away > side + _GAP) & (away <= 2 * far)])
        if len(elsewhere) and np.percentile(elsewhere, 90) > limits.elsewhere_share * abs(change[best]):
            continue
        at_once = float(np.median(middle[place + 1 : place + _AT_ONCE]) - np.median(middle[place - _AT_ONCE : place - 1])) / change[best]
        lasting = float(np.median(middle[after]) - np.median(middle[before])) / change[best]
        if limits.sudden_share <= at_once <= limits.sudden_most and limits.lasting_share <= lasting <= limits.lasting_most:
            found.append((place, float(np.median(level[before])), float(np.median(level[after]))))
    return found


def _changes(bands: Levels, at: NDArray[np.int64], side: int) -> tuple[Levels, Levels]:
    """From before each place to after it: mean change of the octaves that are heard, and how much their changes scatter."""
    sums = np.concatenate([np.zeros((1, bands.shape[1])), np.cumsum(bands, axis=0)])
    before = (sums[at - _GAP] - sums[at - _GAP - side]) / side
    after = (sums[at + _GAP + side] - sums[at + _GAP]) / side
    loudest = np.maximum(before, after)
    weight = (loudest > loudest.max(axis=1, keepdims=True) - _HEARD_DB).astype(np.float64)
    count, change = weight.sum(axis=1), after - before
    mean = (change * weight).sum(axis=1) / count
    return mean, np.sqrt((np.square(change - mean[:, None]) * weight).sum(axis=1) / count)


def _restless(middle: Levels, place: int, side: int) -> float:
    """Range in dB within which four fifths of the time lie, of the side that moves more; over 50 ms, so that noise does not count."""
    smooth = np.convolve(middle, np.ones(_SMOOTHED) / _SMOOTHED, "same")
    sides = (smooth[place - side : place - 4], smooth[place + 5 : place + side])
    return float(max(np.ptp(np.percentile(each, (10, 90))) for each in sides))


CHECK = SoundStep()
