"""The rows of a scorecard: each property of a join with what was measured, its limit, and what to say where it is beyond it."""

from dataclasses import dataclass
from math import inf

from kling_post.seams.classify import Seen
from kling_post.seams.dissolve import Dissolve
from kling_post.seams.framing import Framing
from kling_post.seams.limits import SeamLimits
from kling_post.seams.measure import Compared, SeamMeasurements
from kling_post.seams.repeats import Repeats
from kling_post.seams.sound import SoundStep
from kling_post.vocabulary import Severity

_EDIT_ERROR = "MovieLabs PICTURE-INSERT/EDIT-ERROR"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeamEvidence:
    """All that was measured at one join."""

    picture: SeamMeasurements
    framing: Framing | None
    """None where the shot does not go on: between two different pictures these figures would mean nothing."""
    repeats: Repeats
    seen: Seen
    sound: SoundStep | None
    """None where not both sides have sound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
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


def rows_of(evidence: SeamEvidence, limits: SeamLimits) -> tuple[Row, ...]:
    """Every property of a join that can be told of this evidence."""
    sound = () if evidence.sound is None else _sound_rows(evidence.sound, limits)
    dissolve = () if evidence.seen.dissolve is None else _dissolve_rows(evidence.seen.dissolve, limits)
    return (*_look_rows(evidence, limits), *_fault_rows(evidence, limits), *dissolve, *sound)


def _raised(value: Compared, limit: float, limits: SeamLimits) -> float:
    """The limit, but never within the footage's own variation."""
    return max(limit, limits.noise_factor * value.noise)


def _look_rows(evidence: SeamEvidence, limits: SeamLimits) -> list[Row]:
    """What must stay where a shot goes on, and may step at a cut."""
    picture, framing = evidence.picture, evidence.framing
    table = [
        ("luma", picture.luma, limits.luma_percent, "%", "Brightness steps by {:+.1f} % of the range", Severity.FAIL),
        ("colour", picture.colour, limits.colour_delta_e_itp, "Delta E ITP", "Colour steps by {:.1f} Delta E ITP", Severity.FAIL),
        ("black level", picture.black, limits.black_percent, "%", "Black steps by {:+.1f} % of the range", Severity.REVIEW),
        ("contrast", picture.contrast, limits.contrast_percent, "%", "Contrast changes by {:+.1f} %", Severity.REVIEW),
        ("saturation", picture.saturation, limits.saturation_percent, "%", "Saturation changes by {:+.1f} %", Severity.REVIEW),
        ("sharpness", picture.sharpness, limits.sharpness_percent, "%", "Fine detail changes by {:+.0f} %", Severity.REVIEW),
        ("grain", picture.grain, limits.grain_code_values, "8-bit codes", "Grain of {:+.1f} codes comes or goes", Severity.REVIEW),
    ]
    if framing is not None:
        table += [
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
        ]
    remedy = "Match the incoming clip to the outgoing one, or generate it again from the last frame."
    return [
        Row(
            name=name,
            measured=value.step,
            limit=_raised(value, limit, limits),
            unit=unit,
            sentence=sentence.format(value.step),
            remedy=remedy,
            worst=worst,
        )
        for name, value, limit, unit, sentence, worst in table
    ]


def _fault_rows(evidence: SeamEvidence, limits: SeamLimits) -> list[Row]:
    """What is a fault at any join."""
    repeats, picture, stray = evidence.repeats, evidence.picture, evidence.seen.late_frames
    flash = max(picture.flash_before, picture.flash_after, key=lambda side: side.step - limits.noise_factor * side.noise)
    side = "last frame before" if flash is picture.flash_before else "first frame after"
    held = max(repeats.held_head_frames, repeats.held_tail_frames)
    held_where = "incoming clip begins" if held == repeats.held_head_frames else "outgoing clip ends"
    return [
        Row(
            name="repeated frames",
            measured=repeats.repeated_frames,
            limit=limits.repeated_frames,
            unit="frames",
            sentence=f"The incoming clip {'' if repeats.certain else 'probably '}begins with {told(repeats.repeated_frames)} that the "
            f"outgoing clip ended with{_said_by_sound(evidence)}",
            remedy=f"Trim {told(repeats.repeated_frames)} from the incoming clip's head, picture and sound.",
            worst=Severity.FAIL if repeats.certain else Severity.REVIEW,
            at_once=True,
            code=_EDIT_ERROR,
        ),
        Row(
            name="skipped frames",
            measured=repeats.skipped_frames,
            limit=limits.skipped_frames,
            unit="frames",
            sentence=f"The movement leaps over {told(repeats.skipped_frames)}",
            remedy="Take back frames from the handles of either clip, or generate the incoming one from the last frame again.",
        ),
        Row(
            name="stray frames",
            measured=abs(stray),
            limit=limits.stray_frames,
            unit="frames",
            sentence=f"The shot changes {told(abs(stray))} {'after' if stray > 0 else 'before'} the join",
            remedy=f"Move the join by {stray:+d} frames.",
            worst=Severity.FAIL,
            at_once=True,
            code=_EDIT_ERROR,
        ),
        Row(
            name="held frames",
            measured=held,
            limit=limits.held_frames,
            unit="frames",
            sentence=f"The {held_where} with {told(held)} in which nothing moves",
            remedy=f"Trim {told(held)}.",
        ),
        Row(
            name="flash",
            measured=flash.step,
            limit=_raised(flash, limits.flash_delta_e_itp, limits),
            unit="Delta E ITP",
            sentence=f"The {side} the join stands out by {flash.step:.1f} Delta E ITP",
            remedy="Trim that frame.",
            worst=Severity.FAIL,
        ),
    ]


