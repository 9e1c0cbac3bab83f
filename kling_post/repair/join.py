"""A join over which the shot goes on, with what repairs are tried on, and how a trial's figures are told."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace

from kling_post.edit.corrections import Refocusing
from kling_post.edit.timeline import Clip
from kling_post.repair.repairs import Prediction, Repair
from kling_post.repair.window import Window, foretold
from kling_post.vocabulary import SeamReport


@dataclass(frozen=True, slots=True, kw_only=True)
class Declined:
    """A repair that was thought of and not proposed, and why."""

    outgoing: str
    incoming: str
    kind: str
    reason: str


@dataclass(slots=True, kw_only=True)
class Found:
    """What has been proposed and declined so far."""

    repairs: list[Repair] = field(default_factory=list)
    declined: list[Declined] = field(default_factory=list)

    def decline(self, report: SeamReport, kind: str, reason: str) -> None:
        """Tell why a repair of a join is not proposed."""
        self.declined.append(Declined(outgoing=report.outgoing, incoming=report.incoming, kind=kind, reason=reason))


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """One join that goes on, with the frames on both sides of it."""

    report: SeamReport
    before: Clip
    after: Clip
    outgoing: Window
    """The last frames, less those trimmed, as the takes have them."""
    incoming: Window
    twins: Window
    """The incoming clip's first frames before any trim."""
    repeated_frames: int

    def refocused(self, refocusing: Refocusing) -> "Join":
        """The join with the incoming clip as sharp as it will be shown."""
        return replace(self, incoming=self.incoming.refocused(refocusing), twins=self.twins.refocused(refocusing))

    def tried(self, outgoing: Window, incoming: Window) -> SeamReport:
        """The scorecard of the picture if these were the frames on both sides."""
        return foretold(outgoing, incoming, planned=self.report.meant)


def predictions(before: SeamReport, after: SeamReport, names: Collection[str]) -> tuple[Prediction, ...]:
    """The named properties of two scorecards beside each other."""
    later = {item.name: item.measured for item in after.properties}
    return tuple(
        Prediction(property=item.name, unit=item.unit, before=item.measured, after=later[item.name], limit=item.limit)
        for item in before.properties
        if item.name in names and item.name in later
    )
