"""Cut detection is asked by a dozen checks: its numbers are those of the definition, and remembered only for the same series."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kling_post.checks.evidence.cut_detection import cut_frames, over_neighbours
from kling_post.checks.evidence.held import _median_of_few


def still_signals(frames: int) -> dict[str, dict[str, Any]]:
    return {
        "structure": {"distance": np.full((frames, 6), 1.0), "correlation": np.ones((frames, 6))},
        "motion": {"residual": np.full(frames, 1.0)},
    }


def test_a_series_that_has_been_changed_in_place_is_looked_at_anew() -> None:
    signals = still_signals(40)
    assert cut_frames(signals) == ()
    for lag in range(4):  # nor do the next frames look like those before the cut
        signals["structure"]["distance"][[20, 20 + lag], lag] = 40.0
    signals["structure"]["correlation"][20, 0] = 0.0
    signals["motion"]["residual"][20] = 30.0
    assert cut_frames(signals) == (20,)


@given(st.lists(st.floats(0, 200, width=32), min_size=3, max_size=40))
def test_each_step_is_held_against_the_median_of_up_to_five_on_each_side(values: list[float]) -> None:
    steps = np.array(values)
    for frame, ratio in enumerate(over_neighbours(steps)):
        if frame == 0:
            assert ratio == 0
            continue
        beside = [*steps[max(1, frame - 5) : frame], *steps[frame + 1 : frame + 6]]
        assert ratio == pytest.approx(steps[frame] / (np.median(beside) + 0.5))


@given(st.lists(st.floats(allow_nan=True, allow_infinity=False, width=32), min_size=1, max_size=7))
def test_the_median_of_a_few_is_that_of_numpy(values: list[float]) -> None:
    np.testing.assert_array_equal(_median_of_few(values), np.median(values))