def _dissolve_rows(dissolve: Dissolve, limits: SeamLimits) -> list[Row]:
    """How evenly one picture melts into the other; how long that takes is told and not judged."""
    length = told(dissolve.frames)
    lost = "loses" if dissolve.luma_percent < 0 else "gains"
    remedy = "Dissolve the two takes in the edit, where both are at hand without it."
    return [
        Row(
            name="dissolve",
            measured=dissolve.frames,
            limit=inf,
            unit="frames",
            sentence=f"One picture melts into the other in {length}",
            remedy=remedy,
        ),
        Row(
            name="dissolve curve",
            measured=dissolve.curve_percent,
            limit=limits.dissolve_curve_percent,
            unit="%",
            sentence=f"The dissolve of {length} is uneven: {dissolve.curve_percent:+.0f} % of the incoming picture beside an even mixture",
            remedy=remedy,
        ),
        Row(
            name="dissolve luma",
            measured=dissolve.luma_percent,
            limit=limits.dissolve_luma_percent,
            unit="%",
            sentence=f"The dissolve of {length} {lost} {abs(dissolve.luma_percent):.1f} % of the range on the way",
            remedy=remedy,
        ),
    ]


def _said_by_sound(evidence: SeamEvidence) -> str:
    """Whether the sound repeats as many frames as the picture."""
    if evidence.sound is None or not evidence.sound.echoed_frames:
        return ""
    heard = evidence.sound.echoed_frames
    return ", and so does the sound" if heard == evidence.repeats.repeated_frames else f", while {told(heard)} of its sound come twice"


def _sound_rows(sound: SoundStep, limits: SeamLimits) -> list[Row]:
    gap = max(sound.gap_before_seconds, sound.gap_after_seconds)
    gap_where = "outgoing clip ends" if gap == sound.gap_before_seconds else "incoming clip begins"
    return [
        Row(
            name="loudness",
            measured=sound.level_step_lu,
            limit=limits.loudness_lu,
            unit="LU",
            sentence=f"The level steps by {sound.level_step_lu:+.1f} LU, loudness from {sound.loudness_before_lufs:.1f} to "
            f"{sound.loudness_after_lufs:.1f} LUFS",
            remedy="Set the clips' gain so that both sides meet, or fade the sound over the join.",
        ),
        Row(
            name="room tone",
            measured=sound.room_tone_step_db,
            limit=limits.room_tone_db,
            unit="dB",
            sentence=f"The noise floor steps by {sound.room_tone_step_db:+.1f} dB in three bands or more",
            remedy="Lay one room tone under both clips, or fade the sound over the join for half a second or more.",
        ),
        Row(
            name="sound gap",
            measured=1000 * gap,
            limit=limits.sound_gap_milliseconds,
            unit="ms",
            sentence=f"The {gap_where} with {1000 * gap:.0f} ms of silence in its sound",
            remedy="Fill the gap with room tone, or let the other clip's sound begin earlier.",
        ),
        Row(
            name="click",
            measured=sound.click_ratio,
            limit=limits.click_ratio,
            unit="x",
            sentence=f"The waveform breaks at the join, {sound.click_ratio:.0f} times as far as the sound bends by itself",
            remedy="Fade the sound over the join for a few milliseconds.",
        ),
    ]


def told(count: int) -> str:
    """A number of frames in words."""
    return f"{count} frame" if count == 1 else f"{count} frames"
