"""The child process that draws one task: ``python -m kling_post.generation.previz.worker ORDER_JSON FOLDER``.

It ends when its standard input closes, that is when its parent lets go of it or dies.
"""

import contextlib
import os
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import Final

from kling_post.errors import KlingPostError
from kling_post.generation.previz import job
from kling_post.generation.runs import Run

_TIDY_SECONDS: Final = 3.0
"""How long the child may take to remove its half-written files once it is let go of."""
_PROGRESS_SECONDS: Final = 0.1


def main(arguments: list[str]) -> int:
    """Draw the order; 0 where a result, 1 where a failure was written."""
    order_path, folder = Path(arguments[0]), Path(arguments[1])
    _end_with_parent()
    order = job.order_from_json(job.read_json(order_path) or {})
    with Run(folder / job.LIFE) as run:
        progress = _Progress(folder, order.task.task_uuid, run.run_id)
        progress.tell(0.0, at_once=True)
        try:
            from kling_post.generation.previz.take import draw_take

            outcomes = tuple(draw_take(order, folder, number, progress.tell) for number in range(order.results))
            job.write_json(folder / job.RESULT, job.result_to_json(order.task.task_uuid, outcomes))
        except KeyboardInterrupt:
            return 1
        except KlingPostError as error:
            name = type(error).__name__
            _fail(folder, name[:1].lower() + name[1:], str(error))
            return 1
        except MemoryError:
            _fail(folder, "outOfMemory", "the machine has not enough memory to draw this size.")
            return 1
        except OSError as error:
            _fail(folder, "fileError", f"a previz file could not be read or written: {error}.")
            return 1
        except Exception as error:  # noqa: BLE001 - whatever went wrong must reach the parent as a sentence
            traceback.print_exc()
            _fail(folder, "rendererError", f"the previz renderer failed: {type(error).__name__}: {error}.")
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
    """Tell the parent. Drawing costs nothing, so that it may always be tried again: with the image back, or room on the disk."""
    job.write_json(folder / job.FAILURE, {"code": code, "message": " ".join(message.split()), "retryable": True})


def _end_with_parent() -> None:
    """Interrupt the drawing when standard input closes, and leave for good if that does not help."""

    def watch() -> None:
        with contextlib.suppress(OSError, ValueError):
            while os.read(0, 4096):
                pass
        import _thread

        _thread.interrupt_main()
        time.sleep(_TIDY_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, name="parent watch", daemon=True).start()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
