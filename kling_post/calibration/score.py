"""Matching what was found with what was put in, and what comes of it: precision, recall, F1, and the area under the ROC curve.

An *instant* (a cut, a repeat, a flash of a frame or two) is found where both ends lie within one frame of the truth. A *run* is
found where the stretches share at least half of their union (intersection over union, IoU >= 0.5, as in temporal action
detection). A fault of the whole *clip* is found by a finding for the whole clip or by one that covers at least half of it. A
change that has no exact place is found by a finding *within* its stretch, again to one frame.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from kling_post.vocabulary import FrameRange

INSTANT_TOLERANCE_FRAMES = 1
LEAST_IOU = 0.5


class Shape(StrEnum):
    """How an event lies in time, and so how it is matched."""

    INSTANT = "instant"
    RUN = "run"
    CLIP = "clip"
    WITHIN = "within"
    """A stretch that may be named by any part of it: a cut that melts over eight frames has no exact place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One defect as it was put in."""

    frames: FrameRange
    shape: Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Counts that add up over clips."""

    hits: int = 0
    misses: int = 0
    extras: int = 0
    """Findings that match nothing that was put in."""

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(hits=self.hits + other.hits, misses=self.misses + other.misses, extras=self.extras + other.extras)

    @property
    def recall(self) -> float:
        """Share of the defects found; NaN without defects."""
        return _share(self.hits, self.hits + self.misses)

    @property
    def precision(self) -> float:
        """Share of the findings that are defects; NaN without findings."""
        return _share(self.hits, self.hits + self.extras)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 1 where there was nothing to find and nothing was found."""
        return 1.0 if not (self.hits + self.misses + self.extras) else 2 * self.hits / (2 * self.hits + self.misses + self.extras)


def iou(one: FrameRange, other: FrameRange) -> float:
    """Intersection over union of two stretches of frames, 0 to 1."""
    shared = min(one.stop, other.stop) - max(one.start, other.start)
    if shared <= 0:
        return 0.0
    return shared / (one.frames + other.frames - shared)


def matches(event: Event, found: FrameRange | None) -> bool:
    """Whether a finding names this event; ``found`` is None for a finding about the whole clip."""
    if event.shape is Shape.CLIP:
        return found is None or iou(event.frames, found) >= LEAST_IOU
    if found is None:
        return False
    if event.shape is Shape.WITHIN:
        start, stop = event.frames.start - INSTANT_TOLERANCE_FRAMES, event.frames.stop + INSTANT_TOLERANCE_FRAMES
        return start <= found.start and found.stop <= stop
    if event.shape is Shape.RUN:
        return iou(event.frames, found) >= LEAST_IOU
    ends = (abs(event.frames.start - found.start), abs(event.frames.stop - found.stop))
    return max(ends) <= INSTANT_TOLERANCE_FRAMES


def match(truth: Sequence[Event], found: Sequence[FrameRange | None]) -> Tally:
    """The largest one-to-one matching: every finding names one event at most, every event is named once at most."""
    named_by: dict[int, int] = {}

    def place(finding: int, seen: set[int]) -> bool:
        # Kuhn's augmenting path: a finding may push another to a second event that it also names.
        for place_of, event in enumerate(truth):
            if place_of in seen or not matches(event, found[finding]):
                continue
            seen.add(place_of)
            if place_of not in named_by or place(named_by[place_of], seen):
                named_by[place_of] = finding
                return True
        return False

    hits = sum(place(finding, set()) for finding in range(len(found)))
    # A fault of the whole clip may be told once per channel or kind: the second telling is neither right nor wrong.
    clips = [event for event in truth if event.shape is Shape.CLIP]
    again = set(range(len(found))) - set(named_by.values())
    extras = sum(not any(matches(event, found[finding]) for event in clips) for finding in again)
    return Tally(hits=hits, misses=len(truth) - hits, extras=extras)


def area_under_curve(positives: Sequence[float], negatives: Sequence[float]) -> float:
    """Probability that a clip with the defect scores higher than one without, ties counted half (Mann and Whitney 1947)."""
    if not positives or not negatives:
        return math.nan
    wins = sum((one > other) + 0.5 * (one == other) for one in positives for other in negatives)
    return float(wins) / (len(positives) * len(negatives))


def interval(hits: int, total: int) -> tuple[float, float]:
    """95 % confidence interval of a share (Wilson 1927): what a few dozen cases can say."""
    if not total:
        return 0.0, 1.0
    z = 1.959964
    share, spread = hits / total, z * z / total
    centre = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * math.sqrt(share * (1 - share) / total + spread / (4 * total))
    return max(0.0, centre - half), min(1.0, centre + half)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else math.nan
