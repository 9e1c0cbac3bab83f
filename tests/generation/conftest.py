# ruff: noqa: ARG002 - the engine keeps a contract whose arguments it does not all need
"""What the tests of the generation room share: a small request, and an engine whose memory is a folder."""

import http.server
import json
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kling_post.errors import ProviderError
from kling_post.generation.backend import DeliveredVideo, Failed, JobState, NotFound, Problem, Processing, Succeeded
from kling_post.generation.prices import price_usd, result_count
from kling_post.generation.request import parse_request
from kling_post.media.encode import FrameWriter
from kling_post.vocabulary import Size, VideoTask


def request_body(**changes: object) -> dict[str, object]:
    body: dict[str, object] = {
        "taskType": "videoInference",
        "model": "klingai:kling-video@3-4k",
        "positivePrompt": "A lighthouse on a basalt cliff at dusk.",
        "width": 3840,
        "height": 2160,
        "duration": 5,
        "providerSettings": {"klingai": {"sound": True}},
    }
    return {key: value for key, value in (body | changes).items() if value is not None}


@dataclass
class FolderEngine:
    """A paid engine that remembers its orders in a folder, so that several processes can meet it. Faults are scripted."""

    folder: Path
    clip: Path
    name: str = "folder"
    title: str = "Folder engine"
    paid: bool = True
    parallel_jobs: int = 1
    polls_until_done: int = 2
    submit_faults: list[ProviderError] = field(default_factory=list)
    accepted_in_spite: bool = False
    """Whether an order is taken although the answer is a fault."""
    poll_answers: list[JobState | ProviderError] = field(default_factory=list)
    fetch_faults: list[object] = field(default_factory=list)
    """Errors to raise, or bytes to deliver instead of the clip."""
    most_results: int = 20
    closed: bool = False

    def problems(self, task: VideoTask) -> tuple[Problem, ...]:
        return ()

    def price_usd(self, task: VideoTask) -> Decimal:
        return price_usd(task) if self.paid else Decimal(0)

    def submit(self, task: VideoTask, work_folder: Path) -> None:
        if self.submit_faults:
            fault = self.submit_faults.pop(0)
            if self.accepted_in_spite:
                self._accept(task)
            raise fault
        self._accept(task)

    def _accept(self, task: VideoTask) -> None:
        with (self.folder / "submits").open("a") as log:
            log.write(task.task_uuid + "\n")
        try:
            descriptor = os.open(self.folder / task.task_uuid, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
        except FileExistsError:
            return
        os.close(descriptor)
        with (self.folder / "accepted").open("a") as log:
            log.write(task.task_uuid + "\n")

    def poll(self, task: VideoTask, work_folder: Path) -> JobState:
        if self.poll_answers:
            answer = self.poll_answers.pop(0)
            if isinstance(answer, ProviderError):
                raise answer
            return answer
        order = self.folder / task.task_uuid
        if not order.exists():
            return NotFound()
        polls = len(order.read_text()) + 1
        order.write_text("." * polls)
        if polls < self.polls_until_done:
            return Processing(fraction=polls / self.polls_until_done)
        count = min(result_count(task), self.most_results)
        cost = price_usd(task) / result_count(task) if self.paid else Decimal(0)
        video = DeliveredVideo(video_uuid=f"v-{task.task_uuid}", location=str(self.clip), cost_usd=cost, seed=7)
        return Succeeded(videos=tuple(replace(video, video_uuid=f"{video.video_uuid}-{number}") for number in range(count)))

    def fetch(self, video: DeliveredVideo, destination: Path, on_bytes: Callable[[int, int], None]) -> None:
        if self.fetch_faults:
            fault = self.fetch_faults.pop(0)
            if isinstance(fault, Exception):
                raise fault
            assert isinstance(fault, bytes)
            destination.write_bytes(fault)
            return
        content = Path(video.location).read_bytes()
        destination.write_bytes(content)
        on_bytes(len(content), len(content))

    def close(self) -> None:
        self.closed = True

    @property
    def accepted(self) -> list[str]:
        log = self.folder / "accepted"
        return log.read_text().split() if log.exists() else []

    @property
    def submits(self) -> list[str]:
        log = self.folder / "submits"
        return log.read_text().split() if log.exists() else []


class FastClock:
    """A clock whose sleeps take no time."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> float:
        return self.seconds

    def today(self) -> float:
        return time.time() + self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


@dataclass
class Notes:
    """A progress that remembers what it was told."""

    lines: list[str] = field(default_factory=list)
    done: list[int] = field(default_factory=list)

    def start(self, label: str, total: int, unit: str = "frames") -> None:
        self.lines.append(f"start {label}")

    def advance(self, done: int) -> None:
        self.done.append(done)

    def finish(self, note: str = "") -> None:
        self.lines.append(f"finish {note}")


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A picture of 64x36, 12 frames at 24 a second."""
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    with FrameWriter(path, size=Size(64, 36), rate=Fraction(24), sound=None) as writer:
        for index in range(12):
            writer.write(np.full((36, 64, 3), index * 20, dtype=np.uint8))
    return path


@pytest.fixture
def engine(tmp_path: Path, clip: Path) -> FolderEngine:
    folder = tmp_path / "engine"
    folder.mkdir()
    return FolderEngine(folder=folder, clip=clip)


@pytest.fixture
def make_task() -> Callable[..., VideoTask]:
    def make(name: str = "cliff", take_number: int = 1, **changes: object) -> VideoTask:
        return parse_request(request_body(**changes), name=name, take_number=take_number)

    return make


@pytest.fixture
def body() -> Callable[..., dict[str, object]]:
    return request_body


@pytest.fixture
def clock() -> FastClock:
    return FastClock()


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
def failed() -> Callable[..., Failed]:
    return Failed


def as_json(path: Path) -> dict[str, object]:
    loaded = json.loads(path.read_text())
    assert isinstance(loaded, dict)
    return loaded


# ------------------------------------------------------------------------------------------- a Runware that misbehaves

KEY = "sk-test-1234567890"


class FaultyRunware:
    """The service's REST interface and media host on a loopback port, with faults to be worked off in order.

    Each request takes the next fault of its kind (``submits``, ``polls``, ``media``); with none left it is served well.
    """

    def __init__(self, clip: Path) -> None:
        self.content = clip.read_bytes()
        self.submits: list[str] = []
        self.polls: list[str] = []
        self.media: list[str] = []
        self.accepted: list[str] = []
        self.bodies: list[dict[str, object]] = []
        self.poll_count = 0
        self.ranges: list[str | None] = []
        self.media_headers: list[dict[str, str]] = []
        self.keys: list[str | None] = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args: object) -> None:
                pass

            def do_POST(self) -> None:
                outer.keys.append(self.headers.get("Authorization"))
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))[0]
                (outer._poll if body["taskType"] == "getResponse" else outer._submit)(self, body)

            def do_GET(self) -> None:
                outer._media(self)

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    # Answers

    def _submit(self, handler: Any, body: dict[str, object]) -> None:
        fault = self.submits.pop(0) if self.submits else ""
        uuid = str(body["taskUUID"])
        self.bodies.append(body)
        if fault in {"drop", "503", "429", "504", "html", "drip"} or fault.startswith("refuse "):
            self._fault(handler, fault, uuid)
            return
        if uuid in self.accepted:
            self._json(handler, 400, {"errors": [{"code": "conflictTaskUUID", "message": "already exists", "taskUUID": uuid}]})
            return
        self.accepted.append(uuid)
        if fault.startswith("accept then "):
            self._fault(handler, fault.removeprefix("accept then "), uuid)
        else:
            self._json(handler, 200, {"data": [{"taskType": "videoInference", "taskUUID": uuid}]})

    def _poll(self, handler: Any, body: dict[str, object]) -> None:
        self.poll_count += 1
        fault = self.polls.pop(0) if self.polls else ""
        uuid = str(body["taskUUID"])
        error = {"code": fault.partition(" ")[2], "message": "the render failed", "taskUUID": uuid, "status": "error"}
        shapes = {
            "top": {"data": [], "errors": [error]},
            "flat": {"data": [{"taskType": "videoInference", **error}]},
            "nested": {"data": [{"taskUUID": uuid, "status": "error", "error": {"code": error["code"], "message": error["message"]}}]},
        }
        if fault.partition(" ")[0] in shapes:
            self._json(handler, 200, shapes[fault.partition(" ")[0]])
        elif fault == "processing":
            self._json(handler, 200, {"data": [{"taskUUID": uuid, "status": "processing", "progress": 40}]})
        elif fault == "nothing" or (not fault and uuid not in self.accepted):
            self._json(handler, 200, {"data": []})
        elif fault:
            self._fault(handler, fault, uuid)
        else:
            item = {"taskType": "videoInference", "taskUUID": uuid, "status": "success", "videoUUID": f"v-{uuid}"}
            self._json(handler, 200, {"data": [{**item, "videoURL": f"{self.url}/{uuid}.mp4", "cost": 2.1, "seed": 11}]})

    def _media(self, handler: Any) -> None:
        fault = self.media.pop(0) if self.media else ""
        wanted = handler.headers.get("Range")
        self.ranges.append(wanted)
        self.media_headers.append(dict(handler.headers))
        content, start = self.content, 0
        if wanted and fault != "ignores range":
            start = int(wanted.removeprefix("bytes=").rstrip("-"))
            if start >= len(content):
                self._raw(handler, 416, {}, b"")
                return
        if fault in {"404", "503", "drop", "html", "drip"}:
            self._fault(handler, fault, "")
            return
        if fault == "wrong bytes":
            content = bytes(len(content))
        if fault == "other video":
            content = content[:-1]
        headers = {"Content-Type": "video/mp4"}
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        if fault == "cut":
            self._raw(handler, 206 if start else 200, headers, content[start : len(content) // 2], length=len(content) - start, close=True)
        elif fault == "wrong length":
            self._raw(handler, 200, headers, content, length=len(content) + 99, close=True)
        else:
            self._raw(handler, 206 if start else 200, headers, content[start:])

    def _fault(self, handler: Any, fault: str, uuid: str) -> None:
        if fault == "drop":
            handler.close_connection = True
            handler.connection.shutdown(socket.SHUT_RDWR)
        elif fault == "html":
            self._raw(handler, 200, {"Content-Type": "text/html"}, b"<html><body>Our site is being worked on</body></html>")
        elif fault == "drip":
            self._drip(handler)
        elif fault == "empty ack":
            self._json(handler, 200, {"data": []})
        elif fault.startswith("refuse "):
            code = fault.removeprefix("refuse ")
            status = 401 if "ApiKey" in code else 500 if code == "internalServerError" else 400
            message = f"refused, your key was {KEY}"
            self._json(handler, status, {"errors": [{"code": code, "message": message, "taskUUID": uuid}]})
        else:
            self._raw(handler, int(fault), {"Content-Type": "text/plain"}, b"upstream trouble")

    def _drip(self, handler: Any) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        for _ in range(60):
            try:
                handler.wfile.write(b" ")
                handler.wfile.flush()
            except OSError:
                break
            time.sleep(0.02)
        handler.close_connection = True

    def _json(self, handler: Any, status: int, body: object) -> None:
        self._raw(handler, status, {"Content-Type": "application/json"}, json.dumps(body).encode())

    def _raw(
        self, handler: Any, status: int, headers: dict[str, str], body: bytes, *, length: int | None = None, close: bool = False
    ) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body) if length is None else length))
        handler.end_headers()
        handler.wfile.write(body)
        if close:
            handler.wfile.flush()
            handler.close_connection = True


@pytest.fixture
def service(clip: Path) -> Iterator[FaultyRunware]:
    service = FaultyRunware(clip)
    yield service
    service.close()
