"""The local page's server: the page itself, proxies and stills by take, and events taken in as they happen."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kling_post.errors import InvalidInputError, KlingPostError
from kling_post.review.page_files import asset, script_hash, server_page
from kling_post.review.proxies import ProxyShelf
from kling_post.review.ranking import RankedShot, SeamFit
from kling_post.review.ranks import ranked_shots
from kling_post.review.session import ReviewSession
from kling_post.review.stills import still
from kling_post.review.values import session_json, verdicts_json
from kling_post.review.verdicts import Event, VerdictLog, Verdicts, parse_event
from kling_post.vocabulary import Finding

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp

_MOST_EVENT_BYTES = 64 << 10
REPAIRED = "repaired-"
"""Before a take's id, names its mended file."""


def log_path(folder: Path) -> Path:
    """Where a run's verdicts lie."""
    return folder / "review" / "verdicts.jsonl"


def sources_of(session: ReviewSession) -> dict[str, Path]:
    """Every file that the page plays, by its key: takes in the order of the edit, then mended ones."""
    sources = {take_id: take.path for take_id, take in session.takes.items()}
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
        ranking = {
            shot_id: {"takes": [one.take_id for one in shot.takes], "next": shot.next_words}
            for shot_id, shot in self.ranking(verdicts).items()
        }
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


def make_app(room: ReviewRoom, *, token: str, port: int) -> "ASGIApp":
    """The application, guarded: ``port`` is the one that the server answers on."""
    from starlette.applications import Starlette
    from starlette.concurrency import run_in_threadpool
    from starlette.requests import Request
    from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
    from starlette.routing import Route

    from kling_post.review.guard import Guard

    fresh = {"cache-control": "no-store"}
    kept = {"cache-control": "private, max-age=86400"}

    async def page(_: Request) -> Response:
        return Response(server_page(), media_type="text/html; charset=utf-8", headers=fresh)

    async def one_asset(request: Request) -> Response:
        found = asset(request.path_params["name"])
        if found is None:
            return PlainTextResponse("There is no such file.", status_code=404)
        text, kind = found
        return Response(text, media_type=kind, headers={"cache-control": "no-cache"})

    async def whole(_: Request) -> Response:
        try:
            return JSONResponse(await run_in_threadpool(room.whole), headers=fresh)
        except InvalidInputError as error:
            return _refused(error)

    async def proxies(_: Request) -> Response:
        return JSONResponse(room.proxies_json(), headers=fresh)

    async def want(request: Request) -> Response:
        room.proxies.want(request.path_params["key"])
        return JSONResponse(room.proxies_json(), headers=fresh)

    async def media(request: Request) -> Response:
        key = request.path_params["key"]
        state = room.proxies.states().get(key)
        if state is None or state.state != "ready":
            return PlainTextResponse("There is no such proxy, or it is not made yet.", status_code=404)
        return FileResponse(room.proxies.path(key), media_type="video/mp4", headers=kept)

    async def one_still(request: Request) -> Response:
        source = room.proxies.source(request.path_params["key"])
        if source is None:
            return PlainTextResponse("There is no such take.", status_code=404)
        full = request.query_params.get("full") == "1"
        frame, key = request.path_params["frame"], request.path_params["key"]
        try:
            path = await run_in_threadpool(still, source, frame, key=key, folder=room.still_folder, full=full)
        except KlingPostError as error:
            return PlainTextResponse(error.message, status_code=404)
        return FileResponse(path, media_type="image/webp", headers=kept)

    async def event(request: Request) -> Response:
        if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            return PlainTextResponse("Events come as application/json.", status_code=415)
        body = await _bounded_body(request)
        if body is None:
            return PlainTextResponse("An event is at most 64 KB.", status_code=413)
        try:
            return JSONResponse(await run_in_threadpool(room.take_in, json.loads(body)), headers=fresh)
        except KlingPostError as error:
            return _refused(error)
        except (ValueError, RecursionError):
            return PlainTextResponse("The event is not JSON.", status_code=400)
        except OSError as error:
            return JSONResponse({"error": f"The verdict could not be saved: {error}."}, status_code=507, headers=fresh)

    app = Starlette(
        routes=[
            Route("/", page),
            Route("/assets/{name}", one_asset),
            Route("/api/session", whole),
            Route("/api/proxies", proxies),
            Route("/api/proxies/{key}", want, methods=["POST"]),
            Route("/api/events", event, methods=["POST"]),
            Route("/media/{key}.mp4", media),
            Route("/stills/{key}/{frame:int}.webp", one_still),
        ]
    )
    return Guard(app, token=token, port=port, script_hash=script_hash())


async def _bounded_body(request: "Request") -> bytes | None:
    """The body; None where it is larger than any event."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MOST_EVENT_BYTES:
            return None
    return body


def _refused(error: KlingPostError) -> "Response":
    from starlette.responses import JSONResponse

    return JSONResponse({"error": str(error)}, status_code=422, headers={"cache-control": "no-store"})
