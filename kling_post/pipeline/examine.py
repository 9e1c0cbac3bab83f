"""One clip, looked at and judged: probe, measure in one pass, ask every check."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kling_post.checks.check import Subject
from kling_post.checks.judge import judge
from kling_post.media.probe import probe
from kling_post.progress import SILENT, Progress
from kling_post.signals.runner import Measured, measure
from kling_post.vocabulary import Judgement, MediaFacts, TakePlan

Limits = Mapping[str, Mapping[str, object]]
"""Limits that differ from the built-in ones: check name, then limit name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """A file, its numbers and what the checks say about them."""

    path: Path
    facts: MediaFacts
    plan: TakePlan
    measured: Measured
    judgement: Judgement


def examine(
    path: Path,
    plan: TakePlan,
    *,
    facts: MediaFacts | None = None,
    limits: Limits | None = None,
    cache_folder: Path | None = None,
    progress: Progress = SILENT,
) -> Examination:
    """Check every frame of one file against what it was meant to be.

    Args:
        path: A media file.
        plan: What it was meant to be; an empty plan asks only what holds for any clip.
        facts: The file's facts where they are known already.
        limits: Limits that differ from the built-in ones.
        cache_folder: Keeps the measured signals by content, so that a second look does not decode.
        progress: Told of every frame.

    Raises:
        MediaError: the file cannot be read.
        ProjectError: ``limits`` names a check or a limit that there is not.
    """
    facts = facts or probe(path)
    measured = measure(path, facts, cache_folder=cache_folder, progress=progress, plan=plan)
    subject = Subject(facts=facts, plan=plan, signals=measured.signals, loudness=measured.loudness)
    return Examination(path=path, facts=facts, plan=plan, measured=measured, judgement=judge(subject, overrides=limits or {}))
