"""Asks every check, with the project's own limits where it has some, and with the request's forbidden words in mind."""

from collections.abc import Mapping
from dataclasses import fields, replace
from difflib import get_close_matches
from typing import Any

from kling_post.checks.check import Answer, Check, Subject
from kling_post.checks.registry import all_checks
from kling_post.checks.words import forbidden
from kling_post.errors import ProjectError
from kling_post.vocabulary import Finding, Judgement, Severity, Undetermined

_RAISED = {Severity.INFO: Severity.REVIEW, Severity.REVIEW: Severity.FAIL, Severity.FAIL: Severity.FAIL}

Overrides = Mapping[str, Mapping[str, object]]
"""Limits that differ from the built-in ones: check name, then limit name, then value."""


def judge(subject: Subject, *, overrides: Overrides | None = None) -> Judgement:
    """What all checks say of a subject.

    Args:
        subject: Facts, plan and measured series.
        overrides: Limits that differ from the built-in ones. ``{"enabled": False}`` leaves a check out.

    Raises:
        ProjectError: ``overrides`` names a check or a limit that there is not, or gives a limit a value of another kind.
    """
    limits = limits_with(overrides or {})
    words = forbidden(subject.plan.negative_prompt)
    findings: list[Finding] = []
    undetermined: list[Undetermined] = []
    for name, check in all_checks().items():
        if name not in limits:
            continue
        answer = _asked(check, subject, limits[name])
        findings += [_raised(finding, words[name]) if name in words else finding for finding in answer.findings]
        undetermined += answer.undetermined
    findings.sort(key=lambda finding: (-1 if finding.frames is None else finding.frames.start, finding.check))
    return Judgement(findings=tuple(findings), undetermined=tuple(undetermined))


def limits_with(overrides: Overrides) -> dict[str, object]:
    """The limits of every check that is to be asked, by its name, with the overrides put in.

    Raises:
        ProjectError: as ``judge``.
    """
    checks = all_checks()
    for name in overrides:
        if name not in checks:
            raise ProjectError(f"there is no check called {name!r}.", remedy=_nearest(name, checks))
    limits: dict[str, object] = {}
    for name, check in checks.items():
        given = dict(overrides.get(name, {}))
        if given.pop("enabled", True) is False:
            continue
        limits[name] = _changed(name, check.limits, given)
    return limits


def _changed(check: str, limits: Any, given: Mapping[str, object]) -> object:
    known = {field.name: getattr(limits, field.name) for field in fields(limits)}
    values: dict[str, object] = {}
    for name, value in given.items():
        if name not in known:
            raise ProjectError(f"the check {check!r} has no limit called {name!r}.", remedy=_nearest(name, known))
        values[name] = _of_kind(check, name, value, known[name])
    return replace(limits, **values)


def _of_kind(check: str, name: str, value: object, default: object) -> object:
    """The value as the default's kind: a whole number may stand for a real one, and nothing else is bent."""
    if isinstance(default, bool) or isinstance(value, bool):
        fits = isinstance(default, bool) and isinstance(value, bool)
    elif isinstance(default, float):
        fits = isinstance(value, int | float)
    else:
        fits = isinstance(value, type(default))
    if not fits:
        raise ProjectError(f"the limit {check}.{name} takes a value like {default!r}, not {value!r}.")
    return float(value) if isinstance(default, float) and isinstance(value, int | float) else value


def _asked(check: Check[Any], subject: Subject, limits: object) -> Answer:
    missing = [name for name in check.needs if name not in subject.signals]
    if missing and subject.facts.audio is None and all(name.startswith("sound_") for name in missing):
        # Nothing to ask: whether sound should be there is the question of request_sound alone.
        return Answer()
    if missing:
        reason = f"the signal {' and '.join(missing)} was not measured."
        return Answer(undetermined=(Undetermined(check=check.name, reason=reason),))
    return check.judge(subject, limits)


def _raised(finding: Finding, word: str) -> Finding:
    severity = _RAISED[finding.severity]
    # A note without a limit is a remark on what could not be told, not a small fault.
    if severity is finding.severity or (finding.severity is Severity.INFO and finding.limit is None):
        return finding
    return replace(finding, severity=severity, message=f"{finding.message} The request forbids {word!r}.")


def _nearest(name: str, known: Mapping[str, object]) -> str:
    close = get_close_matches(name, known, n=1, cutoff=0.5)
    return f"Did you mean {close[0]!r}?" if close else f"There are: {', '.join(sorted(known))}."
