"""The embedded backend: tasks drawn by the processor of this machine. No AI, no network, no cost."""

import os
from typing import ClassVar, Final

from kling_post.errors import UsageError
from kling_post.generation.local.engine import FORMATS, LocalEngine, size_of_text
from kling_post.generation.local.job import Json
from kling_post.generation.previz.job import Order, order_to_json
from kling_post.generation.prices import result_count
from kling_post.vocabulary import Size, VideoTask

SIZE_VARIABLE: Final = "KLING_POST_PREVIZ_SIZE"
"""Environment variable: ``1280x720`` draws every task at that size, turned to the task's own aspect."""
DEPTH_VARIABLE: Final = "KLING_POST_PREVIZ_DEPTH"
"""Environment variable: ``1`` writes depth beside every take."""
SMALLEST_LONG_SIDE: Final = 160
SMALLEST_SHORT_SIDE: Final = 90


class PrevizBackend(LocalEngine):
    """Draws tasks on this machine."""

    name: ClassVar[str] = "previz"
    title: ClassVar[str] = "Previz (procedural, no AI)"
    worker: ClassVar[str] = "kling_post.generation.previz.worker"
    without_effect: ClassVar[frozenset[str]] = frozenset({"threads"})

    def __init__(
        self,
        *,
        size_override: Size | str | None = None,
        seed: int | None = None,
        clean: bool = False,
        depth: bool | None = None,
        threads: int | None = None,
    ) -> None:
        """Open the backend.

        Args:
            size_override: Draw smaller than the task asks, for a quick look; ``Size(1280, 720)`` or "1280x720". By default
                what the environment variable ``KLING_POST_PREVIZ_SIZE`` says.
            seed: In place of each task's own.
            clean: Leave the burnt-in label off; the file's metadata still say what it is.
            depth: Write depth beside each take; by default what the environment variable ``KLING_POST_PREVIZ_DEPTH`` says.
            threads: How many frames are drawn at once; by default the processor's cores, at most 8.

        Raises:
            UsageError: a size that is not one.
        """
        super().__init__()
        given = size_override if size_override is not None else os.environ.get(SIZE_VARIABLE) or None
        self.size_override = _legible(size_of_text(given) if isinstance(given, str) else given)
        self.seed = seed
        self.clean = clean
        self.depth = os.environ.get(DEPTH_VARIABLE, "") not in {"", "0"} if depth is None else depth
        self.threads = threads or max(1, min(os.cpu_count() or 1, 8))

    @property
    def variant(self) -> str:
        """What makes the drawing another one than the task alone would give: empty where nothing does."""
        seed = None if self.seed is None else f"seed{self.seed}"
        # With depth the pictures are the same, but there is more beside them.
        told = (self.size_override, seed, "clean" if self.clean else None, "depth" if self.depth else None)
        return "-".join(str(one) for one in told if one is not None)

    def order(self, task: VideoTask) -> Json:
        """What the child is told."""
        order = Order(
            task=task,
            size=self.size_override,
            seed=self.seed,
            clean=self.clean,
            depth=self.depth,
            threads=self.threads,
            results=result_count(task),
            suffix=FORMATS.get(str(task.wire.get("outputFormat", "MP4")), ".mp4"),
        )
        return order_to_json(order)


def _legible(size: Size | None) -> Size | None:
    """The size, if the label that says what the picture is can be read in it."""
    if size is not None and (max(size.width, size.height) < SMALLEST_LONG_SIDE or min(size.width, size.height) < SMALLEST_SHORT_SIDE):
        raise UsageError(
            f"{size} is too small for previz: its label could not be read.",
            remedy=f"Take at least {SMALLEST_LONG_SIDE}x{SMALLEST_SHORT_SIDE}.",
        )
    return size
