"""``kling-post benchmark`` on a user's own clips."""

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from kling_post.calibration.patterns import pan
from kling_post.cli.app import main
from kling_post.media.encode import H264_TAKE, FrameWriter
from kling_post.vocabulary import Size


@pytest.mark.slow
def test_defects_put_into_a_users_clip_are_found_and_written_down(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clips, out = tmp_path / "clips", tmp_path / "out"
    size = Size(160, 90)
    with FrameWriter(clips / "mine.mp4", size=size, rate=Fraction(24), sound=None, quality=H264_TAKE) as writer:
        for frame in pan(size, 100, np.random.default_rng(1), pixels=0.5):
            writer.write(frame)
    code = main(["benchmark", "--clips", str(clips), "--quick", "--only", "black", "--json", "-q", "--out", str(out)])
    data = json.loads(capsys.readouterr().out)
    assert code == 0
    assert data["checks"]["black"]["hits"] == 1
    assert data["checks"]["black"]["misses"] == 0
    assert [case["footage"] for case in data["cases"]] == ["mine.mp4", "mine.mp4"]
    assert json.loads((out / "benchmark.json").read_text()) == data
    assert "### Every check" in (out / "benchmark.md").read_text()


def test_a_folder_without_clips_is_refused_in_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["benchmark", "--clips", str(tmp_path), "-q"]) == 4
    assert "there are no clips in this folder" in capsys.readouterr().err


def test_a_width_without_joins_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["benchmark", "--width", "640", "-q"]) == 2
    assert "--width goes with --seams" in capsys.readouterr().err
