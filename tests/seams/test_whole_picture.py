from collections.abc import Callable

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from kling_post.seams.framing import measure_framing
from kling_post.seams.motion import Movement, Step
from kling_post.seams.repeats import Repeats
from kling_post.seams.side import Side
from kling_post.seams.whole_picture import TileWeights, tile_weights

Floats = NDArray[np.float64]
Scene = Callable[[float], NDArray[np.float32]]
OneSide = Callable[..., Side]
ROWS, COLUMNS = 9, 16


def step(field: Floats, *, detail: float = 0.99) -> Step:
    return Step(right=0, down=0, zoom=0, roll_radians=0, movement=0, likeness=0.99, detail_likeness=detail, tiles=field)


def even(right: float, down: float = 0.0) -> Floats:
    return np.broadcast_to(np.array([right, down]), (ROWS, COLUMNS, 2)).copy()


def weights_of(picture: NDArray[np.float32], *fields: Floats) -> TileWeights:
    usual = np.median(np.stack(fields), axis=0)
    return tile_weights((picture,), (([step(field) for field in fields], usual),))


def test_shift_and_zoom_of_a_field_are_read_exactly(scene: Scene) -> None:
    across = (np.arange(COLUMNS) + 0.5) / COLUMNS - 0.5
    along = ((np.arange(ROWS) + 0.5) / ROWS - 0.5) * 9 / 16
    x, y = np.meshgrid(across, along)
    field = np.stack([0.002 + 0.001 * x, -0.001 + 0.001 * y], axis=-1)
    whole = weights_of(scene(0), even(0), even(0)).whole(field)
    assert (whole.right, whole.down, whole.zoom) == pytest.approx((0.002, -0.001, 0.001), abs=1e-9)


def test_a_tile_of_clear_sky_has_no_say(scene: Scene) -> None:
    picture = scene(0).copy()
    picture[:100] = 0.7
    field = even(0.002)
    # Optical flow sees no movement where there is nothing to be seen.
    field[:5] = 0
    assert weights_of(picture, even(0), even(0)).whole(field).right == pytest.approx(0.002, rel=0.02)


def test_a_tile_that_moves_as_it_likes_has_little_say(scene: Scene) -> None:
    random = np.random.default_rng(3)
    restless = [even(0) for _ in range(5)]
    for field in restless:
        field[5:] += random.normal(0, 0.003, (4, COLUMNS, 2))
    found = even(0.0005)
    found[5:] += random.normal(0, 0.003, (4, COLUMNS, 2))
    assert weights_of(scene(0), *restless).whole(found).length == pytest.approx(0.0005, rel=0.1)


@pytest.mark.parametrize(("detail", "jump", "left_over"), [(0.99, 0.001, 1.92), (0.95, 0.001, 1.02), (0.95, -0.001, 1.92)])
def test_only_a_leap_forward_with_loss_of_detail_is_put_down_to_the_codec(
    scene: Scene, side: OneSide, detail: float, jump: float, left_over: float
) -> None:
    steps = tuple(step(even(0.002)) for _ in range(11))
    picture = side([scene(place) for place in range(2)])
    coded = Side(
        luma=np.stack([cv2.resize(each, (320, 180)) for each in picture.luma]),
        chroma_blue=picture.chroma_blue,
        chroma_red=picture.chroma_red,
        sharpness=picture.sharpness,
        columns=640,
    )
    movement = Movement(before=steps, join=step(even(0.002 + jump), detail=detail), after=steps)
    framing = measure_framing(movement, coded, coded, Repeats())
    # 0.001 of the width is 1.92 pixels at 1920, of which 0.3 pixels at 640 may be the codec's.
    assert framing.offset_pixels.step == pytest.approx(left_over, abs=0.01)
