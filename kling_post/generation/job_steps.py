"""One job from reservation to verified file, step by step; each step writes the ledger before and after it acts.

A step never waits: it says when the job wants to be looked at again. That makes many jobs a matter of one loop.
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from kling_post.errors import ProviderError
from kling_post.generation.backend import DeliveredVideo, Failed, JobState, NotFound, Processing, Succeeded
from kling_post.generation.delivery import bring_in
from kling_post.generation.families import may_be_ordered_again, stops_the_run
from kling_post.generation.ledger import Ledger
from kling_post.generation.ledger_rows import Job
from kling_post.generation.takes import TakeOrder, copy_in, finished_takes
from kling_post.vocabulary import Take, VideoTask


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How long to wait for what, in seconds."""

    first: float = 2.0
    """Before the first look at a job, and the shortest wait between looks."""
    longest: float = 10.0
    growth: float = 1.5
    jitter: float = 0.2
    """Part of each wait that is left to chance, so that many clients do not ask in step."""
    unreachable: float = 600.0
    """How long an engine may answer with errors before the run gives it up."""
    silent: float = 120.0
    """How long an engine may say nothing of an accepted job before it counts as unknown."""
    give_up: float = 2700.0
    """How long a job may be under way; a later run goes on waiting."""
    resend_within: float = 3600.0
    """How long after sending an order it may be sent again under its UUID: while the engine surely remembers it."""


REMOTE = Pace()
LOCAL = Pace(first=0.05, longest=0.2, unreachable=30.0, silent=5.0, give_up=86_400.0)


