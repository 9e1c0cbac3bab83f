from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from urllib.parse import unquote, urlparse
from xml.etree import ElementTree as ET

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kling_post.edit.timeline import Timeline
from kling_post.exports import fcpxml
from kling_post.vocabulary import JoinKind, Size

# The order that Apple's document type asks of what this writer puts into an asset-clip.
CLIP_ORDER = ["note", "conform-rate", "adjust-conform", "adjust-volume", "marker"]


def seconds(text: str) -> Fraction:
    return Fraction(text.removesuffix("s"))


def read(path: Path) -> ET.Element:
    assert path.read_text(encoding="utf-8").startswith('<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n')
    return ET.parse(path).getroot()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_a_reader_finds_the_same_edit_at_every_rate(data: st.DataObject, any_timeline: st.SearchStrategy[Timeline], tmp_path: Path) -> None:
    timeline = data.draw(any_timeline)
    fcpxml.write(timeline, tmp_path / "any.fcpxml")
    root = read(tmp_path / "any.fcpxml")
    sequence = root.find("library/event/project/sequence")
    assert sequence is not None
    frame = 1 / timeline.rate
    assert seconds(sequence.attrib["tcStart"]) == timeline.start_frame * frame
    assert seconds(sequence.attrib["duration"]) == timeline.frames * frame
    assert sequence.attrib["tcFormat"] == ("DF" if timeline.drop_frame else "NDF")
    assets = {asset.attrib["id"]: asset for asset in root.iterfind("resources/asset")}
    spine = list(sequence.find("spine") or ())
    here = seconds(sequence.attrib["tcStart"])
    clips = iter(timeline.clips)
    previous_start = previous_stop = Fraction(0)
    for position, item in enumerate(spine):
        if item.tag == "transition":
            continue
        clip = next(clips)
        assert seconds(item.attrib["offset"]) == here
        duration, start = seconds(item.attrib["duration"]), seconds(item.attrib["start"])
        into = out = Fraction(0)
        if position and spine[position - 1].tag == "transition":
            into = here - seconds(spine[position - 1].attrib["offset"])
        if position + 1 < len(spine) and spine[position + 1].tag == "transition":
            after = spine[position + 1].attrib
            out = seconds(after["offset"]) + seconds(after["duration"]) - (here + duration)
        assert (start - into) * timeline.rate == clip.source.start
        assert (start + duration + out) * timeline.rate == clip.source.stop
        assert (here - into) * timeline.rate - timeline.start_frame == clip.record.start
        assert (position > 0 and spine[position - 1].tag == "transition") == (clip.join is JoinKind.DISSOLVE)
        asset = assets[item.attrib["ref"]]
        media = asset.find("media-rep")
        assert media is not None
        assert Path(unquote(urlparse(media.attrib["src"]).path)) == clip.path
        assert seconds(asset.attrib["duration"]) == clip.facts.duration_seconds
        assert start + duration + out <= seconds(asset.attrib["duration"])
        assert ("hasAudio" in asset.attrib) == (clip.facts.audio is not None)
        tags = [child.tag for child in item]
        assert tags == sorted(tags, key=CLIP_ORDER.index)
        here += duration
        previous_start, previous_stop = start, start + duration
    assert previous_stop > previous_start
    assert next(clips, None) is None
    assert here == (timeline.start_frame + timeline.frames) * frame


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_every_time_lies_on_a_frame_and_every_reference_is_there(
    data: st.DataObject, any_timeline: st.SearchStrategy[Timeline], tmp_path: Path
) -> None:
    timeline = data.draw(any_timeline)
    root = fcpxml.to_fcpxml(timeline)
    ids = {item.attrib["id"] for item in root.iterfind("resources/*")}
    for item in root.iter():
        for name in ("offset", "start", "duration", "tcStart"):
            if name in item.attrib:
                assert (seconds(item.attrib[name]) * timeline.rate).denominator == 1
        for name in ("ref", "format"):
            if name in item.attrib and item.tag != "project":
                assert item.attrib[name] in ids


def test_a_dissolve_lies_across_the_cut_and_the_clips_meet_there(two_worlds: Timeline, tmp_path: Path) -> None:
    fcpxml.write(two_worlds, tmp_path / "two.fcpxml")
    spine = list(read(tmp_path / "two.fcpxml").find("library/event/project/sequence/spine") or ())
    assert [item.tag for item in spine] == ["asset-clip", "asset-clip", "transition", "asset-clip"]
    assert spine[2].attrib == {"name": "Cross Dissolve", "offset": "86484/24s", "duration": "12/24s"}
    assert (spine[1].attrib["start"], spine[1].attrib["duration"]) == ("48/24s", "42/24s")
    assert (spine[3].attrib["offset"], spine[3].attrib["start"], spine[3].attrib["duration"]) == ("86490/24s", "246/24s", "90/24s")
    # The glacier take is silent: a picture filter only.
    assert [child.tag for child in spine[2]] == ["filter-video"]


def test_a_finding_is_a_to_do_marker_at_its_source_time(two_worlds: Timeline, tmp_path: Path) -> None:
    fcpxml.write(two_worlds, tmp_path / "two.fcpxml")
    markers = list(read(tmp_path / "two.fcpxml").iter("marker"))
    assert [marker.attrib for marker in markers] == [
        {"start": "50/24s", "duration": "10/24s", "value": "flicker", "completed": "0", "note": "3.2 code values"}
    ]


def test_size_rate_and_level_that_differ_are_told(two_worlds: Timeline, tmp_path: Path) -> None:
    first = two_worlds.clips[0]
    odd = replace(first, gain_db=-3.5, facts=replace(first.facts, rate=Fraction(24000, 1001), size=Size(1920, 1080)))
    notes = fcpxml.write(replace(two_worlds, clips=(odd, *two_worlds.clips[1:])), tmp_path / "odd.fcpxml")
    clip = next(read(tmp_path / "odd.fcpxml").iter("asset-clip"))
    assert [(child.tag, child.attrib) for child in clip][1:] == [
        ("conform-rate", {"scaleEnabled": "1", "srcFrameRate": "23.98"}),
        ("adjust-conform", {"type": "fit"}),
        ("adjust-volume", {"amount": "-3.5dB"}),
    ]
    assert "frame for frame" in notes[-1]
