"""Any backend behind the Runware protocol: REST and WebSocket under ``/v1``, finished files under ``/files``.

Every client of Runware can talk to it by changing its address alone. It answers on the loopback interface unless told
otherwise, fetches nothing on a client's word, and bounds what a client may send and how much may wait.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from kling_post.errors import UsageError
from kling_post.generation.backend import Backend
from kling_post.generation.families import Family, family
from kling_post.generation.server_jobs import Jobs
from kling_post.generation.server_media import Uploads
from kling_post.generation.server_protocol import Item, Protocol, ServedModels, wrong_key

MOST_BODY_BYTES = 64 << 20
_MOST_TASKS = 50
_IDLE_SECONDS = 120.0
_STATUS = {Family.AUTH: 401, Family.QUOTA: 402, Family.RATE_LIMIT: 429, Family.SERVER: 500}


def make_app(
    backend: Backend,
    *,
    folder: Path,
    token: str | None = None,
    aliases: Sequence[str] = (),
    bill_by_table: bool = False,
    queue_limit: int = 100,
    most_body_bytes: int = MOST_BODY_BYTES,
) -> Starlette:
    """The server as an ASGI application; it closes the backend when it ends.

    Args:
        backend: Does the work.
        folder: Where jobs, takes and uploads live; a server started on it again goes on with what was unfinished.
        token: The key that clients must show; None lets everybody in.
        aliases: Model names that the backend may stand in for.
        bill_by_table: Name the provider's price in results, in place of what the backend cost.
        queue_limit: How many jobs may wait; more are answered with ``rateLimitExceeded``.
        most_body_bytes: Size limit of one request.
    """
    folder.mkdir(parents=True, exist_ok=True)
    protocol = Protocol(
        jobs=Jobs(folder, backend, queue_limit=queue_limit),
        uploads=Uploads(folder / "uploads"),
        models=ServedModels(engine=backend.name, aliases=tuple(aliases), genuine=backend.paid),
        token=token,
        bill_by_table=bill_by_table,
    )
    doors = _Doors(protocol, most_body_bytes)

    @asynccontextmanager
    async def life(_: Starlette) -> AsyncIterator[None]:
        yield
        await run_in_threadpool(protocol.jobs.close)

    return Starlette(
        lifespan=life,
        routes=[
            Route("/v1", doors.rest, methods=["POST"]),
            WebSocketRoute("/v1", doors.socket),
            Route("/files/{name}", doors.file, methods=["GET", "HEAD"]),
        ],
    )


def check_exposure(host: str, token: str | None) -> None:
    """A server that others can reach must have a key.

    Raises:
        UsageError: an address beyond this machine without a token.
    """
    if token or host == "localhost":
        return
    try:
        loopback = ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise UsageError(f"{host} can be reached from other machines.", remedy="Give a key with --token, or serve on 127.0.0.1.")


def check_alias(text: str, backend: str) -> str:
    """The model name of ``--alias NAME=BACKEND``.

    Raises:
        UsageError: not of that form, or another backend's.
    """
    name, _, engine = text.partition("=")
    if not name or engine != backend:
        raise UsageError(f"--alias {text} is not an alias, allowed is MODEL={backend}.")
    return name


class _Doors:
    """The HTTP side: limits, keys, envelopes."""

    def __init__(self, protocol: Protocol, most_body_bytes: int) -> None:
        self._protocol = protocol
        self._most = most_body_bytes

    # ---------------------------------------------------------------------------------------------------------- REST

    async def rest(self, request: Request) -> Response:
        """``POST /v1``: a list of tasks, or one bare task."""
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            return _error(415, "invalidRequest", "The body must be sent as Content-Type: application/json.")
        body = await self._body(request)
        if body is None:
            return _error(413, "invalidRequest", f"The body is larger than {self._most} bytes.")
        try:
            tasks = json.loads(body)
        except (ValueError, RecursionError):
            return _error(400, "invalidRequest", "The body is not JSON.")
        tasks = tasks if isinstance(tasks, list) else [tasks]
        if not tasks or len(tasks) > _MOST_TASKS:
            return _error(400, "invalidRequest", f"The body holds {len(tasks)} tasks, allowed are 1 to {_MOST_TASKS}.")
        return await self._answer(request, tasks)

    async def _answer(self, request: Request, tasks: list[object]) -> Response:
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
        data: list[Item] = []
        admitted = self._protocol.admits(bearer)
        if isinstance(first := tasks[0], dict) and first.get("taskType") == "authentication":
            opened, _ = self._protocol.authentication(first)
            tasks = tasks[1:]
            admitted = admitted or opened is not None
            data += [opened] if opened is not None else []
        if not admitted:
            return JSONResponse({"errors": [wrong_key()]}, status_code=401)
        errors: list[Item] = []
        base_url = str(request.base_url).rstrip("/")
        for task in tasks:
            good, bad = await run_in_threadpool(self._protocol.answer, task, base_url)
            data, errors = [*data, *good], [*errors, *bad]
        refused = bool(errors) and not data and not _is_poll(tasks)
        status = _STATUS.get(family(str(errors[0]["code"])), 400) if refused else 200
        return JSONResponse(_envelope(data, errors), status_code=status, headers=self._mark())

    async def _body(self, request: Request) -> bytes | None:
        body = bytearray()
        try:
            async for block in request.stream():
                body += block
                if len(body) > self._most:
                    return None
        except ClientDisconnect:
            return None
        return bytes(body)

    async def file(self, request: Request) -> Response:
        """``GET /files/<uuid>.mp4``, with ranges; needs no key, as the address cannot be guessed."""
        path = await run_in_threadpool(self._protocol.file, request.path_params["name"])
        if path is None:
            return _error(404, "fileNotFound", "There is no such file.")
        return FileResponse(path, headers=self._mark())

    def _mark(self) -> dict[str, str]:
        """Which engine really answers, whatever model was asked for."""
        return {"X-Kling-Post-Engine": self._protocol.jobs.backend.name}

    async def socket(self, websocket: WebSocket) -> None:
        """``/v1`` as a WebSocket."""
        origin = websocket.headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != websocket.headers.get("host"):
            # A page of another site must not reach a server on its reader's machine.
            await websocket.close(code=1008)
            return
        await websocket.accept()
        await _Session(websocket, self._protocol, self._most).run()


class _Session:
    """One WebSocket: each text frame is a list of tasks, and the first of all must be an authentication."""

    def __init__(self, websocket: WebSocket, protocol: Protocol, most: int) -> None:
        self._websocket, self._protocol, self._most = websocket, protocol, most
        self._admitted = False
        self._running: set[asyncio.Task[None]] = set()
        self._sending = asyncio.Lock()
        scheme = "https" if websocket.url.scheme == "wss" else "http"
        self._base_url = f"{scheme}://{websocket.headers.get('host', '127.0.0.1')}"

    async def run(self) -> None:
        """Answer until the client goes away or says nothing for two minutes."""
        try:
            while True:
                text = await asyncio.wait_for(self._websocket.receive_text(), _IDLE_SECONDS)
                await self._frame(_frame(text, self._most))
        except WebSocketDisconnect:
            pass
        except TimeoutError:
            with suppress(RuntimeError):
                await self._websocket.close()
        finally:
            for work in self._running:
                work.cancel()

    async def _frame(self, tasks: list[object] | None) -> None:
        if tasks is None:
            await self._send([], [{"code": "invalidRequest", "message": "A frame is a JSON list of tasks.", "status": "error"}])
            return
        if isinstance(first := tasks[0], dict) and first.get("taskType") == "authentication":
            opened, refused = self._protocol.authentication(first)
            self._admitted = opened is not None
            await self._send([opened] if opened else [], [refused] if refused else [])
            tasks = tasks[1:]
        if tasks and not self._admitted:
            await self._send([], [wrong_key()])
        elif tasks:
            # A task may take its time (sync delivery): pings behind it are answered all the same.
            work = asyncio.create_task(self._answer(tasks))
            self._running.add(work)
            work.add_done_callback(self._running.discard)

    async def _answer(self, tasks: list[object]) -> None:
        for task in tasks:
            data, errors = await run_in_threadpool(self._protocol.answer, task, self._base_url)
            await self._send(data, errors)

    async def _send(self, data: list[Item], errors: list[Item]) -> None:
        async with self._sending:
            # A client that has gone in the meantime comes back and asks again.
            with suppress(WebSocketDisconnect, RuntimeError):
                await self._websocket.send_text(json.dumps(_envelope(data, errors)))


def _frame(text: str, most: int) -> list[object] | None:
    """The tasks of a text frame; None where it holds none, or too many."""
    if len(text) > most:
        return None
    try:
        tasks = json.loads(text)
    except (ValueError, RecursionError):
        return None
    tasks = tasks if isinstance(tasks, list) else [tasks]
    return tasks if 0 < len(tasks) <= _MOST_TASKS else None


def _envelope(data: list[Item], errors: list[Item]) -> dict[str, list[Item]]:
    """Both lists where both say something; an empty ``data`` where nothing is known."""
    if errors:
        return {"data": data, "errors": errors} if data else {"errors": errors}
    return {"data": data}


def _is_poll(tasks: list[object]) -> bool:
    """A failed job read through ``getResponse`` is an answer, not a refusal."""
    return all(isinstance(task, dict) and task.get("taskType") == "getResponse" for task in tasks)


def _error(status: int, code: str, message: str) -> Response:
    return JSONResponse({"errors": [{"code": code, "message": message, "status": "error"}]}, status_code=status)
