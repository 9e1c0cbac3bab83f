"""The whole job on real input, small: everything is made, nothing is made twice, and a killed run is finished by the next."""

import json
import os
import signal
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path

import opentimelineio as otio
import pytest

from kling_post.cli import main
from kling_post.media.probe import probe

REQUEST = {
    "taskType": "videoInference",
    "model": "klingai:kling-video@3-4k",
    "width": 3840,
    "height": 2160,
    "duration": 3,
    "providerSettings": {
        "klingai": {
            "sound": True,
            "multiPrompt": [
                {"prompt": "Wide shot of a snowy plain at dawn, slow dolly forward, wind.", "duration": 2},
                {"prompt": "Low angle of the plain, a person walks, the camera pans right.", "duration": 1},
            ],
        }
    },
}


@pytest.fixture
def request_file(tmp_path: Path) -> Path:
    path = tmp_path / "plain.json"
    path.write_text(json.dumps(REQUEST))
    return path


def words(request_file: Path, out: Path) -> list[str]:
    return ["run", str(request_file), "--out", str(out), "--rehearse", "320x180", "--loudness", "ebu-r128"]


def outcome(folder: Path) -> dict[str, tuple[int, int]]:
    """Every file that a run leaves to the user, with its modification time and its size."""
    kept = [path for place in ("takes", "master", "signals") for path in (folder / place).rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): (path.stat().st_mtime_ns, path.stat().st_size) for path in kept if ".work" not in path.parts}


@pytest.mark.slow
def test_a_request_ends_in_master_report_and_nle_files_and_a_second_run_makes_nothing_again(
    request_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(words(request_file, out)) == 0, capsys.readouterr().err
    first = capsys.readouterr()
    folder = out / "rehearsal_320x180"
    facts = probe(folder / "master" / "plain.mp4")
    assert (facts.frames, facts.rate, str(facts.size)) == (72, Fraction(24), "320x180")
    assert facts.audio is not None
    assert (facts.audio.sample_rate, facts.audio.channels) == (48_000, 2)

    report = json.loads((folder / "report" / "report.json").read_text())
    loudness = report["programme"]["loudness"]
    assert abs(loudness["integrated_lufs"] + 23.0) <= 0.1
    assert loudness["true_peak_dbtp"] <= -1.0
    assert str(folder / "report" / "index.html") in first.out.replace("\n", "")

    timeline = otio.adapters.read_from_file(str(folder / "exports" / "plain.otio"))
    picture = [clip for clip in timeline.video_tracks()[0] if isinstance(clip, otio.schema.Clip)]
    assert [clip.source_range.duration.value for clip in picture] == [48, 24]

    made = outcome(folder)
    assert main(words(request_file, out)) == 0
    second = capsys.readouterr()
    assert "already there" in second.err
    assert outcome(folder) == made
    assert not list(folder.rglob("*.part"))


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [1.5, 3.0, 4.5])
def test_a_run_killed_at_any_moment_is_finished_by_the_next(request_file: Path, tmp_path: Path, seconds: float) -> None:
    out = tmp_path / "out"
    command = [sys.executable, "-m", "kling_post", *words(request_file, out), "--quiet"]
    victim = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    time.sleep(seconds)
    # The whole group goes, as when a machine loses power: no one is left to tidy up.
    os.killpg(victim.pid, signal.SIGKILL)
    victim.wait()
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    folder = out / "rehearsal_320x180"
    assert probe(folder / "master" / "plain.mp4").frames == 72
    assert (folder / "report" / "index.html").is_file()
    assert not list(folder.rglob("*.part"))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"widht": 3840}, "did you mean 'width'"),
        ({"width": 1920, "height": 1080}, "3840x2160"),
        ({"duration": 9}, "sum"),
        ({"duration": 99}, "15"),
    ],
)
def test_bad_input_is_one_sentence_exit_code_4_and_nothing_written(
    change: dict[str, object], sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bad.json"
    path.write_text(json.dumps({**REQUEST, **change}))
    assert main(["run", str(path), "--out", str(tmp_path / "out"), "--quiet"]) == 4
    printed = capsys.readouterr()
    assert printed.out == ""
    assert sentence.lower() in printed.err.lower()
    assert len(printed.err.splitlines()) == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("option", "value"),
    [("--rehearse", "big"), ("--rehearse", "641x360"), ("--budget-usd", "lots"), ("--backend", "nosuch"), ("--profile", "lax")],
)
def test_wrong_options_are_usage_errors(
    option: str, value: str, request_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", str(request_file), "--out", str(tmp_path / "out"), option, value]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_waivers_beside_the_shot_list_are_read_before_anything_is_made(
    request_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (request_file.parent / "waivers.yaml").write_text("- check: no_such_check\n  owner: Ana\n  reason: seen\n  expires: 2099-01-01\n")
    assert main(["run", str(request_file), "--out", str(tmp_path / "out"), "--quiet"]) == 4
    assert "waivers.yaml" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
