"""How strict a gate is: sets of limits and severities by name.

A profile changes what findings cost, never what is measured, so that two profiles of one take differ in their words and verdict only.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from kling_post.errors import UsageError
from kling_post.vocabulary import Finding, Judgement, Severity

_UP = {Severity.INFO: Severity.INFO, Severity.REVIEW: Severity.FAIL, Severity.FAIL: Severity.FAIL}
_DOWN = {Severity.INFO: Severity.INFO, Severity.REVIEW: Severity.INFO, Severity.FAIL: Severity.REVIEW}


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One way to weigh what the checks find."""

    name: str
    title: str
    limits: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    """Limits that differ from the built-in ones; a project's own stand above them."""
    severities: Mapping[Severity, Severity] = field(default_factory=dict)
    """What a finding of each severity counts as; those that are not named stay."""
    unchanged: frozenset[str] = frozenset()
    """Checks whose findings keep their severity."""

    def weighed(self, judgement: Judgement) -> Judgement:
        """The judgement with the severities of this profile."""
        return replace(judgement, findings=tuple(self._weighed(finding) for finding in judgement.findings))

    def _weighed(self, finding: Finding) -> Finding:
        severity = finding.severity if finding.check in self.unchanged else self.severities.get(finding.severity, finding.severity)
        return replace(finding, severity=severity)


STRICT = Profile(
    name="strict",
    title="Nothing is left to a later look: what would be for review fails, and flicker, drift and jitter have half their limits.",
    limits={
        "flicker": {"review_percent": 0.5, "fail_percent": 1.0, "pulse_percent": 0.75},
        "colour_drift": {"delta_e_itp": 3.0, "exposure_delta_e_itp": 10.0, "contrast_percent": 7.5, "saturation_percent": 12.5},
        "jitter": {"percent_of_width": 0.2},
        "container": {"short_frames": 1.0, "long_seconds": 0.5},
    },
    severities=_UP,
)
DELIVERY = Profile(name="delivery", title="The built-in limits and severities.")
DRAFT = Profile(
    name="draft",
    title="Only what makes a take unusable fails: a wrong size or length, a broken file, black, a stop. The rest is for review at most.",
    severities=_DOWN,
    unchanged=frozenset(
        {"black", "damaged_frames", "freeze", "photosensitivity", "request_length", "request_rate", "request_size", "request_sound"}
    ),
)
PROFILES: Mapping[str, Profile] = {profile.name: profile for profile in (STRICT, DELIVERY, DRAFT)}


def profile(name: str) -> Profile:
    """A profile by its name.

    Raises:
        UsageError: there is none of that name.
    """
    if name not in PROFILES:
        raise UsageError(f"there is no profile called {name!r}.", remedy=f"There are: {', '.join(PROFILES)}.")
    return PROFILES[name]
