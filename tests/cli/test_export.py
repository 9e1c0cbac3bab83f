"""Exporting again what was assembled before, without rendering."""

from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import opentimelineio
import pytest

from kling_post.cli import main
from kling_post.media.encode import FrameWriter
from kling_post.vocabulary import Size


@pytest.fixture
def assembled(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    takes = []
    for number in range(2):
        path = tmp_path / "takes" / f"take {number}.mp4"
        with FrameWriter(path, size=Size(64, 36), rate=Fraction(24)) as writer:
            for _ in range(12):
                writer.write(np.full((36, 64, 3), 60 + 90 * number, np.uint8))
        takes.append(str(path))
    assert main(["assemble", *takes, "--out", str(tmp_path / "out"), "--name", "cut", "-q"]) == 0
    capsys.readouterr()
    return tmp_path / "out"


def test_only_what_is_asked_for_is_written_and_the_takes_are_not_needed(
    assembled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in (tmp_path / "takes").iterdir():
        path.unlink()
    master = assembled / "cut.mp4"
    before = master.stat().st_mtime_ns
    folder = tmp_path / "elsewhere"
    words = [
        "export",
        str(assembled),
        "--to",
        "otio,xmeml",
        "--paths",
        f"{tmp_path / 'takes'}=/Volumes/Edit",
        "--folder",
        str(folder),
        "-q",
    ]
    assert main(words) == 0
    printed = capsys.readouterr()
    assert printed.out.splitlines() == [str(folder / "cut.otio"), str(folder / "cut.xml")]
    assert sorted(path.name for path in folder.iterdir()) == ["cut.fidelity.txt", "cut.otio", "cut.xml"]
    assert master.stat().st_mtime_ns == before
    clips = list(opentimelineio.adapters.read_from_file(str(folder / "cut.otio")).video_tracks()[0].find_clips())
    assert [clip.media_reference.target_url for clip in clips] == [f"file:///Volumes/Edit/take%20{number}.mp4" for number in range(2)]
    urls = [file.findtext("pathurl") for file in ET.parse(folder / "cut.xml").getroot().iter("file") if len(file)]
    assert urls == [f"file://localhost/Volumes/Edit/take%20{number}.mp4" for number in range(2)]


def test_a_master_stands_for_its_edit_and_every_format_comes_by_default(assembled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", str(assembled / "cut.mp4"), "--folder", str(assembled / "again"), "-q"]) == 0
    again = {path.name: path.read_bytes() for path in (assembled / "again").iterdir()}
    assert again == {path.name: path.read_bytes() for path in (assembled / "exports").iterdir()}
    assert {"cut.fcpxml", "cut.edl", "cut.otio", "cut.fidelity.txt"} <= set(again)
    assert "cut.srt" not in again  # nothing is said


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--to", "fcpxm"], 2, "Did you mean fcpxml?"),
        (["--paths", "somewhere"], 2, "is no way to write paths"),
        (["--to", "otioz", "--paths", "relative"], 2, "no paths to write"),
    ],
)
def test_what_cannot_be_asked_for_is_said(
    assembled: Path, capsys: pytest.CaptureFixture[str], words: list[str], code: int, said: str
) -> None:
    assert main(["export", str(assembled), *words, "-q"]) == code
    assert said in capsys.readouterr().err


def test_a_folder_without_an_edit_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", str(tmp_path), "-q"]) == 4
    assert "holds no stored edit" in capsys.readouterr().err
