"""Does the block grid of a codec show?"""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from kling_post.checks.check import Answer, Subject
from kling_post.checks.evidence.runs import joined, runs, stretch
from kling_post.vocabulary import Finding, FrameRange, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockinessLimits:
    """How far steps on the 8x8 grid stand out. Deblocked H.264 and HEVC: 0.9 to 1.2; old MPEG-4: 1.9 to 4."""

    ratio: float = 1.5
    """Mean step across block edges over the mean step elsewhere, as a median over a second (after Muijs and Kirenko 2005), in the
    direction, across or down, where it is larger."""
    largest: float = 1.2
    """The same over the largest of the steps elsewhere: bars and blinds lift several of the eight places, a grid lifts one."""
    codes: float = 0.4
    """By how much the steps must be larger, 8-bit codes: below it nobody sees the grid."""


class Blockiness:
    """Visible 8x8 blocks."""

    name = "blockiness"
    title = "Compression blocks"
    needs = ("block_grid",)
    limits = BlockinessLimits()

    def judge(self, subject: Subject, limits: BlockinessLimits) -> Answer:
        """A finding per stretch in which the grid shows for a second on average; for review, as some textures have a period of 8."""
        grid = subject.signals["block_grid"]
        looks = grid["frame"].astype(int)
        # A look stands for the frames up to the next.
        ends = [*looks[1:], subject.facts.frames]
        edges, others = grid["steps"][..., -1], grid["steps"][..., :-1]
        elsewhere = others.mean(axis=2)
        window = min(len(looks), max(1, round(len(looks) * float(subject.facts.rate) / max(1, subject.facts.frames))))
        if not window:
            return Answer()
        ratio, largest, gap = (
            np.median(sliding_window_view(values, window, axis=0), axis=2)
            for values in (edges / (elsewhere + 0.1), edges / (others.max(axis=2) + 0.1), edges - elsewhere)
        )
        clear = np.where((largest >= limits.largest) & (gap >= limits.codes), ratio, 0).max(axis=1)
        shows = np.zeros(len(looks), bool)
        for start in np.flatnonzero(clear >= limits.ratio):
            shows[start : start + window] = True
        return Answer(
            findings=tuple(
                self._finding(
                    subject,
                    FrameRange(int(looks[run.start]), int(ends[run.stop - 1])),
                    float(np.max(clear[run.start : max(run.start + 1, run.stop - window + 1)])),
                    limits,
                )
                for run in joined(runs(shows), gap=window)
            )
        )

    def _finding(self, subject: Subject, frames: FrameRange, measured: float, limits: BlockinessLimits) -> Finding:
        return Finding(
            check=self.name,
            severity=Severity.REVIEW,
            frames=frames,
            measured=measured,
            limit=limits.ratio,
            unit="of the steps elsewhere",
            message=f"The codec's 8x8 blocks show, {measured:.1f} times the steps elsewhere: {stretch(frames, subject.facts)}.",
            source="Muijs and Kirenko 2005, simplified to a fixed grid",
            remedy="Ask for a higher bit rate.",
        )


CHECK = Blockiness()
