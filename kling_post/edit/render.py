"""Making the picture: copies where the plan allows, encoded segments elsewhere, each kept by its content so that it is made once.

A segment's name is the hash of all that it depends on: the takes' bytes, the frames, the conforming, the size, the rate and the
encoder's settings. A run that was killed goes on with the segment that was being made; a changed shot costs its own segments.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from kling_post.edit.conform import conform_clip
from kling_post.edit.picture import clip_frames, dissolve
from kling_post.edit.plan import Body, Dissolve, PicturePlan, Segment, plan_picture
from kling_post.edit.timeline import Clip, Timeline
from kling_post.errors import EncodeError, MediaError
from kling_post.media.encode import H264_MASTER, H265_MASTER, EncodeSettings, FrameWriter, Planes
from kling_post.media.splice import PictureIndex, Stretch, picture_index
from kling_post.progress import SILENT, Progress
from kling_post.vocabulary import FrameRange

_VERSION = 3
"""Raise it when the same plan would give other pixels: segments made before are then made anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """The whole picture, ready to be written behind one another."""

    stretches: tuple[Stretch, ...]
    copied_frames: int
    """Taken over from the takes bit for bit."""
    encoded_frames: int
    """Through the encoder."""
    reused_frames: int
    """Of the encoded ones, those that an earlier run had made."""


def render_picture(
    timeline: Timeline, *, cache_folder: Path, quality: EncodeSettings = H264_MASTER, progress: Progress = SILENT
) -> Picture:
    """Encode what must be encoded; the rest is only named.

    Args:
        timeline: the edit.
        cache_folder: where finished segments are kept.
        quality: encoder settings of an edit of 8 bits; one of 10 has its own.
        progress: told the frames encoded.

    Raises:
        MediaError: a take is missing, has changed, or cannot be decoded.
        EncodeError: the encoder failed; finished segments stay.
    """
    plan = plan_picture(timeline, take_indexes(timeline))
    settings = replace(H265_MASTER if timeline.bit_depth > 8 else quality, parameter_set_id=plan.encoder_id)
    names = {piece: segment_name(piece, timeline, settings) for piece in plan.pieces if isinstance(piece, Segment)}
    ready = {piece: found for piece, name in names.items() if (found := _finished(cache_folder / name, piece.length)) is not None}
    missing = sum(piece.length for piece in names if piece not in ready)
    if missing:
        progress.start("encode", missing)
    done = 0
    for piece, name in names.items():
        if piece not in ready:
            ready[piece] = _encode(piece, cache_folder / name, timeline, settings, _From(progress, done))
            done += piece.length
    if missing:
        progress.finish()
    return _picture(plan, ready, missing)


def take_indexes(timeline: Timeline) -> dict[Path, PictureIndex | None]:
    """Every take's packet index; None where its pictures cannot be copied.

    Raises:
        MediaError: a take is missing or has other frames than when it was checked.
    """
    indexes: dict[Path, PictureIndex | None] = {}
    for clip in timeline.clips:
        if clip.path not in indexes:
            if clip.path.is_file() and clip.path.stat().st_size != clip.facts.bytes:
                raise MediaError("has changed since it was checked.", path=clip.path, remedy="Check the takes again, then assemble.")
            indexes[clip.path] = picture_index(clip.path)
    return indexes


def segment_name(segment: Segment, timeline: Timeline, settings: EncodeSettings) -> str:
    """The file name of a segment: the same whenever the same pixels would be encoded in the same way."""
    content = {
        "version": _VERSION,
        "rate": str(timeline.rate),
        "size": str(timeline.size),
        "settings": {key: str(value) for key, value in asdict(settings).items()},
        "parts": [_description(part, timeline) for part in segment.parts],
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:32] + ".mp4"


def _description(part: Body | Dissolve, timeline: Timeline) -> list[object]:
    def of(clip: Clip, frames: FrameRange) -> list[object]:
        decision = conform_clip(clip, timeline)
        shown: list[object] = [clip.facts.sha256, frames.start, frames.stop, decision.rate, *decision.picture]
        if clip.picture_correction is not None:
            shown.append([frames.start - clip.source.start, clip.source.frames, asdict(clip.picture_correction)])
        return shown

    if isinstance(part, Body):
        uncorrected = part.clip if part.corrected else replace(part.clip, picture_correction=None)
        return ["body", of(uncorrected, part.frames)]
    return ["dissolve", of(part.outgoing, part.outgoing_frames), of(part.incoming, part.incoming_frames)]


@dataclass(frozen=True, slots=True)
class _From:
    """Reports frames counted from where the segment before ended."""

    progress: Progress
    done: int

    def advance(self, frames: int) -> None:
        self.progress.advance(self.done + frames)


def _finished(path: Path, frames: int) -> PictureIndex | None:
    if not path.is_file():
        return None
    try:
        index = picture_index(path)
    except MediaError:
        index = None
    if index is not None and index.frames == frames:
        return index
    path.unlink()
    return None


def _encode(segment: Segment, path: Path, timeline: Timeline, settings: EncodeSettings, progress: _From) -> PictureIndex:
    with FrameWriter(path, size=timeline.size, rate=timeline.rate, quality=settings) as writer:
        for part in segment.parts:
            for planes in _frames(part, timeline):
                writer.write_planes(*planes)
                progress.advance(writer.frames)
    index = _finished(path, segment.length)
    if index is None:
        raise EncodeError(f"{path}: has {writer.frames} frames where {segment.length} were planned.")
    return index


def _frames(part: Body | Dissolve, timeline: Timeline) -> Iterator[Planes]:
    if isinstance(part, Body):
        return clip_frames(part.clip, part.frames, timeline)
    outgoing = clip_frames(part.outgoing, part.outgoing_frames, timeline)
    incoming = clip_frames(part.incoming, part.incoming_frames, timeline)
    return dissolve(outgoing, incoming, part.length)


def _picture(plan: PicturePlan, ready: Mapping[Segment, PictureIndex], missing: int) -> Picture:
    stretches = tuple(
        piece if isinstance(piece, Stretch) else Stretch(index=ready[piece], frames=FrameRange(0, piece.length)) for piece in plan.pieces
    )
    return Picture(
        stretches=stretches,
        copied_frames=plan.copied_frames,
        encoded_frames=plan.encoded_frames,
        reused_frames=plan.encoded_frames - missing,
    )
