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
from kling_post.repair.outcome import Mending, Outcome, State
from kling_post.repair.propose import Proposals, propose
from kling_post.repair.repairs import Key, Repair
from kling_post.repair.settle import taken_back, trimmed_joins
from kling_post.repair.settle_sound import sound_taken_back
from kling_post.seams.inspect import inspect_seams
from kling_post.vocabulary import Fit, LoudnessTarget, Retime, SeamReport

How = Literal["off", "propose", "apply"]

_ROUNDS: Final = 4
"""Each round takes back at least one repair; from here on, all repairs of a join that still measures worse."""
_MOST_ROUNDS: Final = 6
"""Where that does not settle it either, all repairs of the edit are taken back."""
_GIVEN_UP: Final = "Repairs near it were still measured to make a join worse."


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
    bare = _Bare(timeline, before)
    for place in range(_MOST_ROUNDS + 1):
        if place == _MOST_ROUNDS:
            withdrawn |= _given_up(proposals.repairs)
            proposals = replace(proposals, repairs=())
        repairs = proposals.repairs
        mended = apply_repairs(timeline, repairs)
        master = render_master(mended, target=target, folder=folder, progress=progress)
        finished = timeline_of_master(master.path, mended)
        after = inspect_seams(finished, progress=progress)
        worsened = (*taken_back(repairs, before, bare.trimmed(repairs), after), *sound_taken_back(repairs, finished))
        if not worsened:
            break
        if place >= _ROUNDS - 1:
            joins = {(outcome.repair.outgoing, outcome.repair.incoming) for outcome in worsened}
            withdrawn |= _given_up([repair for repair in repairs if (repair.outgoing, repair.incoming) in joins])
        withdrawn |= {outcome.repair.key: outcome for outcome in worsened}
        proposals = propose(before, timeline, withheld=withdrawn, progress=progress)
    stand = tuple(Outcome(repair=repair, state=State.APPLIED) for repair in repairs)
    mending = Mending(
        timeline=mended, outcomes=(*stand, *withdrawn.values()), declined=proposals.declined, before=before, after=after if stand else ()
    )
    return master, mending


def _given_up(repairs: Sequence[Repair]) -> dict[Key, Outcome]:
    return {repair.key: Outcome(repair=repair, state=State.WITHDRAWN, note=_GIVEN_UP) for repair in repairs}


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


class _Bare:
    """The joins as the takes have them once trims are made and nothing else; each is inspected once."""

    def __init__(self, timeline: Timeline, before: tuple[SeamReport, ...]) -> None:
        self._timeline = timeline
        self._before = before
        self._known: dict[tuple[int, Clip, Clip], SeamReport] = {}

    def trimmed(self, repairs: Sequence[Repair]) -> tuple[SeamReport, ...]:
        """One scorecard for each join."""
        joins = list(self._before)
        for place, pair in trimmed_joins(self._timeline, repairs):
            key = (place, pair.clips[0], pair.clips[1])
            if key not in self._known:
                (self._known[key],) = inspect_seams(pair)
            joins[place] = self._known[key]
        return tuple(joins)
