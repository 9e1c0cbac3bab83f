import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kling_post.generation.previz.picture.gait import Gait, bend

WALK = Gait(period_seconds=2.0, stride=3.0, duty=0.6, lift=0.4)


def test_speed_is_stride_over_period() -> None:
    assert WALK.speed == 1.5


@given(st.floats(0, 1), st.floats(0, 0.55))
def test_a_standing_foot_does_not_slip(offset: float, within: float) -> None:
    start = (1 - offset) * WALK.period_seconds
    earlier, later = start + 1e-6, start + within * WALK.period_seconds
    places = [WALK.foot(t, offset)[0] + WALK.speed * t for t in (earlier, later)]
    assert places[0] == pytest.approx(places[1], abs=1e-4)
    assert WALK.foot(later, offset)[1] == 0.0


def test_a_foot_moves_without_jumps() -> None:
    times = np.linspace(0, 4, 2000)
    ahead = np.array([WALK.foot(t, 0.3)[0] for t in times])
    assert np.abs(np.diff(ahead)).max() < 0.02


def test_a_foot_is_highest_while_it_swings() -> None:
    lifts = [WALK.foot(t, 0.0)[1] for t in np.linspace(1.2, 2.0, 81)]
    assert max(lifts) == pytest.approx(0.4)
    assert lifts[40] == max(lifts)


def test_steps_are_one_period_apart_and_lie_in_the_shot() -> None:
    assert WALK.steps(0.25, 5.0) == (1.5, 3.5)
    assert WALK.steps(0.0, 5.0) == (0.0, 2.0, 4.0)


def test_at_a_step_the_foot_has_just_come_down() -> None:
    moment = WALK.steps(0.25, 5.0)[0]
    assert WALK.foot(moment + 1e-4, 0.25)[1] == 0.0
    assert 0 < WALK.foot(moment - 0.05, 0.25)[1] < 0.05


@given(st.floats(0.3, 3), st.floats(0.3, 3), st.floats(-2, 2), st.floats(-4, -0.1), st.booleans())
def test_both_segments_reach_the_foot(upper: float, lower: float, across: float, down: float, forward: bool) -> None:
    distance = float(np.hypot(across, down))
    assume(abs(upper - lower) + 0.01 < distance < (upper + lower) * 0.999)
    first, second, knee = bend((0.0, 0.0), (across, down), upper, lower, forward=forward)
    assert np.hypot(*knee) == pytest.approx(upper)
    tip = (knee[0] + lower * np.sin(np.deg2rad(second)), knee[1] - lower * np.cos(np.deg2rad(second)))
    assert tip == pytest.approx((across, down), abs=1e-5)
    straight = np.rad2deg(np.arctan2(across, -down))
    assert (first - straight) * (1 if forward else -1) >= -1e-6


def test_a_foot_out_of_reach_gets_a_straight_leg() -> None:
    first, second, _ = bend((0.0, 5.0), (0.0, 0.0), 1.0, 1.0, forward=True)
    assert first == pytest.approx(second, abs=4.0)
