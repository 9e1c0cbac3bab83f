"""What a person sees while work goes on: bars with time left on a terminal, plain lines elsewhere. All of it on stderr."""

import os
import sys
from time import monotonic
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

_PLAIN_SECONDS_BETWEEN_LINES = 10.0


class Bars:
    """Progress bars on a terminal; finished pieces stay as one line each."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

        self._console = Console(stderr=True)
        self._bars: RichProgress = Progress(
            TextColumn("{task.description:<44}"),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TextColumn("{task.fields[unit]}"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=self._console,
            transient=True,
        )
        self._current: TaskID | None = None
        self._label = ""
        self._began = 0.0

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._bars.stop()

    def start(self, label: str, total: int, unit: str = "frames") -> None:
        """Draw a new bar."""
        if self._current is not None:
            self._bars.remove_task(self._current)
        self._label, self._began = label, monotonic()
        self._current = self._bars.add_task(label, total=total or None, unit=unit)

    def advance(self, done: int) -> None:
        """Move the bar."""
        if self._current is not None:
            self._bars.update(self._current, completed=done)

    def finish(self, note: str = "") -> None:
        """Leave one line in place of the bar."""
        if self._current is not None:
            self._bars.remove_task(self._current)
            self._current = None
        self._console.print(_line(self._label, monotonic() - self._began, note), markup=False, highlight=False)


class Lines:
    """Plain lines for logs and pipes: one when a piece begins, one every ten seconds, one when it is finished."""

    def __init__(self) -> None:
        self._label, self._total, self._unit = "", 0, ""
        self._began = self._spoke = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        sys.stderr.flush()

    def start(self, label: str, total: int, unit: str = "frames") -> None:
        """Remember the piece; the first line about it comes when there is something to say."""
        self._label, self._total, self._unit = label, total, unit
        self._began = self._spoke = monotonic()

    def advance(self, done: int) -> None:
        """Say how far it is, now and then."""
        now = monotonic()
        if now - self._spoke < _PLAIN_SECONDS_BETWEEN_LINES:
            return
        self._spoke = now
        left = f", about {(now - self._began) / done * (self._total - done):.0f} s left" if done and self._total else ""
        sys.stderr.write(f"  … {self._label}: {done} of {self._total or '?'} {self._unit}{left}\n")
        sys.stderr.flush()

    def finish(self, note: str = "") -> None:
        """Say how it came out."""
        sys.stderr.write(_line(self._label, monotonic() - self._began, note) + "\n")
        sys.stderr.flush()


class Quiet(Lines):
    """Nothing at all."""

    def advance(self, done: int) -> None:
        """Say nothing."""

    def finish(self, note: str = "") -> None:
        """Say nothing."""


def _line(label: str, seconds: float, note: str) -> str:
    return f"✓ {label:<44} {seconds:6.1f} s" + (f"   {note}" if note else "")


def bars(*, quiet: bool) -> Bars | Lines:
    """The kind of progress that fits where stderr goes."""
    if quiet:
        return Quiet()
    return Bars() if sys.stderr.isatty() and os.environ.get("TERM") != "dumb" else Lines()
