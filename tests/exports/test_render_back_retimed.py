"""An edit with speeds, split edits and a stem, played from the exported file alone: the master's pictures, the mix's sound."""

import warnings
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse
from xml.etree import ElementTree as ET

import av
import cv2
import numpy as np
import opentimelineio
import pycmx
import pytest
from numpy.typing import NDArray

from kling_post.edit.assemble import EditEntry, assemble, with_stems
from kling_post.edit.master import render_master
from kling_post.edit.mix import mixed_sound
from kling_post.edit.timeline import Stem, StemClip, Timeline
from kling_post.exports.registry import export_format
from kling_post.media.encode import FrameWriter
from kling_post.media.probe import probe
from kling_post.media.sound import read_sound_whole
from kling_post.media.sound_file import sound_file
from kling_post.media.wav import write_wav
from kling_post.sound.targets import target
from kling_post.timebase import parse_timecode
from kling_post.vocabulary import FrameRange, JoinKind, Retime, Size

RATE, SAMPLES = Fraction(24), 2_000
"""Samples of a frame."""
Seen = tuple[Path, int, int, int, Fraction]
"""File, first frame in the clip's own time, frames, record frame, speed."""
Heard = tuple[Path, int, int, int, float, int]
"""File, first source frame, record start, record stop, level in decibels, frames over which the sound before crosses into it."""


@pytest.fixture(scope="module")
def edit(tmp_path_factory: pytest.TempPathFactory) -> tuple[Timeline, list[NDArray[np.uint8]], NDArray[np.float32]]:
    """Four takes: an L cut, a dissolve whose sound leads, one at twice and one at half its speed; music below."""
    folder = tmp_path_factory.mktemp("retimed") / "with space & ü"
    folder.mkdir()
    rng = np.random.default_rng(5)
    entries = []
    for index in range(4):
        path = folder / f"take {index}.mp4"
        wav = write_wav(folder / f"take {index}.wav", _noise(rng, 60), 48_000, bits=32)
        texture = cv2.GaussianBlur(rng.integers(0, 255, (90, 360, 3), dtype=np.uint8), (0, 0), 3)
        texture = np.asarray(cv2.normalize(texture, None, 20, 235, cv2.NORM_MINMAX), np.uint8)  # type: ignore[call-overload]
        with FrameWriter(path, size=Size(160, 90), rate=RATE, sound=wav) as writer:
            for frame in range(60):
                writer.write(np.ascontiguousarray(texture[:, 3 * frame : 3 * frame + 160]))
        entries.append(EditEntry(path=path, facts=probe(path), shot_ids=(f"shot_{index}",), trim_head_frames=8, trim_tail_frames=8))
    entries[1] = replace(entries[1], sound_shift_frames=5, gain_db=-6.0)
    entries[2] = replace(entries[2], join=JoinKind.DISSOLVE, dissolve_frames=6, sound_shift_frames=-4)
    entries += [
        replace(entries[3], shot_ids=("fast",), retime=Retime(speed=Fraction(2), keeps_pitch=False), trim_head_frames=4, trim_tail_frames=4)
    ]
    entries[3] = replace(entries[3], retime=Retime(speed=Fraction(1, 2)), trim_head_frames=20, trim_tail_frames=60)
    timeline = assemble("Retimed", entries, rate=RATE, start_frame=86_400)
    music = write_wav(folder / "müsic.wav", _noise(rng, 200), 48_000, bits=32)
    clip = StemClip(
        clip_id="music_1",
        name="music",
        reel="MUSIC1",
        file=sound_file(music),
        source=FrameRange(10, 60),
        record=FrameRange(20, 70),
        gain_db=-12.0,
    )
    timeline = with_stems(timeline, [Stem(name="music", role="music", clips=(clip,))])
    master = render_master(timeline, target=target("streaming"), folder=folder)
    return timeline, decoded(master.path), np.concatenate(list(mixed_sound(timeline)))


def _noise(rng: np.random.Generator, frames: int) -> NDArray[np.float32]:
    return rng.uniform(-0.2, 0.2, (frames * SAMPLES, 2)).astype(np.float32)


def decoded(path: Path) -> list[NDArray[np.uint8]]:
    with av.open(str(path)) as container:
        return [np.asarray(frame.to_ndarray(), np.uint8) for frame in container.decode(video=0)]


# ----------------------------------------------------------------------------------------------- players


def play_picture(events: list[Seen]) -> list[NDArray[np.uint8]]:
    shown: list[NDArray[np.uint8]] = []
    for path, first, frames, record, speed in events:
        own = decoded(path)
        clip = [own[ceil((Fraction(first + step) + Fraction(1, 2)) * speed) - 1] for step in range(frames)]
        overlap = len(shown) - record
        for step in range(overlap):
            share = (step + 1) / (overlap + 1)
            shown[record + step] = np.asarray(cv2.addWeighted(shown[record + step], 1 - share, clip[step], share, 0), np.uint8)
        shown += clip[overlap:]
    return shown


