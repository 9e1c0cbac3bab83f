"""Steps of exposure of a long clip, which are worked out some seconds at a time."""

import numpy as np
import pytest

from kling_post.checks.evidence.exposure import exposure_steps


def test_a_step_at_the_border_of_two_blocks_is_found_like_any_other() -> None:
    light = np.full(1100, 80.0)
    light[512:] *= 1.02
    light[1024:] *= 1.03
    steps = exposure_steps({"tiles": np.broadcast_to(light[:, None, None], (1100, 9, 16))}, full_range=True)
    assert np.flatnonzero(steps).tolist() == [512, 1024]
    assert steps[[512, 1024]] == pytest.approx(100 * np.log([1.02, 1.03]))


def test_a_single_frame_has_no_step() -> None:
    assert exposure_steps({"tiles": np.full((1, 9, 16), 80.0)}, full_range=True).tolist() == [0.0]
