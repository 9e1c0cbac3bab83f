"""What was, or could be, done about the joins, as JSON."""

from typing import Any

from kling_post.repair.outcome import Mending, Outcome
from kling_post.repair.repairs import MatchColour
from kling_post.reports.json_values import number
from kling_post.vocabulary import SeamProperty, SeamReport

Json = dict[str, Any]


def repairs_json(mending: Mending) -> list[Json]:
    """Each repair with what became of it; for those that were made, the figures as measured in the finished programme."""
    before, after = ({(seam.outgoing, seam.incoming): seam for seam in seams} for seams in (mending.before, mending.after))
    found = []
    for outcome in mending.outcomes:
        join = (outcome.repair.outgoing, outcome.repair.incoming)
        found.append(_outcome(outcome, before.get(join), after.get(join)))
    found += [
        {"state": "not proposed", "kind": item.kind, "outgoing": item.outgoing, "incoming": item.incoming, "reason": item.reason}
        for item in mending.declined
    ]
    return found


def repaired_seam_json(seam: Json, mending: Mending | None) -> Json:
    """A join as JSON with the kinds of repair that were made at it and, beside each figure, what it was before them.

    ``repaired`` is empty and no figure has a ``before`` where nothing was made.
    """
    join = (seam["outgoing"], seam["incoming"])
    made = () if mending is None else mending.applied
    kinds = [outcome.repair.kind for outcome in made if (outcome.repair.outgoing, outcome.repair.incoming) == join]
    then: dict[str, float] = {}
    if kinds and mending is not None and mending.after:
        then = {item.name: item.measured for each in mending.before if (each.outgoing, each.incoming) == join for item in each.properties}
    rows = [row | ({"before": number(then[row["name"]])} if row["name"] in then else {}) for row in seam["properties"]]
    return seam | {"repaired": kinds, "properties": rows}


def measured_after(outcome: Outcome, mending: Mending, name: str) -> SeamProperty | None:
    """A property of the repaired join as it measures in the finished programme; None where it was not measured there."""
    join = (outcome.repair.outgoing, outcome.repair.incoming)
    seam = next((seam for seam in mending.after if (seam.outgoing, seam.incoming) == join), None)
    return None if seam is None else next((item for item in seam.properties if item.name == name), None)


def _outcome(outcome: Outcome, before: SeamReport | None, after: SeamReport | None) -> Json:
    repair = outcome.repair
    told: Json = {
        "state": str(outcome.state),
        "kind": repair.kind,
        "outgoing": repair.outgoing,
        "incoming": repair.incoming,
        "reason": repair.reason,
        "does": repair.does,
        "note": outcome.note,
        "foretold": [
            {"property": item.property, "unit": item.unit, "before": number(item.before), "after": number(item.after)}
            for item in repair.predictions
        ],
        "measured": [] if before is None or after is None else _measured(before, after),
    }
    if isinstance(repair, MatchColour):
        told["anchor"] = repair.anchor
    return told


def _measured(before: SeamReport, after: SeamReport) -> list[Json]:
    later = {item.name: item.measured for item in after.properties}
    return [
        {"property": item.name, "unit": item.unit, "before": number(item.measured), "after": number(later[item.name])}
        for item in before.properties
        if item.name in later
    ]
