"""Which limits decide each check, and the scales at which they are tried.

A check is asked again, from the same measurements, with its deciding limits multiplied by each factor. That gives the curve of
recall against false alarms, and the factor that serves best.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from kling_post.checks.check import Subject
from kling_post.checks.registry import all_checks
from kling_post.vocabulary import Finding, Severity

FACTORS: tuple[float, ...] = (0.35, 0.5, 0.7, 1.0, 1.4, 2.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """The limits of one check that are scaled together."""

    limits: tuple[str, ...]
    strict_when_large: bool = True
    """Whether a larger limit lets fewer findings through."""


SWEEPS: Mapping[str, Sweep] = {
    "banding": Sweep(limits=("contours", "share")),
    "blended_frames": Sweep(limits=("residual_share", "part_residual_share", "swing_residual_share"), strict_when_large=False),
    "blockiness": Sweep(limits=("codes",)),
    "black": Sweep(limits=("level",), strict_when_large=False),
    "borders": Sweep(limits=("least_share",)),
    "cadence": Sweep(limits=("short_share",), strict_when_large=False),
    "colour_drift": Sweep(limits=("delta_e_itp", "exposure_delta_e_itp", "contrast_percent", "saturation_percent")),
    "combing": Sweep(limits=("ratio",)),
    "cuts": Sweep(limits=("difference_ratio", "residual_ratio", "clear_ratio")),
    "dropped_frames": Sweep(limits=("step_error", "neighbour_error"), strict_when_large=False),
    "duplicate_frames": Sweep(limits=("still_pixels", "still_share", "neighbour_share"), strict_when_large=False),
    "end_frames": Sweep(limits=("exposure_percent", "delta_e_itp")),
    "end_holds": Sweep(limits=("still_pace", "certain_share"), strict_when_large=False),
    "end_slowdown": Sweep(limits=("left_share",), strict_when_large=False),
    "flash": Sweep(limits=("exposure_percent", "difference_codes")),
    "flicker": Sweep(limits=("review_percent", "fail_percent", "pulse_percent")),
    "freeze": Sweep(limits=("still_pixels", "still_share"), strict_when_large=False),
    "jitter": Sweep(limits=("percent_of_width",)),
    "levels": Sweep(limits=("area", "flag_share")),
    "local_flicker": Sweep(limits=("swing_percent",)),
    "local_morph": Sweep(limits=("residual", "correlation"), strict_when_large=False),
    "photosensitivity": Sweep(limits=("change_cd_m2", "red_change")),
    "slow_morph": Sweep(limits=("found",), strict_when_large=False),
    "sound_click": Sweep(limits=("evidence_percent",)),
    "text": Sweep(limits=("ink",)),
    "texture_boil": Sweep(limits=("kept_share",), strict_when_large=False),
}


def strictness(check: str, factor: float) -> float:
    """Orders factors so that a higher number lets fewer findings through."""
    return factor if SWEEPS[check].strict_when_large else 1 / factor


def asked_at(check: str, subject: Subject, factor: float) -> tuple[Finding, ...] | None:
    """What a check finds, worth a look or worse, with its deciding limits scaled; None where it has no such limits."""
    known, sweep = all_checks().get(check), SWEEPS.get(check)
    if known is None or sweep is None or any(name not in subject.signals for name in known.needs):
        return None
    limits: Any = known.limits
    if not set(sweep.limits) <= {field.name for field in fields(limits)}:
        return None
    scaled = replace(limits, **{name: getattr(limits, name) * factor for name in sweep.limits})
    return tuple(finding for finding in known.judge(subject, scaled).findings if finding.severity is not Severity.INFO)
