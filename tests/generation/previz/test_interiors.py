"""Interiors as stills: true perspective, the same at every size, the same architecture in every state."""

from fractions import Fraction

import cv2
import numpy as np
import pytest

from kling_post.generation.previz.contract import Element, PictureRequest, Reading
from kling_post.generation.previz.interior.canvas import Canvas, premultiplied, upright, wall
from kling_post.generation.previz.interior.lens import Lens
from kling_post.generation.previz.interior.noise import facets, fractal
from kling_post.generation.previz.interior.terminal import draw_terminal
from kling_post.generation.previz.interior.vault import BarrelVault
from kling_post.generation.previz.interior.water import lay_water
from kling_post.generation.previz.places import place
from kling_post.generation.previz.stills import draw_still, render_still
from kling_post.signals.kernels.perceptual import ictcp
from kling_post.vocabulary import Size

SMALL = Size(256, 144)
PLACES = ("ice library", "station", "hall", "cathedral", "library", "corridor")


def reading(name: str, *keys: str, removed: tuple[str, ...] = (), time: str = "morning") -> Reading:
    elements = tuple(Element(key=key, phrase=key) for key in keys)
    return Reading(prompt="", place=name, time_of_day=time, elements=elements, removed=removed)


def black(size: Size, *, focal: float = 0.5, horizon: float = 0.5, eye: tuple[float, float, float] = (0.0, 2.0, 0.0)) -> Canvas:
    dark = np.zeros((size.height, size.width, 3), np.float32)
    return Canvas(Lens(size=size, focal=focal, horizon=horizon, eye=eye), dark, dark, 1e9)


def plain(rows: int = 8, columns: int = 8) -> np.ndarray:
    return premultiplied(np.ones(3, np.float32), np.ones((rows, columns), np.float32))


def test_a_point_falls_where_similar_triangles_put_it() -> None:
    lens = Lens(size=Size(1000, 500), focal=0.5, horizon=0.6, eye=(0.0, 2.0, -5.0))
    pixels, depth = lens.project(np.array([[4.0, 12.0, 15.0]]))
    assert depth == pytest.approx([20.0])
    assert pixels[0] == pytest.approx([500 + 500 * 4 / 20, 300 - 500 * 10 / 20])


def test_parallel_walls_meet_in_the_vanishing_point() -> None:
    lens = Lens(size=Size(1000, 500), focal=0.5, horizon=0.6, eye=(0.0, 2.0, 0.0))
    far = lens.project(np.array([[10.0, 5.0, 1e7], [-10.0, 0.0, 1e7]]))[0]
    assert far == pytest.approx(np.array([lens.vanishing, lens.vanishing]), abs=0.01)


def test_a_painted_flat_covers_its_projection_and_nothing_else() -> None:
    canvas = black(Size(200, 100))
    canvas.paint(plain(), upright((-2.0, 2.0), (0.0, 4.0), 10.0))  # 40 pixels wide and tall about the middle
    lit = canvas.light[..., 0] > 0.5
    rows, columns = np.nonzero(lit)
    assert (columns.min(), columns.max(), rows.min(), rows.max()) == (80, 119, 30, 69)
    assert canvas.nearness[50, 100] == pytest.approx(0.1, rel=1e-4)
    assert canvas.nearness[5, 5] == 0


def test_the_nearness_of_a_wall_is_that_of_its_own_distance() -> None:
    canvas = black(Size(400, 200))
    canvas.paint(plain(64, 64), wall(5.0, (-20.0, 20.0), (4.0, 60.0)))
    column = 300  # 100.5 pixels off the middle: 5 metres at 200 / 20.1
    assert canvas.nearness[100, column] == pytest.approx(100.5 / (200 * 5), rel=1e-3)


def test_haze_veils_what_is_one_clear_distance_away_to_one_part_in_e() -> None:
    canvas = black(Size(64, 64))
    canvas.clear_metres = 10.0
    canvas.paint(plain(), upright((-9.0, 9.0), (-9.0, 11.0), 10.0))
    assert canvas.light[32, 32, 0] == pytest.approx(np.exp(-1), rel=1e-3)


