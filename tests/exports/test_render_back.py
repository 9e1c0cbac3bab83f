"""The edit, played from the exported file alone, must show the master's own frames."""

import warnings
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from urllib.parse import unquote, urlparse
from xml.etree import ElementTree as ET

import av
import cv2
import numpy as np
import opentimelineio
import pycmx
import pytest
from numpy.typing import NDArray

from kling_post.edit.assemble import EditEntry, assemble
from kling_post.edit.master import render_master
from kling_post.edit.timeline import Timeline
from kling_post.exports.registry import export_format
from kling_post.media.encode import FrameWriter
from kling_post.media.probe import probe
from kling_post.sound.targets import target
from kling_post.timebase import parse_timecode
from kling_post.vocabulary import JoinKind, Size

RATE = Fraction(24)
Event = tuple[Path, int, int, int]
"""File, first frame of it, frames, record frame at which it begins; a later event overlaps the one before by a dissolve."""


def decoded(path: Path) -> list[NDArray[np.uint8]]:
    with av.open(str(path)) as container:
        return [np.asarray(frame.to_ndarray(), np.uint8) for frame in container.decode(video=0)]


def play(events: list[Event]) -> list[NDArray[np.uint8]]:
    shown: list[NDArray[np.uint8]] = []
    for path, first, frames, record in events:
        clip = decoded(path)[first : first + frames]
        assert len(clip) == frames
        overlap = len(shown) - record
        for step in range(overlap):
            share = (step + 1) / (overlap + 1)
            mixed = cv2.addWeighted(shown[record + step], 1 - share, clip[step], share, 0)
            shown[record + step] = np.asarray(mixed, np.uint8)
        shown += clip[overlap:]
    return shown


def from_otio(path: Path) -> list[Event]:
    timeline = opentimelineio.adapters.read_from_file(str(path))
    track = timeline.video_tracks()[0]
    events = []
    for clip in track.find_clips():
        before, after = track.neighbors_of(clip)
        into = int(before.in_offset.value) if isinstance(before, opentimelineio.schema.Transition) else 0
        out = int(after.out_offset.value) if isinstance(after, opentimelineio.schema.Transition) else 0
        start, frames = int(clip.source_range.start_time.value), int(clip.source_range.duration.value)
        url = unquote(urlparse(clip.media_reference.target_url).path)
        events.append((Path(url), start - into, frames + into + out, int(clip.range_in_parent().start_time.value) - into))
    return events


def from_edl(path: Path, takes: dict[str, Path]) -> list[Event]:
    with path.open(encoding="ascii") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        read = [event.edits[-1] for event in pycmx.parse_cmx3600(file).events]
    zero = parse_timecode(read[0].record_in, RATE)
    events = []
    for position, edit in enumerate(read):
        dissolve = int(read[position + 1].transition.operand) if position + 1 < len(read) and read[position + 1].transition.dissolve else 0
        start, stop = parse_timecode(edit.source_in, RATE), parse_timecode(edit.source_out, RATE)
        events.append((takes[edit.source], start, stop - start + dissolve, parse_timecode(edit.record_in, RATE) - zero))
    return events


def from_fcpxml(path: Path) -> list[Event]:
    root = ET.parse(path).getroot()

    def frames(item: ET.Element, name: str) -> int:
        return int(Fraction(item.attrib[name].removesuffix("s")) * RATE)

    media = {asset.attrib["id"]: asset.find("media-rep") for asset in root.iter("asset")}
    spine = list(root.find("library/event/project/sequence/spine") or ())
    zero, events = frames(spine[0], "offset"), []
    for position, item in enumerate(spine):
        if item.tag != "asset-clip":
            continue
        start, length, offset = (frames(item, name) for name in ("start", "duration", "offset"))
        into = out = 0
        if position and spine[position - 1].tag == "transition":
            into = offset - frames(spine[position - 1], "offset")
        if position + 1 < len(spine) and spine[position + 1].tag == "transition":
            out = frames(spine[position + 1], "offset") + frames(spine[position + 1], "duration") - offset - length
        source = media[item.attrib["ref"]]
        assert source is not None
        events.append((Path(unquote(urlparse(source.attrib["src"]).path)), start - into, length + into + out, offset - into - zero))
    return events


