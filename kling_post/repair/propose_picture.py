"""What could mend the picture at the joins of an edit: trims, one colour transform per clip of a chain, and what ``propose_looks`` adds.

Repairs of the picture are proposed only where the shot goes on over the join, by the plan and by what is seen: never across a cut or a
match cut that somebody wants. Each proposal is tried on the frames next to the join before it is made, with the seams' own measure; what
would make a property worse is not proposed, and the reason is told.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import TypeVar

from kling_post.edit.timeline import Clip, Timeline
from kling_post.progress import SILENT, Progress
from kling_post.repair.fit_sharpness import sharpness_repair
from kling_post.repair.join import Declined, Found, Join
from kling_post.repair.propose_colour import Chain, carry_colour, match_colour
from kling_post.repair.propose_looks import dissolve_repair, framing_repair, grain_repair
from kling_post.repair.repairs import Key, Prediction, Repair, TrimHead, TrimTail
from kling_post.repair.trims import Trims, trims_of
from kling_post.repair.window import head_window, tail_window
from kling_post.seams.side import FRAMES_EACH_SIDE
from kling_post.vocabulary import FrameRange, JoinKind, SeamReport

_R = TypeVar("_R", bound=Repair)


def propose_picture(
    reports: Sequence[SeamReport], timeline: Timeline, *, withheld: Collection[Key] = (), progress: Progress = SILENT
) -> tuple[tuple[Repair, ...], tuple[Declined, ...]]:
    """Propose repairs for the picture of every join; and what was thought of and declined.

    Args:
        reports: What the seams' room found, one for each join, in order.
        timeline: The edit that they are about, no repairs made.
        withheld: Keys of repairs that have been tried and found wanting.
        progress: Told of every join.

    Raises:
        MediaError: a take is missing or cannot be decoded there.
    """
    clips = {clip.clip_id: clip for clip in timeline.clips}
    found, chain, given = Found(), None, None
    progress.start("repairs", len(reports), "joins")
    for done, report in enumerate(reports, start=1):
        if report.goes_on:
            join = _read(report, clips, timeline, found, withheld)
            sharper = sharpness_repair(join, found, withheld)
            if sharper is not None:
                # A blurred picture has less contrast, which is no matter of its colour.
                join = join.refocused(sharper.refocusing)
            chain = match_colour(join, chain or Chain(anchor=report.outgoing), found, withheld)
            framing_repair(join, chain.shown, found, withheld)
            given = _allowed(grain_repair(join, timeline, given), withheld)
            softened = sharper or _allowed(dissolve_repair(join), withheld)
            found.repairs += [each for each in (given, softened) if each is not None]
        elif chain is not None and report.meant is JoinKind.CONTINUE and report.seen is None:
            # Nothing can be fitted where it cannot be told; but what the chain has been given must not end here either.
            chain = carry_colour(report, chain, (), found, withheld)
        else:
            chain, given = None, None
            if report.meant is JoinKind.CONTINUE and report.judgement.findings:
                found.decline(report, "picture", "The picture does not go on here, so nothing is matched across the join.")
        progress.advance(done)
    progress.finish(f"{len(found.repairs)} proposed")
    return tuple(found.repairs), tuple(found.declined)


def _allowed(repair: _R | None, withheld: Collection[Key]) -> _R | None:
    return None if repair is None or repair.key in withheld else repair


# ----------------------------------------------------------------------------------------------- frames


def _read(report: SeamReport, clips: dict[str, Clip], timeline: Timeline, found: Found, withheld: Collection[Key]) -> Join:
    """Propose the trims of a join and read what is left beside it."""
    before, after = clips[report.outgoing], clips[report.incoming]
    trims = trims_of(report, before, after, timeline)
    if trims.open_question:
        found.decline(report, "trim", trims.open_question)
    head = _trim_head(report, trims)
    tail = TrimTail(outgoing=report.outgoing, incoming=report.incoming, reason=trims.tail_reason, frames=trims.tail_frames)
    head_frames = head.frames if head.frames and head.key not in withheld else 0
    tail_frames = tail.frames if tail.frames and tail.key not in withheld else 0
    found.repairs += [repair for repair, frames in ((head, head_frames), (tail, tail_frames)) if frames]
    ending = replace_source(before, before.source.start, before.source.stop - tail_frames)
    whole = head_window(after, timeline, FRAMES_EACH_SIDE + head_frames)
    return Join(
        report=report,
        before=ending,
        after=replace_source(after, after.source.start + head_frames, after.source.stop),
        outgoing=tail_window(ending, timeline),
        incoming=replace(whole, frames=whole.frames[head_frames:], opens_take=whole.opens_take and not head_frames),
        twins=whole,
        repeated_frames=trims.repeated_frames if head_frames else 0,
    )


def _trim_head(report: SeamReport, trims: Trims) -> TrimHead:
    foretold = tuple(
        Prediction(property=item.name, unit=item.unit, before=item.measured, after=0.0, limit=item.limit)
        for item in report.properties
        if item.name in ("repeated frames", "held frames") and item.severity is not None
    )
    return TrimHead(
        outgoing=report.outgoing, incoming=report.incoming, reason=trims.head_reason, frames=trims.head_frames, predictions=foretold
    )


def replace_source(clip: Clip, start: int, stop: int) -> Clip:
    """The clip with other frames of its take, its place on the record beginning where it did."""
    return replace(clip, source=FrameRange(start, stop), record=FrameRange(clip.record.start, clip.record.start + stop - start))
