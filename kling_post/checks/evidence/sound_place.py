"""What the sound checks share: the measured series, and times as frames of the picture."""

from collections.abc import Mapping
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

from kling_post.checks.check import Answer, Subject
from kling_post.vocabulary import FrameRange, MediaFacts, Undetermined

Series = Mapping[str, NDArray[np.float64]]

STEPS_PER_SECOND = 100
"""Of the series ``sound_levels``."""


def heard(subject: Subject, signal: str) -> Series | None:
    """The series of a sound signal; None where the file has no sound or it was not measured."""
    return subject.signals.get(signal) if subject.facts.audio is not None else None


def not_measured(check: str, subject: Subject) -> Answer:
    """Nothing to say of a file without sound; no answer for one whose sound was not measured."""
    if subject.facts.audio is None:
        return Answer()
    return Answer(undetermined=(Undetermined(check=check, reason="the sound was not measured."),))


def frames_of(start_seconds: float, length_seconds: float, facts: MediaFacts) -> FrameRange:
    """The frames during which a stretch of sound is heard, at least one, inside the picture."""
    last = max(0, facts.frames - 1)
    first = min(last, max(0, floor(start_seconds * float(facts.rate) + 1e-9)))
    stop = ceil((start_seconds + length_seconds) * float(facts.rate) - 1e-9)
    return FrameRange(first, max(first + 1, min(last + 1, stop)))


def dbfs(amplitude: float) -> float:
    """Decibels below full scale; -120 for silence."""
    return 20 * float(np.log10(max(amplitude, 1e-6)))


def listed(seconds: NDArray[np.float64], *, most: int = 4) -> str:
    """Times for people: "1.204, 3.500 and 2 more"."""
    shown = ", ".join(f"{each:.3f}" for each in seconds[:most])
    return f"{shown} s" + (f" and {len(seconds) - most} more" if len(seconds) > most else "")