def from_xmeml(path: Path) -> list[Event]:
    root = ET.parse(path).getroot()
    files = {file.attrib["id"]: Path(unquote(urlparse(file.findtext("pathurl") or "").path)) for file in root.iter("file") if len(file)}
    items = [item for item in root.find("sequence/media/video/track") or () if item.tag in {"clipitem", "transitionitem"}]
    events = []
    for position, item in enumerate(items):
        if item.tag == "clipitem":
            start, first, last = (int(item.findtext(name) or "") for name in ("start", "in", "out"))
            if start == -1:
                start = int(items[position - 1].findtext("start") or "")
            file = item.find("file")
            assert file is not None
            events.append((files[file.attrib["id"]], first, last - first, start))
    return events


def _write_take(path: Path, *, seed: int) -> None:
    rng = np.random.default_rng(seed)
    texture = cv2.GaussianBlur(rng.integers(0, 255, (90, 300, 3), dtype=np.uint8), (0, 0), 3)
    texture = np.asarray(cv2.normalize(texture, None, 20, 235, cv2.NORM_MINMAX), np.uint8)  # type: ignore[call-overload]
    with FrameWriter(path, size=Size(160, 90), rate=RATE) as writer:
        for frame in range(40):
            writer.write(np.ascontiguousarray(texture[:, 3 * frame : 3 * frame + 160]))


Edit = tuple[Timeline, list[NDArray[np.uint8]], list[bytes]]
"""The edit, the decoded frames of its master, and every frame that the master's encoder was given."""


@pytest.fixture(scope="module")
def edit(tmp_path_factory: pytest.TempPathFactory) -> Edit:
    """Three takes, one of two shots, one trimmed, with a dissolve."""
    folder = tmp_path_factory.mktemp("render back") / "with space & ü"
    entries = []
    for index, names in enumerate((("one", "two"), ("three",), ("four",))):
        path = folder / f"take {index}.mp4"
        _write_take(path, seed=index)
        entries.append(EditEntry(path=path, facts=probe(path), shot_ids=names, cut_frames=(15,) if len(names) == 2 else ()))
    entries[1] = replace(entries[1], join=JoinKind.DISSOLVE, dissolve_frames=7)
    entries[2] = replace(entries[2], trim_head_frames=3)
    timeline = assemble("Render back", entries, rate=RATE, start_frame=86_400)
    given: list[bytes] = []
    write_planes = FrameWriter.write_planes

    def noted(writer: FrameWriter, *planes: NDArray[np.uint8]) -> None:
        given.append(b"".join(plane.tobytes() for plane in planes))
        write_planes(writer, *planes)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FrameWriter, "write_planes", noted)
        master = render_master(timeline, target=target("streaming"), folder=folder)
    assert master.copied_frames > 0
    return timeline, decoded(master.path), given


@pytest.mark.parametrize("name", ["otio", "edl", "fcpxml", "xmeml"])
def test_the_exported_edit_shows_the_masters_frames(name: str, edit: Edit, tmp_path: Path) -> None:
    timeline, master, given = edit
    export = export_format(name)
    path = tmp_path / f"edit{export.suffix}"
    export.write(timeline, path)
    readers: dict[str, Callable[[Path], list[Event]]] = {
        "otio": from_otio,
        "fcpxml": from_fcpxml,
        "xmeml": from_xmeml,
        "edl": lambda file: from_edl(file, {clip.reel: clip.path for clip in timeline.clips}),
    }
    played = play(readers[name](path))
    assert len(played) == len(master) == 40 + 40 - 7 + 37
    for number, (one, other) in enumerate(zip(played, master, strict=True)):
        # Encoded frames around the dissolve and the trim are near; a frame early or late differs by far more.
        assert np.abs(one.astype(int) - other).mean() < 1.5, number
    encoded = [one for one, other in zip(played, master, strict=True) if not np.array_equal(one, other)]
    assert len(encoded) <= len(played) - (40 + 16 - 7)
    # What was encoded is, to the bit, what the export shows there: only the codec stands between.
    assert [frame.tobytes() for frame in encoded] == given
    assert np.abs(played[10].astype(int) - master[11]).mean() > 3
