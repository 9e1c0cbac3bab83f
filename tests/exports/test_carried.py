"""Stems, J and L cuts, speeds and dialogue, read back from each format by readers that know nothing of the writer."""

import math
import warnings
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse
from xml.etree import ElementTree as ET

import opentimelineio
import pycmx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kling_post.edit.conform import conform_clip
from kling_post.edit.timeline import Timeline
from kling_post.edit.timeline_file import read_timeline, write_timeline
from kling_post.exports.placing import heard
from kling_post.exports.registry import export_format
from kling_post.timebase import parse_timecode

Sound = tuple[str, int, int, int, float]
"""File name, first frame of the source, record start and stop, level in decibels."""


@dataclass(frozen=True)
class Carried:
    """What a reader finds beside the picture's places."""

    native: list[Sound]
    stems: list[Sound]
    speeds: list[Fraction]


def decibels(factor: float) -> float:
    return 20 * math.log10(factor)


def close(found: list[Sound], expected: list[Sound]) -> None:
    assert [each[:4] for each in found] == [each[:4] for each in expected]
    assert [each[4] for each in found] == pytest.approx([each[4] for each in expected], abs=0.01)


# ----------------------------------------------------------------------------------------------- what there is


def truth(timeline: Timeline) -> Carried:
    """Sound as it overlaps in crossfades."""
    native = [(each.clip.path.name, each.source.start, each.record.start, each.record.stop, each.clip.gain_db) for each in heard(timeline)]
    stems = [
        (clip.file.path.name, clip.source.start, clip.record.start, clip.record.stop, clip.gain_db)
        for stem in timeline.stems
        for clip in stem.clips
    ]
    return Carried(native=native, stems=stems, speeds=[conform_clip(clip, timeline).speed for clip in timeline.clips])


# ----------------------------------------------------------------------------------------------- readers


def name_of(url: str) -> str:
    return Path(unquote(urlparse(url).path)).name


def from_otio(path: Path) -> Carried:
    timeline = opentimelineio.adapters.read_from_file(str(path))
    speeds = []
    for clip in timeline.video_tracks()[0].find_clips():
        found = [Fraction(effect.time_scalar).limit_denominator(10_000) for effect in clip.effects]
        speeds.append(found[0] if found else Fraction(1))
    tracks = timeline.audio_tracks()
    stems = [track for track in tracks if "stem" in track.metadata.get("kling_post", {})]
    native = [track for track in tracks if track not in stems]
    return Carried(
        native=[sound for track in native for sound in otio_sounds(track)],
        stems=[sound for track in stems for sound in otio_sounds(track)],
        speeds=speeds,
    )


def otio_sounds(track: Any) -> list[Sound]:
    sounds = []
    for clip in track.find_clips():
        before, after = track.neighbors_of(clip)
        into = round(before.in_offset.value) if isinstance(before, opentimelineio.schema.Transition) else 0
        out = round(after.out_offset.value) if isinstance(after, opentimelineio.schema.Transition) else 0
        speed = clip.effects[0].time_scalar if len(clip.effects) else 1.0
        place, ours = clip.range_in_parent(), clip.metadata["kling_post"]
        start = round(clip.source_range.start_time.value / speed) - into
        record = round(place.start_time.value) - into, round(place.end_time_exclusive().value) + out
        sounds.append((name_of(clip.media_reference.target_url), start, *record, float(ours["gain_db"])))
    return sounds


def from_xmeml(path: Path) -> Carried:
    sequence = ET.parse(path).getroot().find("sequence")
    assert sequence is not None
    files = {file.attrib["id"]: name_of(file.findtext("pathurl") or "") for file in sequence.iter("file") if len(file)}
    speeds = []
    for item in sequence.findall("media/video/track/clipitem"):
        found = [
            Fraction(parameter.findtext("value") or "") / 100
            for parameter in item.iterfind("filter/effect/parameter")
            if parameter.findtext("parameterid") == "speed"
        ]
        speeds.append(found[0] if found else Fraction(1))
    tracks = sequence.findall("media/audio/track")
    stems: list[Sound] = []
    for track in tracks[2:]:
        if all(item.attrib["id"].endswith("-1") for item in track.findall("clipitem")):
            stems += xmeml_sounds(track, files)
    assert xmeml_sounds(tracks[0], files) == xmeml_sounds(tracks[1], files)
    return Carried(native=xmeml_sounds(tracks[0], files), stems=stems, speeds=speeds)


