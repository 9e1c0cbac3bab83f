"""The pace of a step is its share of the movement around it."""

import numpy as np
import pytest
from numpy.typing import NDArray

from kling_post.checks.evidence.pace import pace_of
from kling_post.signals.kernels.accord import LAGS, Accord


def accord_of(speeds: list[float], *, noise: float = 0.0) -> NDArray[np.float64]:
    """The accord of one field (a zoom, say) at these speeds; entry 0 has no step."""
    field = np.random.default_rng(1).normal(size=(2, 9, 16))
    grain = np.random.default_rng(2).normal(0, noise, (len(speeds) + 1, 2, 9, 16))
    collector = Accord()
    rows = [collector.none]
    for place, speed in enumerate(speeds):
        step = speed * field + grain[place + 1] - grain[place]
        rows.append(collector.with_step(step, step))
    return np.stack(rows)


def test_an_ordinary_step_has_pace_one_and_a_repeat_none() -> None:
    speeds = [1.0] * 20
    speeds[9] = 0.0
    pace = pace_of(accord_of(speeds), ()).pace
    assert pace[10] == pytest.approx(0)
    assert pace[5] == pytest.approx(1)


@pytest.mark.parametrize("missing", [1, 2, 3])
def test_a_step_across_missing_frames_is_a_whole_multiple(missing: int) -> None:
    speeds = [1.0] * 20
    speeds[9] = 1.0 + missing
    assert pace_of(accord_of(speeds), ()).pace[10] == pytest.approx(1 + missing)


def test_noise_of_frames_leaves_no_trace_in_the_mean() -> None:
    speeds = [1.0] * 200
    noisy = pace_of(accord_of(speeds, noise=0.5), ())
    assert np.nanmean(noisy.pace) == pytest.approx(1, abs=0.03)
    assert np.nanmedian(noisy.coherence) == pytest.approx(1 / 1.5, abs=0.05)


def test_steps_are_not_compared_across_a_cut() -> None:
    speeds = [1.0] * 10 + [5.0] * 10
    found = pace_of(accord_of(speeds), (11,))
    assert np.isnan(found.pace[11])
    assert found.pace[14] == pytest.approx(1)


def test_a_long_clip_keeps_thirteen_products_a_frame() -> None:
    assert accord_of([1.0] * 30).shape == (31, LAGS)
