"""What a path loses at a place is told whatever the steps there do, and whatever the pace of the shot does evenly."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kling_post.checks.evidence.pace import both_ways
from kling_post.checks.evidence.path import loss_at, speeds_of


@given(start=st.floats(0.1, 4.0), growth=st.floats(-0.02, 0.02), left=st.lists(st.floats(0.0, 1.5), min_size=3, max_size=3))
def test_a_loss_is_what_the_steps_of_the_place_lack_of_the_pace_around_them(start: float, growth: float, left: list[float]) -> None:
    usual = np.asarray(start * (1 + growth * (np.arange(40) - 20.0)), np.float64)
    speeds = usual.copy()
    speeds[19:22] *= left
    loss = loss_at(speeds, 19, 22)
    assert loss is not None
    assert loss.frames == pytest.approx(float((usual - speeds).sum() / usual[20]), abs=0.12)
    assert loss.deviation < 0.05


def test_uneven_steps_show_in_the_deviation_and_not_in_the_loss() -> None:
    loss = loss_at(np.tile([1.4, 0.6], 20), 19, 21)
    assert loss is not None
    assert loss.frames == pytest.approx(0, abs=0.1)
    assert loss.deviation == pytest.approx(0.2, abs=0.05)


@pytest.mark.parametrize("place", [(3, 5), (36, 38)])
def test_nothing_is_said_near_the_ends_of_a_shot(place: tuple[int, int]) -> None:
    assert loss_at(np.ones(40), *place) is None


def test_speeds_are_found_under_noise_that_plain_lengths_are_full_of() -> None:
    rng = np.random.default_rng(2)
    true = np.ones(60)
    true[30] = 0.0
    # The noise of neighbouring steps is that of their shared frame; of steps further apart it has nothing in common.
    grain = rng.normal(0, 0.2, (61, 400))
    fields = true[:, None] * rng.choice([-1.0, 1.0], 400) + np.diff(grain, axis=0)
    accord = np.full((60, 13), np.nan)
    for lag in range(13):
        accord[lag:, lag] = (fields[lag:] * fields[: 60 - lag]).mean(axis=1)
    accord[0] = np.nan
    speeds = speeds_of(both_ways(accord, ()), np.ones(60))
    assert accord[30, 0] > 0.05
    assert speeds[30] == pytest.approx(0, abs=0.05)
    assert np.delete(speeds, (0, 30)) == pytest.approx(1, abs=0.05)
