"""What the verbs that repair joins share: the option's words, and how proposals and outcomes are told on the terminal."""

from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kling_post.repair.outcome import Mending, Outcome


class Join(StrEnum):
    """What the joins are meant to be."""

    CUT = "cut"
    CONTINUE = "continue"


class RepairMode(StrEnum):
    """What happens to joins that can be mended."""

    OFF = "off"
    PROPOSE = "propose"
    APPLY = "apply"


def print_mending(mending: "Mending") -> None:
    """Each repair with what became of it and its figures; nothing where there is none."""
    from kling_post.cli.tables import print_table
    from kling_post.reports.json_repairs import measured_after

    def figures(outcome: "Outcome") -> Iterator[str]:
        for item in outcome.repair.predictions:
            now = measured_after(outcome, mending, item.property)
            in_programme = "" if now is None else f", measured {now.measured:.2f}"
            yield f"{item.property} {item.before:.2f} to {item.after:.2f}{in_programme} {item.unit}".rstrip()

    rows = [
        (
            str(outcome.state),
            f"{outcome.repair.outgoing} to {outcome.repair.incoming}"
            if outcome.repair.outgoing != outcome.repair.incoming
            else outcome.repair.incoming,
            f"{outcome.repair.does} {outcome.note}".strip(),
            "\n".join(figures(outcome)),
        )
        for outcome in mending.outcomes
    ]
    rows += [("not proposed", f"{item.outgoing} to {item.incoming}", f"{item.kind}: {item.reason}", "") for item in mending.declined]
    if rows:
        print_table("Repairs", ("state", "join", "what", "foretold"), rows)
