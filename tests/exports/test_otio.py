from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from urllib.parse import unquote, urlparse

import opentimelineio as otio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kling_post.edit.timeline import Timeline
from kling_post.exports import otio as otio_export
from kling_post.vocabulary import JoinKind


def read_back(path: Path) -> otio.schema.Timeline:
    return otio.adapters.read_from_file(str(path))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_the_file_read_again_is_the_same_edit_at_every_rate(
    data: st.DataObject, any_timeline: st.SearchStrategy[Timeline], tmp_path: Path
) -> None:
    timeline = data.draw(any_timeline)
    otio_export.write(timeline, tmp_path / "any.otio")
    read = read_back(tmp_path / "any.otio")
    assert read.name == timeline.name
    assert read.global_start_time.value == timeline.start_frame
    assert read.global_start_time.rate == pytest.approx(float(timeline.rate))
    track = read.video_tracks()[0]
    assert track.duration().value == timeline.frames
    clips = list(track.find_clips())
    assert len(clips) == len(timeline.clips)
    for made, clip in zip(clips, timeline.clips, strict=True):
        # Transitions lie across the cut: what they cover on both sides, and the clip between, is the clip that is seen.
        before, after = track.neighbors_of(made)
        into = before.in_offset.value if isinstance(before, otio.schema.Transition) else 0
        out = after.out_offset.value if isinstance(after, otio.schema.Transition) else 0
        placed = made.range_in_parent()
        assert placed.start_time.value - into == clip.record.start
        assert placed.end_time_exclusive().value + out == clip.record.stop
        assert made.source_range.start_time.value - into == clip.source.start
        assert made.source_range.end_time_exclusive().value + out == clip.source.stop
        assert isinstance(before, otio.schema.Transition) == (clip.join is JoinKind.DISSOLVE)
        assert Path(unquote(urlparse(made.media_reference.target_url).path)) == clip.path
        assert made.media_reference.available_range.duration.value == clip.facts.frames
        # The handles that the dissolve needs are inside the take.
        assert made.visible_range().start_time.value >= 0
        assert made.visible_range().end_time_exclusive().value <= clip.facts.frames
        assert made.metadata["kling_post"]["reel"] == clip.reel
        assert [(marker.name, marker.comment) for marker in made.markers] == [
            (marker.name, marker.comment)
            for marker in clip.markers
            if marker.frames.start < clip.source.stop and marker.frames.stop > clip.source.start
        ]


def test_only_stock_schemas_are_used(two_worlds: Timeline, tmp_path: Path) -> None:
    import json

    otio_export.write(two_worlds, tmp_path / "two.otio")
    found: set[str] = set()

    def collect(value: object) -> None:
        if isinstance(value, dict):
            found.add(str(value.get("OTIO_SCHEMA", "")))
            for each in value.values():
                collect(each)
        elif isinstance(value, list):
            for each in value:
                collect(each)

    collect(json.loads((tmp_path / "two.otio").read_text()))
    names = {schema.split(".")[0] for schema in found if schema}
    assert names <= {
        "Timeline", "Stack", "Track", "Clip", "Gap", "Transition", "ExternalReference", "Marker", "RationalTime", "TimeRange",
    }  # fmt: skip


def test_sound_follows_the_picture_and_silence_is_a_gap(two_worlds: Timeline, tmp_path: Path) -> None:
    otio_export.write(two_worlds, tmp_path / "two.otio")
    sound = read_back(tmp_path / "two.otio").audio_tracks()[0]
    assert [type(item).__name__ for item in sound] == ["Clip", "Clip", "Gap"]
    assert sound.duration().value == two_worlds.frames


def test_markers_keep_colour_comment_and_place(two_worlds: Timeline, tmp_path: Path) -> None:
    otio_export.write(two_worlds, tmp_path / "two.otio")
    clip = list(read_back(tmp_path / "two.otio").video_tracks()[0].find_clips())[1]
    (marker,) = clip.markers
    assert (marker.name, marker.color, marker.comment) == ("flicker", "RED", "3.2 code values")
    assert (marker.marked_range.start_time.value, marker.marked_range.duration.value) == (50, 10)


def test_a_takes_own_timecode_counts_in_source_and_available_range(two_worlds: Timeline, tmp_path: Path) -> None:
    otio_export.write(two_worlds, tmp_path / "two.otio")
    clip = list(read_back(tmp_path / "two.otio").video_tracks()[0].find_clips())[2]
    assert clip.media_reference.available_range.start_time.value == 240
    assert clip.source_range.start_time.value == 240 + 6


def test_a_take_that_runs_at_another_speed_is_a_time_warp_and_said(two_worlds: Timeline, tmp_path: Path) -> None:
    clip = two_worlds.clips[0]
    film = replace(clip, facts=replace(clip.facts, rate=Fraction(24000, 1001)))
    notes = otio_export.write(replace(two_worlds, clips=(film, *two_worlds.clips[1:])), tmp_path / "film.otio")
    assert "caravan_1 runs at 1.0010 times its speed" in notes[0]
    made = next(iter(read_back(tmp_path / "film.otio").video_tracks()[0].find_clips()))
    assert made.effects[0].time_scalar == pytest.approx(1.001)
