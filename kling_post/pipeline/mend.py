"""Repair joins and prove it: propose, make, render, measure again in the finished programme, and take back what did not help."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Final, Literal

from kling_post.edit.finished import Master
from kling_post.edit.master import render_master
from kling_post.edit.timeline import Clip, Timeline
from kling_post.media.probe import probe
from kling_post.progress import SILENT, Progress
from kling_post.repair.apply import apply_repairs
from kling_post.repair.compare import worse_properties
from kling_post.repair.outcome import Mending, Outcome, State
from kling_post.repair.propose import Proposals, propose
from kling_post.repair.repairs import CarryColour, Key, MatchColour, Repair
from kling_post.seams.inspect import inspect_seams
from kling_post.vocabulary import Fit, LoudnessTarget, Retime, SeamProperty, SeamReport

How = Literal["off", "propose", "apply"]

_CLEARLY: Final = 1.0
"""Grown by a whole limit: more than measuring again explains, whatever was repaired."""
_ROUNDS: Final = 4
"""Each round takes back at least one repair; where that does not settle it, all are taken back."""


def render_mended(
    timeline: Timeline,
    seams: Sequence[SeamReport],
    *,
    how: How,
    target: LoudnessTarget,
    folder: Path,
    progress: Progress = SILENT,
) -> tuple[Master, Mending]:
    """Render the edit, with its joins repaired where that is asked for.

    Args:
        timeline: The edit.
        seams: What the seams' room found in it, one report for each join.
        how: ``off`` looks for nothing, ``propose`` changes nothing, ``apply`` makes all that is proposed.
        target: Where the programme's loudness must land.
        folder: Of the master.
        progress: Told of the stretches of the work.

    Raises:
        KlingPostError: as the rooms raise it.
    """
    before = tuple(seams)
    offered = Mending(timeline=timeline, before=before) if how == "off" else proposed(timeline, before, progress=progress)
    if how != "apply" or not offered.outcomes:
        return render_master(timeline, target=target, folder=folder, progress=progress), offered
    proposals = Proposals(repairs=tuple(outcome.repair for outcome in offered.outcomes), declined=offered.declined)
    withdrawn: dict[Key, Outcome] = {}
    for place in range(_ROUNDS + 1):
        if place == _ROUNDS:
            given_up = "Repairs near it were still measured to make a join worse."
            withdrawn |= {each.key: Outcome(repair=each, state=State.WITHDRAWN, note=given_up) for each in proposals.repairs}
            proposals = replace(proposals, repairs=())
        repairs = proposals.repairs
        mended = apply_repairs(timeline, repairs)
        master = render_master(mended, target=target, folder=folder, progress=progress)
        after = inspect_seams(timeline_of_master(master.path, mended), progress=progress)
        taken_back = _worsened(repairs, before, after)
        if not taken_back:
            break
        withdrawn |= {outcome.repair.key: outcome for outcome in taken_back}
        proposals = propose(before, timeline, withheld=withdrawn, progress=progress)
    stand = tuple(Outcome(repair=repair, state=State.APPLIED) for repair in repairs)
    mending = Mending(
        timeline=mended, outcomes=(*stand, *withdrawn.values()), declined=proposals.declined, before=before, after=after if stand else ()
    )
    return master, mending


def proposed(timeline: Timeline, seams: Sequence[SeamReport], *, progress: Progress = SILENT) -> Mending:
    """What could be done about the joins; nothing is done.

    Raises:
        MediaError: a take is missing or cannot be decoded.
    """
    before = tuple(seams)
    proposals = propose(before, timeline, progress=progress)
    outcomes = tuple(Outcome(repair=repair, state=State.PROPOSED) for repair in proposals.repairs)
    return Mending(timeline=timeline, outcomes=outcomes, declined=proposals.declined, before=before)


def timeline_of_master(path: Path, timeline: Timeline) -> Timeline:
    """The finished file as an edit of its own stretches: the joins can then be measured where they were made.

    Raises:
        MediaError: the file cannot be read.
    """
    facts = probe(path)

    def stretch(clip: Clip) -> Clip:
        return replace(
            clip,
            path=path,
            facts=facts,
            source=clip.record,
            gain_db=0.0,
            sound_shift_frames=0,
            retime=Retime(speed=Fraction(1)),
            fit=Fit.FIT,
            picture_correction=None,
            sound_correction=None,
            markers=(),
            dialogue=(),
            alternates=(),
        )

    return replace(timeline, clips=tuple(stretch(clip) for clip in timeline.clips), stems=())


def _worsened(repairs: Sequence[Repair], before: Sequence[SeamReport], after: Sequence[SeamReport]) -> list[Outcome]:
    """The repairs of joins that measure worse than the takes had them, with what is worse."""
    found: dict[Key, Outcome] = {}
    for then, now in zip(before, after, strict=True):
        worse = worse_properties(then, now)
        for repair in _behind(worse, worse_properties(then, now, by=_CLEARLY), repairs, then):
            note = f"Measured in the finished programme, {_said(then, worse)}."
            found.setdefault(repair.key, Outcome(repair=repair, state=State.WITHDRAWN, note=note))
    return list(found.values())


def _behind(worse: Sequence[SeamProperty], clearly: Sequence[SeamProperty], repairs: Sequence[Repair], join: SeamReport) -> list[Repair]:
    """The repairs to take back where a join is worse.

    Those of the join that change such a property; where none does and something is clearly worse, all that was done to the join, and
    what its clips were given for the sake of other joins of their chain.
    """
    mine = [repair for repair in repairs if (repair.outgoing, repair.incoming) == (join.outgoing, join.incoming)]
    likely = [repair for repair in mine if repair.concerns & {item.name for item in worse}]
    if likely and not all(isinstance(repair, CarryColour) for repair in likely):
        return likely
    if not clearly:
        return []
    near = [repair for repair in repairs if repair.clip_id in (join.outgoing, join.incoming)]
    coloured = bool(MatchColour.concerns & {item.name for item in clearly})
    anchors = {repair.anchor for repair in near if coloured and isinstance(repair, MatchColour)}
    return [repair for repair in repairs if repair in mine or (isinstance(repair, MatchColour) and repair.anchor in anchors)]


def _said(before: SeamReport, worse: Sequence[SeamProperty]) -> str:
    then = {item.name: item.measured for item in before.properties}
    return " and ".join(f"{item.name} went from {then[item.name]:.2f} to {item.measured:.2f} {item.unit}".rstrip() for item in worse)
