"""Does the movement die away towards the end, although nobody asked it to?

Generated takes often lose their movement in the last half second or so: every chained shot then stops before the next one starts.
A camera that eases in as well as out was meant to; a shot that stands or stops and goes all along tells nothing.
"""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from kling_post.checks.check import Answer, Subject
from kling_post.checks.evidence.held import HeldLimits, Steps, steps_of
from kling_post.checks.evidence.runs import stretch
from kling_post.vocabulary import Finding, FrameRange, Severity

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class EndSlowdownLimits:
    """What dies away, of a shot that moves evenly before; lengths in pixels of the working picture (longer side up to 480)."""

    left_share: float = 0.35
    """Movement of the last steps over that of the middle of the shot."""
    least_pixels: float = 0.1
    """Movement of the middle of the shot."""
    even_share: float = 0.5
    """The slowest part of the middle must move by this share of it."""
    head_share: float = 0.6
    """So must the start, or the camera eases in as well."""
    falling_frames: int = 4
    """Steps that the fall takes at least; a sudden stop is a hold or a freeze."""
    shot_seconds: float = 1.5
    """Shorter shots have no middle."""


class EndSlowdown:
    """Movement that dies away in the last frames."""

    name = "end_slowdown"
    title = "Slowing end"
    needs = ("displacement", "luma", "motion", "structure")
    limits = EndSlowdownLimits()

    def judge(self, subject: Subject, limits: EndSlowdownLimits) -> Answer:
        """At most one finding, of the last shot; for review."""
        if subject.plan.ends_at_rest or subject.facts.frames < 4:
            return Answer()
        steps = steps_of(subject, HeldLimits())
        shot = steps.shots[-1]
        if shot.frames < limits.shot_seconds * subject.facts.rate:
            return Answer()
        found = _slowing(steps, shot, limits)
        return Answer() if found is None else Answer(findings=(self._finding(subject, *found, limits),))

    def _finding(self, subject: Subject, frames: FrameRange, left: float, limits: EndSlowdownLimits) -> Finding:
        return Finding(
            check=self.name,
            severity=Severity.REVIEW,
            frames=frames,
            measured=left,
            limit=limits.left_share,
            unit="of the movement in the middle of the shot",
            message=f"The movement dies away to {100 * left:.0f} % towards the end: {stretch(frames, subject.facts)}.",
            source="displacement by least squares, smoothed over five steps",
            remedy="Trim the tail, or take the take again with a longer duration and cut before it slows.",
        )


_SMOOTHED = 5
_LAST = 4
_FALLS_BELOW = 0.75
"""Share of the middle's movement from which the fall is counted."""


def _slowing(steps: Steps, shot: FrameRange, limits: EndSlowdownLimits) -> tuple[FrameRange, float] | None:
    """Where it slows, and what is left of the movement at the end."""
    raw = steps.lengths[shot.start + 1 : shot.stop]
    lengths = np.median(sliding_window_view(np.pad(raw, _SMOOTHED // 2, mode="edge"), _SMOOTHED), axis=1)
    count = len(lengths)
    middle = lengths[count // 6 : count * 2 // 3]
    usual = float(np.median(middle))
    left = float(raw[-_LAST:].mean()) / usual if usual else 1.0
    moves = usual >= limits.least_pixels and float(np.median(steps.spread[shot.start + 1 : shot.stop])) >= HeldLimits().spread_pixels
    even = moves and float(middle.min()) >= limits.even_share * usual and float(lengths[:_LAST].mean()) >= limits.head_share * usual
    if not even or left > limits.left_share:
        return None
    slow = np.flatnonzero(lengths >= _FALLS_BELOW * usual)[-1] + 1
    falling = np.count_nonzero((raw[slow:] >= limits.left_share / 2 * usual) & (raw[slow:] < usual))
    if falling < limits.falling_frames or np.any(np.diff(_thirds(lengths[slow:])) > 0):
        return None
    return FrameRange(shot.start + 1 + int(slow), shot.stop), left


def _thirds(values: Values) -> Values:
    return np.array([part.mean() for part in np.array_split(values, 3)])


CHECK = EndSlowdown()
