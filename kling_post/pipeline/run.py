"""The whole job: shot list in; takes, findings, seams, master, NLE files and report out. What is done already is not done again."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

from kling_post.edit.timeline_file import write_timeline
from kling_post.generation.backend import Backend
from kling_post.generation.chains import produce_links
from kling_post.generation.ledger import Ledger
from kling_post.generation.ledger_place import ledger_path
from kling_post.generation.registry import DRAWN
from kling_post.pipeline.cut import ExaminedTake, cut, seam_markers
from kling_post.pipeline.decided import as_decided, chosen_takes, with_more_takes
from kling_post.pipeline.examine import examine
from kling_post.pipeline.gate import Gate
from kling_post.pipeline.handover import Handover, hand_over
from kling_post.pipeline.mend import How, render_mended
from kling_post.pipeline.plan import links_of, take_plan
from kling_post.pipeline.stopwatch import Stopwatch
from kling_post.progress import SILENT, Progress
from kling_post.project import Project
from kling_post.review.decisions import read_decisions
from kling_post.seams.inspect import inspect_seams
from kling_post.sound.targets import target as loudness_target
from kling_post.vocabulary import LoudnessTarget, Size, Take


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """What a run may be told beside its project."""

    folder: Path
    """Everything is written below it."""
    budget_usd: Decimal | None = None
    """The most that this run may spend; the project's own budget holds besides."""
    loudness: str | None = None
    """A target in place of the project's."""
    rehearsal_size: Size | None = None
    """The smaller size that a local backend was told to render in."""
    gate: Gate = field(default_factory=Gate)
    """How the findings in the takes are weighed."""
    repair: How | None = None
    """What happens to joins that can be mended; None leaves it to the project."""


def run(project: Project, backend: Backend, options: RunOptions, *, progress: Progress = SILENT) -> Handover:
    """Make the finished edit of a project.

    Raises:
        KlingPostError: as its rooms raise it; what was finished before stays, and another run goes on from there.
    """
    folder, watch = options.folder, Stopwatch()
    decisions = read_decisions(folder)
    project = with_more_takes(project, decisions)
    with watch.lap("generate"):
        takes = _generate(project, backend, options, progress)
    with watch.lap("check"):
        by_shot = {shot_id: [_examine(take, project, options, progress) for take in made] for shot_id, made in takes.items()}
    examined = [one for takes_of_shot in by_shot.values() for one in takes_of_shot]
    chosen = chosen_takes(by_shot, decisions)
    project = as_decided(project, chosen, decisions)
    size = options.rehearsal_size or project.size
    timeline = cut(project, chosen, size=size, others=by_shot)
    with watch.lap("seams"):
        seams = inspect_seams(timeline, cache_folder=options.folder / "signals", progress=progress)
    target = _target(project, options)
    with watch.lap("assemble"):
        how = options.repair or project.repair
        master, mending = render_mended(timeline, seams, how=how, target=target, folder=folder / "master", progress=progress)
    mending = mending.weighed(options.gate.weighed_seam)
    timeline = replace(mending.timeline, markers=(*mending.timeline.markers, *seam_markers(mending.seams)))
    write_timeline(timeline, master.path)
    return hand_over(
        project,
        backend=backend,
        examined=examined,
        timeline=timeline,
        mending=mending,
        master=master,
        target=target,
        folder=folder,
        watch=watch,
        progress=progress,
    )


def _generate(project: Project, backend: Backend, options: RunOptions, progress: Progress) -> Mapping[str, tuple[Take, ...]]:
    """The takes of each shot; a shot that continues the one before is made from that one's last frame."""
    options.folder.mkdir(parents=True, exist_ok=True)
    with Ledger(ledger_path(options.folder, paid=backend.paid)) as ledger:
        return produce_links(
            links_of(project, local=not backend.paid),
            backend,
            folder=options.folder / "takes",
            ledger=ledger,
            progress=progress,
            budget_usd=project.budget_usd,
            run_budget_usd=options.budget_usd,
            project=project.name,
        )


def _examine(take: Take, project: Project, options: RunOptions, progress: Progress) -> ExaminedTake:
    examination = examine(
        take.path,
        take_plan(take.task, rehearsal_size=options.rehearsal_size, drawn=take.backend in DRAWN),
        facts=take.facts,
        limits=project.limits,
        gate=options.gate,
        cache_folder=options.folder / "signals",
        progress=progress,
    )
    return ExaminedTake(take=take, examination=examination)


def _target(project: Project, options: RunOptions) -> LoudnessTarget:
    if options.loudness is not None:
        return loudness_target(options.loudness)
    if isinstance(project.loudness, str):
        return loudness_target(project.loudness)
    return loudness_target(f"{project.loudness['integrated_lufs']}/{project.loudness['true_peak_dbtp']}")
