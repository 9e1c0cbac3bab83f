"""The processes that make and judge cases."""

import os
import threading
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context, parent_process


def worker_processes(count: int) -> ProcessPoolExecutor:
    """A pool of so many processes, which end when the one that asked for them does, however that ends."""
    # Spawned, not forked: ffmpeg's feeding threads and OpenCV's do not survive a fork.
    return ProcessPoolExecutor(max_workers=count, mp_context=get_context("spawn"), initializer=_leave_with_parent)


def _leave_with_parent() -> None:
    """A killed parent tells its workers nothing: they would wait for work for ever."""
    parent = parent_process()
    assert parent is not None

    def wait() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=wait, daemon=True, name="waits for the parent's end").start()
