"""All that a report tells, gathered in one value: the pipeline fills it, every report format reads it and nothing else.

Paths in it are absolute; a report writes them relative to its own folder where it can. Stills are fetched from the take files
themselves when a report is written, so a report needs the files that it names to be still there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kling_post.edit.timeline import Timeline
from kling_post.repair.outcome import Mending
from kling_post.vocabulary import Judgement, Loudness, LoudnessTarget, MediaFacts, SeamReport, Take, TakePlan, Verdict

SignalSeries = Mapping[str, Mapping[str, NDArray[np.float64]]]
"""Signal name, then series name; per-frame series have the frame index first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeMaterial:
    """One take and all that was found out about it."""

    take: Take
    plan: TakePlan
    judgement: Judgement
    signals: SignalSeries = field(default_factory=dict)
    """The measured series, for the curves; empty where none were kept."""
    loudness: Loudness | None = None
    """None where the file has no sound."""
    quoted_usd: Decimal | None = None
    """The price before the order was placed; None where none was asked."""
    word: str = ""
    """What a reviewer said of it: ``approved``, ``needs_work``, ``rejected``, or nothing."""
    reused: bool = False
    """Whether the take was already there and nothing was generated for it in this run."""
    not_drawn: tuple[str, ...] = ()
    """Phrases of the prompt that the backend did not draw, in the prompt's own words."""
    not_heard: tuple[str, ...] = ()
    """Phrases of the prompt that name a sound which the backend did not make."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MasterMaterial:
    """The finished programme file."""

    facts: MediaFacts
    """Of the file itself, probed after it was finished."""
    loudness: Loudness | None
    """Measured on the finished file, after its encoder, with the momentary and short-term curves."""
    judgement: Judgement = field(default_factory=Judgement)
    """What the checks say about the programme as a whole: size, rate, length, loudness."""
    loudness_before: Loudness | None = None
    """Of the edit before it was brought to the target."""
    gain_db: float | None = None
    """The constant gain that was applied."""
    notes: tuple[str, ...] = ()
    """How it was made, one sentence each: which stretches were copied, what was conformed, how much was limited."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportMaterial:
    """One file handed over to another program."""

    title: str
    """What a person calls it: ``OpenTimelineIO``, ``CMX 3600 EDL``."""
    path: Path
    sha256: str
    notes: tuple[str, ...] = ()
    """What the format could not carry, one sentence each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportMaterial:
    """Everything that a report needs."""

    project_name: str
    timeline: Timeline
    takes: tuple[TakeMaterial, ...]
    seams: tuple[SeamReport, ...] = ()
    """As they are in the finished programme where repairs were made, else as the takes have them."""
    mending: Mending | None = None
    """What was, or could be, done about the seams; None where nobody looked."""
    target: LoudnessTarget | None = None
    master: MasterMaterial | None = None
    """None where no programme was rendered."""
    exports: tuple[ExportMaterial, ...] = ()
    backend_title: str = ""
    """What a person calls the engine: ``Previz (procedural, no AI)``."""
    budget_usd: Decimal | None = None
    """What the run may spend in all; None where no limit was given."""
    timings_seconds: Mapping[str, float] = field(default_factory=dict)
    """Wall-clock seconds of each step of the run, in order: ``generate``, ``check`` …"""
    versions: Mapping[str, str] = field(default_factory=dict)
    """Program or library and its version: ``kling-post``, ``ffmpeg``, ``PyAV`` …"""
    created: datetime | None = None
    """When the run ended, with a time zone; None keeps the report free of dates."""

    @property
    def cost_usd(self) -> Decimal:
        """What the takes cost in all."""
        return sum((item.take.cost_usd for item in self.takes), Decimal(0))

    @property
    def judgements(self) -> tuple[Judgement, ...]:
        """Of every take, every seam and the programme."""
        of_master = () if self.master is None else (self.master.judgement,)
        return (*(item.judgement for item in self.takes), *(seam.judgement for seam in self.seams), *of_master)

    @property
    def verdict(self) -> Verdict:
        """The worst verdict of any take, seam or the programme."""
        order = (Verdict.PASS, Verdict.UNDETERMINED, Verdict.REVIEW, Verdict.FAIL)
        return max((judgement.verdict for judgement in self.judgements), key=order.index, default=Verdict.PASS)
