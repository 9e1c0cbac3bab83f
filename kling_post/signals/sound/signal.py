"""The contract of a sound signal: one family of measurements of a file's sound, taken in the same single pass as its loudness.

Like a picture signal it has no opinion and no limit, and its results are cached by content, name and ``version``. It is fed
blocks of samples instead of frames; ``sound.runner.measure_sound`` is the pass, and the runner calls it beside the picture's.

To add a sound signal: one file in this folder with a module-level ``SOUND_SIGNAL``; it is found by itself, and
its series reach the checks in ``Subject.signals`` under its name, beside the picture's. A file without sound has none of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
"""(samples, channels), full scale at 1.0, sample 0 at the picture's start."""
SoundSeries = Mapping[str, NDArray[np.float64]]
"""Named results of one signal. Series over time have the time first; events are parallel one-dimensional arrays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundShape:
    """What a collector must know before the first block."""

    sample_rate: int
    channels: int


class SoundCollector(Protocol):
    """Takes the sound of one file in order and holds what it has measured, not the sound."""

    def add(self, block: Samples) -> None:
        """Measure the next samples."""

    def finish(self) -> SoundSeries:
        """The whole file's series; called once, after the last block."""


class SoundSignal(Protocol):
    """One family of measurements."""

    name: str
    version: int

    def collector(self, shape: SoundShape) -> SoundCollector:
        """A fresh collector for one file."""
