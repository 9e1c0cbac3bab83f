"""Does the ambience change at a stroke inside a take: another gain, another room, a splice?

A scene grows louder by what happens in it; its quietest moments stay what they were, or change slowly. Where the quiet and the
loud moments of a second all shift by one amount from one instant to the next, somebody turned a knob or made a join.
"""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from kling_post.checks.check import Answer, Subject
from kling_post.checks.sound_place import STEPS_PER_SECOND, frames_of, heard, not_measured
from kling_post.vocabulary import Finding, Severity

_SHARES = (15, 50, 85)


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundStepLimits:
    """What makes a change of level a step."""

    step_db: float = 7.5
    """Of the quiet, the middle and the loud moments of a second alike; 3 dB are noticed side by side; music and weather make 6."""
    alike_db: float = 2.5
    """By how much the three may differ: a sound that sets in shifts the loud moments only."""
    steady_db: float = 9.0
    """From quiet to loud within the second on each side: in restless sound nobody hears a step, and the measure says nothing."""
    sudden_seconds: float = 0.06
    sudden_share: float = 0.7
    """Of the step, so much must happen within that time."""
    side_seconds: float = 1.0
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
        for step, before, after in _steps(level, limits):
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
                    source="level of 10 ms over a second before and after",
                    remedy="Match the gain of both sides, or lay room tone under the join.",
                )
            )
        return Answer(findings=tuple(findings))


def _steps(level: NDArray[np.float64], limits: SoundStepLimits) -> list[tuple[int, float, float]]:
    """Place of each step and the middle levels before and after it, in dB."""
    side, near = round(limits.side_seconds * STEPS_PER_SECOND), round(limits.sudden_seconds * STEPS_PER_SECOND / 2)
    if len(level) < 2 * side:
        return []
    shares = np.percentile(sliding_window_view(level, side), _SHARES, axis=1)
    before, after = shares[:, : len(level) - 2 * side + 1], shares[:, side:]
    change = after - before
    steady = np.maximum(before[2] - before[0], after[2] - after[0]) <= limits.steady_db
    same_way = (np.abs(change).min(axis=0) >= limits.step_db) & (np.ptp(change, axis=0) <= limits.alike_db)
    audible = np.minimum(before[1], after[1]) >= limits.floor_dbfs
    found: list[tuple[int, float, float]] = []
    candidates = np.flatnonzero(steady & same_way & audible)
    for group in np.split(candidates, np.flatnonzero(np.diff(candidates) > near) + 1) if len(candidates) else ():
        best = int(group[np.abs(change[1, group]).argmax()])
        place = _edge(level, best + side, near, float(change[1, best]))
        reached = np.median(level[place + near : place + 7 * near]) - np.median(level[place - 7 * near : place - near])
        if reached / change[1, best] >= limits.sudden_share:
            found.append((place, float(before[1, best]), float(after[1, best])))
    return found


def _edge(level: NDArray[np.float64], around: int, near: int, change: float) -> int:
    """Where, within a few hundredths, the level changes most."""
    reach = 4 * near
    places = range(max(7 * near, around - reach), min(len(level) - 7 * near, around + reach))
    steps = [(np.median(level[place : place + near]) - np.median(level[place - near : place])) * np.sign(change) for place in places]
    return places[int(np.argmax(steps))]


CHECK = SoundStep()
