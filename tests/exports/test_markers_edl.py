from dataclasses import replace
from pathlib import Path

from kling_post.edit.timeline import Marker, Timeline
from kling_post.exports import markers_edl
from kling_post.vocabulary import FrameRange, Severity


def test_each_marker_stands_at_its_record_timecode_in_its_colour(two_worlds: Timeline, tmp_path: Path) -> None:
    whole = Marker(frames=FrameRange(0, 1), name="loud|ness", comment="é -9 LUFS", severity=Severity.REVIEW)
    markers_edl.write(replace(two_worlds, markers=(whole,)), tmp_path / "two.markers.edl")
    assert (tmp_path / "two.markers.edl").read_bytes().decode("ascii").split("\r\n") == [
        "TITLE: Two worlds",
        "FCM: NON-DROP FRAME",
        "",
        "001  001      V     C        01:00:00:00 01:00:00:01 01:00:00:00 01:00:00:01",
        "e -9 LUFS |C:ResolveColorYellow |M:loud/ness |D:1",
        "",
        "002  001      V     C        01:00:02:02 01:00:02:03 01:00:02:02 01:00:02:03",
        "3.2 code values |C:ResolveColorRed |M:flicker |D:10",
        "",
        "",
    ]


def test_a_finding_of_a_whole_take_comes_once_over_all_its_shots(two_worlds: Timeline, tmp_path: Path) -> None:
    whole = Marker(frames=FrameRange(0, 96), name="sound_loudness", comment="", severity=Severity.INFO)
    clips = tuple(replace(clip, markers=(whole,)) for clip in two_worlds.clips[:2])
    markers_edl.write(replace(two_worlds, clips=clips), tmp_path / "whole.edl")
    text = (tmp_path / "whole.edl").read_text()
    assert text.count("|M:sound_loudness") == 1
    assert "|D:96" in text


def test_a_marker_outside_the_frames_seen_is_left_out(two_worlds: Timeline, tmp_path: Path) -> None:
    clip = replace(two_worlds.clips[0], markers=(Marker(frames=FrameRange(90, 95), name="x", comment="", severity=Severity.INFO),))
    markers_edl.write(replace(two_worlds, clips=(clip,)), tmp_path / "none.edl")
    assert "|M:" not in (tmp_path / "none.edl").read_text()
