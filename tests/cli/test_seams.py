"""`kling-post seams` and `kling-post assemble` on any files, without a project."""

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import opentimelineio as otio
import pytest

from kling_post.cli import main
from kling_post.media.encode import FrameWriter
from kling_post.media.probe import probe
from kling_post.vocabulary import Size


def write_pan(path: Path, start: int, frames: int = 24, *, gain: float = 1.0) -> Path:
    """A texture that moves four pixels a frame, from frame ``start`` of the pan."""
    texture = np.random.default_rng(3).integers(40, 180, (23, 90), dtype=np.uint8).repeat(8, 0).repeat(8, 1)
    with FrameWriter(path, size=Size(320, 180), rate=Fraction(24)) as writer:
        for frame in range(start, start + frames):
            picture = texture[:180, 4 * frame : 4 * frame + 320] * gain
            writer.write(np.ascontiguousarray(np.stack([picture.astype(np.uint8)] * 3, -1)))
    return path


def test_a_shot_that_goes_on_without_a_step_passes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = write_pan(tmp_path / "a.mp4", 0), write_pan(tmp_path / "b.mp4", 24)
    assert main(["seams", str(first), str(second), "--join", "continue", "--json", "-q"]) == 0
    (seam,) = json.loads(capsys.readouterr().out)["seams"]
    assert (seam["outgoing"], seam["incoming"], seam["record_frame"]) == ("a", "b", 24)
    assert seam["verdict"] in {"pass", "undetermined"}, seam


def test_a_brightness_step_and_a_repeated_frame_in_one_shot_fail(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = write_pan(tmp_path / "a.mp4", 0), write_pan(tmp_path / "b.mp4", 23, gain=1.25)
    assert main(["seams", str(first), str(second), "--join", "continue", "--json", "-q"]) == 5
    (seam,) = json.loads(capsys.readouterr().out)["seams"]
    wrong = {item["name"] for item in seam["properties"] if item["severity"]}
    assert {"luma", "repeated frames"} <= wrong


def test_joins_that_nobody_planned_differ_from_no_plan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clips = [str(write_pan(tmp_path / f"{name}.mp4", start)) for name, start in (("a", 0), ("b", 24))]
    page = tmp_path / "joins.html"
    assert main(["seams", *clips, "--join", "auto", "--json", "-q", "--html", str(page)]) == 0
    (seam,) = json.loads(capsys.readouterr().out)["seams"]
    assert (seam["planned"], seam["seen"]) == (None, "continue")
    text = page.read_text(encoding="utf-8")
    assert "planned: nothing" in text
    assert "differs from the plan" not in text


def test_one_clip_has_no_seam(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["seams", str(write_pan(tmp_path / "a.mp4", 0))]) == 2
    assert "One clip has no seam" in capsys.readouterr().err


def test_files_in_a_row_become_a_master_and_nle_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clips = [write_pan(tmp_path / f"{name}.mp4", start) for name, start in (("a", 0), ("b", 10))]
    out = tmp_path / "edit"
    words = ["assemble", *map(str, clips), str(clips[0]), "--out", str(out), "--dissolve", "6", "-q"]
    assert main(words) == 0, capsys.readouterr().err
    assert probe(out / "edit.mp4").frames == 24 * 3 - 12
    assert str(out / "edit.mp4") in capsys.readouterr().out
    timeline = otio.adapters.read_from_file(str(out / "exports" / "edit.otio"))
    assert timeline.global_start_time.to_timecode() == "01:00:00:00"
    names = [clip.name for clip in timeline.video_tracks()[0] if isinstance(clip, otio.schema.Clip)]
    assert names == ["a", "b", "a_2"]


def test_a_timecode_that_is_none_is_a_usage_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clip = write_pan(tmp_path / "a.mp4", 0, 2)
    assert main(["assemble", str(clip), "--out", str(tmp_path / "edit"), "--start-timecode", "soon"]) == 2
    assert "soon" in capsys.readouterr().err
