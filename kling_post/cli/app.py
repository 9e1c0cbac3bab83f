"""Finds the verbs, runs one, and turns errors into one sentence and an exit code."""

import os
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Annotated

import typer

from kling_post.errors import KlingPostError
from kling_post.version import __version__

INTERRUPTED = 130


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"kling-post {__version__}")
        raise typer.Exit


def _options(
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.", callback=_show_version, is_eager=True)] = False,
) -> None:
    """Generate, check, repair, assemble and hand over footage of Kling VIDEO 3.0 4K.

    Exit codes: 0 ok, 1 internal, 2 usage, 3 missing tool, 4 invalid input, 5 quality gate failed, 6 budget refused,
    7 provider or key, 130 interrupted.
    """
    del version


def build_app(words: Sequence[str] = ()) -> typer.Typer:
    """The command line, one verb from each file of this folder; where the words begin with a verb, that one alone, as it is enough."""
    app = typer.Typer(no_args_is_help=True, add_completion=True, pretty_exceptions_enable=False, rich_markup_mode=None)
    app.callback()(_options)
    files = {found.name.replace("_", "-"): found.name for found in iter_modules([str(Path(__file__).parent)])}
    for name in [word for word in words[:1] if word in files] or files:
        module = import_module(f"kling_post.cli.{files[name]}")
        if hasattr(module, "command"):
            app.command(name)(module.command)
        elif isinstance(getattr(module, "app", None), typer.Typer):
            app.add_typer(module.app, name=name)
    return app


def _report_bug(error: BaseException) -> None:
    if os.environ.get("KLING_POST_TRACEBACK"):
        traceback.print_exception(error)
        return
    sys.stderr.write(f"kling-post: something broke inside: {type(error).__name__}: {error}\n")
    sys.stderr.write("This is a fault of kling-post. Run again with KLING_POST_TRACEBACK=1 and send us what it prints.\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; returns the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments) or ["--help"]
    try:
        code = build_app(words)(args=words, standalone_mode=False)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the last line of defence: a bug becomes a report, not a wall of text
        return _explain(error)
    return code if isinstance(code, int) else 0


def _explain(error: BaseException) -> int:
    """Say on stderr what stopped the verb; returns the exit code that goes with it."""
    match error:
        case typer.Exit():
            return error.exit_code
        case KeyboardInterrupt() | typer.Abort():
            sys.stderr.write("\nInterrupted. Nothing is lost: run the same command again and it goes on where it stopped.\n")
            return INTERRUPTED
        case KlingPostError():
            sys.stderr.write(f"kling-post: {error}\n")
            return error.exit_code
        case _ if hasattr(error, "format_message") and hasattr(error, "exit_code"):
            # Wrong words on the command line: click's exceptions, which newer Typers carry under a private name.
            sys.stderr.write(f"kling-post: {error.format_message()} Try --help.\n")
            return int(error.exit_code)
        case BrokenPipeError():
            # The reader of our standard output has gone (`| head`): not a fault of ours, and nothing more to say to it.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
        case _:
            _report_bug(error)
            return 1
