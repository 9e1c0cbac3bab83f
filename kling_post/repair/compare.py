"""Is a seam better or worse than it was? Two scorecards of one join, property by property."""

from collections.abc import Collection

from kling_post.vocabulary import SeamProperty, SeamReport

_WITHIN_MEASURING = 0.5
"""A property counts as worse only where it has moved further from nothing by more than half of its limit, to beyond it: what is less
lies within what a second encoding of the same picture, and figures in whole code values, do to the measurement."""


def worse_properties(
    before: SeamReport, after: SeamReport, names: Collection[str] | None = None, *, by: float = _WITHIN_MEASURING
) -> tuple[SeamProperty, ...]:
    """The properties of ``after`` that measure worse than in ``before``: all, or those named.

    Worse is a step that has grown by more than ``by`` times its limit, to beyond it.
    """
    then = {item.name: item for item in before.properties}
    asked = then if names is None else names
    return tuple(now for now in after.properties if now.name in then and now.name in asked and _worse(then[now.name], now, by))


def _worse(then: SeamProperty, now: SeamProperty, by: float) -> bool:
    limit = min(then.limit, now.limit)
    return abs(now.measured) - abs(then.measured) > by * limit and abs(now.measured) > limit


def worst_of(report: SeamReport, names: Collection[str]) -> float:
    """The named property that is furthest out, in multiples of its limit."""
    return max((abs(item.measured) / item.limit for item in report.properties if item.name in names and item.limit > 0), default=0.0)


def measured(report: SeamReport, name: str) -> SeamProperty | None:
    """The property of that name; None where the report has none."""
    return next((item for item in report.properties if item.name == name), None)


def beyond(report: SeamReport, *names: str) -> tuple[SeamProperty, ...]:
    """Those of the named properties that are beyond their limits."""
    return tuple(item for item in report.properties if item.name in names and item.severity is not None)
