import numpy as np
import pytest
from numpy.typing import NDArray

from kling_post.generation.previz.picture.camera import Pose
from kling_post.generation.previz.picture.ground import Material, colour_table, draw_broad, draw_material, ground_rows, modulate, rows_from
from kling_post.generation.previz.picture.noise import generator
from kling_post.vocabulary import Size

SIZE = Size(320, 180)
POSE = Pose(y=1.5, focal=1.0, horizon=0.4)


def marked(x: float, z: float, metres: float = 64.0, side: int = 1024) -> Material:
    """A dark tile with one bright square metre at (x, z)."""
    tile = np.full((side, side), 20, np.uint8)
    scale = side / metres
    tile[int((z - 0.5) * scale) : int((z + 0.5) * scale), int((x - 0.5) * scale) : int((x + 0.5) * scale)] = 220
    return Material(tile=tile, metres=metres)


def centre_of_light(light: NDArray[np.uint8], first: int) -> tuple[float, float]:
    rows, columns = np.nonzero(light > 100)
    return float(columns.mean()) + 0.5, float(rows.mean()) + 0.5 + first


@pytest.mark.parametrize(("x", "z"), [(2.0, 8.0), (5.0, 12.0), (1.0, 6.0)])
def test_a_mark_on_the_ground_is_drawn_where_the_camera_sees_it(x: float, z: float) -> None:
    rows = ground_rows(SIZE, POSE)
    found = centre_of_light(draw_material(marked(x, z), rows), rows.first)
    assert found == pytest.approx(POSE.project(SIZE, x, 0.0, z), abs=1.6)


def test_the_mark_moves_with_the_camera() -> None:
    pose = Pose(x=1.0, y=1.5, z=2.0, focal=1.0, horizon=0.4)
    rows = ground_rows(SIZE, pose)
    found = centre_of_light(draw_material(marked(2.0, 9.0), rows), rows.first)
    assert found == pytest.approx(pose.project(SIZE, 2.0, 0.0, 9.0), abs=1.6)


def test_a_flat_tile_stays_flat_at_every_distance() -> None:
    tile = np.full((512, 512), 137, np.uint8)
    light = draw_material(Material(tile=tile, metres=10.0), ground_rows(SIZE, POSE))
    assert light.min() >= 136
    assert light.max() <= 138


def test_far_ground_is_smooth_and_near_ground_is_not() -> None:
    tile = generator(3, "test").integers(0, 256, (1024, 1024), dtype=np.uint8)
    light = draw_material(Material(tile=tile, metres=10.0), ground_rows(SIZE, POSE)).astype(float)
    assert light[2:8].std() < 0.35 * light[-20:].std()


def test_a_small_step_of_the_camera_changes_little() -> None:
    tile = generator(3, "test").integers(90, 166, (1024, 1024), dtype=np.uint8)
    material = Material(tile=tile, metres=10.0)
    before = draw_material(material, ground_rows(SIZE, POSE)).astype(float)
    after = draw_material(material, ground_rows(SIZE, Pose(y=1.5, z=0.004, focal=1.0, horizon=0.4))).astype(float)
    assert np.abs(after - before).mean(axis=1).max() < 12


def test_rows_near_the_camera_are_the_same_alone() -> None:
    material = marked(2.0, 4.0)
    rows = ground_rows(SIZE, POSE)
    whole = draw_material(material, rows)
    near = draw_material(material, rows_from(rows, 60))
    assert np.abs(whole[60:].astype(int) - near.astype(int)).mean() < 1.0


def test_a_broad_material_covers_all_rows() -> None:
    rows = ground_rows(SIZE, POSE)
    assert draw_broad(marked(1, 1), rows).shape == (len(rows.depth), 320)


def test_depth_falls_from_the_horizon_to_the_foot_of_the_frame() -> None:
    rows = ground_rows(SIZE, POSE)
    assert rows.first == 72
    assert (np.diff(rows.depth) <= 0).all()
    assert rows.depth[-1] == pytest.approx(1.5 * 180 / (180 - 0.5 - 72))


def test_light_is_neutral_at_128() -> None:
    light = np.array([[0, 100, 200]], np.uint8)
    modulate(light, np.array([[128, 128, 64]], np.uint8))
    assert light.tolist() == [[0, 100, 100]]


def test_a_colour_table_runs_straight_between_its_stops() -> None:
    table = colour_table(((0, (0.0, 0.0, 0.0)), (100, (200.0, 100.0, 50.0)), (255, (255.0, 255.0, 255.0))))
    assert table[50, 0].tolist() == [100, 50, 25]
    assert table[255, 0].tolist() == [255, 255, 255]
