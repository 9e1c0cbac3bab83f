import warnings
from dataclasses import replace
from pathlib import Path

import pycmx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kling_post.edit.timeline import Timeline
from kling_post.errors import InvalidInputError
from kling_post.exports import edl
from kling_post.timebase import parse_timecode
from kling_post.vocabulary import JoinKind


def read_back(path: Path) -> list[pycmx.Event]:
    with path.open(encoding="ascii") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return list(pycmx.parse_cmx3600(file).events)


def test_the_list_reads_as_an_editor_expects(two_worlds: Timeline, tmp_path: Path) -> None:
    edl.write(two_worlds, tmp_path / "two.edl")
    assert (tmp_path / "two.edl").read_bytes().decode("ascii").split("\r\n") == [
        "TITLE: Two worlds",
        "FCM: NON-DROP FRAME",
        "",
        "001  CARAVAN  AA/V  C        00:00:00:00 00:00:02:00 01:00:00:00 01:00:02:00",
        "* FROM CLIP NAME: caravan_1",
        "* SOURCE FILE: caravan.mp4",
        "002  CARAVAN  AA/V  C        00:00:02:00 00:00:03:12 01:00:02:00 01:00:03:12",
        "* FROM CLIP NAME: caravan_2",
        "* SOURCE FILE: caravan.mp4",
        "003  CARAVAN  AA/V  C        00:00:03:12 00:00:03:12 01:00:03:12 01:00:03:12",
        "003  GLACIER  V     D    012 00:00:10:00 00:00:14:00 01:00:03:12 01:00:07:12",
        "* FROM CLIP NAME: caravan_2",
        "* TO CLIP NAME: Glaciere",
        "* SOURCE FILE: glacier.mp4",
        "",
    ]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_an_independent_reader_finds_the_same_edit_at_every_rate(
    data: st.DataObject, any_timeline: st.SearchStrategy[Timeline], tmp_path: Path
) -> None:
    timeline = data.draw(any_timeline)
    edl.write(timeline, tmp_path / "any.edl")
    events = read_back(tmp_path / "any.edl")
    rate = timeline.rate
    assert len(events) == len(timeline.clips)
    position = 0
    for number, (event, clip) in enumerate(zip(events, timeline.clips, strict=True)):
        edit = event.edits[-1]
        following = timeline.clips[number + 1].dissolve_frames if number + 1 < len(timeline.clips) else 0
        frames = clip.source.frames - following
        assert edit.source == clip.reel
        assert parse_timecode(edit.record_in, rate) == timeline.start_frame + position == timeline.start_frame + clip.record.start
        assert parse_timecode(edit.record_out, rate) == timeline.start_frame + position + frames
        assert parse_timecode(edit.source_in, rate) == clip.source.start
        assert parse_timecode(edit.source_out, rate) == clip.source.start + frames
        dissolves = clip.join is JoinKind.DISSOLVE
        assert edit.transition.dissolve == dissolves
        assert (int(edit.transition.operand) if dissolves else 0) == clip.dissolve_frames
        assert len(event.edits) == (2 if dissolves else 1)
        position += frames
    assert position == timeline.frames


def test_drop_frame_is_said_and_counted(two_worlds: Timeline, tmp_path: Path) -> None:
    from fractions import Fraction

    ntsc = replace(two_worlds, rate=Fraction(30000, 1001), drop_frame=True, start_frame=107_892)
    edl.write(ntsc, tmp_path / "df.edl")
    lines = (tmp_path / "df.edl").read_text().splitlines()
    assert lines[1] == "FCM: DROP FRAME"
    assert "01:00:00;00 01:00:01;18" in lines[3]


def test_what_the_format_cannot_carry_is_said(two_worlds: Timeline, tmp_path: Path) -> None:
    loud = replace(two_worlds, clips=(replace(two_worlds.clips[0], gain_db=-3.0), *two_worlds.clips[1:]))
    notes = " ".join(edl.write(loud, tmp_path / "two.edl"))
    for words in ("frame rate", "no sound levels", "no markers", "ASCII"):
        assert words in notes


def test_too_many_events_and_too_long_a_dissolve_are_refused(two_worlds: Timeline, tmp_path: Path) -> None:
    clip = two_worlds.clips[0]
    shifted = [replace(clip, clip_id=f"c{index}", record=clip.record.shifted(index * clip.record.frames)) for index in range(1000)]
    with pytest.raises(InvalidInputError, match="holds 999 events, the edit has 1000"):
        edl.write(replace(two_worlds, clips=tuple(shifted)), tmp_path / "many.edl")
    assert list(tmp_path.iterdir()) == []
