"""From measurements to a scorecard: each property against its limit, and what disagrees with the plan."""

from kling_post.seams.classify import Seen
from kling_post.seams.limits import LIMITS, SeamLimits
from kling_post.seams.scorecard import Row, SeamEvidence, rows_of, told
from kling_post.vocabulary import Finding, FrameRange, JoinKind, Judgement, SeamProperty, SeamReport, Severity, Undetermined

_SOURCE = "kling_post.seams.limits"


def judge_seam(
    evidence: SeamEvidence,
    *,
    outgoing: str,
    incoming: str,
    record_frame: int,
    planned: JoinKind | None,
    undetermined: tuple[Undetermined, ...] = (),
) -> SeamReport:
    """The scorecard of one join: every property told, those beyond their limits as findings, and whether plan and picture agree.

    Where nothing is ``planned``, the join is judged as what is seen, and as a cut where that cannot be told.
    """
    seen = evidence.seen.kind
    meant = planned or seen or JoinKind.CUT
    # Where a shot was to go on and another one is seen, everything steps: that is one fault, and the rest is told only.
    limits = LIMITS[seen if seen is JoinKind.DISSOLVE or (meant is JoinKind.CONTINUE and seen is JoinKind.CUT) else meant]
    rows = rows_of(evidence, limits)
    properties = tuple(_judged(row, limits) for row in rows)
    findings = [_finding(row, verdict, record_frame) for row, verdict in zip(rows, properties, strict=True) if verdict.severity is not None]
    return SeamReport(
        outgoing=outgoing,
        incoming=incoming,
        record_frame=record_frame,
        planned=planned,
        properties=properties,
        judgement=Judgement(
            findings=(*_kind_findings(planned, evidence.seen, record_frame), *findings),
            undetermined=(*_open_questions(meant, evidence), *undetermined),
        ),
        seen=seen,
        looks_before=evidence.picture.looks_before,
        looks_after=evidence.picture.looks_after,
    )


def _judged(row: Row, limits: SeamLimits) -> SeamProperty:
    severity = None
    if abs(row.measured) > row.limit:
        severity = row.worst if row.at_once or abs(row.measured) > limits.fail_factor * row.limit else Severity.REVIEW
    return SeamProperty(
        name=row.name,
        measured=float(row.measured),
        limit=float(row.limit),
        unit=row.unit,
        severity=severity,
        message="" if severity is None else f"{row.sentence}; the limit is {row.limit:g}.",
    )


def _finding(row: Row, judged: SeamProperty, record_frame: int) -> Finding:
    assert judged.severity is not None
    reach = max(1, int(row.measured)) if row.unit == "frames" else 1
    return Finding(
        check=f"seam.{row.name.replace(' ', '_')}",
        severity=judged.severity,
        frames=FrameRange(max(record_frame - 1, 0), record_frame + reach),
        measured=judged.measured,
        limit=judged.limit,
        unit=row.unit,
        message=judged.message,
        code=row.code,
        source=_SOURCE,
        remedy=row.remedy,
    )


def _kind_findings(planned: JoinKind | None, seen: Seen, record_frame: int) -> tuple[Finding, ...]:
    """What to say where plan and picture disagree. A planned dissolve is made by the edit and cannot be seen in the clips."""
    said: tuple[Severity, str, str] | None = None
    if planned is JoinKind.CONTINUE and seen.kind is JoinKind.CUT:
        said = (Severity.FAIL, "The shot was to go on over this join, but the picture changes.", "Generate it from the last frame again.")
    elif planned is JoinKind.CONTINUE and seen.kind is JoinKind.DISSOLVE:
        said = (Severity.REVIEW, "The shot was to go on over this join, but one picture melts into another.", "Look at the join.")
    elif planned is JoinKind.CUT and seen.kind is JoinKind.CONTINUE:
        said = (Severity.REVIEW, "A cut was planned here, but the shot goes on.", "Move the cut, or plan the shots as one.")
    elif planned is JoinKind.CUT and seen.kind is JoinKind.DISSOLVE:
        said = (Severity.REVIEW, "A cut was planned here, but one picture melts into the other.", "Move the cut, or make a dissolve of it.")
    if said is None:
        return ()
    severity, message, remedy = said
    return (
        Finding(
            check="seam.kind",
            severity=severity,
            frames=FrameRange(max(record_frame - 1, 0), record_frame + 1),
            measured=None,
            limit=None,
            unit="",
            message=message,
            source=_SOURCE,
            remedy=remedy,
        ),
    )


def _open_questions(meant: JoinKind, evidence: SeamEvidence) -> tuple[Undetermined, ...]:
    questions = []
    if evidence.seen.kind is None and meant is not JoinKind.DISSOLVE:
        likeness = evidence.picture.join.likeness
        reason = f"The two pictures are neither clearly one shot nor clearly two (likeness {likeness:.2f})."
        questions.append(Undetermined(check="seam.kind", reason=reason))
    if meant is JoinKind.CONTINUE and evidence.repeats.open_question:
        heard = 0 if evidence.sound is None else evidence.sound.echoed_frames
        also = f" {told(heard).capitalize()} of the sound come twice." if heard else ""
        questions.append(Undetermined(check="seam.repeated_frames", reason=evidence.repeats.open_question + also))
    return tuple(questions)
