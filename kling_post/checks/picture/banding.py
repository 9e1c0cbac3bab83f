"""Do gradients break into steps?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kling_post.checks.check import Answer, Subject
from kling_post.checks.evidence.runs import runs, stretch
from kling_post.checks.evidence.tile_groups import bounds, largest
from kling_post.vocabulary import Finding, FrameRange, Severity

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class BandingLimits:
    """Set on drawn gradients of 3 to 24 codes, coded at rate factors 14 to 28, and on generated clips with skies and plain walls."""

    contours: float = 0.7
    """Length of the contours in a tile (of 16 by 9) over the tile's side: not quite one line across."""
    flat: float = 0.75
    """Share of samples in such a tile that equal their neighbours: a dithered or grainy gradient has 0.0 to 0.4."""
    least_rise: float = 0.9
    """Rise of luma over the tile by the number of its lines, codes: a staircase has 1.3 to 1.9, blotches of a coder 0.1 to 0.6."""
    largest_rise: float = 4.0
    """Above it there is more in the tile than a gradient."""
    share: float = 0.07
    """Of the picture that must be stepped in one piece: ten tiles."""
    looks: float = 0.6
    """Share of the looks, one a second, in which it must be."""


class Banding:
    """Visible steps in gradients."""

    name = "banding"
    title = "Banding"
    needs = ("banding",)
    limits = BandingLimits()

    def judge(self, subject: Subject, limits: BandingLimits) -> Answer:
        """For review: a finding per stretch, where most of the looks show one, in which a large area is stepped."""
        banding = subject.signals["banding"]
        looks = banding["frame"].astype(int)
        pieces = [_largest(*maps, limits) for maps in zip(banding["contours"], banding["flat"], banding["range"], strict=True)]
        stepped = np.array([piece.mean() >= limits.share for piece in pieces], bool)
        if not stepped.any() or stepped.mean() < limits.looks:
            return Answer()
        # A look stands for the frames up to the next.
        ends = [*looks[1:], subject.facts.frames]
        return Answer(
            findings=tuple(
                self._finding(subject, FrameRange(int(looks[run.start]), int(ends[run.stop - 1])), pieces[run.start : run.stop], limits)
                for run in runs(stepped)
            )
        )

    def _finding(self, subject: Subject, frames: FrameRange, pieces: list[NDArray[np.bool_]], limits: BandingLimits) -> Finding:
        share = float(max(piece.mean() for piece in pieces))
        return Finding(
            check=self.name,
            severity=Severity.REVIEW,
            frames=frames,
            measured=share,
            limit=limits.share,
            unit="of the picture",
            message=f"A gradient breaks into steps over {share:.0%} of the picture: {stretch(frames, subject.facts)}.",
            code="MovieLabs PICTURE-BANDING",
            source="contours of one or two codes between flat runs, after CAMBI (Tandon and others 2021)",
            remedy="Add fine grain in the grade, or ask for 10 bits.",
            area=bounds(np.any(pieces, axis=0)),
        )


def _largest(contours: Values, flat: Values, rise: Values, limits: BandingLimits) -> NDArray[np.bool_]:
    """The largest piece of tiles that are stepped."""
    stairs = (rise >= limits.least_rise * contours) & (rise <= limits.largest_rise * contours)
    stepped = (contours >= limits.contours) & (flat >= limits.flat) & stairs
    return largest(stepped)


CHECK = Banding()
