"""Errors become one sentence and the right exit code; nothing else is printed."""

import subprocess
import sys
from collections.abc import Sequence

import pytest
import typer

from kling_post.cli import app as application
from kling_post.errors import BudgetRefusedError, EncodeError, GateFailedError, InvalidInputError, MissingToolError, ProviderError
from kling_post.version import __version__


def test_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert application.main(["--version"]) == 0
    assert capsys.readouterr().out == f"kling-post {__version__}\n"


def test_no_words_at_all_show_the_help(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["kling-post"])
    assert application.main() == 0
    assert "Exit codes" in capsys.readouterr().out


def test_an_unknown_verb_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert application.main(["nosuch"]) == 2
    assert capsys.readouterr().err == "kling-post: No such command 'nosuch'. Try --help.\n"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (MissingToolError("ffmpeg is not here."), 3),
        (InvalidInputError("The clip is cut short."), 4),
        (GateFailedError("Two findings at fail level."), 5),
        (BudgetRefusedError("It would cost 14.70 USD."), 6),
        (ProviderError("The key was refused.", code="invalidApiKey"), 7),
        (EncodeError("The disk is full."), 1),
        (KeyboardInterrupt(), 130),
    ],
)
def test_each_error_has_its_exit_code(
    error: BaseException, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def failing(words: Sequence[str]) -> typer.Typer:
        del words
        app = typer.Typer()

        @app.callback(invoke_without_command=True)
        def fail() -> None:
            raise error

        return app

    monkeypatch.setattr(application, "build_app", failing)
    assert application.main(["--"]) == code
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "Traceback" not in printed.err


def test_a_bug_is_reported_in_two_lines_not_a_wall_of_text(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def broken(words: Sequence[str]) -> typer.Typer:
        del words
        raise RuntimeError("the impossible happened")

    monkeypatch.setattr(application, "build_app", broken)
    assert application.main(["anything"]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 2


@pytest.mark.parametrize(
    ("prepared", "last_words"),
    [
        ("import atexit; atexit.register(print, 'put away')", "put away"),
        ("import threading; threading.Timer(0.3, print, ['work done']).start()", "work done"),
    ],
    ids=["what is registered for the end", "a thread that still works"],
)
def test_a_process_ends_with_its_verb_but_loses_neither_words_nor_work(prepared: str, last_words: str) -> None:
    code = f"import sys; {prepared}; sys.argv[1:] = ['check']; from kling_post.cli import run; run()"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout.split("\n")) == (2, [last_words, ""])
    assert "name the clips" in ended.stderr
