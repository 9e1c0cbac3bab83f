import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kling_post.generation.previz.contract import CameraMove
from kling_post.generation.previz.picture.camera import CameraPath, Outlook, Pose, Reach, eased
from kling_post.vocabulary import Size

SIZE = Size(1600, 1000)


def test_a_point_on_the_axis_lands_on_the_vanishing_point() -> None:
    assert Pose(x=3.0, y=1.6, z=5.0, horizon=0.4).project(SIZE, 3.0, 1.6, 50.0) == (800.0, 400.0)


def test_scale_halves_when_distance_doubles() -> None:
    pose = Pose(focal=1.0)
    assert pose.scale(SIZE, 10.0) == 100.0
    assert pose.scale(SIZE, 20.0) == 50.0


def test_the_ground_rises_to_the_horizon_with_distance() -> None:
    pose = Pose(y=2.0, focal=1.0, horizon=0.5)
    rows = [pose.project(SIZE, 0.0, 0.0, z)[1] for z in (4.0, 8.0, 1e6)]
    assert rows[:2] == [1000.0, 750.0]
    assert rows[2] == pytest.approx(500.0, abs=0.01)


@given(st.floats(0, 0.7), st.floats(0.05, 1), st.integers(3, 40))
def test_a_move_never_goes_back_and_never_jumps(begins: float, length: float, steps: int) -> None:
    ends = min(1.0, begins + length)
    travel = np.array([eased(k / steps, begins, ends) for k in range(steps + 1)])
    assert (np.diff(travel) >= -1e-12).all()
    assert (np.diff(travel) <= 1 / steps + 1e-12).all()


def test_a_move_over_the_whole_shot_is_even() -> None:
    assert [eased(k / 4, 0.0, 1.0) for k in range(5)] == [0.0, 0.25, 0.5, 0.75, 1.0]


def test_a_late_move_stands_still_before_it_begins() -> None:
    move = CameraMove(kind="crane", direction=1, pace=1, begins=0.5)
    path = CameraPath(base=Pose(y=1.0), moves=(move,), reach=Reach(crane=2.0), duration_seconds=8.0)
    assert path.at(0.0).y == path.at(4.0).y == 1.0
    assert path.at(8.0).y == pytest.approx(1.0 + 2.0 * 8.0 * (0.5 - 0.125))


def test_moves_add_up() -> None:
    moves = (CameraMove(kind="dolly", direction=1, pace=0.5), CameraMove(kind="truck", direction=-1, pace=1))
    pose = CameraPath(base=Pose(), moves=moves, reach=Reach(dolly=2.0, truck=1.0), duration_seconds=3.0).at(3.0)
    assert (pose.z, pose.x) == (3.0, -3.0)


def test_an_orbit_keeps_its_middle_in_place() -> None:
    move = CameraMove(kind="orbit", direction=1, pace=1)
    path = CameraPath(base=Pose(), moves=(move,), reach=Reach(orbit_depth=10.0), duration_seconds=4.0)
    columns = [path.at(t).project(SIZE, 0.0, 1.0, 10.0)[0] for t in (0.0, 1.0, 4.0)]
    assert columns == pytest.approx([800.0] * 3)


def test_the_camera_never_sinks_into_the_ground() -> None:
    move = CameraMove(kind="crane", direction=-1, pace=2)
    assert CameraPath(base=Pose(y=1.0), moves=(move,), reach=Reach(crane=5.0), duration_seconds=5.0).at(5.0).y == 0.12


def test_a_hand_held_camera_moves_a_little_and_smoothly() -> None:
    path = CameraPath(base=Pose(), moves=(CameraMove(kind="handheld", direction=0, pace=1),), reach=Reach(), duration_seconds=3.0, seed=5)
    shifts = np.array([path.at(k / 24).shift for k in range(72)])
    assert 0 < np.abs(shifts).max() < 0.008
    assert np.abs(np.diff(shifts)).max() < 0.0015


@pytest.mark.parametrize(
    ("move", "beside", "above"),
    [
        (CameraMove(kind="pan", direction=-1, pace=1), 0.625, 0.5),
        (CameraMove(kind="zoom", direction=-1, pace=1), 0.625, 0.75),
        (CameraMove(kind="dolly", direction=-1, pace=1), 0.125, 0.5),
        (CameraMove(kind="truck", direction=1, pace=1), 0.125, 0.5),
        (CameraMove(kind="dolly", direction=1, pace=1), 0.0, 0.5),
    ],
)
def test_an_outlook_holds_all_that_a_shot_sees_of_what_stands_far_away(move: CameraMove, beside: float, above: float) -> None:
    path = CameraPath(base=Pose(focal=1.0, horizon=0.4), moves=(move,), reach=Reach(), duration_seconds=10)
    assert path.outlook(SIZE, nearest_metres=100) == Outlook(beside=beside, above=above)
