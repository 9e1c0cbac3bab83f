"""Points are added up between two values, and no single number outweighs the rest."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kling_post.checks.evidence.weighing import Evidence, evidence_percent
from kling_post.checks.sound.click import _EVIDENCE as CLICK
from kling_post.checks.sound.dropout import _EVIDENCE as DROPOUT

FOR, AGAINST = Evidence("height", (10, 20), (0, 60)), Evidence("tail", (0, 4), (40, 0))


@pytest.mark.parametrize(
    ("height", "tail", "percent"),
    [(20, 0, 100.0), (15, 0, 70.0), (10, 4, 0.0), (-50, 90, 0.0), (20, 4, 60.0), (10, 1, 30.0), (99, -9, 100.0)],
)
def test_points_grow_evenly_between_low_and_high(height: float, tail: float, percent: float) -> None:
    measured = {"height": np.array([height], float), "tail": np.array([tail], float)}
    assert evidence_percent(measured, (FOR, AGAINST)) == pytest.approx([percent])


@pytest.mark.parametrize("table", [CLICK, DROPOUT])
def test_the_points_are_a_hundred_and_begin_at_nothing(table: tuple[Evidence, ...]) -> None:
    assert sum(max(each.points) for each in table) == pytest.approx(100, abs=0.5)
    for each in table:
        assert min(each.points) == 0
        assert len(each.at) == len(each.points)
        assert list(each.at) == sorted(set(each.at))


def test_a_curve_rises_and_falls_between_its_corners_and_is_level_beyond_them() -> None:
    tilt = Evidence("tilt", (-10, 0, 20), (5, 60, 0))
    measured = {"tilt": np.array([-99.0, -10, -5, 0, 10, 20, 99]), "tail": np.array([0.0, 0, 0, 2, 2, 4, 9])}
    assert evidence_percent(measured, (tilt, AGAINST)).tolist() == [45.0, 45.0, 72.5, 80.0, 50.0, 0.0, 0.0]


@given(st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)), min_size=1, max_size=5))
def test_evidence_stays_between_nothing_and_all(values: list[tuple[float, float]]) -> None:
    height, tail = (np.array(each) for each in zip(*values, strict=True))
    percent = evidence_percent({"height": height, "tail": tail}, (FOR, AGAINST))
    assert percent.shape == (len(values),)
    assert (percent >= 0).all()
    assert (percent <= 100).all()
