"""Stretches of frames for which something holds, and words for them."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from kling_post.timebase import timecode
from kling_post.vocabulary import FrameRange, MediaFacts


def runs(holds: NDArray[np.bool_] | Sequence[bool]) -> tuple[FrameRange, ...]:
    """The longest stretches of true values, [start, stop), in order; one that lasts to the end is among them.

    >>> runs([False, True, True, False, True])
    (FrameRange(start=1, stop=3), FrameRange(start=4, stop=5))
    """
    padded = np.concatenate([[False], np.asarray(holds, bool), [False]])
    edges = np.flatnonzero(padded[1:] != padded[:-1])
    return tuple(FrameRange(int(start), int(stop)) for start, stop in edges.reshape(-1, 2))


def joined(ranges: Sequence[FrameRange], gap: int) -> tuple[FrameRange, ...]:
    """Ranges in order, with those that lie ``gap`` frames apart or closer made one."""
    merged: list[FrameRange] = []
    for each in ranges:
        if merged and each.start - merged[-1].stop <= gap:
            merged[-1] = FrameRange(merged[-1].start, max(merged[-1].stop, each.stop))
        else:
            merged.append(each)
    return tuple(merged)


def shots(frames: int, cuts: Sequence[int]) -> tuple[FrameRange, ...]:
    """The stretches between cuts; a cut is the first frame of its shot.

    >>> shots(10, (4,))
    (FrameRange(start=0, stop=4), FrameRange(start=4, stop=10))
    """
    edges = [0, *(cut for cut in sorted(set(cuts)) if 0 < cut < frames), frames]
    return tuple(FrameRange(start, stop) for start, stop in pairwise(edges))


def at(frame: int, facts: MediaFacts) -> str:
    """A frame's place for people: its number and its timecode from zero."""
    return f"frame {frame} ({timecode(frame, facts.rate)})"


def stretch(frames: FrameRange, facts: MediaFacts) -> str:
    """A stretch for people: "frames 12 to 15 (0.17 s)"; one frame is "frame 12"."""
    if frames.frames == 1:
        return at(frames.start, facts)
    return f"frames {frames.start} to {frames.stop - 1} ({float(Fraction(frames.frames) / facts.rate):.2f} s)"
