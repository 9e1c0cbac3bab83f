from collections.abc import Callable

import numpy as np
import pytest

from kling_post.seams.motion import movement_around
from kling_post.seams.side import Side
from kling_post.seams.time_step import measure_time, time_in

Sides = Callable[..., tuple[Side, Side]]


@pytest.mark.parametrize(("first", "repeated", "frames"), [(12, 0, 1.0), (11, 1, 0.0), (9, 3, -2.0), (14, 0, 3.0)])
def test_the_time_over_a_join_is_told_in_frames(sides: Sides, first: int, repeated: int, frames: float) -> None:
    outgoing, incoming = sides(first=first, speed=0.6, grain=0.01)
    time = measure_time(outgoing, incoming, movement_around(outgoing.luma, incoming.luma), repeated=repeated)
    assert time.frames == pytest.approx(frames, abs=0.2 + 0.1 * abs(frames - 1))
    assert time.spread < 0.2


def test_a_tile_that_goes_its_own_way_does_not_count() -> None:
    field = np.ones((9, 16, 2))
    moved = 2 * field
    moved[:2] = -40
    assert time_in(moved, field) == pytest.approx(2, abs=0.01)
