"""An engine on this machine: each task is made by a child process in the task's own folder. No network, no cost.

The child ends when this process ends, is let go of, or is killed: it watches its standard input, whose other end lives here.
"""

import contextlib
import re
import shutil
import signal
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import ClassVar, Final

from kling_post.errors import ProviderError, RequestError, UsageError
from kling_post.generation.backend import DeliveredVideo, Failed, JobState, NotFound, Problem, Processing, Succeeded
from kling_post.generation.local import job
from kling_post.generation.request import frame_places, parse_request, read_body, task_name
from kling_post.generation.runs import is_alive
from kling_post.vocabulary import Size, VideoTask

FORMATS: Final = {"MP4": ".mp4", "MOV": ".mov"}
"""``outputFormat`` on the wire, and the suffix that it asks for."""

_END_SECONDS: Final = 5.0
_COPY_BYTES: Final = 8 << 20


class LocalEngine(ABC):
    """What every engine on this machine does the same; one that draws or generates says how its order reads and who carries it out."""

    name: ClassVar[str]
    title: ClassVar[str]
    worker: ClassVar[str]
    """Module of the child process: ``python -m WORKER ORDER_JSON FOLDER``."""
    without_effect: ClassVar[frozenset[str]] = frozenset()
    """Keys of the order that change how the work is done, not what comes of it."""
    paid = False
    parallel_jobs = 1

    def __init__(self) -> None:
        self._children: dict[str, subprocess.Popen[bytes]] = {}

    @abstractmethod
    def order(self, task: VideoTask) -> job.Json:
        """All that the child needs to know, as JSON values."""

    def problems(self, task: VideoTask) -> tuple[Problem, ...]:
        """What the provider's own rules say against the task, and what this engine cannot write."""
        found: list[Problem] = []
        try:
            parse_request(with_found_images(task), name=task_name(task), take_number=task.take_number)
        except RequestError as error:
            found.append(Problem(code=error.code, parameter=error.parameter, message=error.message))
        wanted = str(task.wire.get("outputFormat", "MP4"))
        if wanted not in FORMATS:
            message = f"outputFormat is {wanted}, allowed with {self.name} are {' and '.join(FORMATS)}."
            found.append(Problem(code="unsupportedParameter", parameter="outputFormat", message=message))
        return tuple(found)

    def price_usd(self, task: VideoTask) -> Decimal:  # noqa: ARG002 - the contract's signature
        """Nothing."""
        return Decimal(0)

    def submit(self, task: VideoTask, work_folder: Path) -> None:
        """Start the child that makes the task, unless it is made or being made already; half-made work of a dead child is removed.

        Raises:
            ProviderError: the child process cannot be started.
        """
        order = self.order(task)
        is_made = job.outcomes_in(work_folder, task.task_uuid) is not None and job.is_same_order(
            work_folder, order, besides=self.without_effect
        )
        if is_made or self._is_made_now(task, work_folder):
            return
        _clear(work_folder)
        work_folder.mkdir(parents=True, exist_ok=True)
        job.write_json(work_folder / job.ORDER, order)
        command = [sys.executable, "-m", self.worker, str(work_folder / job.ORDER), str(work_folder)]
        try:
            with (work_folder / job.LOG).open("wb") as log:
                child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=log)
        except OSError as error:
            raise ProviderError(f"the {self.name} process could not be started: {error}.", code="workerNotStarted") from error
        self._children[task.task_uuid] = child

    def poll(self, task: VideoTask, work_folder: Path) -> JobState:
        """How the work stands, by the files in the task's folder."""
        child = self._children.get(task.task_uuid)
        ended = child.poll() if child is not None else None
        outcomes = job.outcomes_in(work_folder, task.task_uuid)
        if outcomes is not None:
            self._forget(task)
            return Succeeded(videos=tuple(self._delivered(task, work_folder, *numbered) for numbered in enumerate(outcomes)))
        failure = job.read_json(work_folder / job.FAILURE)
        if failure is not None:
            self._forget(task)
            return Failed(code=failure["code"], message=failure["message"], retryable=failure["retryable"])
        if ended is not None:
            self._forget(task)
            return Failed(code="workerDied", message=f"the {self.name} process ended {_how(ended)} before it was done", retryable=True)
        if child is None and not self._is_made_now(task, work_folder):
            return NotFound()
        progress = job.read_json(work_folder / job.PROGRESS)
        return Processing(fraction=progress["fraction"] if progress else None)

    def fetch(self, video: DeliveredVideo, destination: Path, on_bytes: Callable[[int, int], None]) -> None:
        """Copy the finished video to ``destination``.

        Raises:
            ProviderError: it is not there any more, or the disk is full.
        """
        source = Path(video.location)
        try:
            total, done = source.stat().st_size, 0
            with source.open("rb") as reader, destination.open("wb") as writer:
                while block := reader.read(_COPY_BYTES):
                    writer.write(block)
                    done += len(block)
                    on_bytes(done, total)
        except OSError as error:
            raise ProviderError(
                f"the finished video {source} could not be copied: {error}.", code="downloadFailed", retryable=True
            ) from error

    def close(self) -> None:
        """End the children that are still at work; what they had made is thrown away when the task is handed over again."""
        for child in self._children.values():
            _end(child)
        self._children.clear()

    def _is_made_now(self, task: VideoTask, work_folder: Path) -> bool:
        """Whether a living child, of this process or another, makes this task in the folder."""
        child = self._children.get(task.task_uuid)
        if child is not None:
            return child.poll() is None
        progress = job.read_json(work_folder / job.PROGRESS)
        same = progress is not None and progress.get("task_uuid") == task.task_uuid
        return bool(progress and same and is_alive(work_folder / job.LIFE, progress["run_id"]))

    def _forget(self, task: VideoTask) -> None:
        child = self._children.pop(task.task_uuid, None)
        if child is not None:
            _end(child)

    def _delivered(self, task: VideoTask, folder: Path, number: int, outcome: job.Outcome) -> DeliveredVideo:
        suffix = f"-{number + 1}" if number else ""
        return DeliveredVideo(
            video_uuid=f"{self.name}-{task.task_uuid}{suffix}",
            location=str(folder / outcome.video),
            cost_usd=Decimal(0),
            seed=outcome.seed,
            notes=outcome.notes,
            sidecars={name: folder / file for name, file in outcome.sidecars.items()},
        )


