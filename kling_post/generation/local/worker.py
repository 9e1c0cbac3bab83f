"""The child's side of a local job: life sign, progress, and every ending as a file that the parent can read.

A child ends when its standard input closes, that is when its parent lets go of it or dies.
"""

import contextlib
import os
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Final

from kling_post.errors import KlingPostError
from kling_post.generation.local import job
from kling_post.generation.runs import Run

_TIDY_SECONDS: Final = 3.0
"""How long the child may take to remove its half-written files once it is let go of."""
_PROGRESS_SECONDS: Final = 0.1

Told = Callable[[float], None]
"""Told the fraction of the whole order that is done."""
Make = Callable[[job.Json, Path, Told], tuple[job.Outcome, ...]]
"""Carries out an order in its folder."""


def carry_out(arguments: list[str], make: Make, *, engine: str) -> int:
    """Make what the order asks; 0 where a result, 1 where a failure was written.

    Args:
        arguments: The order's file and the job's folder.
        make: Who carries the order out.
        engine: What a person calls it, for the sentences of failures.
    """
    order_path, folder = Path(arguments[0]), Path(arguments[1])
    _end_with_parent(folder)
    order = job.read_json(order_path) or {}
    task_uuid = str(order["task"]["task_uuid"])
    with Run(folder / job.LIFE) as run:
        progress = _Progress(folder, task_uuid, run.run_id)
        progress.tell(0.0, at_once=True)
        try:
            job.write_json(folder / job.RESULT, job.result_to_json(task_uuid, make(order, folder, progress.tell)))
        except KeyboardInterrupt:
            return 1
        except KlingPostError as error:
            name = type(error).__name__
            _fail(folder, name[:1].lower() + name[1:], str(error))
            return 1
        except MemoryError:
            _fail(folder, "outOfMemory", "the machine has not enough memory for this size.")
            return 1
        except OSError as error:
            _fail(folder, "fileError", f"a file of {engine} could not be read or written: {error}.")
            return 1
        except Exception as error:  # noqa: BLE001 - whatever went wrong must reach the parent as a sentence
            traceback.print_exc()
            _fail(folder, "engineError", f"{engine} failed: {type(error).__name__}: {error}.")
            return 1
    return 0


class _Progress:
    """Writes how far the job is, not more often than people can read."""

    def __init__(self, folder: Path, task_uuid: str, run_id: str) -> None:
        self._path = folder / job.PROGRESS
        self._known = {"task_uuid": task_uuid, "run_id": run_id, "pid": os.getpid()}
        self._told = 0.0

    def tell(self, fraction: float, *, at_once: bool = False) -> None:
        """``fraction`` of the job, 0 to 1, is done."""
        now = time.monotonic()
        if at_once or now - self._told >= _PROGRESS_SECONDS:
            self._told = now
            job.write_json(self._path, self._known | {"fraction": round(fraction, 4)})


def _fail(folder: Path, code: str, message: str) -> None:
    """Tell the parent. Local work costs nothing, so that it may always be tried again: with the image back, or room on the disk."""
    job.write_json(folder / job.FAILURE, {"code": code, "message": " ".join(message.split()), "retryable": True})


def _end_with_parent(folder: Path) -> None:
    """Interrupt the work when standard input closes; if that does not help in time, remove what is half written and leave for good."""

    def watch() -> None:
        with contextlib.suppress(OSError, ValueError):
            while os.read(0, 4096):
                pass
        import _thread

        _thread.interrupt_main()
        time.sleep(_TIDY_SECONDS)
        for half_written in folder.rglob("*.part"):
            half_written.unlink(missing_ok=True)
        os._exit(1)

    threading.Thread(target=watch, name="parent watch", daemon=True).start()
