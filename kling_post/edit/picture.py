"""The frames of a clip as the timeline shows them: the right frame of the take, in the timeline's size, range and matrix."""

from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from kling_post.edit.colour import graded
from kling_post.edit.conform import Conform, assumed_matrix, conform_clip
from kling_post.edit.flow import between
from kling_post.edit.grain import grained
from kling_post.edit.refocus import refocused
from kling_post.edit.reframe import reframed, share_left
from kling_post.edit.timeline import Clip, Timeline
from kling_post.media.decode import decode
from kling_post.media.encode import Planes
from kling_post.media.frames import FrameView, Plane
from kling_post.media.timing import picture_timing
from kling_post.vocabulary import Fit, FrameRange, MediaFacts, Size

_BLACK = (16, 128, 128)
_LUMA_WEIGHTS = {"smpte170m": (0.299, 0.114), "bt709": (0.2126, 0.0722), "bt2020nc": (0.2627, 0.0593)}
"""Kr and Kb: ITU-R BT.601-7, BT.709-6, BT.2020-2."""


def clip_frames(clip: Clip, source: FrameRange, timeline: Timeline) -> Iterator[Planes]:
    """The clip's frames ``source`` (counted in the conformed take), corrected: limited-range BT.709 4:2:0 of the timeline's size.

    8-bit, or 16-bit integers where the timeline has 10. The planes are valid until the next frame is asked for.

    Raises:
        MediaError: the take cannot be decoded there.
    """
    if not source.frames:
        return
    decision = conform_clip(clip, timeline)
    shown = _made_between if decision.rate == "optical flow" else _own_frames
    for frame, planes in enumerate(shown(clip, source, decision, timeline), start=source.start):
        yield corrected(planes, clip, frame)


def _own_frames(clip: Clip, source: FrameRange, decision: Conform, timeline: Timeline) -> Iterator[Planes]:
    """The take's own frames, left out and repeated as the conforming has it."""
    for view, times in _shown(clip, source, decision, timeline):
        planes = conformed(view, clip.facts, timeline.size, fit=clip.fit, bits=timeline.bit_depth)
        for _ in range(times):
            yield planes


def shown_views(clip: Clip, source: FrameRange, timeline: Timeline) -> Iterator[tuple[FrameView, int]]:
    """The take's own frames behind the clip's frames ``source``, as they were decoded, and how many times each is shown in a row.

    Raises:
        MediaError: the take cannot be decoded there.
    """
    return _shown(clip, source, conform_clip(clip, timeline), timeline)


def _shown(clip: Clip, source: FrameRange, decision: Conform, timeline: Timeline) -> Iterator[tuple[FrameView, int]]:
    times = Counter(_take_frame(clip, decision, frame, timeline.rate) for frame in range(source.start, source.stop))
    for view in decode(clip.path, start=min(times), stop=max(times) + 1):
        if view.index in times:
            yield view, times[view.index]


def _made_between(clip: Clip, source: FrameRange, decision: Conform, timeline: Timeline) -> Iterator[Planes]:
    """Frames at moments between the take's own, made by optical flow; its own where a moment falls on one."""
    wanted = [decision.between(frame, clip.facts) for frame in range(source.start, source.stop)]
    last = min(wanted[-1][0] + 1, clip.facts.frames - 1)
    before: Planes | None = None
    shown = 0
    for view in decode(clip.path, start=wanted[0][0], stop=last + 1):
        # A frame outlives the decoder's buffer here: the next one is held beside it.
        planes = _copied(conformed(view, clip.facts, timeline.size, fit=clip.fit, bits=timeline.bit_depth))
        while shown < len(wanted):
            place, share = wanted[shown]
            if place == view.index and (not share or view.index == last):
                yield planes
            elif place == view.index - 1 and before is not None:
                yield between(before, planes, float(share))
            else:
                break
            shown += 1
        before = planes


def _copied(planes: Planes) -> Planes:
    return planes[0].copy(), planes[1].copy(), planes[2].copy()


def corrected(planes: Planes, clip: Clip, source_frame: int) -> Planes:
    """A conformed frame with the clip's correction; the very same planes where none reaches it."""
    correction, frame = clip.picture_correction, source_frame - clip.source.start
    if correction is None or not 0 <= frame < correction.touched_frames(clip.source.frames):
        return planes
    if correction.reframing is not None:
        planes = reframed(planes, correction.reframing, frame)
    if correction.refocusing is not None:
        planes = refocused(planes, correction.refocusing, frame)
    if correction.colour is not None:
        share = share_left(frame, correction.colour_eased_frames) if correction.colour_eased_frames else 1.0
        planes = graded(planes, correction.colour, share=share) if share else planes
    return planes if correction.grain is None else grained(planes, correction.grain, source_frame)


