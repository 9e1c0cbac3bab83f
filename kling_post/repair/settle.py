"""Which repairs stand after the joins have been measured again in the finished programme, and which are taken back.

Like is compared with like. Leaving out frames brings others to the join, and what differs between those was in the take all along; so a
trim is held against the join as it was, and every other repair against the join as the takes have it once its trims are made.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from kling_post.edit.timeline import Timeline
from kling_post.repair.apply import apply_repairs, standing_alone
from kling_post.repair.compare import measured, worse_properties, worst_of
from kling_post.repair.outcome import Outcome, State
from kling_post.repair.repairs import CarryColour, Key, MatchColour, Repair, TrimHead, TrimTail
from kling_post.vocabulary import SeamProperty, SeamReport

CLEARLY: Final = 1.0
"""Grown by a whole limit: more than measuring again explains, whatever was repaired."""
_CHAIN_IS_WORTH: Final = 2.0
"""A chain's colour is given up as a whole only where a join of it is so many times beyond a limit: what is less weighs less than the step
that giving it up would leave."""


def trimmed_joins(timeline: Timeline, repairs: Sequence[Repair]) -> Iterator[tuple[int, Timeline]]:
    """The joins with trims, by their place: an edit of the two clips alone with nothing else done to them."""
    trims = [repair for repair in repairs if isinstance(repair, TrimHead | TrimTail)]
    made = apply_repairs(timeline, trims)
    for place, pair in enumerate(pairwise(made.clips)):
        if any((trim.outgoing, trim.incoming) == (pair[0].clip_id, pair[1].clip_id) for trim in trims):
            yield place, standing_alone(made, pair)


def taken_back(
    repairs: Sequence[Repair], before: Sequence[SeamReport], trimmed: Sequence[SeamReport], after: Sequence[SeamReport]
) -> tuple[Outcome, ...]:
    """The repairs of joins that measure worse than without them, with what is worse.

    Args:
        repairs: Those that were made.
        before: The joins as the takes have them.
        trimmed: The same once the trims are made; where a join has none, as ``before``.
        after: The joins in the finished programme.
    """
    found: dict[Key, Outcome] = {}
    for was, bare, now in zip(before, trimmed, after, strict=True):
        mine = [repair for repair in repairs if (repair.outgoing, repair.incoming) == (was.outgoing, was.incoming)]
        for repair, base, worse in (*_overdone(mine, was, now), *_harmful(repairs, mine, bare, now)):
            note = f"Measured in the finished programme, {_said(base, worse)}."
            found.setdefault(repair.key, Outcome(repair=repair, state=State.WITHDRAWN, note=note))
    return tuple(found.values())


_Blamed = tuple[Repair, SeamReport, tuple[SeamProperty, ...]]
"""A repair, what the join was held against, and what is worse."""


def _overdone(mine: Sequence[Repair], before: SeamReport, after: SeamReport) -> Iterator[_Blamed]:
    """Trims by which the movement goes on worse than before them."""
    for trim in mine:
        if not isinstance(trim, TrimHead | TrimTail):
            continue
        worse = worse_properties(before, after, trim.concerns)
        skipped = measured(after, "skipped frames")
        if skipped is not None and skipped.measured > trim.frames:
            # Leaving out one frame cannot leap over twelve: such a figure is about something else.
            worse = tuple(item for item in worse if item.name != skipped.name)
        if worse:
            yield trim, before, worse


def _harmful(repairs: Sequence[Repair], mine: Sequence[Repair], bare: SeamReport, after: SeamReport) -> Iterator[_Blamed]:
    """Repairs that can change what is worse; where the join has none of its own, the colour of its chain if it is far off."""
    worse = worse_properties(bare, after)
    names = {item.name for item in worse}
    others = [repair for repair in mine if not isinstance(repair, TrimHead | TrimTail)]
    likely = [repair for repair in others if names and (not repair.concerns or repair.concerns & names)]
    if not all(isinstance(repair, CarryColour) for repair in likely):
        yield from ((repair, bare, worse) for repair in likely)
        return
    clearly = worse_properties(bare, after, MatchColour.concerns, by=CLEARLY)
    if worst_of(after, {item.name for item in clearly}) > _CHAIN_IS_WORTH:
        near = [repair for repair in repairs if repair.clip_id in (bare.outgoing, bare.incoming)]
        anchors = {repair.anchor for repair in near if isinstance(repair, MatchColour)}
        yield from ((repair, bare, clearly) for repair in repairs if isinstance(repair, MatchColour) and repair.anchor in anchors)


def _said(before: SeamReport, worse: Sequence[SeamProperty]) -> str:
    then = {item.name: item.measured for item in before.properties}
    return " and ".join(f"{item.name} went from {then[item.name]:.2f} to {item.measured:.2f} {item.unit}".rstrip() for item in worse)
