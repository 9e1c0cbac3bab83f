"""The embedded backend: each task is drawn by a child process in the task's own folder. No AI, no network, no cost.

The child ends when this process ends, is let go of, or is killed: it watches its standard input, whose other end lives here.
"""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Final

from kling_post.errors import ProviderError, RequestError, UsageError
from kling_post.generation.backend import DeliveredVideo, Failed, JobState, NotFound, Problem, Processing, Succeeded
from kling_post.generation.previz import job
from kling_post.generation.previz.job import Order
from kling_post.generation.prices import result_count
from kling_post.generation.request import frame_places, parse_request, read_body, task_name
from kling_post.generation.runs import is_alive
from kling_post.vocabulary import Size, VideoTask

SIZE_VARIABLE: Final = "KLING_POST_PREVIZ_SIZE"
SMALLEST_LONG_SIDE: Final = 160
SMALLEST_SHORT_SIDE: Final = 90
"""Environment variable: ``1280x720`` draws every task at that size, turned to the task's own aspect."""

_FORMATS: Final = {"MP4": ".mp4", "MOV": ".mov"}
_END_SECONDS: Final = 5.0
_COPY_BYTES: Final = 8 << 20


class PrevizBackend:
    """Draws tasks on this machine."""

    name = "previz"
    title = "Previz (procedural, no AI)"
    paid = False
    parallel_jobs = 1

    def __init__(
        self, *, size_override: Size | str | None = None, seed: int | None = None, clean: bool = False, threads: int | None = None
    ) -> None:
        """Open the backend.

        Args:
            size_override: Draw smaller than the task asks, for a quick look; ``Size(1280, 720)`` or "1280x720". By default
                what the environment variable ``KLING_POST_PREVIZ_SIZE`` says.
            seed: In place of each task's own.
            clean: Leave the burnt-in label off; the file's metadata still say what it is.
            threads: How many frames are drawn at once; by default the processor's cores, at most 8.

        Raises:
            UsageError: a size that is not one.
        """
        given = size_override if size_override is not None else os.environ.get(SIZE_VARIABLE) or None
        self.size_override = _legible(_size(given) if isinstance(given, str) else given)
        self.seed = seed
        self.clean = clean
        self.threads = threads or max(1, min(os.cpu_count() or 1, 8))
        self._children: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def variant(self) -> str:
        """What makes the drawing another one than the task alone would give: empty where nothing does."""
        told = (self.size_override, None if self.seed is None else f"seed{self.seed}", "clean" if self.clean else None)
        return "-".join(str(one) for one in told if one is not None)

    def problems(self, task: VideoTask) -> tuple[Problem, ...]:
        """What the provider's own rules say against the task, and what this engine cannot write."""
        found: list[Problem] = []
        try:
            parse_request(_with_found_images(task), name=task_name(task), take_number=task.take_number)
        except RequestError as error:
            found.append(Problem(code=error.code, parameter=error.parameter, message=error.message))
        wanted = str(task.wire.get("outputFormat", "MP4"))
        if wanted not in _FORMATS:
            message = f"outputFormat is {wanted}, allowed with previz are {' and '.join(_FORMATS)}."
            found.append(Problem(code="unsupportedParameter", parameter="outputFormat", message=message))
        return tuple(found)

    def price_usd(self, task: VideoTask) -> Decimal:  # noqa: ARG002 - the contract's signature
        """Nothing."""
        return Decimal(0)

    def submit(self, task: VideoTask, work_folder: Path) -> None:
        """Start the child that draws the task, unless it is drawn or being drawn already; half-drawn work of a dead child is removed.

        Raises:
            ProviderError: the child process cannot be started.
        """
        order = self._order(task)
        is_drawn = job.outcomes_in(work_folder, task.task_uuid) is not None and job.is_same_order(work_folder, order)
        if is_drawn or self._is_drawn_now(task, work_folder):
            return
        _clear(work_folder)
        work_folder.mkdir(parents=True, exist_ok=True)
        job.write_json(work_folder / job.ORDER, job.order_to_json(order))
        command = [sys.executable, "-m", "kling_post.generation.previz.worker", str(work_folder / job.ORDER), str(work_folder)]
        try:
            with (work_folder / job.LOG).open("wb") as log:
                child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=log)
        except OSError as error:
            raise ProviderError(f"the previz process could not be started: {error}.", code="workerNotStarted") from error
        self._children[task.task_uuid] = child

    def poll(self, task: VideoTask, work_folder: Path) -> JobState:
        """How the drawing stands, by the files in the task's folder."""
        child = self._children.get(task.task_uuid)
        ended = child.poll() if child is not None else None
        outcomes = job.outcomes_in(work_folder, task.task_uuid)
        if outcomes is not None:
            self._forget(task)
            return Succeeded(videos=tuple(_delivered(task, work_folder, number, outcome) for number, outcome in enumerate(outcomes)))
        failure = job.read_json(work_folder / job.FAILURE)
        if failure is not None:
            self._forget(task)
            return Failed(code=failure["code"], message=failure["message"], retryable=failure["retryable"])
        if ended is not None:
            self._forget(task)
            return Failed(code="workerDied", message=f"the previz process ended {_how(ended)} before it was done", retryable=True)
        if child is None and not self._is_drawn_now(task, work_folder):
            return NotFound()
        progress = job.read_json(work_folder / job.PROGRESS)
        return Processing(fraction=progress["fraction"] if progress else None)

    def fetch(self, video: DeliveredVideo, destination: Path, on_bytes: Callable[[int, int], None]) -> None:
        """Copy the drawn video to ``destination``.

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
            raise ProviderError(f"the drawn video {source} could not be copied: {error}.", code="downloadFailed", retryable=True) from error

    def close(self) -> None:
        """End the children that are still drawing; what they had drawn is thrown away when the task is handed over again."""
        for child in self._children.values():
            _end(child)
        self._children.clear()

    def _order(self, task: VideoTask) -> Order:
        return Order(
            task=task,
            size=self.size_override,
            seed=self.seed,
            clean=self.clean,
            threads=self.threads,
            results=result_count(task),
            suffix=_FORMATS.get(str(task.wire.get("outputFormat", "MP4")), ".mp4"),
        )

    def _is_drawn_now(self, task: VideoTask, work_folder: Path) -> bool:
        """Whether a living child, of this process or another, draws this task in the folder."""
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


def _with_found_images(task: VideoTask) -> dict[str, object]:
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


def _size(text: str) -> Size:
    match = re.fullmatch(r"(\d{2,5})[xX×](\d{2,5})", text.strip())  # noqa: RUF001 - the sign that people write
    if match is None:
        raise UsageError(f"{text!r} is not a picture size.", remedy="Write it like 1280x720.")
    return Size(int(match[1]), int(match[2]))


def _legible(size: Size | None) -> Size | None:
    """The size, if the label that says what the picture is can be read in it."""
    if size is not None and (max(size.width, size.height) < SMALLEST_LONG_SIDE or min(size.width, size.height) < SMALLEST_SHORT_SIDE):
        raise UsageError(
            f"{size} is too small for previz: its label could not be read.",
            remedy=f"Take at least {SMALLEST_LONG_SIDE}x{SMALLEST_SHORT_SIDE}.",
        )
    return size


def _delivered(task: VideoTask, folder: Path, number: int, outcome: job.Outcome) -> DeliveredVideo:
    suffix = f"-{number + 1}" if number else ""
    return DeliveredVideo(
        video_uuid=f"previz-{task.task_uuid}{suffix}",
        location=str(folder / outcome.video),
        cost_usd=Decimal(0),
        seed=outcome.seed,
        notes=outcome.notes,
        sidecars={name: folder / file for name, file in outcome.sidecars.items()},
    )


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