class Clock:
    """Real time; tests put their own in its place."""

    def now(self) -> float:
        """Seconds of a clock that never jumps."""
        return time.monotonic()

    def today(self) -> float:
        """Seconds since the epoch."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


class StopRunError(Exception):
    """Nothing more can come of this run: the key or the account is refused."""

    def __init__(self, error: ProviderError) -> None:
        super().__init__(str(error))
        self.error = error


@dataclass(slots=True, kw_only=True)
class Work:
    """A job under way."""

    order: TakeOrder
    job: Job
    ledger: Ledger
    pace: Pace
    clock: Clock = field(default_factory=Clock)
    on_fraction: Callable[[float], None] = lambda _: None
    """Told how much of the job is done, 0 to 1; the download counts as its last tenth."""
    due: float = 0.0
    takes: tuple[Take, ...] | None = None
    error: ProviderError | None = None
    _wait: float = 0.0
    _begun: float | None = None
    _troubled_since: float | None = None
    _silent_since: float | None = None
    _lost: int = 0
    _watching: bool = False
    _ask_first: bool = False
    """Whether it is not known if the order was accepted."""

    @property
    def over(self) -> bool:
        """Whether there is nothing left to do for this run."""
        return self.takes is not None or self.error is not None

    @property
    def task(self) -> VideoTask:
        """The task under the UUID with which it goes out."""
        task, uuid = self.order.task, self.job.sent_uuid
        return task if uuid == task.task_uuid else replace(task, task_uuid=uuid, wire={**task.wire, "taskUUID": uuid})

    def step(self) -> None:
        """Do the next thing, and set when to be called again."""
        if self._begun is None:
            self._begun = self.clock.now()
            self._ask_first = self.job.state in {"sending", "unknown"}
        if self._is_elsewhere():
            self._watch()
        elif self.job.state == "reserved" or (self.job.state == "sending" and not self._ask_first):
            self._submit()
        else:
            self._look()

    def _is_elsewhere(self) -> bool:
        """Whether another living run works on the job; where that run is over, this one takes the job as it left it."""
        if not self._watching and not self.ledger.is_held_by_another(self.job):
            return False
        self._watching = True
        current = self.ledger.job(self.job.task_uuid, self.job.backend)
        assert current is not None
        self.job = current
        if current.state in {"verified", "failed"} or self.ledger.is_held_by_another(current):
            return True
        (self.job,) = self.ledger.claim([self.job])
        self._watching = self.ledger.is_held_by_another(self.job)
        self._ask_first = self.job.state in {"sending", "unknown"}
        return self._watching

    # ------------------------------------------------------------------------------------------------------- sending

    def _submit(self) -> None:
        work_folder = self.order.work_folder
        work_folder.mkdir(parents=True, exist_ok=True)
        if self.job.state != "sending":
            self.job = self.ledger.move(self.job, "sending", detail=f"as {self.job.sent_uuid}")
        try:
            self.order.backend.submit(self.task, work_folder)
        except ProviderError as error:
            self._not_submitted(error)
        else:
            self._accepted("")

    def _not_submitted(self, error: ProviderError) -> None:
        if stops_the_run(error.code):
            self.ledger.move(self.job, "planned", detail=f"not sent: {error.code}")
            raise StopRunError(error)
        if not error.retryable and error.code != "lostAnswer":
            self.job = self.ledger.move(self.job, "failed", detail=error.message, code=error.code, retryable=True)
            self.error = ProviderError(f"{self.order.label}: {error.message}", code=error.code, remedy=error.remedy)
            return
        self._ask_first = error.code == "lostAnswer"
        self._trouble(error)

    def _accepted(self, detail: str) -> None:
        self.job = self.ledger.move(self.job, "accepted", detail=detail)
        self._ask_first = False
        self._calm()

    # ------------------------------------------------------------------------------------------------------- looking

    def _look(self) -> None:
        try:
            state = self.order.backend.poll(self.task, self.order.work_folder)
        except ProviderError as error:
            if stops_the_run(error.code):
                raise StopRunError(error) from error
            if self.job.state in {"succeeded", "stored"}:
                self._bring_in(tuple(result.video for result in self.ledger.results(self.job)))
            else:
                self._trouble(error)
            return
        self._troubled_since = None
        self._take_in(state)

    def _take_in(self, state: JobState) -> None:
        match state:
            case NotFound():
                self._not_found()
            case Succeeded(videos=videos):
                self._silent_since = None
                if self.job.state not in {"succeeded", "stored"}:
                    self.job = self.ledger.delivered(self.job, videos)
                self._bring_in(videos)
            case Failed(code=code, message=message, retryable=retryable):
                again = retryable or may_be_ordered_again(code)
                self.job = self.ledger.move(self.job, "failed", detail=message, code=code, retryable=again)
                remedy = "Run again to order it anew." if again else "Change the request; the same one will fail again."
                self.error = ProviderError(f"{self.order.label} failed: {message} ({code})", code=code, retryable=again, remedy=remedy)
            case Processing(fraction=fraction):
                self._silent_since = None
                if self.job.state in {"sending", "unknown"}:
                    self._accepted("the engine knows it")
                if fraction is not None:
                    self.on_fraction(0.9 * fraction)
                self._later()

    def _not_found(self) -> None:
        """The engine has nothing to say of the job: right after sending that means little, later it means that it is lost."""
        if self.job.state in {"succeeded", "stored"}:
            self._bring_in(tuple(result.video for result in self.ledger.results(self.job)))
            return
        self._lost += 1
        local = not self.order.backend.paid and self._lost < 3
        if local or (self.job.state == "sending" and self._sent_seconds_ago() < self.pace.resend_within):
            # The UUID is the same: an engine that did take the order says so instead of taking another.
            self._ask_first = False
            if self.job.state != "sending":
                self.job = self.ledger.move(self.job, "sending", detail=f"lost by the engine, sent again as {self.job.sent_uuid}")
            self._submit()
            return
        now = self.clock.now()
        self._silent_since = self._silent_since if self._silent_since is not None else now
        if self.job.state == "accepted" and now - self._silent_since < self.pace.silent:
            self._later()
            return
        message = "it was sent, and the provider says nothing of it"
        if self.job.state != "unknown":
            self.job = self.ledger.move(self.job, "unknown", detail=message, code="unknownTask")
        self.error = ProviderError(
            f"{self.order.label}: {message}; it is not sent again, because it may have been billed.",
            code="unknownTask",
            remedy="Run again later to ask once more, or 'kling-post ledger resume --resubmit-unknown' to take the risk.",
        )

    def _sent_seconds_ago(self) -> float:
        return self.clock.today() - (self.job.sent_at or 0.0)

    # ------------------------------------------------------------------------------------------------------ bringing

    def _bring_in(self, videos: tuple[DeliveredVideo, ...]) -> None:
        def on_bytes(done: int, total: int) -> None:
            self.on_fraction(0.9 + (0.1 * done / total if total else 0.0))

        try:
            self.takes = bring_in(self.order, self.job, videos, self.ledger, on_bytes, self._pause)
        except ProviderError as error:
            if not self.order.backend.paid and error.code == "badDelivery":
                self.job = self.ledger.start_over(self.job, error.message)
            self.error = error

    def _pause(self, number: int) -> None:
        self.clock.sleep(min(self.pace.first * 2 ** (number - 1), self.pace.longest))

    # ------------------------------------------------------------------------------------------------------- waiting

    def _watch(self) -> None:
        """Another run works on it, or did: wait for it, and use what it made."""
        current = self.job
        if current.state == "verified":
            copy_in(self.order, self.ledger.results(current))
            self.takes = tuple(take for take, _ in finished_takes(self.order)) or None
            if self.takes is None:
                self.error = ProviderError(
                    f"{self.order.label}: another run made it, and its file is gone.", code="takeGone", remedy="Run again to fetch it."
                )
        if current.state == "failed":
            self.error = ProviderError(f"{self.order.label} failed in another run: {current.message}", code=current.code)
        self._later()

    def _trouble(self, error: ProviderError) -> None:
        """The engine cannot be asked just now."""
        now = self.clock.now()
        self._troubled_since = self._troubled_since if self._troubled_since is not None else now
        if now - self._troubled_since >= self.pace.unreachable:
            self.error = ProviderError(
                f"{self.order.label}: {error.message} (for {now - self._troubled_since:.0f} s).",
                code=error.code,
                retryable=True,
                remedy="Run again: it goes on where it stopped.",
            )
            return
        self._later()

    def _calm(self) -> None:
        self._troubled_since = None
        self._wait = 0.0
        self._later()

    def _later(self) -> None:
        assert self._begun is not None
        now = self.clock.now()
        if now - self._begun > self.pace.give_up:
            self.error = ProviderError(
                f"{self.order.label}: still under way after {self.pace.give_up / 60:.0f} minutes.",
                code="stillProcessing",
                retryable=True,
                remedy="Run again later: it is waited for, not ordered anew.",
            )
            return
        self._wait = min(max(self._wait * self.pace.growth, self.pace.first), self.pace.longest)
        self.due = now + self._wait * (1 + self.pace.jitter * (random.random() - 0.5))  # noqa: S311 - no secret
