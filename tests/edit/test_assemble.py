from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plain_facts import plain_facts

from kling_post.edit.assemble import EditEntry, assemble, with_stems
from kling_post.edit.timeline import Marker, Stem, StemClip
from kling_post.errors import InvalidInputError
from kling_post.media.sound_file import SoundFile
from kling_post.vocabulary import FrameRange, JoinKind, MediaFacts, Severity, Size

RATE = Fraction(24)
SMALL = Size(320, 180)


def facts(name: str = "take.mp4", frames: int = 216, rate: Fraction = RATE, size: Size = SMALL) -> MediaFacts:
    return plain_facts(path=Path(name), size=size, rate=rate, frames=frames)


def entry(name: str, frames: int = 96, **more: Any) -> EditEntry:
    return EditEntry(path=Path(f"{name}.mp4"), facts=facts(f"{name}.mp4", frames), shot_ids=more.pop("shot_ids", (name,)), **more)


def test_a_take_of_three_planned_shots_becomes_three_clips_end_to_end() -> None:
    three = entry("caravan", 216, shot_ids=("caravan_1", "caravan_2", "caravan_3"), cut_frames=(72, 144))
    timeline = assemble("flats", [three], rate=RATE, start_frame=86_400)
    assert [(clip.clip_id, clip.source, clip.record) for clip in timeline.clips] == [
        ("caravan_1", FrameRange(0, 72), FrameRange(0, 72)),
        ("caravan_2", FrameRange(72, 144), FrameRange(72, 144)),
        ("caravan_3", FrameRange(144, 216), FrameRange(144, 216)),
    ]
    assert (timeline.frames, timeline.size, timeline.start_frame) == (216, Size(320, 180), 86_400)
    assert {clip.reel for clip in timeline.clips} == {"CARAVAN"}


def test_a_dissolve_overlaps_both_clips() -> None:
    timeline = assemble("two", [entry("a", 96), entry("b", 96, join=JoinKind.DISSOLVE, dissolve_frames=12)], rate=RATE)
    assert timeline.clips[1].record == FrameRange(84, 180)
    assert timeline.clips[1].source == FrameRange(0, 96)
    assert timeline.frames == 96 + 96 - 12


def test_trims_shorten_the_first_and_the_last_shot_of_a_take() -> None:
    trimmed = entry("a", 96, shot_ids=("one", "two"), cut_frames=(48,), trim_head_frames=5, trim_tail_frames=7)
    timeline = assemble("trim", [trimmed], rate=RATE)
    assert [clip.source for clip in timeline.clips] == [FrameRange(5, 48), FrameRange(48, 89)]
    assert timeline.frames == 84


def test_the_first_clip_is_a_cut_whatever_is_asked() -> None:
    timeline = assemble("first", [entry("a", join=JoinKind.DISSOLVE, dissolve_frames=12)], rate=RATE)
    assert (timeline.clips[0].join, timeline.clips[0].dissolve_frames) == (JoinKind.CUT, 0)


def test_a_chained_take_stays_marked_as_continuing() -> None:
    timeline = assemble("chain", [entry("a"), entry("b", join=JoinKind.CONTINUE)], rate=RATE)
    assert timeline.clips[1].join is JoinKind.CONTINUE


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ([], "has no shots"),
        (
            [entry("a", 10), entry("b", 96, join=JoinKind.DISSOLVE, dissolve_frames=12)],
            "The shot 'a' has 10 frames, but its dissolves need 12",
        ),
        (
            [
                entry("a"),
                entry("b", 20, join=JoinKind.DISSOLVE, dissolve_frames=12),
                entry("c", join=JoinKind.DISSOLVE, dissolve_frames=12),
            ],
            "The shot 'b' has 20 frames, but its dissolves need 24",
        ),
        ([entry("a", 96, shot_ids=("one", "two"), cut_frames=(96,))], "do not lie inside the frames 0 to 96"),
        ([entry("a", 96, trim_head_frames=50, trim_tail_frames=46)], "frames 50 to 50"),
        ([entry("a", 96, shot_ids=("one", "two"))], "0 cuts make 1 shots, but 2 are named"),
        ([entry("a"), entry("b", shot_ids=("a",))], "Two shots of the edit are called 'a'"),
    ],
)
def test_an_edit_that_cannot_be_is_refused_in_one_sentence(entries: list[EditEntry], words: str) -> None:
    with pytest.raises(InvalidInputError, match=words):
        assemble("bad", entries, rate=RATE)


