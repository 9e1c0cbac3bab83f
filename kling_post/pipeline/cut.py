"""From judged takes to a timeline: the take of each shot that is used, its planned cuts, and the findings as markers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from kling_post.edit.assemble import EditEntry, assemble
from kling_post.edit.provenance import take_metadata
from kling_post.edit.timeline import Marker, Timeline
from kling_post.pipeline.examine import Examination
from kling_post.project import Project, ProjectShot
from kling_post.timebase import seconds_to_frames
from kling_post.vocabulary import Finding, FrameRange, SeamReport, Size, Take, Verdict

_BEST_FIRST = (Verdict.PASS, Verdict.UNDETERMINED, Verdict.REVIEW, Verdict.FAIL)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExaminedTake:
    """A take and what was found out about it."""

    take: Take
    examination: Examination


def best_take(takes: Iterable[ExaminedTake]) -> ExaminedTake:
    """The take of a shot that goes into the edit: the best verdict, then the fewest findings, then the first made."""

    def order(one: ExaminedTake) -> tuple[int, int, int]:
        judgement = one.examination.judgement
        return _BEST_FIRST.index(judgement.verdict), len(judgement.findings), one.take.task.take_number

    return min(takes, key=order)


def cut(project: Project, chosen: Mapping[str, ExaminedTake], *, size: Size | None, seams: Sequence[SeamReport] = ()) -> Timeline:
    """The edit of the chosen takes, one for each shot id, in the order of the shot list.

    Args:
        project: The shot list.
        chosen: The take to use of each shot.
        size: Of the picture; None means that of the largest take.
        seams: Reports on the joins of this same edit, whose findings become markers on the timeline.

    Raises:
        InvalidInputError: a take is too short for its cuts or its dissolves.
    """
    timeline_markers = tuple(
        _marker(finding, FrameRange(seam.record_frame, seam.record_frame + 1), about=f"{seam.outgoing} to {seam.incoming}: ")
        for seam in seams
        for finding in seam.judgement.findings
    )
    return assemble(
        project.name,
        [_entry(project, shot, chosen[shot.shot_id]) for shot in project.shots],
        rate=project.rate,
        size=size,
        start_frame=project.start_frame,
        drop_frame=project.drop_frame,
        markers=timeline_markers,
    )


def _entry(project: Project, shot: ProjectShot, examined: ExaminedTake) -> EditEntry:
    take, facts = examined.take, examined.examination.facts
    ends = list(accumulate(planned.duration_seconds for planned in take.task.shots))
    return EditEntry(
        path=take.path,
        facts=facts,
        shot_ids=tuple(planned.shot_id for planned in take.task.shots),
        cut_frames=tuple(seconds_to_frames(end, project.rate) for end in ends[:-1]),
        join=shot.join,
        dissolve_frames=shot.dissolve_frames,
        markers=tuple(_marker(finding, _at_rate(finding.frames, project, examined)) for finding in examined.examination.judgement.findings),
        metadata=take_metadata(take),
    )


def _at_rate(frames: FrameRange | None, project: Project, examined: ExaminedTake) -> FrameRange:
    """A finding's frames, counted at the timeline's rate; the whole take where it has none."""
    facts = examined.examination.facts
    found = frames or FrameRange(0, facts.frames)
    if facts.rate == project.rate:
        return found
    start, stop = (seconds_to_frames(frame / facts.rate, project.rate) for frame in (found.start, found.stop))
    return FrameRange(start, max(stop, start + 1))


def _marker(finding: Finding, frames: FrameRange, *, about: str = "") -> Marker:
    return Marker(frames=frames, name=finding.check, comment=about + finding.message, severity=finding.severity)
