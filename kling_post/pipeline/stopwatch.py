"""How long each stretch of a run took, for the report."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic, time


@dataclass(slots=True)
class Stopwatch:
    """Wall-clock seconds of named stretches, in the order in which they began."""

    seconds: dict[str, float] = field(default_factory=dict)
    began_at: float = field(default_factory=time)
    """Seconds since the epoch, to be compared with files' times."""

    @contextmanager
    def lap(self, name: str) -> Iterator[None]:
        """Time what happens inside."""
        began = monotonic()
        self.seconds[name] = 0.0
        try:
            yield
        finally:
            self.seconds[name] = monotonic() - began
