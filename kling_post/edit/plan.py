"""Which frames of the master are copied from the takes bit for bit, and which must be encoded. Pure planning, no pixels.

A clip's body is copied where its take needs no conforming and its stream can be cut there; dissolves, and the few frames
between a dissolve and the next place where a copy may begin or end, are encoded. Everything encoded is divided into segments
that depend on their own shots only: a shot that changes costs its own segments and those of its joins.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kling_post.edit.conform import conform_clip
from kling_post.edit.timeline import Clip, Timeline
from kling_post.media.splice import PictureIndex, StreamHeader, Stretch
from kling_post.timebase import nominal_rate
from kling_post.vocabulary import FrameRange, JoinKind

_SEGMENT_SECONDS = 10
"""The longest stretch that is encoded in one go, and so the most that a killed run loses."""
_JOIN_SECONDS = 2
"""Bodies up to this length are encoded together with the dissolves beside them, up to twice this length in all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """Frames of one clip, shown as they are or conformed."""

    clip: Clip
    frames: FrameRange
    """Of the conformed take."""

    @property
    def length(self) -> int:
        """In frames."""
        return self.frames.frames

    @property
    def corrected(self) -> bool:
        """Whether the clip's correction changes these frames; a body lies wholly within what it changes, or wholly without."""
        correction = self.clip.picture_correction
        return correction is not None and self.frames.start - self.clip.source.start < correction.touched_frames(self.clip.source.frames)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dissolve:
    """Frames of two clips, one going over into the other."""

    outgoing: Clip
    outgoing_frames: FrameRange
    incoming: Clip
    incoming_frames: FrameRange

    @property
    def length(self) -> int:
        """In frames."""
        return self.incoming_frames.frames


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """What one run of the encoder makes."""

    parts: tuple[Body | Dissolve, ...]

    @property
    def length(self) -> int:
        """In frames."""
        return sum(part.length for part in self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class PicturePlan:
    """The whole picture, in order."""

    pieces: tuple[Stretch | Segment, ...]
    encoder_id: int
    """Id for the parameter sets of what is encoded, so that they stand beside those of what is copied."""

    @property
    def copied_frames(self) -> int:
        """Frames that keep their bits."""
        return sum(piece.frames.frames for piece in self.pieces if isinstance(piece, Stretch))

    @property
    def encoded_frames(self) -> int:
        """Frames that pass the encoder."""
        return sum(piece.length for piece in self.pieces if isinstance(piece, Segment))


def plan_picture(timeline: Timeline, indexes: Mapping[Path, PictureIndex | None]) -> PicturePlan:
    """Divide the timeline into copies and encodes; ``indexes`` has every take's index, None where it cannot be copied."""
    pieces = _pieces(timeline, _copyable(timeline, indexes))
    stretches = [piece for piece in pieces if isinstance(piece, Stretch)]
    alone = timeline.bit_depth > 8 or not all(stretch.index.parameter_sets.joins_with_encoded for stretch in stretches)
    if len(stretches) < len(pieces) and alone:
        pieces = _pieces(timeline, {})
    used = [piece.index.parameter_sets for piece in pieces if isinstance(piece, Stretch)]
    return PicturePlan(pieces=tuple(_segments(pieces, timeline)), encoder_id=_free_id(used))


def _pieces(timeline: Timeline, copyable: Mapping[Path, PictureIndex]) -> list[Stretch | Body | Dissolve]:
    pieces: list[Stretch | Body | Dissolve] = []
    for part in _parts(timeline):
        index = copyable.get(part.clip.path) if isinstance(part, Body) and not part.corrected else None
        pieces.extend([part] if index is None or isinstance(part, Dissolve) else _split(part, index))
    return pieces


def _parts(timeline: Timeline) -> list[Body | Dissolve]:
    """Bodies and dissolves in order; clips that go on in the same take without a gap become one body."""
    parts: list[Body | Dissolve] = []
    for clip, after in zip(timeline.clips, [*timeline.clips[1:], None], strict=True):
        tail = after.dissolve_frames if after else 0
        for body in _bodies(clip, FrameRange(clip.source.start + clip.dissolve_frames, clip.source.stop - tail)):
            last = parts[-1] if parts else None
            if isinstance(last, Body) and _one_run(last, body):
                parts[-1] = Body(clip=last.clip, frames=FrameRange(last.frames.start, body.frames.stop))
            else:
                parts.append(body)
        if after is not None and after.join is JoinKind.DISSOLVE:
            parts.append(
                Dissolve(
                    outgoing=clip,
                    outgoing_frames=FrameRange(clip.source.stop - tail, clip.source.stop),
                    incoming=after,
                    incoming_frames=FrameRange(after.source.start, after.source.start + tail),
                )
            )
    return parts


def _bodies(clip: Clip, frames: FrameRange) -> list[Body]:
    """The frames as a stretch that the clip's correction changes and one that it leaves as it is; empty ones are left out."""
    correction = clip.picture_correction
    touched = 0 if correction is None else correction.touched_frames(clip.source.frames)
    edge = min(max(clip.source.start + touched, frames.start), frames.stop)
    halves = (FrameRange(frames.start, edge), FrameRange(edge, frames.stop))
    return [Body(clip=clip, frames=half) for half in halves if half.frames]


def _one_run(last: Body, body: Body) -> bool:
    """Whether a stretch goes on in the same take at the very next frame, neither of them corrected."""
    return _looks_alike(last.clip, body.clip) and last.frames.stop == body.frames.start and not (last.corrected or body.corrected)


def _looks_alike(one: Clip, other: Clip) -> bool:
    """Whether two clips of a take are conformed in the same way, so that their frames may be made in one go."""
    return one.path == other.path and one.retime == other.retime and one.fit == other.fit


def _split(body: Body, index: PictureIndex) -> list[Stretch | Body | Dissolve]:
    """The body as head to encode, middle to copy, tail to encode."""
    start, stop = index.first_start(body.frames.start), index.last_stop(body.frames.stop)
    if stop <= start:
        return [body]
    split: list[Stretch | Body | Dissolve] = [Stretch(index=index, frames=FrameRange(start, stop))]
    if body.frames.start < start:
        split.insert(0, Body(clip=body.clip, frames=FrameRange(body.frames.start, start)))
    if stop < body.frames.stop:
        split.append(Body(clip=body.clip, frames=FrameRange(stop, body.frames.stop)))
    return split


def _segments(pieces: Sequence[Stretch | Body | Dissolve], timeline: Timeline) -> list[Stretch | Segment]:
    short = _JOIN_SECONDS * nominal_rate(timeline.rate)
    planned: list[Stretch | Segment] = []
    gathered: list[Body | Dissolve] = []

    def close() -> None:
        if gathered:
            planned.append(Segment(parts=tuple(gathered)))
            gathered.clear()

    for piece in pieces:
        if isinstance(piece, Stretch):
            close()
            planned.append(piece)
        elif isinstance(piece, Body) and piece.length > short:
            close()
            planned.extend(_long_body(piece, _SEGMENT_SECONDS * nominal_rate(timeline.rate)))
        else:
            at_a_cut = bool(gathered) and isinstance(piece, Body) and isinstance(gathered[-1], Body)
            if at_a_cut or sum(part.length for part in gathered) + piece.length > 2 * short:
                close()
            gathered.append(piece)
    close()
    return planned


def _long_body(body: Body, longest: int) -> list[Segment]:
    starts = range(body.frames.start, body.frames.stop, longest)
    return [Segment(parts=(Body(clip=body.clip, frames=FrameRange(at, min(at + longest, body.frames.stop))),)) for at in starts]


def _copyable(timeline: Timeline, indexes: Mapping[Path, PictureIndex | None]) -> dict[Path, PictureIndex]:
    """The takes that may be copied into one file together: as many frames of the timeline as possible, first come where equal."""
    able: dict[Path, PictureIndex] = {}
    frames_by_sets: dict[StreamHeader, int] = {}
    for body in (part for part in _parts(timeline) if isinstance(part, Body) and not part.corrected):
        facts, index = body.clip.facts, indexes.get(body.clip.path)
        untouched = conform_clip(body.clip, timeline).untouched
        if index is not None and index.frames == facts.frames and untouched and not facts.interlaced:
            able[body.clip.path] = index
            copied = sum(piece.frames.frames for piece in _split(body, index) if isinstance(piece, Stretch))
            frames_by_sets[index.parameter_sets] = frames_by_sets.get(index.parameter_sets, 0) + copied
    together: StreamHeader | None = None
    accepted: set[StreamHeader] = set()
    for sets in sorted(frames_by_sets, key=lambda each: -frames_by_sets[each]):
        joined = sets if together is None else together.joined(sets)
        if joined is not None:
            together = joined
            accepted.add(sets)
    return {path: index for path, index in able.items() if index.parameter_sets in accepted}


def _free_id(used: Sequence[StreamHeader]) -> int:
    taken = {number for sets in used for ids in sets.ids() for number in ids}
    return next(number for number in range(32) if number not in taken)