def test_the_crown_of_the_vault_stands_above_the_middle() -> None:
    canvas = black(Size(200, 100), horizon=0.8)
    vault = BarrelVault(canvas, 10.0, 10.0)
    assert vault.angle[10, 100] == pytest.approx(np.pi / 2, abs=0.05)
    height = 2.0 + vault.away[10, 100] * (80 - 10.5) / 100
    assert height == pytest.approx(20.0, abs=0.05)


def test_still_water_shows_the_mirror_row_for_row() -> None:
    canvas, mirror = black(Size(200, 100)), black(Size(200, 100))
    mirror.light[20:24] = 1.0  # 26 to 30 rows above the horizon
    lay_water(canvas, mirror, (1,), depth_tint=np.zeros(3, np.float32), waves=0.0)
    lit = np.nonzero(canvas.light[:, 100, 0] > 0.2)[0]
    assert lit.min() in (75, 76, 77)
    assert lit.max() in (78, 79, 80)


def test_a_camera_that_moves_takes_a_dull_floor_for_itself_and_a_mirror_for_what_it_shows() -> None:
    surface = 49.5 / (100 * 2.0)  # half the picture below a horizon 2 metres high, focal length 100 pixels
    dull, bright, mirror = black(Size(200, 100)), black(Size(200, 100)), black(Size(200, 100))
    mirror.nearness[:] = 0.01
    lay_water(dull, mirror, (1,), depth_tint=np.ones(3, np.float32), waves=0.0, gloss=0.1)
    lay_water(bright, mirror, (1,), depth_tint=np.ones(3, np.float32), waves=0.0, gloss=2.0)
    assert dull.nearness[99, 0] == pytest.approx(surface, rel=1e-3)
    assert bright.nearness[60, 0] == pytest.approx(0.01, rel=1e-3)


@pytest.mark.parametrize("name", PLACES)
def test_each_interior_is_a_full_picture_and_the_same_every_time(name: str) -> None:
    still = draw_still(reading(name), seed=5, size=SMALL)
    assert still.picture.shape == (144, 256, 3)
    assert still.picture.dtype == np.uint8
    assert 25 < still.picture.mean() < 215
    assert still.picture.std() > 25
    before = cv2.getNumThreads()
    try:
        cv2.setNumThreads(1)
        again = render_still(reading(name), seed=5, size=SMALL)
    finally:
        cv2.setNumThreads(before)
    assert (still.picture == again).all()


@pytest.mark.parametrize("name", ["ice library", "station"])
def test_another_seed_is_another_picture(name: str) -> None:
    one, two = (render_still(reading(name), seed=seed, size=SMALL).astype(int) for seed in (1, 2))
    assert np.abs(one - two).mean() > 2


@pytest.mark.parametrize("name", PLACES)
def test_the_picture_is_the_same_place_at_every_size(name: str) -> None:
    small = render_still(reading(name), seed=5, size=Size(320, 180))
    large = cv2.resize(render_still(reading(name), seed=5, size=Size(960, 540)), (320, 180), interpolation=cv2.INTER_AREA)
    assert np.corrcoef(small.ravel(), large.ravel())[0, 1] > 0.9