def play_sound(events: list[Heard], frames: int) -> NDArray[np.float32]:
    mix = np.zeros((frames * SAMPLES, 2), np.float32)
    for position, (path, source, start, stop, level, crossed) in enumerate(events):
        sound = read_sound_whole(path, start=source * SAMPLES, stop=(source + stop - start) * SAMPLES) * 10 ** (level / 20)
        out = events[position + 1][5] if position + 1 < len(events) else 0
        for edge, length, shape in ((sound, crossed, np.sin), (sound[::-1], out, np.sin)):
            turn = (np.arange(length * SAMPLES) + 0.5) * np.pi / 2 / max(1, length * SAMPLES)
            edge[: length * SAMPLES] *= shape(turn)[:, None]
        mix[start * SAMPLES : stop * SAMPLES] += sound
    return mix


# ----------------------------------------------------------------------------------------------- readers


def file_of(url: str) -> Path:
    return Path(unquote(urlparse(url).path))


def read_otio(path: Path, timeline: Timeline) -> tuple[list[Seen], list[Heard], list[Heard]]:
    read = opentimelineio.adapters.read_from_file(str(path))

    def items(track: Any) -> list[tuple[Any, ...]]:
        found = []
        for clip in track.find_clips():
            before, after = track.neighbors_of(clip)
            into = round(before.in_offset.value) if isinstance(before, opentimelineio.schema.Transition) else 0
            crossed = into + round(before.out_offset.value) if isinstance(before, opentimelineio.schema.Transition) else 0
            out = round(after.out_offset.value) if isinstance(after, opentimelineio.schema.Transition) else 0
            speed = Fraction(clip.effects[0].time_scalar) if len(clip.effects) else Fraction(1)
            start = round(clip.source_range.start_time.value / float(speed)) - into
            place = clip.range_in_parent()
            record = round(place.start_time.value) - into, round(place.end_time_exclusive().value) + out
            level = clip.metadata["kling_post"]["gain_db"]
            found.append((file_of(clip.media_reference.target_url), start, *record, level, crossed, speed))
        return found

    pictures = [(file, first, stop - start, start, speed) for file, first, start, stop, _, _, speed in items(read.video_tracks()[0])]
    native, stem = ([each[:6] for each in items(track)] for track in read.audio_tracks())
    return pictures, native, stem


def read_xmeml(path: Path, timeline: Timeline) -> tuple[list[Seen], list[Heard], list[Heard]]:
    root = ET.parse(path).getroot()
    files = {file.attrib["id"]: file_of(file.findtext("pathurl") or "") for file in root.iter("file") if len(file)}

    def value(item: ET.Element, name: str, default: str) -> str:
        found = [each.findtext("value") for each in item.iterfind("filter/effect/parameter") if each.findtext("parameterid") == name]
        return found[0] or default if found else default

    def items(track: ET.Element) -> list[tuple[Any, ...]]:
        parts = [item for item in track if item.tag in {"clipitem", "transitionitem"}]
        found = []
        for position, item in enumerate(parts):
            if item.tag != "clipitem":
                continue
            start, stop, first = (int(item.findtext(name) or "") for name in ("start", "end", "in"))
            crossed = 0
            if start == -1:
                start, end = (int(parts[position - 1].findtext(name) or "") for name in ("start", "end"))
                crossed = end - start
            stop = int(parts[position + 1].findtext("end") or "") if stop == -1 else stop
            file = item.find("file")
            assert file is not None
            level, speed = 20 * np.log10(float(value(item, "level", "1"))), Fraction(value(item, "speed", "100")) / 100
            found.append((files[file.attrib["id"]], first, start, stop, float(level), crossed, speed))
        return found

    pictures = [
        (file, first, stop - start, start, speed) for file, first, start, stop, _, _, speed in items(root.findall(".//video/track")[0])
    ]
    tracks = root.findall("sequence/media/audio/track")
    native, stem = ([each[:6] for each in items(track)] for track in (tracks[0], tracks[2]))
    return pictures, native, stem


def read_edl(path: Path, timeline: Timeline) -> tuple[list[Seen], list[Heard], list[Heard]]:
    """Files by reel, because an EDL has no paths."""
    with path.open(encoding="ascii") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        edits = [event.edits[-1] for event in pycmx.parse_cmx3600(file).events]
    lines = path.read_text(encoding="ascii").splitlines()
    speeds = {line[5:13].strip(): Fraction(line.split()[2]) / 24 for line in lines if line.startswith("M2")}
    levels = {(line.split()[4], line.split()[9]): float(line.split()[6]) for line in lines if "AUDIO LEVEL" in line}
    files = {clip.reel: clip.path for clip in timeline.clips} | {clip.reel: clip.file.path for clip in timeline.stems[0].clips}

    def items(wanted: Callable[[Any], bool], *, seen: bool) -> list[tuple[Any, ...]]:
        chosen, found = [edit for edit in edits if wanted(edit.channels)], []
        for position, edit in enumerate(chosen):
            later = chosen[position + 1].transition if position + 1 < len(chosen) else None
            out = int(later.operand) if later is not None and later.dissolve else 0
            crossed = int(edit.transition.operand) if edit.transition.dissolve else 0
            start, stop = (parse_timecode(time, RATE) - 86_400 for time in (edit.record_in, edit.record_out))
            # One file stands in the edit at two speeds: the reel tells which, the motion memory of its event how fast.
            speed = _speed_of(lines, edit, speeds) if seen else Fraction(1)
            first = int(parse_timecode(edit.source_in, RATE) / speed)
            level = levels.get((edit.record_in, edit.source), 0.0)
            found.append((files[edit.source], first, start, stop + out, level, crossed, speed))
        return found

    pictures = [(f, first, stop - start, start, speed) for f, first, start, stop, _, _, speed in items(lambda each: each.video, seen=True)]
    native = [each[:6] for each in items(lambda each: each.a1, seen=False)]
    stem = [each[:6] for each in items(lambda each: each.a3 and not each.a1, seen=False)]
    return pictures, native, stem


