"""``--repair`` on the command line: proposed without a change, applied on request, told with figures."""

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from kling_post.cli import main
from kling_post.media.encode import EncodeSettings, FrameWriter
from kling_post.media.probe import probe
from kling_post.vocabulary import Size


@pytest.fixture
def twin(tmp_path: Path) -> list[str]:
    """Two clips of one pan; the second begins with the last frame of the first."""
    random = np.random.default_rng(3)
    scene = np.kron(random.integers(60, 200, (24, 60, 3)), np.ones((8, 8, 1))).astype(np.uint8)
    paths = []
    for number, first in enumerate((0, 13)):
        path = tmp_path / f"half{number}.mp4"
        with FrameWriter(path, size=Size(320, 180), rate=Fraction(24), quality=EncodeSettings(preset="veryfast", crf=14)) as writer:
            for frame in range(first, first + 14):
                writer.write(np.ascontiguousarray(scene[:180, 3 * frame : 3 * frame + 320]))
        paths.append(str(path))
    return paths


def test_seams_says_what_could_be_done(twin: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["seams", *twin, "--join", "continue", "--repair", "propose", "--json", "--quiet"]) == 5
    (repair,) = json.loads(capsys.readouterr().out)["repairs"]
    assert (repair["state"], repair["kind"]) == ("proposed", "trim head")
    assert repair["foretold"] == [{"property": "repeated frames", "unit": "frames", "before": 1.0, "after": 0.0}]


def test_seams_has_no_film_to_apply_a_repair_in(twin: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["seams", *twin, "--repair", "apply"]) == 2
    assert "Use assemble --join continue --repair apply." in capsys.readouterr().err


def test_assemble_applies_repairs_and_tells_them(twin: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["assemble", *twin, "--out", str(tmp_path / "out"), "--join", "continue", "--repair", "apply", "--quiet"]) == 0
    told = " ".join(capsys.readouterr().out.replace("│", " ").split())
    assert "applied" in told
    assert "repeated frames 1.00 to 0.00, measured 0.00 frames" in told
    assert probe(tmp_path / "out" / "edit.mp4").frames == 27
