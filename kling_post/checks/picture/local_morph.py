"""Does a part of the picture turn into something else: a face, a thing, a sign?

For review only, and with a narrow view: a part that melts within half a second, in shots whose camera rests or moves slowly. Where
everything moves, what passes through a place changes as well, and nothing is claimed. Slower changes are ``slow_morph``'s.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kling_post.checks.check import Answer, Subject
from kling_post.checks.evidence.cut_detection import SIGNALS, transitions
from kling_post.checks.evidence.runs import runs, stretch
from kling_post.checks.evidence.tile_groups import bounds, largest
from kling_post.vocabulary import Finding, FrameRange, Severity

_REACH = 8
"""Frames on each side that the signal holds a frame against."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalMorphLimits:
    """Set on drawn shots with a part that melts into another shot's, and on generated clips in which things change."""

    correlation: float = 0.5
    """Of a tile's picture before and after, at most."""
    residual: float = 0.05
    """What the best mix of the two leaves of the tile between, over their squared difference: a slow camera 0.06 on."""
    share: float = 0.35
    """How far from one half the share of either may lie."""
    spread_codes: float = 4.0
    """Standard deviation of both inside the tile, at least: flat places have nothing to change."""
    tiles: int = 4
    """Of 16 by 9 that change together."""
    looks: int = 3
    """Every second frame is looked at: at least so many in a row."""
    most_looks: int = 8
    """What goes on for longer is movement."""


class LocalMorph:
    """Parts that turn into something else."""

    name = "local_morph"
    title = "A part turns into something else"
    needs = (*SIGNALS, "local_mixes")
    limits = LocalMorphLimits()

    def judge(self, subject: Subject, limits: LocalMorphLimits) -> Answer:
        """For review: a finding per place and time; cuts and melts of the whole picture are the cuts check's."""
        mixes = subject.signals["local_mixes"]
        looks = mixes["frame"].astype(int)
        pieces = [largest(piece) for piece in _melting(subject, limits)]
        shown = np.array([piece.sum() >= limits.tiles for piece in pieces], bool)
        for change in transitions(subject.signals):
            shown &= (looks < change.start - _REACH) | (looks >= change.stop + _REACH)
        findings = []
        for run in runs(shown):
            together = np.sum(pieces[run.start : run.stop], axis=0) > run.frames / 2
            if limits.looks <= run.frames <= limits.most_looks and together.sum() >= limits.tiles:
                findings.append(self._finding(subject, FrameRange(int(looks[run.start]), int(looks[run.stop - 1]) + 1), together, limits))
        return Answer(findings=tuple(findings))

    def _finding(self, subject: Subject, frames: FrameRange, tiles: NDArray[np.bool_], limits: LocalMorphLimits) -> Finding:
        share = float(tiles.mean())
        return Finding(
            check=self.name,
            severity=Severity.REVIEW,
            frames=frames,
            measured=share,
            limit=limits.tiles / tiles.size,
            unit="of the picture",
            message=f"A part of the picture turns into something else: {stretch(frames, subject.facts)}.",
            source="tiles as mixes of what they showed before and after",
            remedy="Look whether a face or a thing has changed; use the take up to there, or take it again.",
            area=bounds(tiles),
        )


def _melting(subject: Subject, limits: LocalMorphLimits) -> NDArray[np.bool_]:
    mixes = subject.signals["local_mixes"]
    mixed = (mixes["residual"] <= limits.residual) & (np.abs(mixes["share"] - 0.5) <= limits.share)
    return np.asarray(mixed & (mixes["correlation"] <= limits.correlation) & (mixes["spread"] >= limits.spread_codes), bool)


CHECK = LocalMorph()
