"""How long work tells the caller how far it is; libraries never print."""

from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

Item = TypeVar("Item")


class Progress(Protocol):
    """Receives what is being done and how far it is. The command line draws a bar; tests and scripts pass ``SILENT``."""

    def start(self, label: str, total: int, unit: str = "frames") -> None:
        """A piece of work begins; ``total`` counts ``unit``, 0 where it is not known."""

    def advance(self, done: int) -> None:
        """``done`` of the current piece's total are finished, counted from its start."""

    def finish(self, note: str = "") -> None:
        """The current piece is finished; ``note`` says how it came out, or why it needed no work."""


class _Silent:
    def start(self, label: str, total: int, unit: str = "frames") -> None:
        """Say nothing."""

    def advance(self, done: int) -> None:
        """Say nothing."""

    def finish(self, note: str = "") -> None:
        """Say nothing."""


SILENT: Progress = _Silent()


def counted(items: Iterable[Item], progress: Progress) -> Iterator[Item]:
    """Yield the items and report after each how many were taken."""
    for done, item in enumerate(items, start=1):
        yield item
        progress.advance(done)
