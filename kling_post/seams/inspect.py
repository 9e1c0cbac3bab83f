"""Inspect every join of an edit, reading only the frames and the sound next to it."""

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from kling_post.edit.conform import conform_clip
from kling_post.edit.mix import clip_sound
from kling_post.edit.timeline import Clip, Timeline
from kling_post.media.color import luma_weights
from kling_post.media.decode import decode
from kling_post.progress import SILENT, Progress
from kling_post.seams.cache import read_report, seam_key, write_report
from kling_post.seams.classify import classify
from kling_post.seams.framing import measure_framing
from kling_post.seams.judge import judge_seam
from kling_post.seams.measure import measure_seam
from kling_post.seams.motion import movement_around
from kling_post.seams.repeats import find_repeats, find_twins
from kling_post.seams.scorecard import SeamEvidence
from kling_post.seams.side import FRAMES_EACH_SIDE, Side, same_size, side_of
from kling_post.seams.sound import STRETCH_SECONDS, Samples, SoundStep, measure_sound
from kling_post.timebase import frames_to_samples
from kling_post.vocabulary import JoinKind, SeamReport, Undetermined


def inspect_seams(
    timeline: Timeline, *, as_seen: bool = False, cache_folder: Path | None = None, progress: Progress = SILENT
) -> tuple[SeamReport, ...]:
    """Look at every join of the edit: what it is, how each property compares, and what is wrong with it.

    Reads up to sixteen frames and 3 s of sound on either side of each join. At a dissolve the frames compared are those outside of it:
    the last ones before it begins, and the first ones after it has ended. ``as_seen`` is for clips that nobody has
    planned the joins of: each is judged as what the picture shows. With a ``cache_folder`` a join of the same files at the same
    places is not inspected again.

    Raises:
        MediaError: a take is missing or cannot be decoded there.
    """
    how = _How(as_seen=as_seen, folder=cache_folder)
    joins = list(pairwise(timeline.clips))
    progress.start("seams", len(joins), "joins")
    reports = []
    for done, (before, after) in enumerate(joins, start=1):
        reports.append(_known(before, after, timeline, how) or _inspected(before, after, timeline, how))
        progress.advance(done)
    worse = sum(bool(report.judgement.findings) for report in reports)
    progress.finish(f"{worse} of {len(joins)} with findings")
    return tuple(reports)


@dataclass(frozen=True, slots=True, kw_only=True)
class _How:
    """How joins are inspected."""

    as_seen: bool
    folder: Path | None
    """Of reports that are there already."""


def _known(before: Clip, after: Clip, timeline: Timeline, how: _How) -> SeamReport | None:
    if how.folder is None:
        return None
    key = seam_key(before, after, timeline, as_seen=how.as_seen)
    return read_report(how.folder, key, outgoing=before.clip_id, incoming=after.clip_id, record_frame=after.record.start)


def _inspected(before: Clip, after: Clip, timeline: Timeline, how: _How) -> SeamReport:
    report = _inspect(before, after, timeline, as_seen=how.as_seen)
    if how.folder is not None:
        write_report(how.folder, seam_key(before, after, timeline, as_seen=how.as_seen), report)
    return report


def _inspect(before: Clip, after: Clip, timeline: Timeline, *, as_seen: bool) -> SeamReport:
    # A dissolve is drawn by the edit, so the clips themselves are compared outside of it.
    overlap = after.dissolve_frames
    outgoing = _read_side(before, timeline, before.source.stop - overlap - FRAMES_EACH_SIDE, before.source.stop - overlap)
    incoming = _read_side(after, timeline, after.source.start + overlap, after.source.start + overlap + FRAMES_EACH_SIDE)
    sound, open_questions = _read_sound_step(before, after, timeline)
    return judge_seam(
        evidence_of(outgoing, incoming, sound),
        outgoing=before.clip_id,
        incoming=after.clip_id,
        record_frame=after.record.start,
        planned=None if as_seen and not overlap else after.join,
        undetermined=open_questions,
    )


def evidence_of(outgoing: Side, incoming: Side, sound: SoundStep | None = None) -> SeamEvidence:
    """All that can be measured at a join from the frames on both sides of it, which may differ in size, and their sound."""
    outgoing, incoming = same_size(outgoing, incoming)
    movement = movement_around(outgoing.luma, incoming.luma)
    twins = find_twins(outgoing, incoming)
    seen = classify(movement, outgoing, incoming, repeats_frames=twins.clear_repeats > 0)
    goes_on = seen.kind is JoinKind.CONTINUE
    repeats = find_repeats(movement, outgoing, incoming, twins, goes_on=goes_on)
    return SeamEvidence(
        picture=measure_seam(outgoing, incoming, movement, repeats),
        framing=measure_framing(movement, outgoing, incoming, repeats) if goes_on else None,
        repeats=repeats,
        seen=seen,
        sound=sound,
    )


def _read_side(clip: Clip, timeline: Timeline, start: int, stop: int) -> Side:
    """The frames of the clip between two places of its source, counted in the timeline's rate and held within the clip."""
    first = max(clip.source.start, min(start, clip.source.stop - 1))
    last = min(clip.source.stop, max(stop, first + 1))
    step = conform_clip(clip, timeline).step
    if step != 1:
        first, last = (round(place * step) for place in (first, last))
        last = max(min(last, clip.facts.frames), first + 1)
    return side_of(
        decode(clip.path, start=first, stop=last),
        full_range=clip.facts.color_range == "full",
        luma_weights=luma_weights(clip.facts.color_matrix, height=clip.facts.size.height),
    )


def _read_sound_step(before: Clip, after: Clip, timeline: Timeline) -> tuple[SoundStep | None, tuple[Undetermined, ...]]:
    has_sound = (before.facts.audio is not None, after.facts.audio is not None)
    if not all(has_sound):
        silent = [clip.clip_id for clip, sounds in zip((before, after), has_sound, strict=True) if not sounds]
        if len(silent) == 2:
            return None, ()
        return None, (Undetermined(check="seam.loudness", reason=f"{silent[0]} has no sound to compare with."),)
    tail = _read_stretch(before, timeline, from_end=True)
    head = _read_stretch(after, timeline, from_end=False)
    if not (tail.size and head.size):
        return None, (Undetermined(check="seam.loudness", reason="The sound of one side ends before the join."),)
    channels = min(tail.shape[1], head.shape[1])
    per_frame = float(timeline.sample_rate / timeline.rate)
    return measure_sound(tail[:, :channels], head[:, :channels], timeline.sample_rate, samples_per_frame=per_frame), ()


def _read_stretch(clip: Clip, timeline: Timeline, *, from_end: bool) -> Samples:
    from kling_post.media.sound import read_sound_whole

    begin = frames_to_samples(clip.source.start, timeline.rate, timeline.sample_rate)
    end = frames_to_samples(clip.source.stop, timeline.rate, timeline.sample_rate)
    length = STRETCH_SECONDS * timeline.sample_rate
    if conform_clip(clip, timeline).speed != 1:
        heard = clip_sound(clip, timeline)
        return heard[-length:] if from_end else heard[:length]
    start, stop = (max(begin, end - length), end) if from_end else (begin, min(end, begin + length))
    samples = read_sound_whole(clip.path, sample_rate=timeline.sample_rate, start=start, stop=stop)
    if samples.size and len(samples) < stop - start:
        # Sound that ends before the picture leaves silence in the edit.
        samples = np.concatenate([samples, np.zeros((stop - start - len(samples), samples.shape[1]), samples.dtype)])
    return samples * samples.dtype.type(10 ** (clip.gain_db / 20))
