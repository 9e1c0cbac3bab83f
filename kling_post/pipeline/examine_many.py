"""Many files at once, each in a process of its own: a decoder that crashes or hangs on one file costs that file only."""

import multiprocessing
import os
import signal
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path

from kling_post.errors import MediaError
from kling_post.pipeline.examine import Examination, examine
from kling_post.pipeline.gate import Gate
from kling_post.pipeline.watchdog import watched
from kling_post.progress import SILENT, Progress
from kling_post.vocabulary import TakePlan

TIME_LIMIT_SECONDS = 1800.0
"""For one file: an hour of 4K takes less on two cores. A decoder that hangs is noticed long before, by the watchdog in its process."""

Outcome = Examination | MediaError


def examine_many(
    paths: Sequence[Path],
    plan: TakePlan,
    *,
    gate: Gate | None = None,
    cache_folder: Path | None = None,
    progress: Progress = SILENT,
    processes: int | None = None,
    time_limit_seconds: float = TIME_LIMIT_SECONDS,
) -> tuple[Outcome, ...]:
    """What the checks say of each file, in the order given; a ``MediaError`` stands where a file could not be examined.

    Args:
        paths: Media files.
        plan: What all of them were meant to be.
        gate: How findings are weighed.
        cache_folder: As for ``examine``.
        progress: Told of files, not of frames.
        processes: How many run at once; None for half the processor cores, as each decoder uses two or more.
        time_limit_seconds: After this a file's process is stopped.
    """
    at_once = processes or max(1, (os.cpu_count() or 2) // 2)
    waiting = list(enumerate(paths))
    running: list[_Run] = []
    outcomes: dict[int, Outcome] = {}
    progress.start("checking", len(paths), "files")
    try:
        while waiting or running:
            while waiting and len(running) < at_once:
                place, path = waiting.pop(0)
                running.append(_started(place, path, plan, gate, cache_folder))
            wait([run.results for run in running], timeout=0.5)
            for run in [run for run in running if run.results.poll() or time.monotonic() - run.began > time_limit_seconds]:
                outcomes[run.place] = run.outcome(time_limit_seconds)
                running.remove(run)
                progress.advance(len(outcomes))
    finally:
        for run in running:
            run.stop()
    progress.finish()
    return tuple(outcomes[place] for place in range(len(paths)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    place: int
    path: Path
    process: BaseProcess
    results: Connection
    began: float = field(default_factory=time.monotonic)

    def outcome(self, limit_seconds: float) -> Outcome:
        """What came out, once something did or the time is over."""
        try:
            if not self.results.poll():
                return MediaError(f"could not be examined in {limit_seconds:g} s.", path=self.path, remedy="The file may be damaged.")
            found = self.results.recv()
        except (EOFError, OSError):  # it ended before it had said anything, or in the middle of it
            self.process.join()
            return MediaError(
                f"the decoder broke down on it ({_end_of(self.process.exitcode)}).",
                path=self.path,
                remedy="Fetch or export the file again.",
            )
        finally:
            self.stop()
        return found if isinstance(found, Examination) else MediaError(found[0], path=self.path, remedy=found[1])

    def stop(self) -> None:
        """End the process, whatever it does."""
        with suppress(ValueError, OSError):
            self.process.kill()
            self.process.join()
        self.results.close()


def _end_of(exit_code: int | None) -> str:
    """How a process ended, in words; a negative code is the signal that ended it."""
    if exit_code is None or exit_code >= 0:
        return f"exit code {exit_code}"
    known = {each.value: each.name for each in signal.Signals}
    return f"ended by {known.get(-exit_code, f'signal {-exit_code}')}"


def _started(place: int, path: Path, plan: TakePlan, gate: Gate | None, cache_folder: Path | None) -> _Run:
    # Spawned, not forked: the decoder's and OpenCV's threads do not survive a fork.
    context = multiprocessing.get_context("spawn")
    results, sender = context.Pipe(duplex=False)
    process = context.Process(target=_examined, args=(sender, path, plan, gate, cache_folder), daemon=True)
    process.start()
    sender.close()
    return _Run(place=place, path=path, process=process, results=results)


def _examined(sender: Connection, path: Path, plan: TakePlan, gate: Gate | None, cache_folder: Path | None) -> None:
    """The child: sends the examination, or the sentence and the remedy of what stood against it."""

    def refuse(error: MediaError) -> None:
        sender.send((error.message.removeprefix(f"{path}: "), error.remedy))

    try:
        with watched(path, SILENT, refuse) as progress:  # who gets the refusal ends this process
            sender.send(examine(path, plan, gate=gate, cache_folder=cache_folder, progress=progress))
    except MediaError as error:
        refuse(error)
    except Exception as error:  # noqa: BLE001 a fault of ours in one file must not cost the others, nor look like the file's fault
        sender.send(
            (f"something broke inside: {type(error).__name__}: {error}.", "This is a fault of kling-post; please send us the file.")
        )
    finally:
        sender.close()
