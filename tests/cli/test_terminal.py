"""Progress on stderr: bars on a terminal, lines elsewhere, nothing when quiet."""

import pytest

from kling_post.cli import terminal
from kling_post.progress import SILENT, counted


def test_off_a_terminal_a_finished_piece_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with terminal.bars(quiet=False) as progress:
        progress.start("Rendering caravan", 216)
        for frame in range(216):
            progress.advance(frame + 1)
        progress.finish("216 frames")
    printed = capsys.readouterr()
    assert printed.out == ""
    assert len(printed.err.splitlines()) == 1
    assert "Rendering caravan" in printed.err
    assert printed.err.rstrip().endswith("216 frames")


def test_long_work_speaks_every_ten_seconds_with_the_time_left(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 5.0, 11.0, 12.0, 22.0])
    monkeypatch.setattr("kling_post.cli.terminal.monotonic", lambda: next(clock))
    progress = terminal.Lines()
    progress.start("Rendering", 100)
    for done in (25, 50, 60, 75):
        progress.advance(done)
    assert capsys.readouterr().err.splitlines() == [
        "  … Rendering: 50 of 100 frames, about 11 s left",
        "  … Rendering: 75 of 100 frames, about 7 s left",
    ]


def test_quiet_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with terminal.bars(quiet=True) as progress:
        progress.start("Rendering", 2)
        progress.advance(1)
        progress.finish("done")
    assert capsys.readouterr() == ("", "")


def test_bars_leave_one_line_per_finished_piece(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    with terminal.Bars() as progress:
        progress.start("Checking", 3)
        progress.advance(3)
        progress.finish("no findings")
        progress.start("Mastering", 0)
    assert "Checking" in capsys.readouterr().err


def test_counted_reports_every_item_taken() -> None:
    seen: list[int] = []

    class Listening:
        def start(self, label: str, total: int, unit: str = "frames") -> None: ...
        def finish(self, note: str = "") -> None: ...
        def advance(self, done: int) -> None:
            seen.append(done)

    assert list(counted("abc", Listening())) == ["a", "b", "c"]
    assert seen == [1, 2, 3]
    assert list(counted("ab", SILENT)) == ["a", "b"]
