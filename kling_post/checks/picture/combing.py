"""Do moving edges show combs: two fields of interlaced video in one frame of a progressive file?

A generator makes no such pictures, but transfers and stock that was never taken apart do, and a model may be given them. Only what moves
shows it; combs that were scaled together with the picture are no longer row by row and are not found.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kling_post.checks.check import Answer, Subject
from kling_post.checks.evidence.runs import runs, stretch
from kling_post.checks.evidence.tile_groups import bounds
from kling_post.vocabulary import Finding, FrameRange, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class CombingLimits:
    """Set on pans woven from two fields, coded at rate factors 14 to 28, and on stripes, fences and grain that are not."""

    ratio: float = 1.05
    """Difference of neighbouring rows over that of rows two apart, in a tile: combs 1.1 to 2, generated and real clips 0.5 to 0.85, pure
    noise 1.0."""
    codes: float = 3.0
    """That the neighbouring rows must differ by, 8-bit codes."""
    tiles: float = 0.03
    """Share of the picture, of 16 by 9 tiles, that must be combed in a look."""
    moving_percent: float = 0.05
    """Of the longer side that the fastest twentieth must move by: what rests has no combs, and a fine pattern stays where it is."""


class Combing:
    """Interlaced pictures in a progressive file."""

    name = "combing"
    title = "Interlace combs"
    needs = ("combing", "motion")
    limits = CombingLimits()

    def judge(self, subject: Subject, limits: CombingLimits) -> Answer:
        """For review: a finding per stretch of looks, one in seven frames, of which most of those that move are combed."""
        combing, size = subject.signals["combing"], subject.facts.size
        looks = combing["frame"].astype(np.int64)
        fast = np.nan_to_num(_around(subject.signals["motion"]["p95"], looks))
        moving = fast >= limits.moving_percent / 100 * max(size.width, size.height)
        combed = _combed(combing["neighbours"], combing["beyond"], limits)
        share = combed.mean(axis=(1, 2))
        shown = (share >= limits.tiles) & moving
        ends = [*looks[1:], subject.facts.frames]
        findings = []
        # A look without movement says nothing: it neither starts nor ends a stretch.
        told = np.flatnonzero(moving)
        for run in runs(shown[told]):
            inside = told[run.start : run.stop]
            frames = FrameRange(int(looks[inside[0]]), int(ends[inside[-1]]))
            findings.append(
                self._finding(subject, frames, float(share[inside].max()), np.asarray(combed[inside].any(axis=0), bool), limits)
            )
        return Answer(findings=tuple(findings))

    def _finding(self, subject: Subject, frames: FrameRange, share: float, tiles: NDArray[np.bool_], limits: CombingLimits) -> Finding:
        return Finding(
            check=self.name,
            severity=Severity.REVIEW,
            frames=frames,
            measured=share,
            limit=limits.tiles,
            unit="of the picture",
            message=f"Two moments are woven row by row, over {share:.0%} of the picture: {stretch(frames, subject.facts)}.",
            source="differences of neighbouring rows against rows two apart",
            remedy="Deinterlace the source, or ask for progressive footage.",
            area=bounds(tiles),
        )


def _combed(neighbours: NDArray[np.float64], beyond: NDArray[np.float64], limits: CombingLimits) -> NDArray[np.bool_]:
    return np.asarray((neighbours >= limits.codes) & (neighbours >= limits.ratio * (beyond + 0.25)), bool)


def _around(values: NDArray[np.float64], looks: NDArray[np.int64]) -> NDArray[np.float64]:
    """The larger of the step into and out of each look; 0 where neither is known."""
    padded = np.append(np.nan_to_num(values), 0.0)
    return np.asarray(np.maximum(padded[looks], padded[looks + 1]))


CHECK = Combing()
