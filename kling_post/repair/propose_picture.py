"""What could mend the picture at the joins of an edit: trims, one colour transform per clip of a chain, and what ``propose_looks`` adds.

Repairs of the picture are proposed only where the shot goes on over the join, by the plan and by what is seen: never across a cut or a
match cut that somebody wants. Each proposal is tried on the frames next to the join before it is made, with the seams' own measure; what
would make a property worse is not proposed, and the reason is told.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from kling_post.edit.colour import ColourTransform
from kling_post.edit.timeline import Clip, Timeline
from kling_post.progress import SILENT, Progress
from kling_post.repair.compare import beyond, worse_properties, worst_of
from kling_post.repair.fit_colour import FittedColour, fit_colour
from kling_post.repair.join import Declined, Found, Join, predictions
from kling_post.repair.matching import matched_pixels
from kling_post.repair.propose_looks import dissolve_repair, framing_repair, grain_repair
from kling_post.repair.repairs import CarryColour, Key, MatchColour, Prediction, Repair, TrimHead, TrimTail
from kling_post.repair.trims import Trims, trims_of
from kling_post.repair.window import Window, head_window, tail_window
from kling_post.seams.side import FRAMES_EACH_SIDE
from kling_post.vocabulary import FrameRange, JoinKind, SeamReport

LOOKS = ("luma", "colour", "black level", "contrast", "saturation")
"""What a colour transform can mend."""
_DRIFT_DELTA_E_ITP = 1.5
"""A chain that has come so far from its anchor, step by step below the limits, is brought back all the same."""
_UNSEEN_DELTA_E_ITP = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chain:
    """What the clips of a chain so far hand on to the next one."""

    anchor: str
    transform: ColourTransform | None = None
    """Of the clip before, whether shown or too small to be."""
    shown: bool = False


def goes_on(report: SeamReport) -> bool:
    """Whether one shot goes on over the join, by the plan and by the picture."""
    return report.planned is JoinKind.CONTINUE and report.seen is JoinKind.CONTINUE


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
    found, chain = Found(), None
    progress.start("repairs", len(reports), "joins")
    for done, report in enumerate(reports, start=1):
        if goes_on(report):
            join = _read(report, clips, timeline, found, withheld)
            chain = _colour(join, chain or _Chain(anchor=report.outgoing), found, withheld)
            framing_repair(join, chain.transform if chain.shown else None, found, withheld)
            found.repairs += [each for each in (grain_repair(report), dissolve_repair(join)) if each and each.key not in withheld]
        elif chain is not None and report.planned is JoinKind.CONTINUE and report.seen is None:
            # Nothing can be fitted where it cannot be told; but what the chain has been given must not end here either.
            chain = _carried(report, chain, (), found, withheld)
        else:
            chain = None
            if report.planned is JoinKind.CONTINUE and report.judgement.findings:
                found.decline(report, "picture", "The picture does not go on here, so nothing is matched across the join.")
        progress.advance(done)
    progress.finish(f"{len(found.repairs)} proposed")
    return tuple(found.repairs), tuple(found.declined)


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
        incoming=Window(frames=whole.frames[head_frames:]),
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


# ----------------------------------------------------------------------------------------------- colour


def _colour(join: Join, chain: _Chain, found: Found, withheld: Collection[Key]) -> _Chain:
    """Propose the incoming clip's transform; returns what the chain hands on."""
    report, shown = join.report, chain.transform if chain.shown else None
    key = (MatchColour.kind, report.outgoing, report.incoming)
    fitted = None
    if key not in withheld:
        matched = matched_pixels(join.outgoing, join.twins if join.repeated_frames else join.incoming, repeated_frames=join.repeated_frames)
        fitted = fit_colour(matched, target=chain.transform)
    before = join.tried(join.outgoing, join.incoming)
    steps = beyond(before, *LOOKS)
    if fitted is None:
        if steps and key not in withheld:
            found.decline(report, MatchColour.kind, "Too few pixels show the same thing on both sides of the join.")
        return _carried(report, chain, predictions(before, before, LOOKS), found, withheld)
    moved = fitted.moved_delta_e_itp
    if not steps and shown is None and moved <= _DRIFT_DELTA_E_ITP:
        hidden = fitted.transform if moved > _UNSEEN_DELTA_E_ITP else None
        return replace(chain, transform=hidden, shown=False)
    after = join.tried(join.outgoing.graded(shown), join.incoming.graded(fitted.transform))
    worse = worse_properties(before, after, (*LOOKS, "sharpness"))
    if worse and _carrying_is_better(join, shown, after):
        names = " and ".join(item.name for item in worse)
        found.decline(report, MatchColour.kind, f"Tried on the frames beside the join, it makes {names} worse.")
        return _carried(report, chain, predictions(before, before, LOOKS), found, withheld)
    found.repairs.append(_match(join, chain, before, after, fitted))
    return replace(chain, transform=fitted.transform, shown=True)


def _carrying_is_better(join: Join, shown: ColourTransform | None, matched: SeamReport) -> bool:
    """Whether the join looks better with what the clip before has on both sides than with a match that makes something worse."""
    if shown is None:
        return True
    carried = join.tried(join.outgoing.graded(shown), join.incoming.graded(shown))
    return worst_of(carried, LOOKS) < worst_of(matched, LOOKS)


def _carried(report: SeamReport, chain: _Chain, foretold: tuple[Prediction, ...], found: Found, withheld: Collection[Key]) -> _Chain:
    """Hand the transform of the clip before on as it is, so that the join is left as the takes have it."""
    if not chain.shown or chain.transform is None:
        return chain
    carried = CarryColour(
        outgoing=report.outgoing,
        incoming=report.incoming,
        reason="The clip before it is matched to the chain's first one; this clip goes along with it.",
        transform=chain.transform,
        anchor=chain.anchor,
        fitted_pixels=0,
        predictions=foretold,
    )
    if carried.key in withheld:
        return _Chain(anchor=report.incoming)
    found.repairs.append(carried)
    return chain


def _match(join: Join, chain: _Chain, before: SeamReport, after: SeamReport, fitted: FittedColour) -> MatchColour:
    steps = beyond(before, *LOOKS)
    what = "; ".join(f"{item.name} steps by {item.measured:+.1f} {item.unit}" for item in steps)
    return MatchColour(
        outgoing=join.report.outgoing,
        incoming=join.report.incoming,
        reason=f"Over the join {what}." if what else f"The chain has drifted from {chain.anchor}, or has been brought back to it before.",
        transform=fitted.transform,
        anchor=chain.anchor,
        fitted_pixels=fitted.pixels,
        bounded=fitted.bounded,
        predictions=predictions(before, after, LOOKS),
    )
