"""The contract of a signal: one family of measurements, taken from every frame of a clip in one pass.

A signal has no opinion and no limit: it returns numbers over time. Its results are cached by content hash, signal name and
``version``; raise ``version`` whenever the numbers of an old file would change.

To add a signal: one file in this folder with a module-level ``SIGNAL``; it is found by itself.
"""

from collections.abc import Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kling_post.media.frames import FrameView
from kling_post.vocabulary import MediaFacts

Series = Mapping[str, NDArray[np.float64]]
"""Named results of one signal. Per-frame series have the frame index first: shape (frames,) or (frames, rows, columns)."""


class Collector(Protocol):
    """Takes the frames of one clip in display order and holds what it has measured; never keeps frames beyond the previous one."""

    def add(self, frame: FrameView, previous: FrameView | None) -> None:
        """Measure one frame; ``previous`` is the one before it, None at the first."""

    def finish(self) -> Series:
        """The whole clip's series; called once, after the last frame."""


class Signal(Protocol):
    """One family of measurements."""

    name: str
    version: int

    def collector(self, facts: MediaFacts) -> Collector:
        """A fresh collector for one clip."""