@pytest.mark.parametrize(("transfer", "name"), [("smpte2084", "PQ"), ("arib-std-b67", "HLG")])
def test_a_take_of_high_dynamic_range_is_refused_not_flattened(transfer: str, name: str) -> None:
    take = replace(entry("a"), facts=replace(facts("a.mp4"), color_transfer=transfer))
    with pytest.raises(InvalidInputError, match=rf"a\.mp4: is high dynamic range \({name}\)"):
        assemble("hdr", [take], rate=RATE)


def test_reels_are_unique_short_and_plain() -> None:
    names = ["Glacier Library #1", "glacier_library_2", "glacier-library 3", "évoqué", "___"]
    timeline = assemble("reels", [entry(name, 24) for name in names], rate=RATE)
    assert [clip.reel for clip in timeline.clips] == ["GLACIER", "GLACIER2", "GLACIER3", "EVOQUE", "TAKE"]


def test_a_stem_named_like_a_take_has_a_reel_of_its_own() -> None:
    file = SoundFile(
        path=Path("theme.wav"), sha256="0" * 64, bytes=1, codec="pcm_s24le", sample_rate=48_000, channels=2, duration_seconds=Fraction(9)
    )
    clip = StemClip(clip_id="m", name="theme", reel="", file=file, source=FrameRange(0, 24), record=FrameRange(0, 24))
    timeline = assemble("cut", [entry("theme")], rate=RATE)
    (stem,) = with_stems(timeline, [Stem(name="music", role="music", clips=(clip,))]).stems
    assert (timeline.clips[0].reel, stem.clips[0].reel) == ("THEME", "THEME2")


def test_the_same_take_used_twice_keeps_its_reel() -> None:
    again = replace(entry("a", 48), shot_ids=("again",))
    assert [clip.reel for clip in assemble("twice", [entry("a", 48), again], rate=RATE).clips] == ["A", "A"]


def test_each_clip_carries_the_markers_that_touch_it() -> None:
    marker = Marker(frames=FrameRange(40, 60), name="flicker", comment="", severity=Severity.REVIEW)
    marked = entry("a", 96, shot_ids=("one", "two", "three"), cut_frames=(48, 72), markers=(marker,))
    assert [clip.markers for clip in assemble("marks", [marked], rate=RATE).clips] == [(marker,), (marker,), ()]


def test_the_picture_is_as_large_as_the_largest_take_unless_said() -> None:
    entries = [entry("a"), replace(entry("b"), facts=facts("b.mp4", 96, size=Size(640, 360)))]
    assert assemble("size", entries, rate=RATE).size == Size(640, 360)
    assert assemble("size", entries, rate=RATE, size=Size(1280, 720)).size == Size(1280, 720)


def test_a_take_of_another_rate_counts_in_frames_of_the_timeline() -> None:
    fast = replace(entry("a"), facts=facts("a.mp4", 300, rate=Fraction(30)))
    film = replace(entry("b"), facts=facts("b.mp4", 96, rate=Fraction(24000, 1001)))
    timeline = assemble("rates", [fast, film], rate=RATE)
    assert [clip.source.frames for clip in timeline.clips] == [240, 96]


@given(st.lists(st.tuples(st.integers(24, 400), st.integers(0, 12)), min_size=1, max_size=12))
def test_the_length_is_the_sum_of_the_clips_less_the_overlaps(shots: list[tuple[int, int]]) -> None:
    entries = [
        entry(f"s{index}", frames, join=JoinKind.DISSOLVE if dissolve else JoinKind.CUT, dissolve_frames=dissolve)
        for index, (frames, dissolve) in enumerate(shots)
    ]
    timeline = assemble("sum", entries, rate=RATE)
    assert timeline.frames == sum(frames for frames, _ in shots) - sum(dissolve for _, dissolve in shots[1:])
