"""From a review to the next edit: what follows from the verdicts, what it would cost, and how it is let hold."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from kling_post.errors import BudgetRefusedError, InvalidInputError
from kling_post.generation.backend import Backend
from kling_post.generation.forecast import Forecast, forecast
from kling_post.generation.ledger import Ledger
from kling_post.generation.ledger_place import ledger_path
from kling_post.generation.prices import usd
from kling_post.pipeline.decided import with_more_takes
from kling_post.pipeline.plan import links_of
from kling_post.pipeline.seam_fits import kept_fits
from kling_post.project import Project
from kling_post.review.decisions import Retake, ShotDecision, decide, read_decisions, write_decisions
from kling_post.review.ranks import ranked_shots
from kling_post.review.room import log_path, require_known
from kling_post.review.session import ReviewSession
from kling_post.review.verdicts import FindingWaived, VerdictLog, Verdicts, events_of
from kling_post.review.waiver_file import write_waivers


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What the next edit does differently with one shot."""

    shot_id: str
    now: str
    """The take that the edit has now."""
    then: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Consequences:
    """What follows from a review, not applied yet."""

    session: ReviewSession
    decisions: Mapping[str, ShotDecision]
    retakes: tuple[Retake, ...]
    waivers: tuple[FindingWaived, ...]
    changes: tuple[Change, ...]
    ahead: Forecast | None
    """What the next run would order and cost; None where nothing is to be ordered."""

    @property
    def price_usd(self) -> Decimal:
        """Of everything that the next run would order."""
        return self.ahead.price_usd if self.ahead else Decimal(0)

    def hold(self) -> Path:
        """Let the decisions and waivers hold for every later run in the folder; returns where the waivers lie."""
        write_decisions(self.session.folder, self.decisions)
        return write_waivers(self.session.folder, self.waivers)


def take_in(session: ReviewSession, file: Path) -> int:
    """Take the events of a static review into the run's own log; those that are there already are passed over.

    Returns:
        How many were new.

    Raises:
        InvalidInputError: the file holds no events, or some about another run: nothing is taken in then.
    """
    events, torn = events_of(file)
    if not events:
        kind = "no review events that can be read" if torn else "no review events"
        raise InvalidInputError(f"{file}: holds {kind}.", remedy="Give the file that the review page saved.")
    for event in events:
        require_known(event, session)
    log = VerdictLog(log_path(session.folder))
    known = {event.id for event in events_of(log.path)[0]}
    new = [event for event in events if event.id not in known]
    for event in new:
        log.append(event)
    return len(new)


def consequences(project: Project, session: ReviewSession, backend: Backend, *, retakes: bool = True) -> Consequences:
    """What follows from the verdicts of a run; nothing is written or ordered.

    Raises:
        InvalidInputError: the verdicts cannot be read.
    """
    folder = session.folder
    verdicts = VerdictLog(log_path(folder)).read()
    ranking = ranked_shots(session, verdicts, seam_fits=kept_fits(session))
    decisions, wanted = decide(session, verdicts, ranking, read_decisions(folder), retakes=retakes)
    return Consequences(
        session=session,
        decisions=decisions,
        retakes=wanted,
        waivers=verdicts.waivers,
        changes=_changes(session, verdicts, decisions, wanted),
        ahead=_forecast(with_more_takes(project, decisions), backend, folder) if wanted else None,
    )


def require_budget(follows: Consequences, project: Project, backend: Backend, run_budget_usd: Decimal | None) -> None:
    """Refuse orders that the budget does not allow, before anything holds.

    Raises:
        BudgetRefusedError: they would cost more than this run, or with what was spent before more than the project, may.
    """
    spent = Decimal(0)
    known = ledger_path(follows.session.folder, paid=backend.paid)
    if known.is_file():
        with Ledger(known) as ledger:
            spent = ledger.spent_usd(project.name)
    for limit, total in ((run_budget_usd, follows.price_usd), (project.budget_usd, spent + follows.price_usd)):
        if limit is not None and follows.price_usd and total > limit:
            raise BudgetRefusedError(
                f"the retakes would bring {project.name} to {usd(total)} USD, allowed are {usd(limit)}; nothing was sent or changed.",
                remedy="Raise the budget, or cut from the takes in hand: --no-retakes.",
            )


def _forecast(project: Project, backend: Backend, folder: Path) -> Forecast:
    known = ledger_path(folder, paid=backend.paid)
    links = links_of(project, local=not backend.paid)
    if not known.is_file():
        return forecast(links, backend, folder=folder / "takes", ledger=None, project=project.name)
    with Ledger(known) as ledger:
        return forecast(links, backend, folder=folder / "takes", ledger=ledger, project=project.name)


def _changes(
    session: ReviewSession, verdicts: Verdicts, decisions: Mapping[str, ShotDecision], retakes: tuple[Retake, ...]
) -> tuple[Change, ...]:
    ordered = {retake.shot_id: retake for retake in retakes}
    changes = []
    for shot in session.shots:
        now, decision = session.used.get(shot.shot_id), decisions[shot.shot_id]
        then = decision.take
        if then is None and decision.weak and shot.shot_id not in ordered:
            then = decision.weak[0]
        trimmed = then is not None and then in verdicts.trims
        if then == now and not trimmed and shot.shot_id not in ordered:
            continue
        changes.append(
            Change(
                shot_id=shot.shot_id,
                now=_take_words(session, now),
                then=_then(session, then, ordered.get(shot.shot_id)),
                why=_why(shot.shot_id, then, verdicts, ordered, trimmed=trimmed),
            )
        )
    return tuple(changes)


def _then(session: ReviewSession, take: str | None, retake: Retake | None) -> str:
    if take is not None:
        return _take_words(session, take)
    return f"take {retake.number}, to be made" if retake else "left out"


def _why(shot_id: str, then: str | None, verdicts: Verdicts, ordered: Mapping[str, Retake], *, trimmed: bool) -> str:
    reasons = [f"another take: {ordered[shot_id].why}"] if shot_id in ordered else []
    if then is not None and verdicts.chosen.get(shot_id) == then:
        reasons.append("chosen")
    elif then is not None and verdicts.of_take.get(then):
        reasons.append(verdicts.of_take[then].replace("_", " "))
    if trimmed and then is not None:
        start, stop = verdicts.trims[then]
        reasons.append(f"f{start} to f{stop - 1} of it")
    return ", ".join(reasons) or "best of what may be used"


def _take_words(session: ReviewSession, take_id: str | None) -> str:
    take = session.takes.get(take_id or "")
    return f"take {take.number}" if take else "none"
