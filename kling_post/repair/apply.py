"""Repairs made on the edit: another timeline, of the same takes. Pure; the same repairs on the same edit always give the same."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import singledispatch

from kling_post.edit.assemble import held_in_programme, shortened
from kling_post.edit.corrections import PictureCorrection, SoundCorrection, ToneBed
from kling_post.edit.timeline import Clip, Marker, Stem, StemClip, Timeline
from kling_post.repair.repairs import AddGrain, DissolveOver, EaseFraming, MatchColour, MatchSharpness, Repair, TrimHead, TrimTail
from kling_post.repair.sound_repairs import CrossfadeSound, Declick, FadeEdges, FillTone, FixChannels, LayTone, MatchLevel, RemoveDc
from kling_post.vocabulary import FrameRange, JoinKind

NOTED_AS = "repairs"
"""The key of a clip's metadata under which its repairs are told, for the bill of materials and the NLE."""


def apply_repairs(timeline: Timeline, repairs: Iterable[Repair]) -> Timeline:
    """The edit with the repairs made; what follows a trim moves up, and the programme's markers and stems with it.

    Raises:
        ValueError: a repair names a clip that the edit does not have, or leaves nothing of one.
    """
    clips = {clip.clip_id: clip for clip in timeline.clips}
    for repair in repairs:
        for clip_id in {repair.outgoing, repair.incoming}:
            if clip_id not in clips:
                raise ValueError(f"the repair {repair.kind!r} names {clip_id!r}, which the edit {timeline.name!r} does not have")
        before, after = _made(repair, clips[repair.outgoing], clips[repair.incoming])
        clips[repair.outgoing], clips[repair.incoming] = before, after
        clips[repair.clip_id] = _noted(clips[repair.clip_id], repair)
    return _laid_out(timeline, [clips[clip.clip_id] for clip in timeline.clips])


def standing_alone(timeline: Timeline, clips: Sequence[Clip]) -> Timeline:
    """Clips that follow each other in an edit, as an edit of their own: nothing before, behind or beside them."""
    first = replace(clips[0], join=JoinKind.CUT, dissolve_frames=0, sound_shift_frames=0)
    return _laid_out(replace(timeline, clips=(), markers=(), stems=()), [first, *clips[1:]])


def _laid_out(timeline: Timeline, clips: Sequence[Clip]) -> Timeline:
    """The clips one behind the other again, the programme's markers and stems where the pictures are that they belong to."""
    placed: list[Clip] = []
    for clip in clips:
        start = placed[-1].record.stop - clip.dissolve_frames if placed else 0
        if clip.source.frames <= 0:
            raise ValueError(f"the repairs leave nothing of {clip.clip_id!r}")
        placed.append(replace(clip, record=FrameRange(start, start + clip.source.frames)))
    markers = tuple(_moved(marker, timeline.clips, placed) for marker in timeline.markers)
    stems = tuple(_rippled(stem, timeline.clips, placed) for stem in timeline.stems)
    return held_in_programme(replace(timeline, clips=tuple(placed), markers=markers, stems=stems))


def _place(frame: int, before: Sequence[Clip], after: Sequence[Clip]) -> int:
    """Where a frame of the programme stands now, or the first one that is left behind it."""
    for old, new in zip(reversed(before), reversed(after), strict=True):
        if frame >= old.record.start:
            source = frame - old.record.start + old.source.start
            held = min(max(source, new.source.start), new.source.stop)
            return held - new.source.start + new.record.start
    return frame


def _moved(marker: Marker, before: Sequence[Clip], after: Sequence[Clip]) -> Marker:
    """A programme marker on the frame that it was on, or on the first one that is left behind it."""
    start, stop = (_place(frame, before, after) for frame in (marker.frames.start, marker.frames.stop))
    return replace(marker, frames=FrameRange(start, max(stop, start + 1)))


def _rippled(stem: Stem, before: Sequence[Clip], after: Sequence[Clip]) -> Stem:
    """A stem whose clips begin on the pictures that they began on; what sounds over a trim runs on, uncut, as a ripple leaves it.

    Where a clip would then reach into the next one, its end is shortened and its fade kept.
    """
    starts = [_place(clip.record.start, before, after) for clip in stem.clips]
    clips: list[StemClip] = []
    for clip, start, end in zip(stem.clips, starts, [*starts[1:], None], strict=True):
        frames = clip.record.frames if end is None else min(clip.record.frames, end - start)
        if frames > 0:
            moved = replace(clip, record=FrameRange(start, start + clip.record.frames))
            clips.append(shortened(moved, frames))
    return replace(stem, clips=tuple(clips))


def _noted(clip: Clip, repair: Repair) -> Clip:
    told = clip.metadata.get(NOTED_AS, "")
    return replace(clip, metadata={**clip.metadata, NOTED_AS: f"{told} {repair.does}".strip()})


def _picture(clip: Clip) -> PictureCorrection:
    return clip.picture_correction or PictureCorrection()


