from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from urllib.parse import unquote, urlparse
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kling_post.edit.timeline import Timeline
from kling_post.exports import xmeml
from kling_post.vocabulary import JoinKind


def number(item: ET.Element, path: str) -> int:
    return int(item.findtext(path) or "")


def rate_of(item: ET.Element) -> Fraction:
    base = number(item, "rate/timebase")
    return Fraction(base * 1000, 1001) if item.findtext("rate/ntsc") == "TRUE" else Fraction(base)


def read_track(track: ET.Element) -> list[tuple[int, int, int, int, str]]:
    """Record start and stop, in, out and file id of each clip, as a reader works them out from the transitions."""
    items = [item for item in track if item.tag in {"clipitem", "transitionitem"}]
    found = []
    for position, item in enumerate(items):
        if item.tag == "transitionitem":
            continue
        start, stop = number(item, "start"), number(item, "end")
        if start == -1:
            assert items[position - 1].tag == "transitionitem"
            start = number(items[position - 1], "start")
        if stop == -1:
            assert items[position + 1].tag == "transitionitem"
            stop = number(items[position + 1], "end")
        file = item.find("file")
        assert file is not None
        found.append((start, stop, number(item, "in"), number(item, "out"), file.attrib["id"]))
    return found


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_a_reader_finds_the_same_edit_at_every_rate(data: st.DataObject, any_timeline: st.SearchStrategy[Timeline], tmp_path: Path) -> None:
    timeline = data.draw(any_timeline)
    xmeml.write(timeline, tmp_path / "any.xml")
    sequence = ET.parse(tmp_path / "any.xml").getroot().find("sequence")
    assert sequence is not None
    assert rate_of(sequence) == timeline.rate
    assert number(sequence, "duration") == timeline.frames
    assert number(sequence, "timecode/frame") == timeline.start_frame
    assert sequence.findtext("timecode/displayformat") == ("DF" if timeline.drop_frame else "NDF")
    files = {file.attrib["id"]: file for file in sequence.iter("file") if len(file)}
    (picture,) = sequence.findall("media/video/track")
    expected = [(clip.record.start, clip.record.stop, clip.source.start, clip.source.stop) for clip in timeline.clips]
    read = read_track(picture)
    assert [item[:4] for item in read] == expected
    for item, clip in zip(read, timeline.clips, strict=True):
        url = urlparse(files[item[4]].findtext("pathurl") or "")
        assert (url.netloc, Path(unquote(url.path))) == ("localhost", clip.path)
        assert number(files[item[4]], "duration") == clip.facts.frames
    sounding = [item for item, clip in zip(expected, timeline.clips, strict=True) if clip.facts.audio is not None]
    for track in sequence.findall("media/audio/track"):
        assert [item[:4] for item in read_track(track)] == sounding


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_links_point_both_ways_at_items_that_are_there(
    data: st.DataObject, any_timeline: st.SearchStrategy[Timeline], tmp_path: Path
) -> None:
    root = xmeml.to_xmeml(data.draw(any_timeline))
    positions = {}
    for kind in ("video", "audio"):
        for track_index, track in enumerate(root.findall(f"sequence/media/{kind}/track"), start=1):
            for clip_index, item in enumerate(track.findall("clipitem"), start=1):
                positions[item.attrib["id"]] = (kind, track_index, clip_index)
    for item in root.iter("clipitem"):
        links = item.findall("link")
        names = [link.findtext("linkclipref") for link in links]
        assert not links or item.attrib["id"] in names
        for link in links:
            place = (link.findtext("mediatype"), number(link, "trackindex"), number(link, "clipindex"))
            assert positions[link.findtext("linkclipref") or ""] == place


def test_format_dissolve_reel_and_timecode_are_written_out(two_worlds: Timeline, tmp_path: Path) -> None:
    xmeml.write(two_worlds, tmp_path / "two.xml")
    text = (tmp_path / "two.xml").read_text(encoding="utf-8")
    assert text.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE xmeml>\n<xmeml version="5">')
    sequence = ET.fromstring(text).find("sequence")
    assert sequence is not None
    shape = sequence.find("media/video/format/samplecharacteristics")
    assert shape is not None
    assert (number(shape, "width"), number(shape, "height")) == (3840, 2160)
    assert sequence.findtext("timecode/string") == "01:00:00:00"
    (transition,) = sequence.findall("media/video/track/transitionitem")
    assert (number(transition, "start"), number(transition, "end"), transition.findtext("alignment")) == (84, 96, "center")
    second = [file for file in sequence.iter("file") if len(file)][1]
    assert (second.findtext("timecode/string"), number(second, "timecode/frame")) == ("00:00:10:00", 240)
    assert second.findtext("timecode/reel/name") == "GLACIER"
    marker = sequence.find("media/video/track/clipitem/marker")
    assert marker is not None
    assert (marker.findtext("name"), marker.findtext("comment"), number(marker, "in"), number(marker, "out")) == (
        "FAIL: flicker",
        "3.2 code values",
        50,
        60,
    )


def test_a_gain_is_a_linear_level_and_at_most_twelve_decibels(two_worlds: Timeline, tmp_path: Path) -> None:
    clips = (replace(two_worlds.clips[0], gain_db=-6.0206), replace(two_worlds.clips[1], gain_db=20.0), two_worlds.clips[2])
    notes = xmeml.write(replace(two_worlds, clips=clips), tmp_path / "loud.xml")
    levels = [float(value.text or "") for value in ET.parse(tmp_path / "loud.xml").getroot().iterfind(".//filter/effect/parameter/value")]
    assert levels == pytest.approx([0.5, 3.98107, 0.5, 3.98107], abs=1e-4)
    assert "held at 12 dB" in " ".join(notes)


def test_no_crossfade_is_written_where_one_side_is_silent(two_worlds: Timeline) -> None:
    root = xmeml.to_xmeml(two_worlds)
    assert two_worlds.clips[2].join is JoinKind.DISSOLVE
    assert root.findall("sequence/media/audio/track/transitionitem") == []
    last = root.findall("sequence/media/audio/track/clipitem")[1]
    assert number(last, "end") == 96
