"""How much grain to add so that what is left of it after encoding is what the clip before has.

An encoder takes part of every grain away, the finer and weaker the more. So the strength is not what is missing: it is found by encoding
some frames as the master will be, and measuring them by the seams' own measure.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from kling_post.edit.corrections import AddedGrain
from kling_post.edit.grain import grained
from kling_post.edit.picture import clip_frames
from kling_post.edit.timeline import Clip, Timeline
from kling_post.media.decode import decode
from kling_post.media.encode import H264_MASTER, H265_MASTER, FrameWriter, Planes
from kling_post.media.frames import FrameView
from kling_post.seams.inspect import evidence_of
from kling_post.seams.side import Side, side_of
from kling_post.vocabulary import FrameRange

MOST_GRAIN_CODES: Final = 8.0
_FRAMES: Final = 8
_TRIALS: Final = 5
_NEAR_CODES: Final = 0.4
"""A rest that is not worth another trial."""
_STRONGER: Final = 1.8
"""No trial is so many times stronger than the one before."""


def fitted_grain(before: Clip, after: Clip, timeline: Timeline, missing_codes: float) -> tuple[AddedGrain, float]:
    """The grain to add to ``after``, and the step that is then left at the join, in 8-bit codes with its sign.

    Args:
        before: The clip that has it, with what was added to it.
        after: The clip that lacks it, its trims made.
        timeline: Theirs.
        missing_codes: The noise that ``after`` lacks, as measured.

    Raises:
        MediaError: the clips cannot be decoded there.
        EncodeError: the trial cannot be encoded.
    """
    tail = FrameRange(max(before.source.start, before.source.stop - _FRAMES), before.source.stop)
    head = FrameRange(after.source.start, min(after.source.stop, after.source.start + _FRAMES))
    added = None if before.picture_correction is None else before.picture_correction.grain
    outgoing = _side(_planes(before, tail, timeline), tail, timeline, added)
    clean = _planes(after, head, timeline)
    sigma, tried = missing_codes, []
    for _ in range(_TRIALS):
        grain = AddedGrain(sigma_codes=round(sigma, 3))
        left = evidence_of(outgoing, _side(clean, head, timeline, grain)).picture.grain.step
        tried.append((abs(left), grain, left))
        if abs(left) <= _NEAR_CODES or sigma >= MOST_GRAIN_CODES:
            break
        sigma = min(_next_sigma(tried, missing_codes), MOST_GRAIN_CODES)
    _, grain, left = min(tried, key=lambda trial: trial[0])
    return grain, left


def _next_sigma(tried: Sequence[tuple[float, AddedGrain, float]], missing_codes: float) -> float:
    """Between the nearest trials that leave too little and too much, else in proportion to what the last one has brought.

    Noise adds as squares: what is left counts by its square.
    """
    weak = max(((grain.sigma_codes, left * abs(left)) for _, grain, left in tried if left < 0), default=None)
    strong = min(((grain.sigma_codes, left * abs(left)) for _, grain, left in tried if left > 0), default=None)
    if weak is not None and strong is not None:
        return weak[0] + (strong[0] - weak[0]) * weak[1] / (weak[1] - strong[1])
    _, grain, left = tried[-1]
    arrived = max(missing_codes**2 + left * abs(left), (missing_codes / 4) ** 2)
    return grain.sigma_codes * min(missing_codes / math.sqrt(arrived), _STRONGER)


def _planes(clip: Clip, frames: FrameRange, timeline: Timeline) -> list[Planes]:
    plain = replace(clip, picture_correction=None)
    return [(luma.copy(), blue.copy(), red.copy()) for luma, blue, red in clip_frames(plain, frames, timeline)]


def _side(pictures: Sequence[Planes], frames: FrameRange, timeline: Timeline, grain: AddedGrain | None) -> Side:
    """As the seams' room measures it: the take's own frames, or with grain on them and through the encoder."""
    depth = timeline.bit_depth
    if grain is None:
        return side_of(
            FrameView(index=0, seconds=Fraction(0), bit_depth=depth, luma=luma, chroma_blue=blue, chroma_red=red)
            for luma, blue, red in pictures
        )
    quality = H265_MASTER if depth > 8 else H264_MASTER
    with TemporaryDirectory(prefix="kling-post-grain-") as folder:
        path = Path(folder) / "trial.mp4"
        with FrameWriter(path, size=timeline.size, rate=timeline.rate, quality=quality) as writer:
            for frame, planes in enumerate(pictures, start=frames.start):
                writer.write_planes(*grained(planes, grain, frame))
        return side_of(decode(path))