def with_found_images(task: VideoTask) -> dict[str, object]:
    """The task's body with its local images under the paths where they were found: the body's own are relative to its file."""
    wire = dict(task.wire)
    body = read_body(wire)
    items = body.inputs.frame_images if body.inputs is not None else None
    if not items:
        return wire
    found = {"first": task.first_image, "last": task.last_image}
    frames = [{"image": found[place], "frame": place} for place in frame_places(items, task.duration_seconds)]
    inputs = wire["inputs"]
    return wire | {"inputs": {**(inputs if isinstance(inputs, dict) else {}), "frameImages": frames}}


def size_of_text(text: str) -> Size:
    """``1280x720`` as a size.

    Raises:
        UsageError: it is none.
    """
    match = re.fullmatch(r"(\d{2,5})[xX×](\d{2,5})", text.strip())  # noqa: RUF001 - the sign that people write
    if match is None:
        raise UsageError(f"{text!r} is not a picture size.", remedy="Write it like 1280x720.")
    return Size(int(match[1]), int(match[2]))


def _how(code: int) -> str:
    if code >= 0:
        return f"with code {code}"
    with contextlib.suppress(ValueError):
        return f"by {signal.Signals(-code).name}"
    return f"by signal {-code}"


def _end(child: subprocess.Popen[bytes]) -> None:
    """Let the child go: it sees its input close and tidies up; one that does not is killed."""
    if child.stdin is not None:
        child.stdin.close()
    try:
        child.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _clear(folder: Path) -> None:
    """Remove what an earlier child left: it starts over."""
    if not folder.is_dir():
        return
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
