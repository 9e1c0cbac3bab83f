"""What became of each repair: offered, made, or made and taken back because the seam measured worse."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from kling_post.edit.timeline import Timeline
from kling_post.repair.join import Declined
from kling_post.repair.repairs import Repair
from kling_post.vocabulary import SeamReport


class State(StrEnum):
    """Of one repair."""

    PROPOSED = "proposed"
    APPLIED = "applied"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One repair and what became of it."""

    repair: Repair
    state: State
    note: str = ""
    """Why it was withdrawn; empty otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mending:
    """All that was done about the joins of an edit."""

    timeline: Timeline
    """With the repairs that were made."""
    outcomes: tuple[Outcome, ...] = ()
    declined: tuple[Declined, ...] = ()
    before: tuple[SeamReport, ...] = ()
    """The joins as the takes have them."""
    after: tuple[SeamReport, ...] = ()
    """The joins as they measure in the finished programme; empty where no repair was made."""

    @property
    def seams(self) -> tuple[SeamReport, ...]:
        """The joins as they are now."""
        return self.after or self.before

    def weighed(self, weigh: Callable[[SeamReport], SeamReport]) -> "Mending":
        """With every scorecard put through ``weigh``."""
        return replace(self, before=tuple(weigh(each) for each in self.before), after=tuple(weigh(each) for each in self.after))

    @property
    def applied(self) -> tuple[Outcome, ...]:
        """The repairs that stand."""
        return tuple(outcome for outcome in self.outcomes if outcome.state is State.APPLIED)
