import zipfile
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from kling_post.cli import main
from kling_post.media.encode import FrameWriter
from kling_post.media.probe import probe
from kling_post.vocabulary import Size


@pytest.fixture
def clips(tmp_path: Path) -> list[str]:
    paths = []
    for number in range(2):
        path = tmp_path / "takes" / f"take {number}.mp4"
        with FrameWriter(path, size=Size(96, 54), rate=Fraction(24)) as writer:
            for index in range(24):
                writer.write(np.full((54, 96, 3), 40 * number + 5 * index, np.uint8))
        paths.append(str(path))
    return paths


def test_clips_become_a_master_its_deliveries_and_files_for_the_nle(
    clips: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    words = ["--dissolve", "6", "--profile", "prores-hq", "-p", "proxy", "--paths", "relative", "--otioz", "-q"]
    assert main(["assemble", *clips, "--out", str(out), *words]) == 0
    printed = capsys.readouterr().out.split("\n")
    assert printed[:4] == [str(out / name) for name in ("edit.mp4", "prores-hq/edit.mov", "proxy/edit.mov", "exports/edit.otioz")]
    facts = [probe(out / name) for name in ("edit.mp4", "prores-hq/edit.mov", "proxy/edit.mov")]
    assert {(each.frames, each.start_timecode) for each in facts} == {(42, "01:00:00:00")}
    assert [each.codec for each in facts] == ["h264", "prores", "prores"]
    assert "../../takes/take%200.mp4" in (out / "exports" / "edit.otio").read_text("utf-8")
    with zipfile.ZipFile(out / "exports" / "edit.otioz") as bundle:
        assert "media/take 1.mp4" in bundle.namelist()


def test_a_profile_that_does_not_exist_is_told_before_anything_is_made(clips: list[str], tmp_path: Path) -> None:
    assert main(["assemble", *clips, "--out", str(tmp_path / "out"), "-p", "h266", "-q"]) == 2
    assert not (tmp_path / "out").exists()
