"""Does the block grid of a codec show?"""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from kling_post.checks.check import Answer, Subject
from kling_post.checks.evidence.runs import joined, runs, stretch
from kling_post.vocabulary import Finding, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockinessLimits:
    """How far steps on the 8x8 grid stand out. Deblocked H.264 and HEVC: 0.9 to 1.2; old MPEG-4: 1.9 to 4."""

    ratio: float = 1.5
    """Mean step across block edges over the mean step elsewhere, as a median over a second (after Muijs and Kirenko 2005)."""
    codes: float = 0.4
    """By how much the steps must be larger, 8-bit codes: below it nobody sees the grid."""


class Blockiness:
    """Visible 8x8 blocks."""

    name = "blockiness"
    title = "Compression blocks"
    needs = ("sharpness",)
    limits = BlockinessLimits()

    def judge(self, subject: Subject, limits: BlockinessLimits) -> Answer:
        """A finding per stretch in which the grid shows for a second on average; for review, as some textures have a period of 8."""
        facts, grid = subject.facts, subject.signals["sharpness"]["grid"]
        edges, elsewhere = grid[:, -1], grid[:, :-1].mean(axis=1)
        window = min(len(grid), max(1, round(facts.rate)))
        ratio = np.median(sliding_window_view(edges / (elsewhere + 0.1), window), axis=1)
        gap = np.median(sliding_window_view(edges - elsewhere, window), axis=1)
        shows = np.zeros(len(grid), bool)
        for start in np.flatnonzero((ratio >= limits.ratio) & (gap >= limits.codes)):
            shows[start : start + window] = True
        findings = []
        for frames in joined(runs(shows), gap=window):
            measured = float(np.max(ratio[frames.start : max(frames.start + 1, frames.stop - window + 1)]))
            findings.append(
                Finding(
                    check=self.name,
                    severity=Severity.REVIEW,
                    frames=frames,
                    measured=measured,
                    limit=limits.ratio,
                    unit="of the steps elsewhere",
                    message=f"The codec's 8x8 blocks show, {measured:.1f} times the steps elsewhere: {stretch(frames, facts)}.",
                    source="Muijs and Kirenko 2005, simplified to a fixed grid",
                    remedy="Ask for a higher bit rate.",
                )
            )
        return Answer(findings=tuple(findings))


CHECK = Blockiness()
