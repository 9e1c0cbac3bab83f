"""What is taken back when a join measures worse in the finished programme, and where the programme is measured."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kling_post.edit.assemble import EditEntry, assemble
from kling_post.edit.colour import ColourTransform
from kling_post.edit.corrections import Crossfade, PictureCorrection
from kling_post.edit.timeline import Timeline
from kling_post.media.encode import FrameWriter
from kling_post.media.probe import probe
from kling_post.pipeline import mend
from kling_post.pipeline.mend import render_mended, timeline_of_master
from kling_post.repair.outcome import State
from kling_post.repair.propose import Proposals
from kling_post.repair.repairs import CarryColour, MatchColour, Repair, TrimHead
from kling_post.repair.sound_repairs import CrossfadeSound, Declick, FadeEdges, FillTone, FixChannels, MatchLevel, RemoveDc
from kling_post.sound.targets import target
from kling_post.vocabulary import FrameRange, JoinKind, Judgement, SeamProperty, SeamReport, Size


@pytest.fixture
def timeline(tmp_path: Path) -> Timeline:
    """Three clips of eight frames that go on in each other."""
    entries = []
    for name in ("a", "b", "c"):
        path = tmp_path / f"{name}.mp4"
        with FrameWriter(path, size=Size(64, 64), rate=Fraction(24)) as writer:
            for frame in range(8):
                writer.write(np.full((64, 64, 3), 100 + frame, np.uint8))
        entries.append(EditEntry(path=path, facts=probe(path), shot_ids=(name,), join=JoinKind.CONTINUE))
    return assemble("edit", entries, rate=Fraction(24))


def seam(outgoing: str, incoming: str, **steps: float) -> SeamReport:
    rows = tuple(SeamProperty(name=name, measured=step, limit=1.0, unit="", severity=None) for name, step in steps.items())
    return SeamReport(
        outgoing=outgoing, incoming=incoming, record_frame=8, planned=JoinKind.CONTINUE, properties=rows, judgement=Judgement()
    )


def match(outgoing: str, incoming: str, kind: type[MatchColour] = MatchColour) -> MatchColour:
    transform = ColourTransform(slope=(0.9, 0.9, 0.9))
    return kind(outgoing=outgoing, incoming=incoming, reason="", transform=transform, anchor="a", fitted_pixels=1)


TRIM = TrimHead(outgoing="a", incoming="b", reason="", frames=1)
LEVEL = MatchLevel(outgoing="a", incoming="b", reason="", gain_db=-3.0)


def run_with(
    monkeypatch: pytest.MonkeyPatch,
    timeline: Timeline,
    folder: Path,
    repairs: tuple[Repair, ...],
    *after: tuple[SeamReport, ...],
    at_once: int = 9,
) -> Any:
    """Mend with proposals and measurements given by the test: each round of rendering measures the next of ``after``.

    ``at_once`` is how many of those that were not withheld are proposed in a round.
    """
    rounds = iter(after)

    def offered(*_: object, withheld: Any = (), **__: object) -> Proposals:
        return Proposals(repairs=tuple(repair for repair in repairs if repair.key not in withheld)[:at_once])

    before = (seam("a", "b", luma=2.0, loudness=2.0), seam("b", "c", luma=0.2))

    def inspected(edit: Timeline, **_: object) -> tuple[SeamReport, ...]:
        # A join alone is looked at as the takes have it, its trims made; all of them together in the programme.
        return next(rounds) if len(edit.clips) == 3 else before[:1]

    monkeypatch.setattr(mend, "propose", offered)
    monkeypatch.setattr(mend, "inspect_seams", inspected)
    return render_mended(timeline, before, how="apply", target=target("streaming"), folder=folder)


def test_the_repair_that_made_a_property_worse_is_taken_back_and_the_others_stay(
    monkeypatch: pytest.MonkeyPatch, timeline: Timeline, tmp_path: Path
) -> None:
    still = seam("b", "c", luma=0.2)
    worse, fine = (seam("a", "b", luma=0.1, loudness=4.0), still), (seam("a", "b", luma=0.1, loudness=2.0), still)
    master, mending = run_with(monkeypatch, timeline, tmp_path / "out", (TRIM, match("a", "b"), LEVEL), worse, fine)
    states = {outcome.repair.kind: outcome.state for outcome in mending.outcomes}
    assert states == {"trim head": State.APPLIED, "match colour": State.APPLIED, "match level": State.WITHDRAWN}
    (note,) = (outcome.note for outcome in mending.outcomes if outcome.state is State.WITHDRAWN)
    assert note == "Measured in the finished programme, loudness went from 2.00 to 4.00."
    assert mending.timeline.clips[1].gain_db == 0.0
    assert master.frames == 23


def test_a_join_spoilt_by_its_neighbours_repair_takes_the_chains_colour_back(
    monkeypatch: pytest.MonkeyPatch, timeline: Timeline, tmp_path: Path
) -> None:
    fine = seam("a", "b", luma=0.1, loudness=2.0)
    spoilt, settled = (fine, seam("b", "c", luma=3.0)), (fine, seam("b", "c", luma=0.2))
    repairs = (match("a", "b"), match("b", "c", CarryColour))
    _, mending = run_with(monkeypatch, timeline, tmp_path / "out", repairs, spoilt, settled)
    assert {outcome.state for outcome in mending.outcomes} == {State.WITHDRAWN}
    assert all(clip.picture_correction is None for clip in mending.timeline.clips)


NAMES: dict[str, Any] = {"outgoing": "a", "incoming": "b", "reason": ""}
SOUND = (
    LEVEL,
    FadeEdges(**NAMES, out_seconds=0.003, in_seconds=0.003),
    Declick(**NAMES),
    RemoveDc(**NAMES, offset=(0.0, 0.0)),
    FillTone(**NAMES),
    CrossfadeSound(**NAMES, crossfade=Crossfade(before_samples=1, after_samples=0, correlation=0.0), seconds=0.0),
    FixChannels(**NAMES, channels="right inverted"),
)
BAD = (seam("a", "b", luma=2.0, loudness=9.0), seam("b", "c", luma=0.2))


def test_from_the_fourth_round_on_all_repairs_of_a_stubborn_join_are_taken_back_and_those_of_others_stay(
    monkeypatch: pytest.MonkeyPatch, timeline: Timeline, tmp_path: Path
) -> None:
    fine = (seam("a", "b", luma=2.0, loudness=2.0), seam("b", "c", luma=0.1))
    other = match("b", "c")
    _, mending = run_with(monkeypatch, timeline, tmp_path / "out", (other, TRIM, *SOUND[:4]), *[BAD] * 4, fine, at_once=3)
    taken = {outcome.repair.kind: outcome.note for outcome in mending.outcomes if outcome.state is State.WITHDRAWN}
    assert set(taken) == {"match level", "fade edges", "declick", "remove DC", "trim head"}
    assert taken["trim head"] == "Repairs near it were still measured to make a join worse."
    assert [outcome.repair for outcome in mending.applied] == [other]


def test_what_never_settles_is_given_up(monkeypatch: pytest.MonkeyPatch, timeline: Timeline, tmp_path: Path) -> None:
    _, mending = run_with(monkeypatch, timeline, tmp_path / "out", SOUND, *[BAD] * 7, at_once=1)
    assert [outcome.state for outcome in mending.outcomes] == [State.WITHDRAWN] * 7
    assert mending.outcomes[-1].note == "Repairs near it were still measured to make a join worse."
    assert mending.timeline == timeline
    assert mending.after == ()


def test_the_programme_is_measured_at_its_own_joins(timeline: Timeline, tmp_path: Path) -> None:
    graded = replace(timeline.clips[1], picture_correction=PictureCorrection(colour=ColourTransform(slope=(0.9, 0.9, 0.9))), gain_db=3.0)
    edit = replace(timeline, clips=(timeline.clips[0], graded, timeline.clips[2]))
    path = tmp_path / "programme.mp4"
    with FrameWriter(path, size=Size(64, 64), rate=Fraction(24)) as writer:
        for _ in range(24):
            writer.write(np.full((64, 64, 3), 100, np.uint8))
    measured = timeline_of_master(path, edit)
    assert [clip.source for clip in measured.clips] == [FrameRange(0, 8), FrameRange(8, 16), FrameRange(16, 24)]
    assert {clip.path for clip in measured.clips} == {path}
    assert measured.clips[1].picture_correction is None
    assert measured.clips[1].gain_db == 0.0