def test_the_station_turns_green_and_keeps_its_architecture() -> None:
    bare, grown = (render_still(reading("station"), seed=5, size=Size(640, 360), state=state) for state in (0.0, 1.0))

    def greenness(picture: np.ndarray) -> float:
        return float((picture[..., 1].astype(int) - np.maximum(picture[..., 0], picture[..., 2]) > 4).mean())

    assert greenness(bare) < 0.05
    assert greenness(grown) > 0.12
    vault = (slice(0, 140), slice(260, 380))
    edges = [cv2.Canny(np.ascontiguousarray(picture[vault]), 60, 140) > 0 for picture in (bare, grown)]
    near = cv2.dilate(edges[0].astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    assert (edges[1] & near).sum() > 0.6 * edges[1].sum()


def test_the_stations_light_keeps_its_colour_while_it_is_reclaimed() -> None:
    tiles = []
    for state in (0.0, 1.0):
        picture = render_still(reading("station"), seed=5, size=Size(320, 180), state=state)
        tiles.append(cv2.resize(ictcp(picture.astype(np.float64) / 255), (16, 9), interpolation=cv2.INTER_AREA).reshape(-1, 3))
    lit = np.minimum(tiles[0][:, 0], tiles[1][:, 0]) * 720 > 100
    moved = np.median((tiles[1] - tiles[0])[lit], axis=0) * (720, 360, 720)
    # The project's own check calls a drift from 6 on.
    assert np.hypot(*moved[1:]) < 6
    assert abs(moved[0]) < 20


def test_greenery_only_grows() -> None:
    shares = []
    for state in (0.0, 0.5, 1.0):
        picture = render_still(reading("station"), seed=5, size=SMALL, state=state).astype(int)
        shares.append(float((picture[..., 1] - picture[..., 0] > 8).mean()))
    assert shares[0] < shares[1] < shares[2]


def test_a_removed_violinist_is_not_drawn() -> None:
    with_him = draw_still(reading("station"), seed=5, size=SMALL)
    without = draw_still(reading("station", removed=("violinist",)), seed=5, size=SMALL)
    assert "violinist" in with_him.drawn
    assert "violinist" not in without.drawn
    changed = np.abs(with_him.picture.astype(int) - without.picture).max(axis=2) > 20
    columns = np.nonzero(changed.any(axis=0))[0]
    assert 100 < columns.min() < columns.max() < 156


def test_the_archivist_wears_the_colour_that_the_prompt_names() -> None:
    coats = {}
    for colour in ("crimson", "blue"):
        element = Element(key="archivist", phrase="archivist", colour=colour)
        picture = render_still(
            Reading(prompt="", place="ice library", time_of_day="polar night", elements=(element,)), seed=5, size=Size(640, 360)
        )
        coats[colour] = picture[262:290, 312:328].reshape(-1, 3).mean(axis=0)
    assert coats["crimson"][0] > coats["blue"][0] + 25
    assert coats["blue"][2] > coats["crimson"][2] + 15


@pytest.mark.parametrize("name", ["ice library", "station", "hall"])
def test_places_are_found_and_draw_moving_pictures(name: str) -> None:
    request = PictureRequest(
        reading=reading(name, "water", "person"), seed=5, shot_index=0, shot_count=1, size=SMALL, frames=24, rate=Fraction(24)
    )
    found = place(name)
    assert found.name == name
    picture = found.picture(request)
    assert (picture.frame(0) == picture.frame(0)).all()
    assert (picture.frame(0) != picture.frame(12)).any()


def test_the_station_with_greenery_ends_reclaimed_and_further_in() -> None:
    request = PictureRequest(
        reading=reading("station", "greenery", "violinist"), seed=5, shot_index=0, shot_count=1, size=SMALL, frames=24, rate=Fraction(24)
    )
    picture = place("station").picture(request)
    bare = render_still(request.reading, seed=5, size=SMALL, state=0.0)
    grown = draw_terminal(request.reading, seed=5, size=SMALL, state=1.0, ahead=1.6).picture
    assert np.median(np.abs(picture.frame(0).astype(int) - bare)) <= 1
    assert np.median(np.abs(picture.frame(23).astype(int) - grown)) <= 1
    steps = [np.abs(picture.frame(index + 1).astype(int) - picture.frame(index)).mean() for index in (0, 6, 12, 18, 22)]
    assert max(steps) < 3 * min(steps)
    assert {"greenery", "violinist"} <= picture.drawn


def test_noise_keeps_its_shape_at_every_size() -> None:
    small, large = (fractal((4,), (side, side), (4, 4), octaves=5) for side in (64, 512))
    assert np.corrcoef(small.ravel(), cv2.resize(large, (64, 64), interpolation=cv2.INTER_AREA).ravel())[0, 1] > 0.97
    assert small.mean() == pytest.approx(0.5, abs=0.1)


def test_facets_are_cells_of_one_value() -> None:
    value, radius = facets((4,), (128, 128), (4, 4), warp=0.0)
    assert len(np.unique(value)) == pytest.approx(16, abs=2)
    assert 0 <= radius.min() < radius.max() <= 1