def xmeml_sounds(track: ET.Element, files: dict[str, str]) -> list[Sound]:
    items = [item for item in track if item.tag in {"clipitem", "transitionitem"}]
    sounds = []
    for position, item in enumerate(items):
        if item.tag != "clipitem":
            continue
        start, stop, first = (int(item.findtext(name) or "") for name in ("start", "end", "in"))
        start = int(items[position - 1].findtext("start") or "") if start == -1 else start
        stop = int(items[position + 1].findtext("end") or "") if stop == -1 else stop
        levels = [
            float(parameter.findtext("value") or "")
            for parameter in item.iterfind("filter/effect/parameter")
            if parameter.findtext("parameterid") == "level"
        ]
        file = item.find("file")
        assert file is not None
        sounds.append((files[file.attrib["id"]], first, start, stop, decibels(levels[0]) if levels else 0.0))
    return sounds


def from_fcpxml(path: Path, timeline: Timeline) -> Carried:
    root, rate = ET.parse(path).getroot(), timeline.rate

    def frames(item: ET.Element, name: str) -> int:
        count = Fraction(item.attrib[name].removesuffix("s")) * rate
        assert count.denominator == 1
        return int(count)

    assets = {asset.attrib["id"]: asset for asset in root.iter("asset")}

    def sound(item: ET.Element, start: int, record: int, length: int) -> Sound:
        volume = item.find("adjust-volume")
        level = 0.0 if volume is None else float(volume.attrib["amount"].removesuffix("dB"))
        media = assets[item.attrib["ref"]].find("media-rep")
        assert media is not None
        return name_of(media.attrib["src"]), start, record, record + length, level

    spine = root.find("library/event/project/sequence/spine")
    assert spine is not None
    native, stems, speeds = [], [], []
    for place in spine:
        item = place.find("asset-clip") if place.tag == "audition" else place
        if item is None or item.tag != "asset-clip":
            continue
        start, offset = frames(item, "start"), frames(item, "offset") - timeline.start_frame
        points = [tuple(Fraction(point.attrib[name].removesuffix("s")) for name in ("time", "value")) for point in item.iter("timept")]
        speeds.append((points[1][1] - points[0][1]) / (points[1][0] - points[0][0]) if points else Fraction(1))
        if "hasAudio" in assets[item.attrib["ref"]].attrib:
            first = frames(item, "audioStart") if "audioStart" in item.attrib else start
            length = frames(item, "audioDuration") if "audioStart" in item.attrib else frames(item, "duration")
            native.append(sound(item, first, offset + first - start, length))
        for connected in item.findall("asset-clip"):
            assert int(connected.attrib["lane"]) < 0
            record = offset + frames(connected, "offset") - start
            stems.append(
                (int(connected.attrib["lane"]), sound(connected, frames(connected, "start"), record, frames(connected, "duration")))
            )
    return Carried(native=native, stems=[each for _, each in sorted(stems, key=lambda each: -each[0])], speeds=speeds)


def from_edl(path: Path, timeline: Timeline) -> Carried:
    with path.open(encoding="ascii") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        events = [event.edits[-1] for event in pycmx.parse_cmx3600(file).events]
    rate = timeline.rate
    levels = [line.split() for line in path.read_text(encoding="ascii").splitlines() if line.startswith("* AUDIO LEVEL AT")]
    by_moment = {(words[4], words[9]): float(words[6]) for words in levels}
    names = {clip.reel: clip.path.name for clip in timeline.clips}
    names |= {clip.reel: clip.file.path.name for stem in timeline.stems for clip in stem.clips}

    def sound(edit: Any) -> Sound:
        start, stop = parse_timecode(edit.record_in, rate), parse_timecode(edit.record_out, rate)
        level = by_moment.get((edit.record_in, edit.source), 0.0)
        zero = timeline.start_frame
        return names[edit.source], parse_timecode(edit.source_in, rate), start - zero, stop - zero, level

    return Carried(
        native=[sound(edit) for edit in events if edit.channels.a1],
        stems=[sound(edit) for edit in events if edit.channels.a3 and not edit.channels.a1],
        speeds=[],
    )


