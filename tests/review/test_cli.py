"""The verbs of the review from the command line."""

import json
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from kling_post.cli import main


def test_a_folder_without_a_run_is_refused_with_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "project.yaml").write_text('shots:\n  - {id: one, prompt: "A plain at dawn.", duration: 5}\n')
    assert main(["review", str(tmp_path / "project.yaml"), "--out", str(tmp_path / "out")]) == 4
    assert "Run it first" in capsys.readouterr().err


def test_the_link_that_is_printed_opens_the_page_on_this_machine_only(make_run: Callable[[], Path]) -> None:
    words = [sys.executable, "-m", "kling_post", "review", str(make_run()), "--no-browser", "--reviewer", "mara"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        match = re.search(r"(http://127\.0\.0\.1:\d+)/\?token=\S+", server.stdout.readline())
        assert match is not None
        with httpx.Client(follow_redirects=True) as client:
            assert httpx.get(f"{match[1]}/").status_code == 401
            assert "<title>Review</title>" in client.get(match[0]).text
            session = client.get(f"{match[1]}/api/session").json()["session"]
        assert session["reviewer"] == "mara"
        assert [shot["id"] for shot in session["shots"]] == ["one", "two"]
        server.send_signal(signal.SIGINT)
        server.communicate(timeout=20)


def test_a_static_folder_has_everything_beside_its_page(
    make_run: Callable[[], Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["review", str(make_run()), "--static", str(tmp_path / "static"), "-q"]) == 0
    page = Path(capsys.readouterr().out.strip())
    text = page.read_text(encoding="utf-8")
    embedded = re.search(r'<script type="application/json" id="session-data">(.*?)</script>', text, re.DOTALL)
    assert embedded is not None
    data = json.loads(embedded[1])
    for name in (*data["media"].values(), *data["stills"].values(), *data["seam_sounds"].values()):
        assert (page.parent / name).is_file()
    assert len(data["media"]) == 3
    # No script but our own, however hostile the project's words are.
    assert text.count("<script") == 3
    assert "onerror=alert" not in re.sub(r"<script type=\"application/json\".*?</script>", "", text, flags=re.DOTALL)
