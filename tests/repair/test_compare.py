"""Better or worse: what counts, and what is only measuring."""

import math

from kling_post.repair.compare import beyond, measured, worse_properties, worst_of
from kling_post.vocabulary import JoinKind, Judgement, SeamProperty, SeamReport, Severity


def seam(**steps: float) -> SeamReport:
    """A scorecard with limit 1 for each property, infinity for ``told``."""
    return SeamReport(
        outgoing="a",
        incoming="b",
        record_frame=10,
        planned=JoinKind.CONTINUE,
        properties=tuple(
            SeamProperty(
                name=name,
                measured=step,
                limit=math.inf if name == "told" else 1.0,
                unit="",
                severity=Severity.REVIEW if abs(step) > 1 and name != "told" else None,
            )
            for name, step in steps.items()
        ),
        judgement=Judgement(),
    )


def test_a_step_that_has_grown_by_more_than_half_its_limit_is_worse() -> None:
    (worse,) = worse_properties(seam(luma=0.3, colour=0.5), seam(luma=-1.1, colour=0.6))
    assert worse.name == "luma"


def test_what_stays_well_within_its_limit_is_not_worse() -> None:
    assert worse_properties(seam(luma=0.1), seam(luma=0.95)) == ()


def test_a_step_that_changes_its_sign_is_not_worse() -> None:
    assert worse_properties(seam(luma=2.0), seam(luma=-1.9)) == ()


def test_what_is_only_told_is_never_worse() -> None:
    assert worse_properties(seam(told=0.0), seam(told=50.0)) == ()


def test_only_the_named_properties_are_compared_where_some_are_named() -> None:
    assert worse_properties(seam(luma=0.0, zoom=0.0), seam(luma=2.0, zoom=2.0), ("zoom",))[0].name == "zoom"


def test_what_is_beyond_its_limit_is_found_by_name() -> None:
    report = seam(luma=2.0, zoom=0.5)
    assert [item.name for item in beyond(report, "luma", "zoom")] == ["luma"]
    assert measured(report, "grain") is None
    assert worst_of(report, ("luma", "zoom")) == 2.0
