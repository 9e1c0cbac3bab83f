"""The contract of a check: one question asked of a take, answered from signals and limits. No pixels, no files, no waiting.

To add a check: one file in this folder with a module-level ``CHECK``; it is found by itself. Its limits are a frozen dataclass
declared in the same file, each field with its unit in the name and its source in the string below it.
A check that cannot tell returns ``Undetermined`` with the reason; silence means that it looked and found nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from kling_post.vocabulary import Finding, Loudness, MediaFacts, TakePlan, Undetermined

LimitsT_contra = TypeVar("LimitsT_contra", contravariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a check may look at: the file's facts, what was asked for, and the measured series of each signal by name."""

    facts: MediaFacts
    plan: TakePlan
    signals: Mapping[str, Mapping[str, NDArray[np.float64]]]
    loudness: Loudness | None
    """None where the file has no sound."""
    shared: dict[str, object] = field(default_factory=dict, init=False, compare=False, repr=False)
    """What one check has worked out of the series and others need too, by a name they agree on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one check says of one subject."""

    findings: tuple[Finding, ...] = ()
    undetermined: tuple[Undetermined, ...] = ()


class Check(Protocol[LimitsT_contra]):
    """One question."""

    name: str
    title: str
    """For people: "Luma flicker"."""
    needs: tuple[str, ...]
    """Names of the signals it reads."""

    @property
    def limits(self) -> object:
        """The default limits, a frozen dataclass."""

    def judge(self, subject: Subject, limits: LimitsT_contra) -> Answer:
        """The answer, at once."""
