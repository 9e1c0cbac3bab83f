"""Does a part of the picture slowly turn into something else: a face into another face, a thing that grows, fades or comes out of nothing?

For review only, and with a narrow view: parts that keep their place in the scene, under a camera that rests or moves slowly, and
change over one to two seconds. Faster changes are ``local_morph``'s; what walks, turns or is covered is lost on its way, and nothing is
said of it. Water, fire and crowds change by nature: where the prompt names such things it is no more than a note.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kling_post.checks.check import Answer, Subject
from kling_post.checks.evidence.cut_detection import SIGNALS, transitions
from kling_post.checks.evidence.runs import stretch
from kling_post.checks.evidence.tile_groups import Tiles, bounds, largest
from kling_post.vocabulary import Finding, FrameRange, Severity

_LENGTH = 48
"""Frames from the first to the last picture of a look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowMorphLimits:
    """Set on drawn shots in which a part flows into another texture, and on generated clips in which things change."""

    found: float = 0.55
    """How well a tile is found again after 48 frames, at most; a tile of something else reaches 0.3 by chance."""
    steps: float = 0.6
    """How well it is found every half second on its way, at least: what is covered or leaves is lost at once."""
    apart_percent: float = 0.5
    """Of the longer side, how far its movement may lie from the camera's in half a second: people and things that move do not count."""
    rest_percent: float = 0.1
    """In the same unit, how far half of all that is found again may lie from the camera's movement for the scene to be at rest."""
    steps_at_rest: float = 0.5
    """In a scene at rest, in place of ``steps``."""
    apart_at_rest_percent: float = 0.7
    """In a scene at rest, in place of ``apart_percent``: what changes within a second misleads the flow. Of passers-by two tiles stay."""
    remaining_share: float = 0.5
    """Of the tiles with structure, those that must have some at the end: else the picture fades."""
    tiles: int = 3
    """Of 16 by 9 that touch each other."""


class SlowMorph:
    """Parts that slowly turn into something else."""

    name = "slow_morph"
    title = "A part slowly turns into something else"
    needs = (*SIGNALS, "survival")
    limits = SlowMorphLimits()

    def judge(self, subject: Subject, limits: SlowMorphLimits) -> Answer:
        """For review: a finding for each run of looks that show it; melts of the whole picture are the cuts check's."""
        survival = subject.signals["survival"]
        rests = np.array([_rests(*tiles, limits) for tiles in zip(survival["found"], survival["apart"], strict=True)], bool)[:, None, None]
        followed = survival["steps"] >= np.where(rests, limits.steps_at_rest, limits.steps)
        stays = survival["apart"] <= np.where(rests, limits.apart_at_rest_percent, limits.apart_percent)
        changed = (survival["found"] <= limits.found) & followed & stays
        changed &= (survival["remaining"] >= limits.remaining_share)[:, None, None]
        cuts = transitions(subject.signals)
        found: list[tuple[FrameRange, Tiles, float]] = []
        for first, tiles, left in zip(survival["frame"].astype(int), changed, survival["found"], strict=True):
            part = largest(tiles)
            frames = FrameRange(int(first), int(first) + _LENGTH + 1)
            if part.sum() < limits.tiles or any(change.start < frames.stop and change.stop > frames.start for change in cuts):
                continue
            alike = float(np.median(left[part]))
            if found and found[-1][0].stop > frames.start:
                before, other, least = found.pop()
                frames, part, alike = FrameRange(before.start, frames.stop), part | other, min(alike, least)
            found.append((frames, part, alike))
        return Answer(findings=tuple(self._finding(subject, frames, part, alike, limits) for frames, part, alike in found))

    def _finding(self, subject: Subject, frames: FrameRange, tiles: Tiles, alike: float, limits: SlowMorphLimits) -> Finding:
        return Finding(
            check=self.name,
            severity=Severity.INFO if subject.plan.stirs else Severity.REVIEW,
            frames=frames,
            measured=alike,
            limit=limits.found,
            unit="correlation after 48 frames",
            message=f"A part of the picture that stays in its place slowly turns into something else: {stretch(frames, subject.facts)}.",
            source="tiles followed over 48 frames and compared with what they were",
            remedy="Compare the first frame with the last; use the take up to there, or take it again.",
            area=bounds(tiles),
        )


_FOUND_AGAIN = 0.7
_LEAST_FOUND = 0.25
"""Of the tiles: with fewer found again there is nothing to tell the camera by."""


def _rests(found: NDArray[np.float64], apart: NDArray[np.float64], limits: SlowMorphLimits) -> bool:
    """Whether the scene is still but for the camera's movement."""
    again = found >= _FOUND_AGAIN
    return bool(again.mean() >= _LEAST_FOUND and np.median(apart[again]) <= limits.rest_percent)


CHECK = SlowMorph()
