"""The server's jobs: written to a ledger before they are acknowledged, worked off in order, gone on with after a restart."""

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from kling_post.errors import KlingPostError, ProviderError, RequestError
from kling_post.generation.backend import Backend, engine_name
from kling_post.generation.families import CONFLICT
from kling_post.generation.identity import task_uuid
from kling_post.generation.job_steps import Clock
from kling_post.generation.ledger import IN_FLIGHT, Ledger
from kling_post.generation.ledger_rows import Job, Order, Result
from kling_post.generation.producer import produce
from kling_post.generation.request import parse_request, task_name
from kling_post.vocabulary import VideoTask

_PROJECT = "served"


class _StoppedError(Exception):
    """The server is closing: a job is left as it stands, for the next start."""


class _StoppableClock(Clock):
    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop

    def sleep(self, seconds: float) -> None:
        if self._stop.wait(seconds):
            raise _StoppedError


class _Fraction:
    """A progress that keeps only the last figure."""

    def __init__(self) -> None:
        self.percent = 0

    def start(self, label: str, total: int, unit: str = "frames") -> None:
        """Nothing is drawn."""

    def advance(self, done: int) -> None:
        """Keep it."""
        self.percent = done

    def finish(self, note: str = "") -> None:
        """Nothing is drawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a job stands, for those who ask."""

    job: Job
    results: tuple[Result, ...]
    percent: int
    error: ProviderError | None
    """Why this run of the server has given the job up, where its ledger entry does not say it."""


class Jobs:
    """All jobs of one server and the threads that work on them."""

    def __init__(self, folder: Path, backend: Backend, *, queue_limit: int = 100) -> None:
        self.folder, self.backend = folder, backend
        self._limit = queue_limit
        self._ledger = Ledger(folder / "ledger.sqlite")
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._progress: dict[str, _Fraction] = {}
        self._errors: dict[str, ProviderError] = {}
        self._done: dict[str, threading.Event] = {}
        self._pool = ThreadPoolExecutor(max_workers=max(1, backend.parallel_jobs), thread_name_prefix="job")
        for job in self._ledger.jobs(states=IN_FLIGHT):
            self._start(parse_request(dict(job.request), name=job.shot, take_number=job.take_number))

    def submit(self, task: VideoTask) -> None:
        """Take a task; it is on the disk when this returns.

        Raises:
            RequestError: its UUID is known already (code ``conflictTaskUUID``), or the backend would refuse it.
            ProviderError: too many jobs are waiting (code ``rateLimitExceeded``).
        """
        for problem in self.backend.problems(task):
            raise RequestError(problem.message, code=problem.code, parameter=problem.parameter)
        with self._lock:
            if self._ledger.job(task.task_uuid, engine_name(self.backend)) is not None:
                raise RequestError(
                    f"A task with the taskUUID {task.task_uuid} exists already.", code=CONFLICT, parameter="taskUUID", remedy="Use another."
                )
            if len(self._progress) >= self._limit:
                raise ProviderError(f"{self._limit} jobs are waiting; try again later.", code="rateLimitExceeded", retryable=True)
            self._ledger.claim([self._order(task)])
            self._start(task)

    def standing(self, uuid: str) -> Standing | None:
        """How a job stands; None where its UUID is not known."""
        job = self._ledger.job(uuid, engine_name(self.backend))
        if job is None:
            return None
        fraction = self._progress.get(uuid)
        return Standing(
            job=job, results=self._ledger.results(job), percent=fraction.percent if fraction else 0, error=self._errors.get(uuid)
        )

    def wait(self, uuid: str, seconds: float) -> None:
        """Wait until a job has ended, or the time is over."""
        done = self._done.get(uuid)
        if done is not None:
            done.wait(seconds)

    def spent_usd(self) -> Decimal:
        """What all jobs have cost."""
        return self._ledger.spent_usd(_PROJECT)

    def jobs(self) -> tuple[Job, ...]:
        """All jobs ever taken."""
        return self._ledger.jobs()

    def close(self) -> None:
        """Stop working; unfinished jobs go on when a server is started on this folder again."""
        self._stop.set()
        self._pool.shutdown(wait=True, cancel_futures=True)
        self.backend.close()
        self._ledger.close()

    def _order(self, task: VideoTask) -> Order:
        return Order(
            task_uuid=task.task_uuid,
            backend=engine_name(self.backend),
            project=_PROJECT,
            shot=task_name(task),
            take_number=task.take_number,
            model=task.model,
            duration_seconds=task.duration_seconds,
            request=task.wire,
            price_usd=self.backend.price_usd(task),
        )

    def _start(self, task: VideoTask) -> None:
        self._progress[task.task_uuid] = _Fraction()
        self._done[task.task_uuid] = threading.Event()
        self._pool.submit(self._work, task)

    def _work(self, task: VideoTask) -> None:
        uuid = task.task_uuid
        try:
            produce(
                [task],
                self.backend,
                folder=self.folder / "files",
                ledger=self._ledger,
                progress=self._progress[uuid],
                project=_PROJECT,
                clock=_StoppableClock(self._stop),
            )
        except _StoppedError:
            return
        except KlingPostError as error:
            code = error.code if isinstance(error, ProviderError | RequestError) else "inferenceError"
            self._errors[uuid] = ProviderError(error.message, code=code, remedy=error.remedy)
        except Exception as error:  # noqa: BLE001 - one job's trouble must not end the server; the client is told
            self._errors[uuid] = ProviderError(f"{type(error).__name__}: {error}", code="inferenceError")
        finally:
            self._progress.pop(uuid, None)
            self._done[uuid].set()


def video_uuids(job: Job) -> tuple[str, ...]:
    """The UUIDs under which a job's results will be served; known from the start, so that unfinished jobs can name them."""
    count = job.request.get("numberResults", 1)
    assert isinstance(count, int)
    return tuple(task_uuid(hashlib.sha256(f"{job.task_uuid}/result/{number}".encode()).digest()) for number in range(count))
