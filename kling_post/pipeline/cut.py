"""From judged takes to a timeline: the take of each shot that is used, its planned cuts, and the findings as markers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from itertools import accumulate

from kling_post.edit.assemble import EditEntry, assemble, with_stems
from kling_post.edit.conform import conform
from kling_post.edit.provenance import take_metadata
from kling_post.edit.timeline import Marker, Timeline
from kling_post.pipeline.examine import Examination
from kling_post.pipeline.tracks import stems
from kling_post.project import Project, ProjectShot
from kling_post.review.ranking import Candidate, rank
from kling_post.timebase import seconds_to_frames
from kling_post.vocabulary import Finding, FrameRange, SeamReport, Size, Take


@dataclass(frozen=True, slots=True, kw_only=True)
class ExaminedTake:
    """A take and what was found out about it."""

    take: Take
    examination: Examination


def best_take(takes: Iterable[ExaminedTake]) -> ExaminedTake:
    """The take of a shot that goes into the edit: the one that the review's ranking puts first, before anybody has said a word."""
    numbered = {str(number): one for number, one in enumerate(takes)}
    ranked = rank("", [_candidate(key, one) for key, one in numbered.items()])
    return numbered[ranked.takes[0].take_id]


def _candidate(key: str, one: ExaminedTake) -> Candidate:
    facts = one.take.facts
    return Candidate(
        take_id=key,
        number=one.take.task.take_number,
        frames=facts.frames,
        rate=facts.rate,
        cost_usd=one.take.cost_usd,
        judgement=one.examination.judgement,
    )


def cut(
    project: Project,
    chosen: Mapping[str, ExaminedTake],
    *,
    size: Size | None,
    seams: Sequence[SeamReport] = (),
    others: Mapping[str, Sequence[ExaminedTake]] | None = None,
) -> Timeline:
    """The edit of the chosen takes, one for each shot id, in the order of the shot list.

    Args:
        project: The shot list.
        chosen: The take to use of each shot.
        size: Of the picture; None means that of the largest take.
        seams: Reports on the joins of this same edit, whose findings become markers on the timeline.
        others: All takes of each shot; those that are not used go along as alternates.

    Raises:
        InvalidInputError: a take is too short for its cuts, its dissolves or its sound's, or a track does not fit the programme.
        MediaError: a track's file cannot be read.
    """
    made = assemble(
        project.name,
        [_entry(project, shot, chosen[shot.shot_id], (others or {}).get(shot.shot_id, ())) for shot in project.shots],
        rate=project.rate,
        size=size,
        start_frame=project.start_frame,
        drop_frame=project.drop_frame,
        markers=seam_markers(seams),
        bit_depth=project.edit.bit_depth,
    )
    made = replace(made, language=project.edit.language)
    return with_stems(made, stems(project.edit, made)) if project.edit.tracks else made


def seam_markers(seams: Sequence[SeamReport]) -> tuple[Marker, ...]:
    """The findings at joins as markers of the programme."""
    return tuple(
        _marker(finding, FrameRange(seam.record_frame, seam.record_frame + 1), about=f"{seam.outgoing} to {seam.incoming}: ")
        for seam in seams
        for finding in seam.judgement.findings
    )


def _entry(project: Project, shot: ProjectShot, examined: ExaminedTake, takes: Sequence[ExaminedTake]) -> EditEntry:
    take, facts = examined.take, examined.examination.facts
    ends = list(accumulate(planned.duration_seconds for planned in take.task.shots))
    speed = conform(facts, rate=project.rate, size=facts.size, retime=shot.edit.retime).speed
    at_rate = partial(_at_rate, rate=project.rate, speed=speed)
    return EditEntry(
        path=take.path,
        facts=facts,
        shot_ids=tuple(planned.shot_id for planned in take.task.shots),
        cut_frames=tuple(seconds_to_frames(end / speed, project.rate) for end in ends[:-1]),
        join=shot.join,
        dissolve_frames=shot.dissolve_frames,
        trim_head_frames=shot.edit.trim_head_frames,
        trim_tail_frames=shot.edit.trim_tail_frames,
        gain_db=shot.edit.gain_db,
        sound_shift_frames=shot.edit.sound_shift_frames,
        retime=shot.edit.retime,
        fit=shot.edit.fit,
        dialogue=tuple(replace(line, frames=at_rate(line.frames, counted_at=project.rate)) for line in shot.edit.dialogue),
        alternates=tuple(
            (other.take.path, other.examination.facts, f"{shot.shot_id} take {other.take.task.take_number}")
            for other in takes
            if other.take.path != take.path
        ),
        markers=tuple(
            _marker(finding, at_rate(finding.frames or FrameRange(0, facts.frames), counted_at=facts.rate))
            for finding in examined.examination.judgement.findings
        ),
        metadata=take_metadata(take),
    )


def _at_rate(frames: FrameRange, *, counted_at: Fraction, rate: Fraction, speed: Fraction) -> FrameRange:
    """Frames of a take as frames of the conformed take, which runs at another rate, or at ``speed`` times its own."""
    if counted_at == rate and speed == 1:
        return frames
    start, stop = (seconds_to_frames(frame / counted_at / speed, rate) for frame in (frames.start, frames.stop))
    return FrameRange(start, max(stop, start + 1))


def _marker(finding: Finding, frames: FrameRange, *, about: str = "") -> Marker:
    return Marker(frames=frames, name=finding.check, comment=about + finding.message, severity=finding.severity)
