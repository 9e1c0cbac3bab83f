"""The command line: one file per verb. Only this room prints and exits.

To add a verb: one file in this folder with a function ``command`` (or a Typer ``app`` for a family of verbs); it is found by
itself and named after the file. Heavy rooms are imported inside the function, so that ``--help`` stays quick.
"""

from kling_post.cli.app import main

__all__ = ["main"]
