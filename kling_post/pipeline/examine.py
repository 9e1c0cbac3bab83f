"""One clip, looked at and judged: probe, measure in one pass, ask every check."""

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from kling_post.checks.check import Subject
from kling_post.checks.judge import judge
from kling_post.checks.registry import all_checks
from kling_post.media.ahead import FramesAhead
from kling_post.media.frames import FrameView
from kling_post.media.probe import probe
from kling_post.pipeline.gate import Gate
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
    gate: Gate | None = None,
    cache_folder: Path | None = None,
    progress: Progress = SILENT,
    frames: Iterable[FrameView] | None = None,
) -> Examination:
    """Check every frame of one file against what it was meant to be.

    Args:
        path: A media file.
        plan: What it was meant to be; an empty plan asks only what holds for any clip.
        facts: The file's facts where they are known already.
        limits: Limits that differ from the built-in ones and from those of the gate's profile.
        gate: How findings are weighed; None takes them as the checks say.
        cache_folder: Keeps the measured signals by content, so that a second look does not decode.
        progress: Told of every frame.
        frames: All frames of the file where somebody decodes them already.

    Raises:
        MediaError: the file cannot be read.
        ProjectError: ``limits`` names a check or a limit that there is not.
    """
    with _coming(path, cache_folder, frames) as coming:
        all_checks()  # loaded now, while the decoder works, not when all is measured and everybody waits
        facts = facts or probe(path, known=coming.first_picture if isinstance(coming, FramesAhead) else None)
        measured = measure(path, facts, cache_folder=cache_folder, progress=progress, plan=plan, frames=coming)
    subject = Subject(facts=facts, plan=plan, signals=measured.signals, loudness=measured.loudness)
    judgement = judge(subject, overrides=_over(gate.profile.limits if gate else {}, limits or {}))
    return Examination(path=path, facts=facts, plan=plan, measured=measured, judgement=gate.weighed(judgement, path) if gate else judgement)


def _coming(
    path: Path, cache_folder: Path | None, frames: Iterable[FrameView] | None
) -> AbstractContextManager[Iterable[FrameView] | None]:
    """The frames, already being decoded while the file is probed; None where a cache may make that needless."""
    if frames is not None or cache_folder is not None:
        return nullcontext(frames)
    return FramesAhead(path)


def _over(profile: Limits, own: Limits) -> Limits:
    """The profile's limits with the project's own on top, limit by limit."""
    return {name: {**profile.get(name, {}), **own.get(name, {})} for name in {**profile, **own}}
