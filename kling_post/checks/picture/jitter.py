"""Does the picture shake from frame to frame, faster than a hand does?"""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from kling_post.checks.check import Answer, Subject
from kling_post.checks.evidence.cut_detection import cut_frames
from kling_post.checks.evidence.held import HeldLimits, steps_of
from kling_post.checks.evidence.runs import joined, runs, shots, stretch
from kling_post.vocabulary import Finding, FrameRange, Severity

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class JitterLimits:
    """Shake of the whole picture, measured on the path of its median movement."""

    percent_of_width: float = 0.4
    """How far the steps of a second depart from the mean of their neighbours, as the RMS of noise with the same median: a whip pan
    departs far, but soon is over. Handheld and fast rides measured here: up to 0.33."""
    uneven: float = 4.0
    """How much farther than the middle of the picture its fastest twentieth may move: a camera shakes all of it, and what flow makes of
    grain in a plain sky goes anywhere."""
    turning_share: float = 0.6
    """Share of the steps in that second whose change turns against the change before: a hand sways, jitter alternates."""


class Jitter:
    """Frame-to-frame shake."""

    name = "jitter"
    title = "Jitter"
    needs = ("displacement", "luma", "motion", "structure")
    limits = JitterLimits()

    def judge(self, subject: Subject, limits: JitterLimits) -> Answer:
        """A finding per stretch that shakes; for review, since a cobbled road shakes too."""
        facts, motion = subject.facts, subject.signals["motion"]
        findings: list[Finding] = []
        window = max(4, round(facts.rate))
        held = steps_of(subject, HeldLimits()).held
        for shot in shots(facts.frames, cut_frames(subject.signals)):
            steps = np.stack([motion["across"], motion["down"]], axis=1)[shot.start + 1 : shot.stop] * (100 / facts.size.width)
            if len(steps) < window + 2 or np.isnan(steps).any():
                continue
            # In the dark, and in fades, there is too little to follow: such steps count as steady.
            contrast = subject.signals["luma"]["spread"][shot.start : shot.stop]
            steps[np.minimum(contrast[1:], contrast[:-1]) < _LEAST_CONTRAST] = 0
            steps = _without_repeats(steps, held[shot.start + 1 : shot.stop])
            uneven = (motion["p95"] / np.maximum(motion["median"], _LEAST_PIXELS))[shot.start + 1 : shot.stop]
            findings += [
                self._finding(subject, found.shifted(shot.start), worst, limits) for found, worst in _shaking(steps, uneven, window, limits)
            ]
        return Answer(findings=tuple(findings))

    def _finding(self, subject: Subject, frames: FrameRange, worst: float, limits: JitterLimits) -> Finding:
        pixels = worst / 100 * subject.facts.size.width
        return Finding(
            check=self.name,
            severity=Severity.REVIEW,
            frames=frames,
            measured=worst,
            limit=limits.percent_of_width,
            unit="% of the width",
            message=f"The picture jitters by {pixels:.1f} pixels from frame to frame: {stretch(frames, subject.facts)}.",
            source="second difference of the median movement",
            remedy="Stabilise it, or take the take again.",
        )


_LEAST_PIXELS = 1e-3
_LEAST_CONTRAST = 10.0
"""Standard deviation of luma in 8-bit codes below which flow is not believed."""


_RMS_PER_MEDIAN = 1.2
"""Of the length of two-dimensional Gaussian noise (Rayleigh distributed)."""


def _without_repeats(steps: Values, held: NDArray[np.bool_]) -> Values:
    """Repeated frames take the step before them: animation on twos stops every other frame, but it does not shake."""
    live = np.maximum.accumulate(np.where(held, -1, np.arange(len(steps))))
    return np.where((live >= 0)[:, None], steps[np.maximum(live, 0)], steps)


def _shaking(steps: Values, uneven: Values, window: int, limits: JitterLimits) -> list[tuple[FrameRange, float]]:
    """Stretches that shake, in frames of the shot, each with the worst second's RMS; ``steps`` lead to frames 1, 2 ...

    ``uneven`` is how much farther the fastest twentieth moves than the middle, (steps,).
    """
    departure = steps[1:-1] - (steps[2:] + steps[:-2]) / 2
    changes = np.diff(steps, axis=0)
    turns = (changes[1:] * changes[:-1]).sum(axis=1) < 0
    length = min(window, len(departure))
    shake = _RMS_PER_MEDIAN * np.median(sliding_window_view(np.hypot(departure[:, 0], departure[:, 1]), length), axis=1)
    turning = sliding_window_view(turns, length).mean(axis=1)
    together = np.median(sliding_window_view(uneven[1:-1], length), axis=1) <= limits.uneven
    large = np.hypot(departure[:, 0], departure[:, 1]) >= limits.percent_of_width / 2
    inside = np.zeros(len(steps) + 1, bool)
    for start in np.flatnonzero((shake >= limits.percent_of_width) & (turning >= limits.turning_share) & together):
        # Of the second, only the steps that shake themselves; departure k is that of the step to frame k + 2.
        inside[start + 2 : start + 2 + length] |= large[start : start + length]
    found = joined(runs(inside), gap=window // 3)
    return [(frames, float(shake[max(0, frames.start - length) : frames.stop].max())) for frames in found]


CHECK = Jitter()
