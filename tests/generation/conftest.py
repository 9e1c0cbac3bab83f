# ruff: noqa: ARG002 - the engine keeps a contract whose arguments it does not all need
"""What the tests of the generation room share: a small request, and an engine whose memory is a folder."""

import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from kling_post.errors import ProviderError
from kling_post.generation.backend import DeliveredVideo, Failed, JobState, NotFound, Problem, Processing, Succeeded
from kling_post.generation.prices import price_usd
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
        cost = price_usd(task) if self.paid else Decimal(0)
        return Succeeded(videos=(DeliveredVideo(video_uuid=f"v-{task.task_uuid}", location=str(self.clip), cost_usd=cost, seed=7),))

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
