import numpy as np
import pytest
from numpy.typing import NDArray

from kling_post.generation.previz.picture.camera import Outlook, Pose
from kling_post.generation.previz.picture.noise import FloatArray
from kling_post.generation.previz.picture.ridges import RidgeLook, _visible, build_ridge
from kling_post.generation.previz.picture.sky import SkyLook
from kling_post.generation.previz.picture.terrain import Cone, Country, Terrain
from kling_post.vocabulary import Size

SKY = SkyLook(horizon=(0.5, 0.4, 0.3), middle=(0.2, 0.2, 0.3), zenith=(0.1, 0.1, 0.2))
LOOK = RidgeLook(sun_direction=(-0.6, 0.3, 0.74), sun_light=(3, 2, 1), sky_light=(0.3, 0.3, 0.4), haze_metres=9000, haze_height=100)
SIZE = Size(320, 180)


def brute_force(screen: FloatArray, rows: int) -> NDArray[np.int64]:
    """The first slice whose height reaches each row, column by column."""
    first = np.full((rows, screen.shape[1]), screen.shape[0] - 1)
    for column in range(screen.shape[1]):
        for row in range(rows):
            reached = np.flatnonzero(screen[:, column] >= row + 0.5)
            if len(reached):
                first[row, column] = max(reached[0], 1)
    return first


def test_every_pixel_sees_the_nearest_slice_that_is_high_enough() -> None:
    screen = np.random.default_rng(4).uniform(0, 20, (30, 12)).astype(np.float32)
    seen, silhouette = _visible(screen, 22)
    assert silhouette == pytest.approx(screen.max(axis=0))
    truth = brute_force(screen, 22)
    below = np.arange(22)[:, None] + 0.5 <= silhouette[None]
    assert (np.maximum(np.ceil(seen), 1)[below] == truth[below]).all()


class Wall:
    """A wall 100 m high that stands 1000 m away."""

    def height(self, x: FloatArray, z: FloatArray) -> FloatArray:
        assert x.shape == z.shape
        return np.where(z >= 1000, np.float32(100), np.float32(0)).astype(np.float32)


def test_a_wall_is_as_high_as_perspective_says() -> None:
    base = Pose(y=0.0, focal=1.0, horizon=0.9)
    ridge = build_ridge(
        Wall(), lambda s: np.full((*s.x.shape, 3), 0.3, np.float32), LOOK, SKY, SIZE, base, Outlook(), near=900, far=1200, slices=200
    )
    assert ridge.top_row == pytest.approx(100 / 1000 * 180, abs=2.5)


def test_a_ridge_leaves_the_frame_below_its_foot_alone() -> None:
    base = Pose(y=2.0, focal=1.0, horizon=0.5)
    ridge = build_ridge(
        Wall(), lambda s: np.full((*s.x.shape, 3), 0.3, np.float32), LOOK, SKY, SIZE, base, Outlook(), near=900, far=1200, slices=100
    )
    frame = np.full((180, 320, 3), 9, np.uint8)
    ridge.draw(frame, base)
    assert (frame[93:] == 9).all()
    assert (frame[76:88] != 9).any(axis=-1).mean() > 0.95
    assert (frame[:68] == 9).all()


def test_a_volcano_stands_where_it_was_put() -> None:
    country = Country(near=1500, far=6500, height=10, cones=(Cone(x=400, z=3000, height=500, radius=800),))
    terrain = Terrain(country, 3)
    x = np.linspace(-2000, 2000, 401, dtype=np.float32)[None]
    heights = terrain.height(x.copy(), np.full_like(x, 3000))[0]
    assert abs(float(x[0, heights.argmax()]) - 400) < 120
    assert 350 < heights.max() < 650


def test_the_same_seed_gives_the_same_land() -> None:
    country = Country(near=1500, far=6500, height=400)
    x, z = (np.random.default_rng(1).uniform(1500, 5000, (5, 5)).astype(np.float32) for _ in range(2))
    assert (Terrain(country, 8).height(x, z) == Terrain(country, 8).height(x, z)).all()
    assert (Terrain(country, 8).height(x, z) != Terrain(country, 9).height(x, z)).any()
