"""Is a seam better or worse than it was? Two scorecards of one join, property by property."""

from collections.abc import Collection

from kling_post.vocabulary import SeamProperty, SeamReport, Severity

_WORTH = {None: 0, Severity.INFO: 1, Severity.REVIEW: 2, Severity.FAIL: 3}
_WITHIN_MEASURING = 0.25
"""A property counts as worse only where it has moved further from nothing than by this share of its limit: what is less lies within what
a second encoding of the same picture does to the figures."""


def worse_properties(before: SeamReport, after: SeamReport, names: Collection[str] | None = None) -> tuple[SeamProperty, ...]:
    """The properties of ``after`` that measure worse than in ``before``: all, or those named.

    Worse is a higher severity, or a step that has grown by more than a quarter of the limit and fills more than half of it.
    """
    then = {item.name: item for item in before.properties}
    asked = then if names is None else names
    return tuple(now for now in after.properties if now.name in then and now.name in asked and _worse(then[now.name], now))


def _worse(then: SeamProperty, now: SeamProperty) -> bool:
    if _WORTH[now.severity] > _WORTH[then.severity]:
        return True
    limit = min(then.limit, now.limit)
    return abs(now.measured) > abs(then.measured) + _WITHIN_MEASURING * limit and abs(now.measured) > limit / 2


def measured(report: SeamReport, name: str) -> SeamProperty | None:
    """The property of that name; None where the report has none."""
    return next((item for item in report.properties if item.name == name), None)


def beyond(report: SeamReport, *names: str) -> tuple[SeamProperty, ...]:
    """Those of the named properties that are beyond their limits."""
    return tuple(item for item in report.properties if item.name in names and item.severity is not None)
