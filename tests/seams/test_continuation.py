import numpy as np
import pytest

from kling_post.seams.continuation import beside_the_next, continued, jump


def test_a_step_is_measured_between_the_lines() -> None:
    before, after = np.arange(0, 4, 0.5)[:, None], np.arange(10, 14, 0.5)[:, None]
    step, change = jump(before, after, reach=6, passed=1.0)
    # The lines meet the join at 3.75 and at 9.75.
    assert step == pytest.approx([6.0])
    assert change == pytest.approx([0.0], abs=1e-9)


def test_at_a_twin_the_sides_meet_in_one_moment() -> None:
    before, after = np.arange(0.0, 8)[:, None], np.arange(7.0, 15)[:, None]
    assert jump(before, after, reach=3, passed=0.0)[0] == pytest.approx([0.0], abs=1e-9)
    assert jump(before, after, reach=3, passed=1.0)[0] == pytest.approx([-1.0])


def test_first_frames_that_are_left_out_say_nothing_and_the_line_leads_on_from_behind_them() -> None:
    before, after = np.arange(0.0, 8)[:, None], np.arange(10.0, 18)[:, None]
    after[:2] += 5
    assert jump(before, after, reach=6, passed=1.0, steady=True, left_out=2)[0] == pytest.approx([2.0])
    assert jump(before, after, reach=6, passed=1.0, left_out=2)[0] == pytest.approx([2.0])
    assert jump(before, after, reach=6, passed=1.0, left_out=1)[0] > 4


def test_single_frames_beside_the_path_do_not_tilt_steady_lines() -> None:
    figures = np.stack([np.arange(16.0), 2 - 0.5 * np.arange(16.0)], axis=1)
    figures[8:] += 3
    figures[8] += 5
    figures[5] -= 4
    step, change = jump(figures[:8], figures[8:], reach=6, passed=1.0, steady=True)
    assert step == pytest.approx([3.0, 3.0])
    assert change == pytest.approx([0.0, 0.0])
    assert abs(jump(figures[:8], figures[8:], reach=6, passed=1.0)[0][0] - 3) > 1


def test_what_bends_is_followed_by_few_frames_and_what_strays_averaged_over_many() -> None:
    time = np.arange(32.0)
    random = np.random.default_rng(1)
    # Two figures with a step of 3 between the sides: one bends steeply, one strays by 1 from frame to frame.
    figures = np.stack([0.05 * (time - 10) ** 2, random.normal(0, 1, 32)], axis=1) + 3 * (time >= 16)[:, None]
    step, noise = continued(figures[:16], figures[16:])
    bent = [abs(float(jump(figures[:16], figures[16:], reach=reach, passed=1.0)[0][0]) - 3) for reach in (3, 6)]
    assert abs(step[0] - 3) == pytest.approx(bent[0])
    assert bent[0] < bent[1] / 2
    assert noise[0] < 0.3
    assert step[1] == pytest.approx(jump(figures[:16], figures[16:], reach=6, passed=1.0)[0][1])
    assert 0.5 < noise[1] < 2


def test_sides_too_short_to_be_asked_say_nothing_of_their_noise() -> None:
    step, noise = continued(np.zeros((1, 2)), np.ones((2, 2)))
    assert (step.tolist(), noise.tolist()) == ([1.0, 1.0], [0.0, 0.0])


def test_a_frame_is_held_against_the_steady_line_through_those_after_it() -> None:
    away = beside_the_next(np.array([[9.0], [1], [2], [7], [4], [5], [6]]), reach=5)
    # 1, 2, 4, 5 lead back to 0, and 2, 4, 5, 6 to 1, whatever the 7 among them.
    assert away[:, 0] == pytest.approx([9.0, 0.0])
    assert len(beside_the_next(np.zeros((3, 1)), reach=3)) == 0