def dissolve(outgoing: Iterator[Planes], incoming: Iterator[Planes], frames: int) -> Iterator[Planes]:
    """From one to the other in ``frames`` steps: linear in code values, as an NLE's default cross dissolve is.

    The first frame shows 1/(frames+1) of the incoming clip, the last as much of the outgoing one.
    """
    for step, (before, after) in enumerate(zip(outgoing, incoming, strict=True), start=1):
        share = step / (frames + 1)
        luma, blue, red = (cv2.addWeighted(one, 1 - share, other, share, 0) for one, other in zip(before, after, strict=True))
        yield luma, blue, red


def conformed(view: FrameView, facts: MediaFacts, size: Size, *, fit: Fit = Fit.FIT, bits: int = 8) -> Planes:
    """One decoded frame in the timeline's size, range, matrix and depth; the decoder's own planes where nothing differs."""
    planes = _at_depth(view, bits)
    full, matrix = facts.color_range == "full", assumed_matrix(facts)
    if full or matrix != "bt709":
        planes = _to_bt709_limited(planes, matrix, full=full, bits=bits)
    if facts.rotation_degrees % 360:
        turn = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}[facts.rotation_degrees % 360]
        planes = tuple(cv2.rotate(plane, turn) for plane in planes)  # type: ignore[assignment]
    if Size(planes[0].shape[1], planes[0].shape[0]) != size or facts.sample_aspect != 1:
        planes = _framed(planes, facts.sample_aspect, size, fit)
    return planes


def _take_frame(clip: Clip, decision: Conform, frame: int, rate: Fraction) -> int:
    if not clip.facts.constant_rate:
        timing = picture_timing(clip.path)
        if timing.presentation:
            moment = (Fraction(frame) + Fraction(1, 2)) / rate * decision.speed / timing.time_base + timing.presentation[0]
            return max(0, int(np.searchsorted(timing.presentation, float(moment), side="right")) - 1)
    return decision.take_frame(frame, clip.facts)


