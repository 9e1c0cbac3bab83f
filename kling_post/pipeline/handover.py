"""What leaves the house: the master judged, the NLE files, and the report about everything."""

import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from importlib.metadata import version
from math import isfinite
from pathlib import Path

from kling_post.checks.check import Subject
from kling_post.checks.judge import judge
from kling_post.checks.registry import all_checks
from kling_post.edit.finished import Master
from kling_post.edit.timeline import Timeline
from kling_post.generation.backend import NOT_DRAWN, NOT_HEARD, PHRASE_SEPARATOR, Backend
from kling_post.media.probe import probe
from kling_post.pipeline.cut import ExaminedTake
from kling_post.pipeline.exporting import export
from kling_post.pipeline.stopwatch import Stopwatch
from kling_post.progress import Progress
from kling_post.project import Project
from kling_post.repair.outcome import Mending
from kling_post.reports.material import MasterMaterial, ReportMaterial, TakeMaterial
from kling_post.reports.report import WrittenReport, write_report
from kling_post.review.room import log_path
from kling_post.review.session import ID_DIGITS
from kling_post.review.verdicts import VerdictLog
from kling_post.version import __version__
from kling_post.vocabulary import Finding, Loudness, LoudnessTarget, Severity, TakePlan

_PROGRAMME_CHECKS = ("request_size", "request_rate", "request_length", "request_sound", "container")
"""What is asked of the master; its picture was examined take by take, and its loudness is measured when it is made."""
_PEAK_ROUNDING_DB = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """All that a run has made, and what is to be said about it."""

    material: ReportMaterial
    report: WrittenReport
    master: Master


def hand_over(
    project: Project,
    *,
    backend: Backend,
    examined: Sequence[ExaminedTake],
    timeline: Timeline,
    mending: Mending,
    master: Master,
    target: LoudnessTarget,
    folder: Path,
    watch: Stopwatch,
    progress: Progress,
) -> Handover:
    """Write the NLE files and the report."""
    exports = export(timeline, folder / "exports", progress)
    words = VerdictLog(log_path(folder)).read().of_take
    material = ReportMaterial(
        project_name=project.name,
        timeline=timeline,
        takes=tuple(_take(one, backend, watch, words) for one in examined),
        seams=mending.seams,
        mending=mending,
        target=target,
        master=_master(master, timeline, target, sound=any(one.take.task.sound for one in examined)),
        exports=exports,
        backend_title=backend.title,
        budget_usd=project.budget_usd,
        timings_seconds=dict(watch.seconds),
        versions=_versions(),
        created=datetime.now(UTC).astimezone(),
    )
    report = write_report(material, folder / "report", progress=progress)
    return Handover(material=material, report=report, master=master)


def _take(one: ExaminedTake, backend: Backend, watch: Stopwatch, words: Mapping[str, str]) -> TakeMaterial:
    examination = one.examination
    return TakeMaterial(
        word=words.get(one.take.facts.sha256[:ID_DIGITS], ""),
        reused=one.take.path.stat().st_mtime < watch.began_at,
        not_drawn=_phrases(one.take.notes, NOT_DRAWN),
        not_heard=_phrases(one.take.notes, NOT_HEARD),
        take=one.take,
        plan=examination.plan,
        judgement=examination.judgement,
        signals=examination.measured.signals,
        loudness=examination.measured.loudness,
        quoted_usd=backend.price_usd(one.take.task) if backend.paid else Decimal(0),
    )


def _phrases(notes: Sequence[str], heading: str) -> tuple[str, ...]:
    """The phrases that a take's notes list under a heading."""
    lists = (note.removeprefix(heading).rstrip(".") for note in notes if note.startswith(heading))
    return tuple(phrase for listed in lists for phrase in listed.split(PHRASE_SEPARATOR))


def _master(master: Master, timeline: Timeline, target: LoudnessTarget, *, sound: bool) -> MasterMaterial:
    facts = probe(master.path)
    plan = TakePlan(size=timeline.size, rate=timeline.rate, duration_seconds=Fraction(timeline.frames) / timeline.rate, sound=sound or None)
    subject = Subject(facts=facts, plan=plan, signals={}, loudness=master.loudness)
    judgement = judge(subject, overrides={name: {"enabled": name in _PROGRAMME_CHECKS} for name in all_checks()})
    return MasterMaterial(
        facts=facts,
        loudness=master.loudness,
        judgement=replace(judgement, findings=(*judgement.findings, *_off_target(master.loudness, target))),
        loudness_before=master.source_loudness,
        gain_db=master.gain_db,
        notes=master.notes,
    )


def _off_target(loudness: Loudness, target: LoudnessTarget) -> Iterator[Finding]:
    """What the finished file misses of its target; a programme without any sound is judged by whether sound was asked for."""
    if not isfinite(loudness.integrated_lufs):
        return
    misses = (
        (abs(loudness.integrated_lufs - target.integrated_lufs), target.tolerance_lu, loudness.integrated_lufs, "LUFS"),
        (loudness.true_peak_dbtp - target.true_peak_dbtp, _PEAK_ROUNDING_DB, loudness.true_peak_dbtp, "dBTP"),
    )
    for miss, allowed, measured, unit in misses:
        if miss > allowed:
            limit = target.integrated_lufs if unit == "LUFS" else target.true_peak_dbtp
            yield Finding(
                check="programme_loudness",
                severity=Severity.REVIEW,
                frames=None,
                measured=measured,
                limit=limit,
                unit=unit,
                message=f"The master measures {measured:.1f} {unit}, the target {target.name} asks for {limit:g}.",
                source=target.note,
                remedy="Read the master's notes: a target is missed only where meeting it would do harm.",
            )


def _versions() -> dict[str, str]:
    return {
        "kling-post": __version__,
        "Python": platform.python_version(),
        "PyAV": version("av"),
        "OpenCV": version("opencv-python-headless"),
        "NumPy": version("numpy"),
    }
