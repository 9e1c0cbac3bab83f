"""The local page's server: the page itself, proxies and stills by take, and events taken in as they happen."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from kling_post.errors import InvalidInputError, KlingPostError
from kling_post.review.guard import Guard
from kling_post.review.page_files import asset, script_hash, server_page
from kling_post.review.room import ReviewRoom
from kling_post.review.seam_sound import seam_sound, sound_path
from kling_post.review.stills import still

_MOST_EVENT_BYTES = 64 << 10
_FRESH: Mapping[str, str] = {"cache-control": "no-store"}
_KEPT: Mapping[str, str] = {"cache-control": "private, max-age=86400"}


def make_app(room: ReviewRoom, *, token: str, port: int) -> ASGIApp:
    """The application, guarded: ``port`` is the one that the server answers on."""
    desk = _Desk(room=room)
    routes: tuple[tuple[str, Callable[[Request], Awaitable[Response]], str], ...] = (
        ("/", desk.page, "GET"),
        ("/assets/{name}", desk.asset, "GET"),
        ("/api/session", desk.session, "GET"),
        ("/api/proxies", desk.proxies, "GET"),
        ("/api/proxies/{key}", desk.want, "POST"),
        ("/api/events", desk.event, "POST"),
        ("/media/{key}.mp4", desk.media, "GET"),
        ("/seams/{place:int}.wav", desk.seam, "GET"),
        ("/stills/{key}/{frame:int}.webp", desk.still, "GET"),
    )
    app = Starlette(routes=[Route(path, answer, methods=[method]) for path, answer, method in routes])
    return Guard(app, token=token, port=port, script_hash=script_hash())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Desk:
    """Answers each request; files are found by key in what the session knows, never by a path from outside."""

    room: ReviewRoom

    async def page(self, _: Request) -> Response:
        """The page itself."""
        return Response(server_page(), media_type="text/html; charset=utf-8", headers=_FRESH)

    async def asset(self, request: Request) -> Response:
        """Its style and its modules."""
        found = asset(request.path_params["name"])
        if found is None:
            return _missing("There is no such file.")
        text, kind = found
        return Response(text, media_type=kind, headers={"cache-control": "no-cache"})

    async def session(self, _: Request) -> Response:
        """Everything that the page shows."""
        try:
            return JSONResponse(await run_in_threadpool(self.room.whole), headers=_FRESH)
        except InvalidInputError as error:
            return _refused(error)

    async def proxies(self, _: Request) -> Response:
        """How far the proxies are."""
        return JSONResponse(self.room.proxies_json(), headers=_FRESH)

    async def want(self, request: Request) -> Response:
        """Somebody waits for a proxy."""
        self.room.proxies.want(request.path_params["key"])
        return JSONResponse(self.room.proxies_json(), headers=_FRESH)

    async def media(self, request: Request) -> Response:
        """A proxy, whole or a range of it."""
        key = request.path_params["key"]
        state = self.room.proxies.states().get(key)
        if state is None or state.state != "ready":
            return _missing("There is no such proxy, or it is not made yet.")
        return FileResponse(self.room.proxies.path(key), media_type="video/mp4", headers=_KEPT)

    async def still(self, request: Request) -> Response:
        """One frame of a take as a picture."""
        key, frame = request.path_params["key"], request.path_params["frame"]
        source = self.room.proxies.source(key)
        if source is None:
            return _missing("There is no such take.")
        full = request.query_params.get("full") == "1"

        def made() -> Path:
            return still(source, frame, key=key, folder=self.room.still_folder, full=full)

        return await _file(made, "image/webp")

    async def seam(self, request: Request) -> Response:
        """The sound around a join."""
        session, place = self.room.session, request.path_params["place"]
        if place >= len(session.seams):
            return _missing("There is no such seam.")

        def made() -> Path:
            path = seam_sound(session, place, sound_path(session, place))
            if path is None:
                raise InvalidInputError("Neither side of this seam has sound.")
            return path

        return await _file(made, "audio/wav")

    async def event(self, request: Request) -> Response:
        """A verdict, a note, a waiver: answered when it is on the disk."""
        if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            return PlainTextResponse("Events come as application/json.", status_code=415)
        body = await _bounded_body(request)
        if body is None:
            return PlainTextResponse("An event is at most 64 KB.", status_code=413)
        try:
            return JSONResponse(await run_in_threadpool(self.room.take_in, json.loads(body)), headers=_FRESH)
        except KlingPostError as error:
            return _refused(error)
        except (ValueError, RecursionError):
            return PlainTextResponse("The event is not JSON.", status_code=400)
        except OSError as error:
            return JSONResponse({"error": f"The verdict could not be saved: {error}."}, status_code=507, headers=_FRESH)


async def _file(made: Callable[[], Path], kind: str) -> Response:
    """A file that is made where it is missing."""
    try:
        return FileResponse(await run_in_threadpool(made), media_type=kind, headers=_KEPT)
    except KlingPostError as error:
        return _missing(error.message)


async def _bounded_body(request: Request) -> bytes | None:
    """The body; None where it is larger than any event."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MOST_EVENT_BYTES:
            return None
    return body


def _missing(words: str) -> Response:
    return PlainTextResponse(words, status_code=404, headers=_FRESH)


def _refused(error: KlingPostError) -> Response:
    return JSONResponse({"error": str(error)}, status_code=422, headers=_FRESH)
