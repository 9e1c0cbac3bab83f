"""From measurements to a scorecard: each property against its limit, and what disagrees with the plan."""

from dataclasses import dataclass

from kling_post.seams.classify import Seen
from kling_post.seams.framing import Framing
from kling_post.seams.limits import LIMITS, SeamLimits
from kling_post.seams.measure import Compared, SeamMeasurements
from kling_post.seams.repeats import Repeats
from kling_post.seams.sound import SoundStep
from kling_post.vocabulary import Finding, FrameRange, JoinKind, Judgement, SeamProperty, SeamReport, Severity, Undetermined

_SOURCE = "kling_post.seams.limits"
_EDIT_ERROR = "MovieLabs PICTURE-INSERT/EDIT-ERROR"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeamEvidence:
    """All that was measured at one join."""

    picture: SeamMeasurements
    framing: Framing
    repeats: Repeats
    seen: Seen
    sound: SoundStep | None
    """None where not both sides have sound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """One property with its limit, before it is judged."""

    name: str
    measured: float
    limit: float
    unit: str
    sentence: str
    """What to say where it is beyond its limit."""
    remedy: str
    worst: Severity = Severity.REVIEW
    """The most that it can come to."""
    at_once: bool = False
    """Beyond the limit is already the worst; otherwise only ``fail_factor`` times beyond it."""
    code: str = ""


def judge_seam(
    evidence: SeamEvidence,
    *,
    outgoing: str,
    incoming: str,
    record_frame: int,
    planned: JoinKind,
    undetermined: tuple[Undetermined, ...] = (),
) -> SeamReport:
    """The scorecard of one join: every property told, those beyond their limits as findings, and whether plan and picture agree."""
    seen = evidence.seen.kind
    # Where a shot was to go on and another one is seen, everything steps: that is one fault, and the rest is told only.
    limits = LIMITS[JoinKind.CUT if planned is JoinKind.CONTINUE and seen is JoinKind.CUT else planned]
    rows = [*_look_rows(evidence, limits), *_fault_rows(evidence, limits)]
    if evidence.sound is not None:
        rows.extend(_sound_rows(evidence.sound, limits))
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
            undetermined=(*_open_questions(planned, evidence), *undetermined),
        ),
        seen=seen,
        looks_before=evidence.picture.looks_before,
        looks_after=evidence.picture.looks_after,
    )


def _raised(value: Compared, limit: float, limits: SeamLimits) -> float:
    """The limit, but never within the footage's own variation."""
    return max(limit, limits.noise_factor * value.noise)


def _look_rows(evidence: SeamEvidence, limits: SeamLimits) -> list[_Row]:
    """What must stay where a shot goes on, and may step at a cut."""
    picture, framing = evidence.picture, evidence.framing
    table = (
        ("luma", picture.luma, limits.luma_percent, "%", "Brightness steps by {:+.1f} % of the range", Severity.FAIL),
        ("colour", picture.colour, limits.colour_delta_e_itp, "Delta E ITP", "Colour steps by {:.1f} Delta E ITP", Severity.FAIL),
        ("black level", picture.black, limits.black_percent, "%", "Black steps by {:+.1f} % of the range", Severity.REVIEW),
        ("contrast", picture.contrast, limits.contrast_percent, "%", "Contrast changes by {:+.1f} %", Severity.REVIEW),
        ("saturation", picture.saturation, limits.saturation_percent, "%", "Saturation changes by {:+.1f} %", Severity.REVIEW),
        ("sharpness", picture.sharpness, limits.sharpness_percent, "%", "Fine detail changes by {:+.0f} %", Severity.REVIEW),
        ("grain", picture.grain, limits.grain_code_values, "8-bit codes", "Grain of {:+.1f} codes comes or goes", Severity.REVIEW),
        (
            "framing",
            framing.offset_pixels,
            limits.framing_pixels,
            "px at 1920",
            "The picture jumps by {:.1f} px at 1920",
            Severity.FAIL,
        ),
        ("zoom", framing.zoom_percent, limits.zoom_percent, "%", "The picture's size jumps by {:+.2f} %", Severity.REVIEW),
        (
            "velocity",
            framing.velocity_pixels,
            limits.velocity_pixels,
            "px/frame at 1920",
            "The movement changes by {:.1f} px per frame at 1920",
            Severity.REVIEW,
        ),
    )
    remedy = "Match the incoming clip to the outgoing one, or generate it again from the last frame."
    return [
        _Row(
            name=name,
            measured=value.step,
            limit=_raised(value, limit, limits),
            unit=unit,
            sentence=sentence.format(value.step),
            remedy=remedy,
            worst=worst,
        )
        for name, value, limit, unit, sentence, worst in table
        # Between two different pictures these figures exist, but mean nothing.
        if evidence.seen.kind is JoinKind.CONTINUE or name not in ("framing", "zoom", "velocity")
    ]


