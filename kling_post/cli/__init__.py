"""The command line: one file per verb. Only this room prints and exits.

To add a verb: one file in this folder with a function ``command`` (or a Typer ``app`` for a family of verbs); it is found by
itself and named after the file. Heavy rooms are imported inside the function, so that ``--help`` stays quick.
"""

import atexit
import os
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn

from kling_post.cli.early import decoder_begun


def run() -> NoReturn:
    """The process: one verb, and its exit code.

    Python would take every module apart before it ends, a tenth of a second after OpenCV and the decoder were loaded. All that is to be
    put away is put away when the verb returns, so the process just ends, unless a thread of it still works.
    """
    code = main()
    if any(not thread.daemon for thread in threading.enumerate() if thread is not threading.main_thread()):
        sys.exit(code)
    atexit._run_exitfuncs()  # noqa: SLF001 the one way to call what libraries have registered
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # a reader that has gone
            stream.flush()
    os._exit(code)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; returns the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    with decoder_begun(words):
        from kling_post.cli.app import main as run

        return run(words)


__all__ = ["main", "run"]
