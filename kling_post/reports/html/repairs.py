"""The page's section on repairs: what was done at each join, with its figures before, foretold and after."""

from dataclasses import dataclass

from kling_post.repair.outcome import Mending, Outcome, State
from kling_post.reports.html.places import file_frame
from kling_post.reports.html.stills import SEAM_WIDTH, StillShelf
from kling_post.reports.json_repairs import measured_after
from kling_post.reports.material import ReportMaterial

_TONES = {State.PROPOSED: "review", State.APPLIED: "pass", State.WITHDRAWN: "undetermined"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairRow:
    """One repair in words."""

    state: str
    tone: str
    kind: str
    does: str
    reason: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureRow:
    """One property of a join."""

    property: str
    unit: str
    before: float
    foretold: float
    after: float | None
    limit: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """The two frames at a join."""

    label: str
    last: str
    first: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairedJoin:
    """All repairs of one join, or of one clip."""

    title: str
    pairs: tuple[Pair, ...]
    rows: tuple[RepairRow, ...]
    figures: tuple[FigureRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairsView:
    """The whole section."""

    measured: bool
    """Whether the joins were measured again in the finished programme."""
    joins: tuple[RepairedJoin, ...]


def repairs_view(material: ReportMaterial, shelf: StillShelf) -> RepairsView | None:
    """The section; None where nothing was proposed and nothing declined.

    Raises:
        MediaError: a take, or the programme, cannot be read for its stills.
    """
    mending = material.mending
    if mending is None or not (mending.outcomes or mending.declined):
        return None
    places = dict.fromkeys((outcome.repair.outgoing, outcome.repair.incoming) for outcome in mending.outcomes)
    places |= dict.fromkeys((item.outgoing, item.incoming) for item in mending.declined)
    return RepairsView(measured=bool(mending.after), joins=tuple(_join(place, mending, material, shelf) for place in places))


def _join(place: tuple[str, str], mending: Mending, material: ReportMaterial, shelf: StillShelf) -> RepairedJoin:
    outgoing, incoming = place
    mine = [outcome for outcome in mending.outcomes if (outcome.repair.outgoing, outcome.repair.incoming) == place]
    rows = [
        RepairRow(
            state=str(outcome.state),
            tone=_TONES[outcome.state],
            kind=outcome.repair.kind,
            does=outcome.repair.does,
            reason=outcome.repair.reason,
            note=outcome.note,
        )
        for outcome in mine
    ]
    rows += [
        RepairRow(state="not proposed", tone="undetermined", kind=item.kind, does=item.reason, reason="")
        for item in mending.declined
        if (item.outgoing, item.incoming) == place
    ]
    return RepairedJoin(
        title=incoming if outgoing == incoming else f"{outgoing} to {incoming}",
        pairs=() if outgoing == incoming else _pairs(place, mending, material, shelf),
        rows=tuple(rows),
        figures=tuple(_figures(mine, mending)),
    )


def _figures(outcomes: list[Outcome], mending: Mending) -> list[FigureRow]:
    """Each property once: as it was before the first repair that foretells it, and as the last one foretells it."""
    found: dict[str, FigureRow] = {}
    for outcome in outcomes:
        if outcome.state is State.WITHDRAWN:
            continue
        for item in outcome.repair.predictions:
            now = measured_after(outcome, mending, item.property)
            earlier = found.get(item.property)
            found[item.property] = FigureRow(
                property=item.property,
                unit=item.unit,
                before=item.before if earlier is None else earlier.before,
                foretold=item.after,
                after=None if now is None else now.measured,
                limit=item.limit,
            )
    return list(found.values())


def _pairs(place: tuple[str, str], mending: Mending, material: ReportMaterial, shelf: StillShelf) -> tuple[Pair, ...]:
    """The join as the takes have it and, where the programme was measured again, as it is there."""
    rate = material.timeline.rate
    clips = {clip.clip_id: clip for clip in mending.timeline.clips}
    before, after = clips[place[0]], clips[place[1]]

    def still(clip_id: str, frame: int) -> str:
        return shelf.data_uri(clips[clip_id].path, file_frame(clips[clip_id], frame, rate), width=SEAM_WIDTH)

    pairs = [Pair(label="Take", last=still(place[0], before.source.stop - 1), first=still(place[1], after.source.start))]
    if mending.after and material.master is not None:
        path = material.master.facts.path
        last, first = (shelf.data_uri(path, frame, width=SEAM_WIDTH) for frame in (after.record.start - 1, after.record.start))
        pairs.append(Pair(label="Programme", last=last, first=first))
    return tuple(pairs)
