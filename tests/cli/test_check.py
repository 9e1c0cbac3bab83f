"""`kling-post check` judges any clips, and a broken one costs itself only."""

import json
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import numpy as np
import pytest

from kling_post.cli import main
from kling_post.media.encode import FrameWriter
from kling_post.reports.check_json import check_schema
from kling_post.vocabulary import Size


def write_clip(path: Path, frames: int = 24, *, still: bool = False) -> Path:
    """A texture that moves two pixels a frame, or does not move at all."""
    texture = np.random.default_rng(7).integers(60, 200, (11, 60), dtype=np.uint8).repeat(16, 0).repeat(16, 1)
    with FrameWriter(path, size=Size(320, 176), rate=Fraction(24)) as writer:
        for frame in range(frames):
            shift = 0 if still else 2 * frame
            writer.write(np.ascontiguousarray(np.stack([texture[:, shift : shift + 320]] * 3, -1)))
    return path


def test_a_clean_clip_passes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clip = write_clip(tmp_path / "clean.mp4")
    code = main(["check", str(clip), "--json", "-q"])
    (found,) = json.loads(capsys.readouterr().out)["clips"]
    assert (code, found["frames"], found["verdict"] != "fail") == (0, 24, True), found


def test_a_clip_that_is_not_what_was_asked_fails_with_exit_code_5(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clip = write_clip(tmp_path / "small.mp4")
    request = tmp_path / "request.json"
    task = {"taskType": "videoInference", "model": "klingai:kling-video@3-4k", "positivePrompt": "A plain.", "width": 3840, "height": 2160}
    request.write_text(json.dumps({**task, "duration": 3}))
    assert main(["check", str(clip), "--request", str(request), "--json", "-q"]) == 5
    (found,) = json.loads(capsys.readouterr().out)["clips"]
    assert {"request_size", "request_length"} <= {finding["check"] for finding in found["findings"]}


def test_a_broken_clip_costs_itself_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clip = write_clip(tmp_path / "clean.mp4")
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"not a video")
    assert main(["check", str(broken), str(clip), "-q", "--json"]) == 4
    printed = capsys.readouterr()
    found = json.loads(printed.out)
    assert [one["path"] for one in found["unread"]] == [str(broken)]
    assert [Path(one["path"]).name for one in found["clips"]] == ["clean.mp4"]
    assert len(printed.err.splitlines()) == 1


def test_a_second_look_with_a_cache_gives_the_same_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clip = write_clip(tmp_path / "clean.mp4", still=True)
    words = ["check", str(clip), "--cache", str(tmp_path / "cache"), "--json", "-q"]
    main(words)
    first = capsys.readouterr().out
    main(words)
    assert capsys.readouterr().out == first