def _speed_of(lines: list[str], edit: Any, speeds: dict[str, Fraction]) -> Fraction:
    place = next(number for number, line in enumerate(lines) if edit.record_in in line and edit.record_out in line and edit.source in line)
    return Fraction(lines[place + 1].split()[2]) / 24 if lines[place + 1].startswith("M2") else Fraction(1)


# ----------------------------------------------------------------------------------------------- the proof


@pytest.mark.parametrize(("name", "reader"), [("otio", read_otio), ("xmeml", read_xmeml), ("edl", read_edl)])
def test_the_export_alone_shows_the_masters_frames_and_sounds_like_the_mix(
    name: str,
    reader: Callable[[Path, Timeline], tuple[list[Seen], list[Heard], list[Heard]]],
    edit: tuple[Timeline, list[NDArray[np.uint8]], NDArray[np.float32]],
    tmp_path: Path,
) -> None:
    timeline, master, mix = edit
    export = export_format(name)
    path = tmp_path / f"edit{export.suffix}"
    export.write(timeline, path)
    pictures, native, stem = reader(path, timeline)
    played = play_picture(pictures)
    assert len(played) == len(master) == timeline.frames == 44 + 44 + 44 - 6 + 40 + 22
    exact = 0
    for number, (one, other) in enumerate(zip(played, master, strict=True)):
        assert np.abs(one.astype(int) - other).mean() < 1.5, number
        exact += np.array_equal(one, other)
    assert exact > 44
    # Retimed sound is another matter; before it, everything is there to the sample but for the ramps of 5 ms at the cuts.
    until = timeline.clips[3].record.start * SAMPLES - 300
    sounded = (play_sound(native[:3], timeline.frames) + play_sound(stem, timeline.frames))[:until]
    differs = np.flatnonzero(np.abs(sounded - mix[:until]).max(axis=1) > 1e-4)
    edges = {0, 20, 44 + 5, 70, timeline.clips[3].record.start}
    assert all(min(abs(place - edge * SAMPLES) for edge in edges) <= 241 for place in differs)


def test_fcpxml_alone_shows_the_masters_frames(edit: tuple[Timeline, list[NDArray[np.uint8]], NDArray[np.float32]], tmp_path: Path) -> None:
    timeline, master, _ = edit
    export_format("fcpxml").write(timeline, tmp_path / "edit.fcpxml")
    root = ET.parse(tmp_path / "edit.fcpxml").getroot()

    def seconds(item: ET.Element, name: str) -> Fraction:
        return Fraction(item.attrib[name].removesuffix("s"))

    media = {asset.attrib["id"]: asset.find("media-rep") for asset in root.iter("asset")}
    spine = list(root.find("library/event/project/sequence/spine") or ())
    pictures: list[Seen] = []
    for position, item in enumerate(spine):
        if item.tag != "asset-clip":
            continue
        start, length, offset = (seconds(item, name) for name in ("start", "duration", "offset"))
        before, after = spine[position - 1] if position else None, spine[position + 1] if position + 1 < len(spine) else None
        into = offset - seconds(before, "offset") if before is not None and before.tag == "transition" else Fraction(0)
        out = Fraction(0)
        if after is not None and after.tag == "transition":
            out = seconds(after, "offset") + seconds(after, "duration") - offset - length
        points = [(seconds(point, "time"), seconds(point, "value")) for point in item.iter("timept")]
        speed = (points[1][1] - points[0][1]) / (points[1][0] - points[0][0]) if points else Fraction(1)
        source = media[item.attrib["ref"]]
        assert source is not None
        frames = [int(moment * RATE) for moment in (start - into, length + into + out, offset - into)]
        pictures.append((file_of(source.attrib["src"]), frames[0], frames[1], frames[2] - timeline.start_frame, speed))
    played = play_picture(pictures)
    assert len(played) == len(master)
    for number, (one, other) in enumerate(zip(played, master, strict=True)):
        assert np.abs(one.astype(int) - other).mean() < 1.5, number
    assert sum(np.array_equal(one, other) for one, other in zip(played, master, strict=True)) > 44
