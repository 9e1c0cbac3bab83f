from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from plain_facts import plain_facts

from kling_post.edit.assemble import EditEntry, assemble
from kling_post.edit.plan import Body, PicturePlan, Segment, plan_picture
from kling_post.edit.timeline import Timeline
from kling_post.media.h264 import ParameterSets
from kling_post.media.hevc import parse_hvcc
from kling_post.media.splice import PictureIndex, Stretch
from kling_post.vocabulary import JoinKind, MediaFacts, Size

RATE = Fraction(24)
Shown = tuple[tuple[Path, int], ...]
"""The take frames that one frame of the programme is made of: one, or two in a dissolve."""


def facts(path: Path, frames: int) -> MediaFacts:
    return plain_facts(path=path, sha256=path.name, size=Size(64, 36), rate=RATE, frames=frames)


def sets_of(number: int) -> ParameterSets:
    """Parameter sets with id 0, told apart by their content."""
    return ParameterSets((b"\x67\x64\x00\x33\x80" + bytes([number]),), (b"\x68\x80" + bytes([number]),), b"")


def index_of(path: Path, frames: int, gop: int, sets: int) -> PictureIndex:
    """Closed GOPs of I P B b b in decode order, as x264 makes them."""
    display: list[int] = []
    for start in range(0, frames, gop):
        stop = min(start + gop, frames)
        display.append(start)
        position = start + 1
        while position < stop:
            group = list(range(position, min(position + 4, stop)))
            display += [group[-1], *group[:-1]]
            position = group[-1] + 1
    return PictureIndex(
        path=path,
        display=tuple(display),
        idr=tuple(range(0, frames, gop)),
        parameter_sets=sets_of(sets),
        tick=Fraction(1, 24),
        start=0,
        frame_ticks=Fraction(1),
    )


@st.composite
def edits(draw: st.DrawFn) -> tuple[Timeline, dict[Path, PictureIndex | None]]:
    entries, indexes = [], {}
    for number in range(draw(st.integers(1, 8))):
        path, frames = Path(f"take{number}.mp4"), draw(st.one_of(st.integers(60, 90), st.integers(60, 400)))
        dissolve = draw(st.integers(0, 12))
        cuts = draw(st.sampled_from([(), (30,)]))
        entries.append(
            EditEntry(
                path=path,
                facts=facts(path, frames),
                shot_ids=tuple(f"s{number}_{part}" for part in range(len(cuts) + 1)),
                cut_frames=cuts,
                join=JoinKind.DISSOLVE if dissolve else JoinKind.CUT,
                dissolve_frames=dissolve,
                trim_head_frames=draw(st.integers(0, 5)),
                trim_tail_frames=draw(st.integers(0, 5)),
            )
        )
        gop = draw(st.sampled_from([1, 12, 24, 250]))
        indexes[path] = index_of(path, frames, gop, draw(st.integers(0, 1))) if draw(st.booleans()) else None
    return assemble("plan", entries, rate=RATE), indexes


def asked(timeline: Timeline) -> list[Shown]:
    shown: list[Shown] = [()] * timeline.frames
    for clip in timeline.clips:
        for offset in range(clip.record.frames):
            shown[clip.record.start + offset] += ((clip.path, clip.source.start + offset),)
    return shown


def planned(plan: PicturePlan) -> list[Shown]:
    shown: list[Shown] = []
    for piece in plan.pieces:
        if isinstance(piece, Stretch):
            shown += [((piece.index.path, frame),) for frame in range(piece.frames.start, piece.frames.stop)]
            continue
        for part in piece.parts:
            if isinstance(part, Body):
                shown += [((part.clip.path, frame),) for frame in range(part.frames.start, part.frames.stop)]
            else:
                pairs = zip(
                    range(part.outgoing_frames.start, part.outgoing_frames.stop),
                    range(part.incoming_frames.start, part.incoming_frames.stop),
                    strict=True,
                )
                shown += [((part.outgoing.path, before), (part.incoming.path, after)) for before, after in pairs]
    return shown


@settings(max_examples=150, deadline=None)
@given(edits())
def test_the_plan_shows_every_frame_of_the_edit_once_and_in_order(edit: tuple[Timeline, dict[Path, PictureIndex | None]]) -> None:
    timeline, indexes = edit
    plan = plan_picture(timeline, indexes)
    assert planned(plan) == asked(timeline)
    assert plan.copied_frames + plan.encoded_frames == timeline.frames


@settings(max_examples=150, deadline=None)
@given(edits())
def test_copies_begin_and_end_where_a_decoder_can_and_share_their_parameter_sets(
    edit: tuple[Timeline, dict[Path, PictureIndex | None]],
) -> None:
    timeline, indexes = edit
    plan = plan_picture(timeline, indexes)
    copied = [piece for piece in plan.pieces if isinstance(piece, Stretch)]
    for stretch in copied:
        assert stretch.frames.start in stretch.index.idr
        assert sorted(stretch.display()) == list(range(stretch.frames.frames))
        wanted = [place for place in stretch.index.display if place < stretch.frames.stop]
        assert list(stretch.index.display[: len(wanted)]) == wanted
    assert len({stretch.index.parameter_sets for stretch in copied}) <= 1
    assert plan.encoder_id == (1 if copied else 0)


@settings(max_examples=100, deadline=None)
@given(edits())
def test_no_segment_is_longer_than_a_killed_run_may_lose(edit: tuple[Timeline, dict[Path, PictureIndex | None]]) -> None:
    plan = plan_picture(*edit)
    for piece in plan.pieces:
        if isinstance(piece, Segment):
            assert piece.length <= 240
            # Long bodies stand alone: what happens to their neighbours does not touch them.
            assert len(piece.parts) == 1 or piece.length <= 96
            # A hard cut is a place to part: no segment runs over one.
            for before, after in pairwise(piece.parts):
                assert not (isinstance(before, Body) and isinstance(after, Body))


def test_of_two_kinds_of_takes_the_one_that_saves_more_encoding_is_copied() -> None:
    paths = [Path(f"take{number}.mp4") for number in range(3)]
    entries = [EditEntry(path=path, facts=facts(path, 100), shot_ids=(path.stem,)) for path in paths]
    indexes: dict[Path, PictureIndex | None] = {
        paths[0]: index_of(paths[0], 100, 24, 0),
        paths[1]: index_of(paths[1], 100, 24, 1),
        paths[2]: index_of(paths[2], 100, 24, 1),
    }
    plan = plan_picture(assemble("kinds", entries, rate=RATE), indexes)
    assert [piece.index.path for piece in plan.pieces if isinstance(piece, Stretch)] == paths[1:]
    assert plan.copied_frames == 200


def test_hevc_takes_are_copied_only_where_nothing_must_be_encoded() -> None:
    paths = [Path("a.mp4"), Path("b.mp4")]
    header = parse_hvcc(bytes([1, *[0] * 20, 3, 0]))
    assert header is not None
    indexes: dict[Path, PictureIndex | None] = {path: replace(index_of(path, 100, 24, 0), parameter_sets=header) for path in paths}
    cut, mixed = (EditEntry(path=path, facts=facts(path, 100), shot_ids=(path.stem,)) for path in paths)
    assert plan_picture(assemble("cut", [cut, mixed], rate=RATE), indexes).copied_frames == 200
    mixed = replace(mixed, join=JoinKind.DISSOLVE, dissolve_frames=5)
    assert plan_picture(assemble("mixed", [cut, mixed], rate=RATE), indexes).copied_frames == 0