def _sound(clip: Clip) -> SoundCorrection:
    return clip.sound_correction or SoundCorrection()


@singledispatch
def _made(repair: Repair, before: Clip, after: Clip) -> tuple[Clip, Clip]:  # noqa: ARG001 - the ways below use them
    """Both clips with the repair made; where it concerns one clip only, ``before`` and ``after`` are the same."""
    raise TypeError(f"no way is known to make a repair of kind {repair.kind!r}")


@_made.register
def _(repair: TrimHead, before: Clip, after: Clip) -> tuple[Clip, Clip]:
    start = after.source.start + repair.frames
    if start >= after.source.stop:
        raise ValueError(f"the repairs leave nothing of {after.clip_id!r}")
    source = FrameRange(start, after.source.stop)
    return before, replace(after, source=source, record=FrameRange(after.record.start, after.record.start + source.frames))


@_made.register
def _(repair: TrimTail, before: Clip, after: Clip) -> tuple[Clip, Clip]:
    stop = before.source.stop - repair.frames
    if stop <= before.source.start:
        raise ValueError(f"the repairs leave nothing of {before.clip_id!r}")
    source = FrameRange(before.source.start, stop)
    return replace(before, source=source, record=FrameRange(before.record.start, before.record.start + source.frames)), after


@_made.register
def _(repair: MatchColour, before: Clip, after: Clip) -> tuple[Clip, Clip]:
    correction = replace(_picture(after), colour=repair.transform, colour_eased_frames=repair.eased_frames)
    return before, replace(after, picture_correction=correction)


@_made.register
def _(repair: EaseFraming, before: Clip, after: Clip) -> tuple[Clip, Clip]:
    return before, replace(after, picture_correction=replace(_picture(after), reframing=repair.reframing))


@_made.register
def _(repair: MatchSharpness, before: Clip, after: Clip) -> tuple[Clip, Clip]:
    return before, replace(after, picture_correction=replace(_picture(after), refocusing=repair.refocusing))


@_made.register
def _(repair: AddGrain, before: Clip, after: Clip) -> tuple[Clip, Clip]:
    return before, replace(after, picture_correction=replace(_picture(after), grain=repair.grain))


@_made.register
def _(repair: DissolveOver, before: Clip, after: Clip) -> tuple[Clip, Clip]:
    return before, replace(after, join=JoinKind.DISSOLVE, dissolve_frames=repair.frames)


@_made.register
def _(repair: MatchLevel, before: Clip, after: Clip) -> tuple[Clip, Clip]:
    return before, replace(after, gain_db=after.gain_db + repair.gain_db)


@_made.register
def _(repair: FadeEdges, before: Clip, after: Clip) -> tuple[Clip, Clip]:
    return (
        replace(before, sound_correction=replace(_sound(before), fade_out_seconds=repair.out_seconds)),
        replace(after, sound_correction=replace(_sound(after), fade_in_seconds=repair.in_seconds)),
    )


@_made.register
def _(repair: CrossfadeSound, before: Clip, after: Clip) -> tuple[Clip, Clip]:
    return before, replace(after, sound_correction=replace(_sound(after), crossfade=repair.crossfade))


@_made.register
def _(repair: Declick, before: Clip, after: Clip) -> tuple[Clip, Clip]:
    return (
        replace(before, sound_correction=replace(_sound(before), declick=(*_sound(before).declick, *repair.in_outgoing))),
        replace(after, sound_correction=replace(_sound(after), declick=(*_sound(after).declick, *repair.in_incoming))),
    )


@_made.register
def _(repair: FillTone, before: Clip, after: Clip) -> tuple[Clip, Clip]:
    filled = replace(_sound(after), tone_head_samples=repair.head_samples, tone_tail_samples=repair.tail_samples)
    return _both(before, after, replace(after, sound_correction=filled))


@_made.register
def _(repair: LayTone, before: Clip, after: Clip) -> tuple[Clip, Clip]:
    return _bedded(before, repair.in_outgoing), _bedded(after, repair.in_incoming)


@_made.register
def _(repair: RemoveDc, before: Clip, after: Clip) -> tuple[Clip, Clip]:
    return _both(before, after, replace(after, sound_correction=replace(_sound(after), dc_offset=repair.offset)))


@_made.register
def _(repair: FixChannels, before: Clip, after: Clip) -> tuple[Clip, Clip]:
    mended = replace(_sound(after), channels=repair.channels)  # type: ignore[arg-type]
    return _both(before, after, replace(after, sound_correction=mended))


def _bedded(clip: Clip, beds: tuple[ToneBed, ...]) -> Clip:
    correction = _sound(clip)
    return replace(clip, sound_correction=replace(correction, tone_beds=(*correction.tone_beds, *beds))) if beds else clip


def _both(before: Clip, after: Clip, mended: Clip) -> tuple[Clip, Clip]:
    """For a repair of one clip, which names it twice."""
    return (mended if before.clip_id == after.clip_id else before), mended