def test_what_json_prints_keeps_its_schema(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clip, broken = write_clip(tmp_path / "still.mp4", still=True), tmp_path / "broken.mp4"
    broken.write_bytes(b"not a video")
    main(["check", str(clip), str(broken), "--json", "-q"])
    found = json.loads(capsys.readouterr().out)
    assert found["clips"][0]["findings"]
    jsonschema.Draft202012Validator.check_schema(check_schema())
    jsonschema.Draft202012Validator(check_schema()).validate(found)
    del found["clips"][0]["verdict"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(check_schema()).validate(found)


def test_a_waiver_and_a_baseline_open_the_gate_and_a_lapsed_waiver_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clip = write_clip(tmp_path / "still.mp4", still=True)
    words = ["check", str(clip), "--json", "-q"]
    assert main(words) == 5
    before = tmp_path / "before.json"
    before.write_text(capsys.readouterr().out)
    assert main([*words, "--baseline", str(before)]) == 0
    checks = {finding["check"] for finding in json.loads(before.read_text())["clips"][0]["findings"]}
    waivers = tmp_path / "waivers.yaml"
    waivers.write_text("".join(f"- {{check: {name}, owner: Ada, reason: meant, expires: 2999-01-01}}\n" for name in sorted(checks)))
    assert main([*words, "--waivers", str(waivers)]) == 0
    waivers.write_text("- {check: freeze, owner: Ada, reason: meant, expires: 2020-01-01}\n")
    capsys.readouterr()
    assert main([*words, "--waivers", str(waivers)]) == 5
    assert "the waiver of Ada for freeze ended on 2020-01-01" in capsys.readouterr().err


def test_a_waiver_file_with_a_fault_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clip = write_clip(tmp_path / "clean.mp4")
    waivers = tmp_path / "waivers.yaml"
    waivers.write_text("- check: freeze\n  owner: [\n")
    assert main(["check", str(clip), "--waivers", str(waivers), "-q"]) == 4
    assert "waivers.yaml:3: is not YAML" in capsys.readouterr().err


def test_clips_are_written_as_junit_and_sarif(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clip, broken = write_clip(tmp_path / "still.mp4", still=True), tmp_path / "broken.mp4"
    broken.write_bytes(b"not a video")
    junit, sarif = tmp_path / "out" / "junit.xml", tmp_path / "out" / "findings.sarif"
    main(["check", str(clip), str(broken), "-q", "--junit", str(junit), "--sarif", str(sarif)])
    capsys.readouterr()
    root = ET.parse(junit).getroot()
    assert (root.get("errors"), int(root.get("failures", 0)) >= 1) == ("1", True)
    assert {suite.get("name") for suite in root} == {"still.mp4", "broken.mp4"}
    results = json.loads(sarif.read_text(encoding="utf-8"))["runs"][0]["results"]
    assert "freeze" in {result["ruleId"] for result in results}
    assert results[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].endswith("still.mp4")


def test_the_answer_is_not_lost_with_a_page_that_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clip, taken = write_clip(tmp_path / "clean.mp4"), tmp_path / "taken"
    taken.write_text("a file where the page's folder would be")
    assert main(["check", str(clip), "--json", "-q", "--html", str(taken / "page.html")]) != 0
    printed = capsys.readouterr()
    assert json.loads(printed.out)["clips"][0]["frames"] == 24
    assert str(taken) in printed.err


def test_new_limits_on_old_signals_need_no_decoding(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = write_clip(tmp_path / "clean.mp4")
    monkeypatch.setenv("KLING_POST_CACHE", str(tmp_path / "cache"))
    assert main(["check", str(clip), "--json", "-q"]) == 0
    capsys.readouterr()
    (tmp_path / "limits.yaml").write_text("black:\n  level: 0.9\n")

    def no_decoding(*_: object, **__: object) -> None:
        raise AssertionError("decoded again")

    monkeypatch.setattr("kling_post.media.ahead.pictures", no_decoding)
    main(["check", str(clip), "--limits", str(tmp_path / "limits.yaml"), "--json", "-q"])
    (found,) = json.loads(capsys.readouterr().out)["clips"]
    assert "black" in {finding["check"] for finding in found["findings"]}


@pytest.mark.parametrize("text", ["- flicker", "flicker: 3", "flikker: {review_percent: 1}", "flicker: {no_such: 1}", "flicker: ["])
def test_a_fault_in_the_limits_is_one_sentence_that_names_the_file(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "limits.yaml").write_text(text)
    assert main(["check", str(write_clip(tmp_path / "clean.mp4")), "--limits", str(tmp_path / "limits.yaml"), "-q"]) == 4
    printed = capsys.readouterr().err
    assert "limits.yaml" in printed
    assert len(printed.splitlines()) <= 2


def test_the_printed_limits_are_a_limits_file_and_change_with_the_profile(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--print-limits"]) == 0
    printed = capsys.readouterr().out
    assert "\nflicker:  # " in printed
    assert "\n  fail_percent: 2.0\n" in printed
    (tmp_path / "limits.yaml").write_text(printed, encoding="utf-8")
    assert main(["check", "--print-limits", "--limits", str(tmp_path / "limits.yaml")]) == 0
    assert capsys.readouterr().out == printed
    assert main(["check", "--print-limits", "--profile", "strict"]) == 0
    assert "\n  fail_percent: 1.0\n" in capsys.readouterr().out


def test_without_clips_it_asks_for_some(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check"]) == 2
    assert "name the clips" in capsys.readouterr().err


HANGS = """
import ctypes, sys
from kling_post.cli import main
from kling_post.media import pictures
from kling_post.pipeline import watchdog

def decoded(*_, **__):
    ctypes.CDLL(None).sleep(600)  # inside C, as a decoder that hangs: no exception reaches it
    yield

pictures._decoded = decoded
watchdog.SILENCE_SECONDS, watchdog._LOOK_SECONDS = 0.2, 0.05
main(sys.argv[1:])
print("came back")
"""


def test_a_decoder_that_hangs_on_a_single_file_ends_in_bounded_time_with_the_words_of_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "hangs.mp4", 2)
    words = [sys.executable, "-c", HANGS, "check", str(clip), "--json", "-q", "--junit", str(tmp_path / "junit.xml")]
    ended = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
    said = f"{clip}: could not be examined: nothing has come from the decoder for 0 s. The file may be damaged."
    assert (ended.returncode, ended.stderr) == (4, f"kling-post: {said}\n")
    assert [one["path"] for one in json.loads(ended.stdout)["unread"]] == [str(clip)]
    assert "nothing has come from the decoder" in (tmp_path / "junit.xml").read_text()
