import json
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kling_post.reports.html.curves import curves_of, loudness_curve
from kling_post.vocabulary import Loudness


def points(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"[ML]([\d.-]+) ([\d.-]+)", path)]


def test_a_frame_stands_in_the_middle_of_its_time() -> None:
    (curve,) = curves_of({"luma": {"mean": np.array([0.0, 100.0])}})
    assert [x for x, _ in points(curve.lines[0].path)] == [250.0, 750.0]


def test_a_gap_in_the_numbers_is_a_gap_in_the_line() -> None:
    (curve,) = curves_of({"luma": {"mean": np.array([10.0, 20, np.nan, 30, 40])}})
    assert curve.lines[0].path.count("M") == 2
    assert json.loads(curve.readings) == [["mean", 10.0, 20.0, None, 30.0, 40.0]]


def test_a_flat_line_is_not_blown_up() -> None:
    (curve,) = curves_of({"luma": {"mean": np.array([100.0, 100.1, 100.0])}})
    assert curve.high_value - curve.low_value >= 16


def test_one_odd_frame_among_ten_thousand_stays_to_be_seen() -> None:
    values = np.full(10_000, 50.0)
    values[7_777] = 200.0
    (curve,) = curves_of({"luma": {"mean": values}})
    drawn = points(curve.lines[0].path)
    assert len(drawn) < 1_300
    odd = min(drawn, key=lambda point: point[1])
    assert odd[0] == pytest.approx(777.75, abs=0.1)


def test_series_that_were_not_measured_leave_no_chart() -> None:
    assert curves_of({"something": {"else": np.zeros(4)}}) == ()


def test_colour_is_told_from_grey() -> None:
    (curve,) = curves_of({"colour": {"chroma": np.array([[128.0, 140.0], [130.0, 140.0]])}})
    assert json.loads(curve.readings) == [["Cb", 0.0, 2.0], ["Cr", 12.0, 12.0]]


@given(st.lists(st.floats(-1e6, 1e6) | st.just(float("nan")), min_size=1, max_size=60))
def test_every_point_lies_inside_the_box(values: list[float]) -> None:
    (curve,) = curves_of({"luma": {"mean": np.array(values)}})
    for x, y in points(curve.lines[0].path):
        assert 0 <= x <= 1000
        assert -0.1 <= y <= 100.1


def test_the_target_lies_on_the_axis_even_where_the_programme_does_not_reach_it(loudness: Loudness) -> None:
    curve = loudness_curve(loudness, seconds=2, target_lufs=-5.0)
    assert curve is not None
    assert curve.low_value < -30
    assert 0 < curve.height_of(-5.0) < 30
    assert curve.height_of(99.0) == 0.0


def test_a_planned_cut_runs_off_the_movement_s_axis_and_an_unplanned_one_does_not() -> None:
    values = np.full(100, 3.0)
    values[40] = 90.0
    planned, unplanned = (curves_of({"motion": {"median": values}}, cut_frames=cuts)[0] for cuts in ((40,), ()))
    assert planned.high_value < 10
    assert unplanned.high_value > 90
    assert min(y for _, y in points(planned.lines[0].path)) == 0
