from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from kling_post.cli import main
from kling_post.media.encode import FrameWriter
from kling_post.media.probe import probe
from kling_post.vocabulary import Size


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "one.mp4"
    with FrameWriter(path, size=Size(64, 36), rate=Fraction(25)) as writer:
        for index in range(10):
            writer.write(np.full((36, 64, 3), 20 * index, np.uint8))
    return path


def test_each_written_file_is_printed(clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["deliver", str(clip), "--profile", "prores-hq", "--out", str(tmp_path / "out")]) == 0
    printed = capsys.readouterr()
    assert printed.out == f"{tmp_path / 'out' / 'one.mov'}\n"
    assert "encode one.mov" in printed.err
    assert (probe(tmp_path / "out" / "one.mov").frames, probe(tmp_path / "out" / "one.mov").codec) == (10, "prores")


def test_the_profiles_can_be_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["deliver", "--list"]) == 0
    names = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert names == ["h264-web", "h265-main10", "av1", "prores-hq", "dnxhr-hqx", "proxy", "stills"]


def test_wrong_words_end_with_exit_code_2(clip: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["deliver", str(clip)]) == 2
    assert "needs a --profile" in capsys.readouterr().err
    assert main(["deliver", "--profile", "proxy"]) == 2
    assert main(["deliver", str(clip), "-p", "prores", "-q"]) == 2
    assert main(["deliver", str(clip), "-p", "proxy", "--ffmpeg-arguments=-i x", "-q"]) == 2
    assert "-i is not an option" in capsys.readouterr().err
