"""The frames of a clip next to a join as the edit shows them, small enough to be tried on: what repairs are fitted to and foretold with."""

from dataclasses import dataclass, replace
from fractions import Fraction

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.edit.colour import ColourTransform, graded, rgb_of_codes
from kling_post.edit.corrections import Refocusing, Reframing
from kling_post.edit.picture import clip_frames
from kling_post.edit.refocus import refocused
from kling_post.edit.reframe import reframed
from kling_post.edit.timeline import Clip, Timeline
from kling_post.media.encode import Planes
from kling_post.media.frames import FrameView
from kling_post.seams.inspect import evidence_of
from kling_post.seams.judge import judge_seam
from kling_post.seams.side import FRAMES_EACH_SIDE, Side, side_of
from kling_post.vocabulary import FrameRange, JoinKind, SeamReport

_WIDEST = 1920
"""Frames are kept at the largest exact halving that is no wider than this, as sharpness is measured."""
_COLOUR_WIDTH = 480

Pictures = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Up to twelve frames of one clip at one of its ends, in display order, 8-bit 4:2:0 limited-range BT.709."""

    frames: tuple[Planes, ...]
    first: int = 0
    """Place of the first frame in the clip, counted from the clip's first frame."""
    opens_take: bool = False
    """Whether the first frame is the take's very first one."""

    def side(self) -> Side:
        """The window as the seams' room measures it."""
        return side_of(_view(planes) for planes in self.frames)

    def graded(self, transform: ColourTransform | None) -> "Window":
        """The window with a colour transform."""
        if transform is None:
            return self
        return replace(self, frames=tuple(graded(planes, transform) for planes in self.frames))

    def reframed(self, reframing: Reframing | None) -> "Window":
        """The window with an eased reframing."""
        if reframing is None:
            return self
        return replace(self, frames=tuple(reframed(planes, reframing, self.first + place) for place, planes in enumerate(self.frames)))

    def refocused(self, refocusing: Refocusing) -> "Window":
        """The window with an eased refocusing."""
        return replace(self, frames=tuple(refocused(planes, refocusing, self.first + place) for place, planes in enumerate(self.frames)))

    def colours(self, place: int) -> tuple[Pictures, Pictures]:
        """Luma (rows, columns; 0 to 1) and R'G'B' (rows, columns, 3) of one frame, at most 480 columns."""
        luma, blue, red = self.frames[place]
        columns = min(_COLOUR_WIDTH, luma.shape[1])
        size = (columns, max(1, round(luma.shape[0] * columns / luma.shape[1])))
        small = [cv2.resize(plane.astype(np.float32), size, interpolation=cv2.INTER_AREA) for plane in (luma, blue, red)]
        rgb = rgb_of_codes(np.stack(small, axis=-1).astype(np.float64)).astype(np.float32)
        return ((small[0] - 16) / 219).astype(np.float32), rgb


def tail_window(clip: Clip, timeline: Timeline, frames: int = FRAMES_EACH_SIDE) -> Window:
    """The clip's last frames, without the clip's corrections.

    Raises:
        MediaError: they cannot be decoded.
    """
    stop = clip.source.stop
    return _read(clip, timeline, FrameRange(max(clip.source.start, stop - frames), stop))


def head_window(clip: Clip, timeline: Timeline, frames: int = FRAMES_EACH_SIDE) -> Window:
    """The clip's first frames, without the clip's corrections.

    Raises:
        MediaError: they cannot be decoded.
    """
    start = clip.source.start
    return _read(clip, timeline, FrameRange(start, min(clip.source.stop, start + frames)))


def _read(clip: Clip, timeline: Timeline, source: FrameRange) -> Window:
    plain = replace(clip, picture_correction=None)
    frames = tuple(_reduced(planes) for planes in clip_frames(plain, source, timeline))
    return Window(frames=frames, first=source.start - clip.source.start, opens_take=source.start == 0)


def _reduced(planes: Planes) -> Planes:
    """8-bit copies, halved until they are narrow enough."""
    eight_bit = planes[0].dtype == np.uint8
    luma, blue, red = (np.array(plane if eight_bit else cv2.convertScaleAbs(plane, alpha=0.25), np.uint8) for plane in planes)
    while luma.shape[1] > _WIDEST:
        luma, blue, red = _halved(luma), _halved(blue), _halved(red)
    return luma, blue, red


def _halved(plane: NDArray[np.uint8]) -> NDArray[np.uint8]:
    # Lengths divisible by four, so that chroma stays half of luma.
    rows, columns = max(2, plane.shape[0] // 4 * 4), max(2, plane.shape[1] // 4 * 4)
    return np.asarray(cv2.resize(plane[:rows, :columns], (columns // 2, rows // 2), interpolation=cv2.INTER_AREA), np.uint8)


def _view(planes: Planes) -> FrameView:
    luma, blue, red = planes
    return FrameView(index=0, seconds=Fraction(0), bit_depth=8, luma=luma, chroma_blue=blue, chroma_red=red)


def foretold(outgoing: Window, incoming: Window, *, planned: JoinKind = JoinKind.CONTINUE) -> SeamReport:
    """The seam's scorecard if these were the frames on its two sides; picture only."""
    return judge_seam(evidence_of(outgoing.side(), incoming.side()), outgoing="", incoming="", record_frame=0, planned=planned)