# ----------------------------------------------------------------------------------------------- as a property

SETTINGS = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


def written(name: str, timeline: Timeline, folder: Path) -> tuple[Path, str]:
    export = export_format(name)
    path = folder / f"any{export.suffix}"
    return path, " ".join(export.write(timeline, path))


@SETTINGS
@given(data=st.data())
def test_otio_carries_stems_split_edits_and_speeds(data: st.DataObject, rich_timeline: st.SearchStrategy[Timeline], tmp_path: Path) -> None:
    timeline = data.draw(rich_timeline)
    path, notes = written("otio", timeline, tmp_path)
    found, expected = from_otio(path), truth(timeline)
    close(found.stems, expected.stems)
    close(found.native, expected.native)
    assert found.speeds == expected.speeds
    assert not timeline.stems or "no sound levels" in notes


@SETTINGS
@given(data=st.data())
def test_the_xml_carries_stems_split_edits_and_speeds(
    data: st.DataObject, rich_timeline: st.SearchStrategy[Timeline], tmp_path: Path
) -> None:
    timeline = data.draw(rich_timeline)
    path, _ = written("xmeml", timeline, tmp_path)
    found, expected = from_xmeml(path), truth(timeline)
    close(found.native, expected.native)
    close(found.stems, expected.stems)
    assert [float(speed) for speed in found.speeds] == pytest.approx([float(speed) for speed in expected.speeds], rel=1e-5)


@SETTINGS
@given(data=st.data())
def test_fcpxml_carries_stems_split_edits_and_speeds(
    data: st.DataObject, rich_timeline: st.SearchStrategy[Timeline], tmp_path: Path
) -> None:
    timeline = data.draw(rich_timeline)
    path, notes = written("fcpxml", timeline, tmp_path)
    found, expected = from_fcpxml(path, timeline), truth(timeline)
    # Stands connected to the clips in the order of the record; the model has them stem by stem.
    close(sorted(found.stems), sorted(expected.stems))
    assert found.speeds == expected.speeds
    # From cut to cut: the crossfade belongs to the transition on the spine.
    seen = {each.clip.clip_id: each for each in heard(timeline)}
    assert [each[0] for each in found.native] == [each.clip.path.name for each in seen.values()]
    for sound, each in zip(found.native, seen.values(), strict=True):
        after = timeline.clips[each.number + 1].dissolve_frames if each.number + 1 < len(timeline.clips) else 0
        into, out = each.clip.dissolve_frames // 2, after - after // 2
        assert (sound[2], sound[3]) == (each.record.start + into, each.record.stop - out)
        assert sound[1] == each.source.start + into
    assert ("crossfade stands under" in notes) == any(clip.dissolve_frames and clip.sound_shift_frames for clip in timeline.clips)


@SETTINGS
@given(data=st.data())
def test_an_edl_carries_one_stem_and_split_edits_and_says_the_rest(
    data: st.DataObject, rich_timeline: st.SearchStrategy[Timeline], tmp_path: Path
) -> None:
    timeline = data.draw(rich_timeline)
    path, notes = written("edl", timeline, tmp_path)
    found, expected = from_edl(path, timeline), truth(timeline)
    first = len(timeline.stems[0].clips) if timeline.stems else 0
    close(found.stems, expected.stems[:first])
    for stem in timeline.stems[1:]:
        assert f"the stem {stem.name!r} is not in it" in notes
    sounds = heard(timeline)
    for sound, each in zip(found.native, sounds, strict=True):
        speed = conform_clip(each.clip, timeline).speed
        assert (sound[0], sound[2]) == (each.clip.path.name, each.record.start)
        assert sound[1] == int(each.source.start * speed)
        assert sound[4] == pytest.approx(each.clip.gain_db, abs=0.006)
    for clip, speed in zip(timeline.clips, expected.speeds, strict=True):
        assert (f"M2   {clip.reel:<8} " in path.read_text()) or speed == 1


@settings(SETTINGS, max_examples=6)
@given(data=st.data())
def test_the_stored_edit_is_the_edit(data: st.DataObject, rich_timeline: st.SearchStrategy[Timeline], tmp_path: Path) -> None:
    timeline = data.draw(rich_timeline)
    assert read_timeline(write_timeline(timeline, tmp_path / "any.mp4")) == timeline
