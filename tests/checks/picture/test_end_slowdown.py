"""Movement that dies away in the last second is told, unless it was asked for or the camera eases in as well."""

from typing import Any

import numpy as np
import pytest

from kling_post.checks.words import asks_for_rest
from kling_post.vocabulary import Severity, TakePlan


def along(make: Any, speeds: Any, **clip: Any) -> Any:
    return make.clip(pictures=[make.scene(1, round(float(place), 3)) for place in np.cumsum(speeds)], **clip)


def slowing(left: float) -> Any:
    return np.concatenate([np.full(48, 0.9), 0.9 * np.linspace(1, left, 20)])


def test_a_take_that_comes_to_a_stop_is_for_review(make: Any) -> None:
    (finding,) = make.ask("end_slowdown", along(make, slowing(0.05), grain=1).subject()).findings
    assert finding.severity is Severity.REVIEW
    assert 48 <= finding.frames.start <= 58
    assert finding.frames.stop == 68


def test_a_planned_stop_is_none(make: Any) -> None:
    subject = along(make, slowing(0.05)).subject(TakePlan(ends_at_rest=True))
    assert make.ask("end_slowdown", subject).findings == ()


@pytest.mark.parametrize(
    "speeds",
    [
        slowing(0.7),
        np.zeros(68),
        0.9 * np.sin(np.pi * np.linspace(0, 1, 68)),
        np.where(np.arange(68) // 10 % 2, 0.9, 0.1),
    ],
    ids=["a little slower", "locked off", "eased at both ends", "stop and go"],
)
def test_other_ends_are_none(make: Any, speeds: Any) -> None:
    assert make.ask("end_slowdown", along(make, speeds, grain=0.5).subject()).findings == ()


def test_prompts_that_ask_for_rest_are_understood() -> None:
    assert asks_for_rest("A train rolls in and comes to a gentle halt")
    assert asks_for_rest("the dolly slows down as she turns")
    assert not asks_for_rest("Non-stop traffic, the camera trucks right past a bus stop")
