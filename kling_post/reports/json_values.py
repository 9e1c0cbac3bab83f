"""The nouns of the vocabulary as JSON values: the one place that knows their keys.

Rates and durations are texts of exact fractions beside a rounded number, money is a text of dollars, and what has no number (silence in
LUFS, a property without a limit) is null, because JSON knows no infinity.
"""

import math
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from kling_post.timebase import timecode
from kling_post.vocabulary import (
    Finding,
    FrameRange,
    Judgement,
    Loudness,
    LoudnessTarget,
    MediaFacts,
    SeamReport,
    Size,
    TakePlan,
    Undetermined,
)

if TYPE_CHECKING:
    from kling_post.seams.chain_drift import ChainDrift

Json = dict[str, Any]


def number(value: float | None, *, digits: int = 4) -> float | None:
    """A finite number, rounded; null for infinity, not-a-number and none."""
    return None if value is None or not math.isfinite(value) else round(float(value), digits)


def dollars(amount: Decimal | None) -> str | None:
    """An amount of money as text with at least two decimals: exact, where a float would not be."""
    if amount is None:
        return None
    plain = amount.normalize()
    return f"{amount:.2f}" if plain == plain.quantize(Decimal("0.01")) else f"{plain:f}"


def size_json(size: Size | None) -> Json | None:
    """``{"width", "height"}``."""
    return None if size is None else {"width": size.width, "height": size.height}


def rate_json(rate: Fraction | None) -> str | None:
    """``24`` or ``24000/1001``."""
    return None if rate is None else str(rate)


def frames_json(frames: FrameRange | None, rate: Fraction, *, first: int = 0) -> Json | None:
    """Start, stop and timecode in; ``first`` is the frame count of the first frame's timecode."""
    if frames is None:
        return None
    return {"start": frames.start, "stop": frames.stop, "timecode": timecode(first + frames.start, rate)}


def finding_json(finding: Finding, rate: Fraction, *, first: int = 0) -> Json:
    """One finding with its place, its numbers and its sentence."""
    area = finding.area
    return {
        "check": finding.check,
        "severity": str(finding.severity),
        "frames": frames_json(finding.frames, rate, first=first),
        "measured": number(finding.measured),
        "limit": number(finding.limit),
        "unit": finding.unit,
        "message": finding.message,
        "code": finding.code,
        "source": finding.source,
        "remedy": finding.remedy,
        "area": None if area is None else {"left": area.left, "top": area.top, "right": area.right, "bottom": area.bottom},
    }


def undetermined_json(question: Undetermined) -> Json:
    """A question that stayed open, and why."""
    return {"check": question.check, "reason": question.reason}


def judgement_json(judgement: Judgement, rate: Fraction, *, first: int = 0) -> Json:
    """Verdict, findings and open questions."""
    return {
        "verdict": str(judgement.verdict),
        "findings": [finding_json(finding, rate, first=first) for finding in judgement.findings],
        "undetermined": [undetermined_json(question) for question in judgement.undetermined],
    }


def loudness_json(loudness: Loudness | None) -> Json | None:
    """The figures without the curves; null where the level is minus infinity."""
    if loudness is None:
        return None
    return {
        "integrated_lufs": number(loudness.integrated_lufs, digits=2),
        "loudness_range_lu": number(loudness.loudness_range_lu, digits=2),
        "max_momentary_lufs": number(loudness.max_momentary_lufs, digits=2),
        "max_short_term_lufs": number(loudness.max_short_term_lufs, digits=2),
        "true_peak_dbtp": number(loudness.true_peak_dbtp, digits=2),
        "sample_peak_dbfs": number(loudness.sample_peak_dbfs, digits=2),
        "sample_rate": loudness.sample_rate,
        "channels": loudness.channels,
        "duration_seconds": number(loudness.duration_seconds),
    }


def target_json(target: LoudnessTarget | None) -> Json | None:
    """Where the loudness must land."""
    if target is None:
        return None
    return {
        "name": target.name,
        "integrated_lufs": target.integrated_lufs,
        "tolerance_lu": target.tolerance_lu,
        "true_peak_dbtp": target.true_peak_dbtp,
        "note": target.note,
    }


def facts_json(facts: MediaFacts) -> Json:
    """What a file is, without its path."""
    audio = facts.audio
    return {
        "sha256": facts.sha256,
        "bytes": facts.bytes,
        "container": facts.container,
        "codec": facts.codec,
        "profile": facts.profile,
        "pixel_format": facts.pixel_format,
        "bit_depth": facts.bit_depth,
        "size": size_json(facts.size),
        "rate": rate_json(facts.rate),
        "constant_rate": facts.constant_rate,
        "frames": facts.frames,
        "duration_seconds": number(float(facts.duration_seconds)),
        "color_primaries": facts.color_primaries,
        "color_transfer": facts.color_transfer,
        "color_matrix": facts.color_matrix,
        "color_range": facts.color_range,
        "interlaced": facts.interlaced,
        "start_timecode": facts.start_timecode,
        "audio": None
        if audio is None
        else {
            "codec": audio.codec,
            "sample_rate": audio.sample_rate,
            "channels": audio.channels,
            "layout": audio.layout,
            "duration_seconds": None if audio.duration_seconds is None else number(float(audio.duration_seconds)),
        },
    }


def plan_json(plan: TakePlan) -> Json:
    """What was asked for; null where nothing was."""
    return {
        "size": size_json(plan.size),
        "rate": rate_json(plan.rate),
        "duration_seconds": None if plan.duration_seconds is None else number(float(plan.duration_seconds)),
        "sound": plan.sound,
        "cut_seconds": None if plan.cut_seconds is None else [number(float(second)) for second in plan.cut_seconds],
        "negative_prompt": plan.negative_prompt,
        "first_image": None if plan.first_image is None else plan.first_image.name,
        "last_image": None if plan.last_image is None else plan.last_image.name,
    }


def chain_json(chain: "ChainDrift", rate: Fraction, *, first: int = 0) -> Json:
    """The drift of a chain of clips against its first one."""
    return {
        "clips": list(chain.clips),
        "points": [
            {
                "clip": point.clip_id,
                "end": "head" if point.at_head else "end",
                "record_frame": point.record_frame,
                "colour_delta_e_itp": number(point.colour_delta_e_itp),
                "contrast_percent": number(point.contrast_percent),
                "black_percent": number(point.black_percent),
                "sharpness_percent": number(point.sharpness_percent),
            }
            for point in chain.points
        ],
        **judgement_json(Judgement(findings=chain.findings), rate, first=first),
    }


def seam_json(seam: SeamReport, rate: Fraction, *, first: int = 0) -> Json:
    """One join with its scorecard; frames count on the timeline."""
    return {
        "outgoing": seam.outgoing,
        "incoming": seam.incoming,
        "record_frame": seam.record_frame,
        "timecode": timecode(first + seam.record_frame, rate),
        "planned": None if seam.planned is None else str(seam.planned),
        "seen": None if seam.seen is None else str(seam.seen),
        **judgement_json(seam.judgement, rate, first=first),
        "properties": [
            {
                "name": row.name,
                "measured": number(row.measured),
                "limit": number(row.limit),
                "unit": row.unit,
                "severity": None if row.severity is None else str(row.severity),
                "message": row.message,
            }
            for row in seam.properties
        ],
    }
