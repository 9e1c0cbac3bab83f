import zipfile
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import opentimelineio
import pytest

from kling_post.edit.assemble import EditEntry, assemble
from kling_post.edit.timeline import Timeline
from kling_post.errors import InvalidInputError
from kling_post.exports.bundle import write_bundle
from kling_post.media.encode import FrameWriter
from kling_post.media.probe import probe
from kling_post.vocabulary import Size


def _take(path: Path, grey: int) -> EditEntry:
    path.parent.mkdir(parents=True, exist_ok=True)
    with FrameWriter(path, size=Size(64, 36), rate=Fraction(24)) as writer:
        for _ in range(12):
            writer.write(np.full((36, 64, 3), grey, np.uint8))
    return EditEntry(path=path, facts=probe(path), shot_ids=(f"shot_{grey}",))


@pytest.fixture
def edit(tmp_path: Path) -> Timeline:
    entries = [_take(tmp_path / "with space & ü" / "one é.mp4", 40), _take(tmp_path / "b" / "two #1.mp4", 80)]
    return assemble("bundle", entries, rate=Fraction(24))


def test_a_bundle_has_the_edit_and_its_takes_byte_for_byte(edit: Timeline, tmp_path: Path) -> None:
    path = write_bundle(edit, tmp_path / "out" / "bundle.otioz")
    with zipfile.ZipFile(path) as bundle:
        names = set(bundle.namelist())
        for clip in edit.clips:
            assert bundle.read(f"media/{clip.path.name}") == clip.path.read_bytes()
    assert {"content.otio", "version.txt"} <= names
    read = opentimelineio.adapters.read_from_file(str(path))
    assert [(clip.name, int(clip.source_range.duration.value)) for clip in read.find_clips()] == [("shot_40", 12), ("shot_80", 12)]
    assert [item.name for item in path.parent.iterdir()] == ["bundle.otioz"]


def test_what_a_bundle_cannot_hold_is_refused(edit: Timeline, tmp_path: Path) -> None:
    twin = _take(tmp_path / "c" / "one é.mp4", 90)
    clip = assemble("x", [twin], rate=Fraction(24)).clips[0]
    last = edit.clips[-1]
    moved = replace(clip, record=replace(clip.record, start=last.record.stop, stop=last.record.stop + 12))
    with pytest.raises(InvalidInputError, match="two takes are called"):
        write_bundle(replace(edit, clips=(*edit.clips, moved)), tmp_path / "out" / "a.otioz")
    last.path.unlink()
    with pytest.raises(InvalidInputError, match="is not there"):
        write_bundle(edit, tmp_path / "out" / "a.otioz")
    assert not (tmp_path / "out").exists()
