"""Only light that comes or goes in all steps of a stretch alike makes it a fade."""

import numpy as np

from kling_post.checks.evidence.fading import fades, light_jumps, strobes


def test_a_picture_that_only_grows_darker_fades() -> None:
    assert fades(np.full(6, -1.2), np.full(6, 1.3), left=0.0)


def test_under_grain_too_since_what_a_held_step_changes_by_is_no_movement() -> None:
    assert fades(np.full(6, 0.6), np.full(6, 1.2), left=1.05)
    assert not fades(np.full(6, 0.6), np.full(6, 1.9), left=1.05)


def test_light_that_an_encoder_adds_and_takes_in_turn_is_no_fade() -> None:
    assert not fades(np.array([0.35, 0.0, 0.12, -0.2, 0.31, 0.02]), np.full(6, 0.5), left=0.0)


def test_lamps_that_sweep_what_moves_are_no_fade() -> None:
    assert not fades(np.array([-2.7, -3.0, -0.2, -0.1, 2.7, 6.8]), np.full(6, 7.0), left=0.9)


def test_many_places_are_asked_at_once() -> None:
    assert fades(np.array([[1.0, 1.0], [0.1, 0.1]]), np.ones((2, 2)), left=np.zeros(2)).tolist() == [True, False]


def test_what_moves_in_jumps_of_light_alone_is_a_strobe() -> None:
    jumps = light_jumps(np.array([0.0, 2.8, -2.8, 0.3, 0.9]), np.array([0.1, 4.7, 5.0, 0.5, 4.0]))
    assert jumps.tolist() == [False, True, True, False, False]
    assert strobes(np.array([0.02, 0.4, 0.4, 0.1, 0.1]), jumps)
    assert not strobes(np.array([0.3, 0.4, 0.3, 0.3, 0.3]), jumps)
