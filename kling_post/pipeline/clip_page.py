"""The report's page for clips that belong to no project: what was found in each, with its stills and curves."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from kling_post.edit.timeline import Timeline
from kling_post.pipeline.examine import Examination
from kling_post.progress import SILENT, Progress
from kling_post.reports.material import ReportMaterial, TakeMaterial
from kling_post.vocabulary import PlannedShot, Take, VideoTask


def write_clip_page(examinations: Sequence[Examination], page: Path, *, progress: Progress = SILENT) -> Path:
    """One self-contained HTML file about any clips.

    Args:
        examinations: At least one; each clip's file must still be there, because its stills are fetched from it.
        page: Where to write it.
        progress: Told of stills.

    Raises:
        MediaError: a clip cannot be read any more.
        OSError: the page cannot be written.
    """
    from kling_post.reports.html.page import write_page

    return write_page(_material(examinations), page, progress=progress)


def _material(examinations: Sequence[Examination]) -> ReportMaterial:
    """Takes without an edit: the timeline has no clips, so the page leaves out what speaks of one."""
    first = examinations[0].facts
    return ReportMaterial(
        project_name=examinations[0].path.name if len(examinations) == 1 else f"{len(examinations)} clips",
        timeline=Timeline(name="clips", rate=first.rate, size=first.size, start_frame=0, clips=()),
        takes=tuple(_take(one) for one in examinations),
        created=datetime.now(UTC).astimezone(),
    )


def _take(one: Examination) -> TakeMaterial:
    seconds = max(1, round(one.facts.duration_seconds))
    task = VideoTask(
        task_uuid="",
        model="",
        shots=(PlannedShot(shot_id=one.path.stem, prompt="", duration_seconds=seconds),),
        negative_prompt=one.plan.negative_prompt,
        size=one.plan.size,
        duration_seconds=seconds,
        sound=bool(one.plan.sound),
    )
    take = Take(task=task, backend="", path=one.path.resolve(), facts=one.facts, cost_usd=Decimal(0))
    return TakeMaterial(take=take, plan=one.plan, judgement=one.judgement, signals=one.measured.signals, loudness=one.measured.loudness)
