"""What the review page is answered from: the session, the verdicts and the proxies; with a server or without one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from kling_post.errors import InvalidInputError
from kling_post.review.proxies import ProxyShelf
from kling_post.review.ranking import RankedShot, SeamFit
from kling_post.review.ranks import ranked_shots
from kling_post.review.session import ReviewSession
from kling_post.review.values import ranking_json, session_json, verdicts_json
from kling_post.review.verdicts import Event, VerdictLog, Verdicts, parse_event
from kling_post.vocabulary import Finding

REPAIRED = "repaired-"
"""Before a take's id, names its mended file."""
MASTER = "master"
"""Names the finished programme, in which repairs can be seen."""


def log_path(folder: Path) -> Path:
    """Where a run's verdicts lie."""
    return folder / "review" / "verdicts.jsonl"


def sources_of(session: ReviewSession) -> dict[str, Path]:
    """Every file that the page plays, by its key: takes in the order of the edit, then the programme and mended takes."""
    sources = {take_id: take.path for take_id, take in session.takes.items()}
    if session.master is not None:
        sources[MASTER] = session.master
    return sources | {f"{REPAIRED}{one.take_id}": one.repaired for one in session.takes.values() if one.repaired is not None}


def proxy_shelf(session: ReviewSession) -> ProxyShelf:
    """The proxies of a session, in its run's folder."""
    return ProxyShelf(sources_of(session), session.folder / "review" / "cache" / "proxies")


@dataclass(slots=True, kw_only=True)
class ReviewRoom:
    """What the page's requests are answered from."""

    session: ReviewSession
    log: VerdictLog
    proxies: ProxyShelf
    reviewer: str = ""
    """Stands in every event as who said it."""
    seam_fits: Mapping[str, SeamFit] = field(default_factory=dict)
    retake_usd: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def still_folder(self) -> Path:
        """Where single frames are kept."""
        return self.session.folder / "review" / "cache" / "stills"

    def ranking(self, verdicts: Verdicts) -> dict[str, RankedShot]:
        """The takes of every shot in order."""
        return ranked_shots(self.session, verdicts, seam_fits=self.seam_fits, retake_usd=self.retake_usd)

    def whole(self) -> dict[str, Any]:
        """The session and what holds now."""
        verdicts = self.log.read()
        return {
            "session": session_json(self.session, self.ranking(verdicts), reviewer=self.reviewer),
            "state": verdicts_json(verdicts),
            "proxies": self.proxies_json(),
        }

    def proxies_json(self) -> dict[str, dict[str, object]]:
        """How far each proxy is."""
        return {key: {"state": one.state, "done": round(one.done, 3), "why": one.why} for key, one in self.proxies.states().items()}

    def take_in(self, data: object) -> dict[str, Any]:
        """Save an event; returns what holds with it.

        Raises:
            InvalidInputError: no event, or about a take, shot or finding that is not of this session.
        """
        if not isinstance(data, dict):
            raise InvalidInputError("not a review event: it is no object.")
        # Who speaks is decided here, not in the browser.
        event = parse_event({**data, "by": self.reviewer})
        require_known(event, self.session)
        self.log.append(event)
        verdicts = self.log.read()
        ranking = {shot_id: ranking_json(shot) for shot_id, shot in self.ranking(verdicts).items()}
        return {"state": verdicts_json(verdicts), "ranking": ranking}


def require_known(event: Event, session: ReviewSession) -> None:
    """Refuse an event about something that the session does not have.

    Raises:
        InvalidInputError: with what is not there.
    """
    take = getattr(event, "take", None)
    if take is not None and take not in session.takes:
        raise InvalidInputError(f"there is no take {take} in this run.", remedy="It was made anew since: open the review again.")
    shot = getattr(event, "shot", None)
    if shot is not None:
        known = session.shot(shot)
        if known is None:
            raise InvalidInputError(f"there is no shot {shot!r} in this run.")
        if take is not None and session.takes[take].shot_id != shot:
            raise InvalidInputError(f"take {take} is no take of {shot!r}.")
    subject = getattr(event, "subject", None)
    if subject is not None and not any(finding.check == getattr(event, "check", "") for finding in findings_of(session, subject)):
        raise InvalidInputError(f"{subject!r} has no such finding.", remedy="Waive what the report finds.")


def findings_of(session: ReviewSession, subject: str) -> tuple[Finding, ...]:
    """What was found in a take, by its file's name, or at a seam."""
    takes = (take.judgement for take in session.takes.values() if take.path.name == subject)
    seams = (seam.judgement for seam in session.seams if seam.subject == subject)
    return tuple(finding for judgement in (*takes, *seams) for finding in judgement.findings)
