"""The command line: one file per verb. Only this room prints and exits.

To add a verb: one file in this folder with a function ``command`` (or a Typer ``app`` for a family of verbs); it is found by
itself and named after the file. Heavy rooms are imported inside the function, so that ``--help`` stays quick.
"""

import sys
from collections.abc import Sequence

from kling_post.cli.early import decoder_begun


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; returns the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    with decoder_begun(words):
        from kling_post.cli.app import main as run

        return run(words)


__all__ = ["main"]
