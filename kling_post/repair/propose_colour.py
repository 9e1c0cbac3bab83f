"""One colour transform for each clip of a chain, each matched to the chain's first clip and tried on the frames beside its join.

A match that would make a property of its join worse is not the end of the chain: half and a quarter of the way to it are tried, then
the transform of the clip before, which leaves the join as the takes have it. Where less than the match is shown the chain still knows
the whole of it, so that the next clip can go on from there and nothing adds up.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace

from kling_post.edit.colour import ColourTransform
from kling_post.repair.compare import beyond, worse_properties, worst_of
from kling_post.repair.fit_colour import FittedColour, between, fit_colour
from kling_post.repair.join import Found, Join, predictions
from kling_post.repair.matching import matched_pixels
from kling_post.repair.repairs import ApproachColour, CarryColour, Key, MatchColour, Prediction
from kling_post.vocabulary import SeamReport

LOOKS = ("luma", "colour", "black level", "contrast", "saturation")
"""What a colour transform can mend."""
_DRIFT_DELTA_E_ITP = 1.5
"""A chain that has come so far from its anchor, step by step below the limits, is brought back all the same."""
_UNSEEN_DELTA_E_ITP = 0.5
_SHARES = (1.0, 0.5, 0.25)
"""Of the way from the clip before to the match, in the order in which they are tried."""
_NOTHING = ColourTransform()


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """What the clips of a chain so far hand on to the next one."""

    anchor: str
    """Clip id of the first clip."""
    ideal: ColourTransform | None = None
    """What would give the clip before the anchor's colour; None where that is nothing."""
    shown: ColourTransform | None = None
    """What the clip before is shown with; None where it is shown as the take has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trial:
    """A transform for the incoming clip, and the scorecard that it is foretold to give."""

    share: float
    """Of the way from the clip before to the match."""
    transform: ColourTransform
    seam: SeamReport


def match_colour(join: Join, chain: Chain, found: Found, withheld: Collection[Key]) -> Chain:
    """Propose the incoming clip's transform; returns what the chain hands on."""
    report = join.report
    incoming = join.twins if join.repeated_frames else join.incoming
    matched = matched_pixels(join.outgoing, incoming, repeated_frames=join.repeated_frames)
    fitted = fit_colour(matched, target=chain.ideal)
    before = join.tried(join.outgoing, join.incoming)
    steps = beyond(before, *LOOKS)
    if fitted is None:
        if steps:
            found.decline(report, MatchColour.kind, "Too few pixels show the same thing on both sides of the join.")
        return carry_colour(report, chain, predictions(before, before, LOOKS), found, withheld)
    ideal = fitted.transform if fitted.moved_delta_e_itp > _UNSEEN_DELTA_E_ITP else None
    if not steps and chain.shown is None and fitted.moved_delta_e_itp <= _DRIFT_DELTA_E_ITP:
        return replace(chain, ideal=ideal)
    chosen = _chosen(join, chain, fitted, before, found, withheld)
    if chosen is None:
        left = carry_colour(report, chain, predictions(before, before, LOOKS), found, withheld)
        return replace(left, ideal=ideal) if left.anchor == chain.anchor else left
    found.repairs.append(_repair(join, chain, before, chosen, fitted))
    return replace(chain, ideal=fitted.transform, shown=chosen.transform)


def _chosen(join: Join, chain: Chain, fitted: FittedColour, before: SeamReport, found: Found, withheld: Collection[Key]) -> _Trial | None:
    """The nearest to the match that makes nothing worse; None where the clip is better off as the clip before it is shown."""
    carried = _tried(join, chain, chain.shown, 0.0)
    best: _Trial | None = None
    for share in _SHARES:
        kind = _kind(share)
        if (kind.kind, join.report.outgoing, join.report.incoming) in withheld:
            continue
        trial = _tried(join, chain, between(chain.shown or _NOTHING, fitted.transform, share), share)
        if not _helps(before, trial.seam, carried.seam, fitted):
            continue
        worse = worse_properties(before, trial.seam, (*LOOKS, "sharpness"))
        if not worse:
            return trial
        names = " and ".join(item.name for item in worse)
        found.decline(join.report, kind.kind, f"Tried on the frames beside the join, it makes {names} worse.")
        if chain.shown is not None and worst_of(trial.seam, LOOKS) < worst_of((best or carried).seam, LOOKS):
            best = trial
    return best


def _helps(before: SeamReport, after: SeamReport, carried: SeamReport, fitted: FittedColour) -> bool:
    """Whether a transform does anything for its join, or brings a chain nearer to its anchor."""
    moves = fitted.moved_delta_e_itp > _UNSEEN_DELTA_E_ITP
    return moves or worst_of(after, LOOKS) < min(worst_of(before, LOOKS), worst_of(carried, LOOKS))


def _kind(share: float) -> type[MatchColour]:
    return MatchColour if share == 1.0 else ApproachColour


def _tried(join: Join, chain: Chain, transform: ColourTransform | None, share: float) -> _Trial:
    seam = join.tried(join.outgoing.graded(chain.shown), join.incoming.graded(transform))
    return _Trial(share=share, transform=transform or _NOTHING, seam=seam)


def carry_colour(report: SeamReport, chain: Chain, foretold: tuple[Prediction, ...], found: Found, withheld: Collection[Key]) -> Chain:
    """Hand the transform of the clip before on as it is, so that the join is left as the takes have it."""
    if chain.shown is None:
        return chain
    carried = CarryColour(
        outgoing=report.outgoing,
        incoming=report.incoming,
        reason="The clip before it is matched to the chain's first one; this clip goes along with it.",
        transform=chain.shown,
        anchor=chain.anchor,
        fitted_pixels=0,
        predictions=foretold,
    )
    if carried.key in withheld:
        return Chain(anchor=report.incoming)
    found.repairs.append(carried)
    return chain


def _repair(join: Join, chain: Chain, before: SeamReport, chosen: _Trial, fitted: FittedColour) -> MatchColour:
    steps = beyond(before, *LOOKS)
    what = "; ".join(f"{item.name} steps by {item.measured:+.1f} {item.unit}" for item in steps)
    return _kind(chosen.share)(
        outgoing=join.report.outgoing,
        incoming=join.report.incoming,
        reason=f"Over the join {what}." if what else f"The chain has drifted from {chain.anchor}, or has been brought back to it before.",
        transform=chosen.transform,
        anchor=chain.anchor,
        fitted_pixels=fitted.pixels,
        bounded=fitted.bounded,
        share=chosen.share,
        predictions=predictions(before, chosen.seam, LOOKS),
    )