def _at_depth(view: FrameView, bits: int) -> Planes:
    """The frame's planes in 8 bits, or in 10 as 16-bit integers; grey pictures get chroma."""

    def brought(plane: Plane) -> NDArray[Any]:
        if view.bit_depth == bits:
            return plane
        if view.bit_depth < bits:
            return np.left_shift(plane, bits - view.bit_depth, dtype=np.uint16)
        if bits == 8:
            return cv2.convertScaleAbs(plane, alpha=1 / 2 ** (view.bit_depth - 8))
        lower = view.bit_depth - bits
        rounded = (plane.astype(np.uint32) + (1 << (lower - 1))) >> lower
        return np.asarray(np.minimum(rounded, (1 << bits) - 1), np.uint16)

    luma = brought(view.luma)
    if view.chroma_blue is None or view.chroma_red is None:
        grey = np.full(((luma.shape[0] + 1) // 2, (luma.shape[1] + 1) // 2), 128 << (bits - 8), luma.dtype)
        return luma, grey, grey
    return luma, brought(view.chroma_blue), brought(view.chroma_red)


def _to_bt709_limited(planes: Planes, matrix: str, *, full: bool, bits: int) -> Planes:
    """Code values to code values by one exact affine map; luma uses chroma scaled up, chroma uses luma scaled down."""
    rows, columns = planes[0].shape
    change = _change_of_matrix(matrix, full=full, bits=bits)
    large = [cv2.resize(plane, (columns, rows), interpolation=cv2.INTER_LINEAR) for plane in planes[1:]]
    luma = cv2.extractChannel(cv2.transform(cv2.merge([planes[0], *large]), change), 0)
    half = (planes[1].shape[1], planes[1].shape[0])
    small = cv2.transform(cv2.merge([cv2.resize(planes[0], half, interpolation=cv2.INTER_AREA), *planes[1:]]), change)
    return luma, cv2.extractChannel(small, 1), cv2.extractChannel(small, 2)


def _change_of_matrix(matrix: str, *, full: bool, bits: int) -> NDArray[np.float32]:
    """The 3 x 4 map from Y'CbCr code values of ``matrix`` and range to BT.709 limited ones, of ``bits``."""
    red_weight, blue_weight = _LUMA_WEIGHTS.get(matrix, _LUMA_WEIGHTS["bt709"])
    source = _rgb_to_ycbcr(red_weight, blue_weight)
    target = _rgb_to_ycbcr(*_LUMA_WEIGHTS["bt709"])
    steps = 2.0 ** (bits - 8)
    target_scale, target_offset = _LIMITED[0] * steps, _LIMITED[1] * steps
    whole = (np.full(3, 2.0**bits - 1), np.array([0.0, 128, 128]) * steps)
    source_scale, source_offset = whole if full else (target_scale, target_offset)
    linear = np.diag(target_scale) @ target @ np.linalg.inv(source) @ np.diag(1 / source_scale)
    return np.column_stack([linear, target_offset - linear @ source_offset]).astype(np.float32)


_LIMITED = (np.array([219.0, 224, 224]), np.array([16.0, 128, 128]))


def _rgb_to_ycbcr(red_weight: float, blue_weight: float) -> NDArray[np.float64]:
    luma = np.array([red_weight, 1 - red_weight - blue_weight, blue_weight])
    blue = (np.array([0.0, 0, 1]) - luma) / (2 - 2 * blue_weight)
    red = (np.array([1.0, 0, 0]) - luma) / (2 - 2 * red_weight)
    return np.array([luma, blue, red])


def _framed(planes: Planes, sample_aspect: Fraction, size: Size, fit: Fit) -> Planes:
    """Scaled as ``fit`` has it with its shape kept, centred: cut off where it is larger than the frame, black where it is smaller."""
    rows, columns = planes[0].shape
    inner = _inner(Size(columns, rows), sample_aspect, size, fit)
    left, top = _half(size.width - inner.width), _half(size.height - inner.height)
    framed = []
    for plane, black, step in zip(planes, _BLACK, (1, 2, 2), strict=True):
        scaled = _scaled(plane, inner.width // step, inner.height // step, chroma=step == 2)
        depth = 1 if plane.dtype == np.uint8 else 4
        canvas = np.full((size.height // step, size.width // step), black * depth, plane.dtype)
        down, across = top // step, left // step
        seen = scaled[max(0, -down) : canvas.shape[0] - down, max(0, -across) : canvas.shape[1] - across]
        canvas[max(0, down) : max(0, down) + seen.shape[0], max(0, across) : max(0, across) + seen.shape[1]] = seen
        framed.append(canvas)
    return framed[0], framed[1], framed[2]


def _inner(own: Size, sample_aspect: Fraction, size: Size, fit: Fit) -> Size:
    """How large the whole picture becomes."""
    if fit is Fit.CROP:
        return Size(_even(own.width * sample_aspect), _even(Fraction(own.height)))
    shape = Fraction(own.width, own.height) * sample_aspect
    wide = shape >= Fraction(size.width, size.height)
    if wide == (fit is Fit.FIT):
        return Size(size.width, _even(size.width / shape))
    return Size(_even(size.height * shape), size.height)


def _half(length: int) -> int:
    """Half of a difference as an even number, so that chroma stays with its luma."""
    return length // 4 * 2 if length >= 0 else -(-length // 4 * 2)


def _scaled(plane: NDArray[np.uint8], width: int, height: int, *, chroma: bool) -> NDArray[np.uint8]:
    """Area mean down, Lanczos up. Chroma samples sit on the left of their pair, so scaling up must not move them to its middle."""
    rows, columns = plane.shape
    if (width, height) == (columns, rows):
        return plane
    if width < columns or height < rows:
        return cv2.resize(plane, (width, height), interpolation=cv2.INTER_AREA)  # type: ignore[return-value]
    if not chroma:
        return cv2.resize(plane, (width, height), interpolation=cv2.INTER_LANCZOS4)  # type: ignore[return-value]
    across, down = columns / width, rows / height
    # Where a sample of the result lies in the source: on its left edge across (a quarter in), centred down.
    back = np.array([[across, 0, 0.25 * across - 0.25], [0, down, 0.5 * down - 0.5]])
    flags = cv2.INTER_LANCZOS4 | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(plane, back, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE)  # type: ignore[return-value]


def _even(length: Fraction) -> int:
    return max(2, round(length / 2) * 2)