def _fault_rows(evidence: SeamEvidence, limits: SeamLimits) -> list[_Row]:
    """What is a fault at any join."""
    repeats, picture, stray = evidence.repeats, evidence.picture, evidence.seen.late_frames
    flash = max(picture.flash_before, picture.flash_after, key=lambda side: side.step - limits.noise_factor * side.noise)
    side = "last frame before" if flash is picture.flash_before else "first frame after"
    held = max(repeats.held_head_frames, repeats.held_tail_frames)
    held_where = "incoming clip begins" if held == repeats.held_head_frames else "outgoing clip ends"
    return [
        _Row(
            name="repeated frames",
            measured=repeats.repeated_frames,
            limit=limits.repeated_frames,
            unit="frames",
            sentence=f"The incoming clip {'' if repeats.certain else 'probably '}begins with {_frames(repeats.repeated_frames)} that the "
            f"outgoing clip ended with{_said_by_sound(evidence)}",
            remedy=f"Trim {_frames(repeats.repeated_frames)} from the incoming clip's head, picture and sound.",
            worst=Severity.FAIL if repeats.certain else Severity.REVIEW,
            at_once=True,
            code=_EDIT_ERROR,
        ),
        _Row(
            name="skipped frames",
            measured=repeats.skipped_frames,
            limit=limits.skipped_frames,
            unit="frames",
            sentence=f"The movement leaps over {_frames(repeats.skipped_frames)}",
            remedy="Take back frames from the handles of either clip, or generate the incoming one from the last frame again.",
        ),
        _Row(
            name="stray frames",
            measured=abs(stray),
            limit=limits.stray_frames,
            unit="frames",
            sentence=f"The shot changes {_frames(abs(stray))} {'after' if stray > 0 else 'before'} the join",
            remedy=f"Move the join by {stray:+d} frames.",
            worst=Severity.FAIL,
            at_once=True,
            code=_EDIT_ERROR,
        ),
        _Row(
            name="held frames",
            measured=held,
            limit=limits.held_frames,
            unit="frames",
            sentence=f"The {held_where} with {_frames(held)} in which nothing moves",
            remedy=f"Trim {_frames(held)}.",
        ),
        _Row(
            name="flash",
            measured=flash.step,
            limit=_raised(flash, limits.flash_delta_e_itp, limits),
            unit="Delta E ITP",
            sentence=f"The {side} the join stands out by {flash.step:.1f} Delta E ITP",
            remedy="Trim that frame.",
            worst=Severity.FAIL,
        ),
    ]


def _said_by_sound(evidence: SeamEvidence) -> str:
    """Whether the sound repeats as many frames as the picture."""
    if evidence.sound is None or not evidence.sound.echoed_frames:
        return ""
    heard = evidence.sound.echoed_frames
    return ", and so does the sound" if heard == evidence.repeats.repeated_frames else f", while {_frames(heard)} of its sound come twice"


def _sound_rows(sound: SoundStep, limits: SeamLimits) -> list[_Row]:
    gap = max(sound.gap_before_seconds, sound.gap_after_seconds)
    gap_where = "outgoing clip ends" if gap == sound.gap_before_seconds else "incoming clip begins"
    return [
        _Row(
            name="loudness",
            measured=sound.loudness_step_lu,
            limit=limits.loudness_lu,
            unit="LU",
            sentence=f"Loudness steps by {sound.loudness_step_lu:+.1f} LU, from {sound.loudness_before_lufs:.1f} to "
            f"{sound.loudness_after_lufs:.1f} LUFS",
            remedy="Set the clips' gain so that both sides meet, or fade the sound over the join.",
        ),
        _Row(
            name="room tone",
            measured=sound.room_tone_step_db,
            limit=limits.room_tone_db,
            unit="dB",
            sentence=f"The noise floor steps by {sound.room_tone_step_db:+.1f} dB in three bands or more",
            remedy="Lay one room tone under both clips, or fade the sound over the join for half a second or more.",
        ),
        _Row(
            name="sound gap",
            measured=1000 * gap,
            limit=limits.sound_gap_milliseconds,
            unit="ms",
            sentence=f"The {gap_where} with {1000 * gap:.0f} ms of silence in its sound",
            remedy="Fill the gap with room tone, or let the other clip's sound begin earlier.",
        ),
        _Row(
            name="click",
            measured=sound.click_ratio,
            limit=limits.click_ratio,
            unit="x",
            sentence=f"The waveform breaks at the join, {sound.click_ratio:.0f} times as far as the sound bends by itself",
            remedy="Fade the sound over the join for a few milliseconds.",
        ),
    ]


def _frames(count: int) -> str:
    return f"{count} frame" if count == 1 else f"{count} frames"


def _judged(row: _Row, limits: SeamLimits) -> SeamProperty:
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


def _finding(row: _Row, judged: SeamProperty, record_frame: int) -> Finding:
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


def _kind_findings(planned: JoinKind, seen: Seen, record_frame: int) -> tuple[Finding, ...]:
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


def _open_questions(planned: JoinKind, evidence: SeamEvidence) -> tuple[Undetermined, ...]:
    questions = []
    if evidence.seen.kind is None and planned is not JoinKind.DISSOLVE:
        likeness = evidence.picture.join.likeness
        reason = f"The two pictures are neither clearly one shot nor clearly two (likeness {likeness:.2f})."
        questions.append(Undetermined(check="seam.kind", reason=reason))
    if planned is JoinKind.CONTINUE and evidence.repeats.open_question:
        heard = 0 if evidence.sound is None else evidence.sound.echoed_frames
        also = f" {_frames(heard).capitalize()} of the sound come twice." if heard else ""
        questions.append(Undetermined(check="seam.repeated_frames", reason=evidence.repeats.open_question + also))
    return tuple(questions)
