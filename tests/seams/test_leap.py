import numpy as np
import pytest
from numpy.typing import NDArray

from kling_post.seams.leap import Leap, leap_of, length_of
from kling_post.seams.whole_picture import field_of, tile_weights

Floats = NDArray[np.float64]
ROWS, COLUMNS, FRAMES = 9, 16, 16


def paths(right: Floats, zoom: Floats | None = None, *, stray: float = 1e-5) -> tuple[Floats, Floats]:
    """Of a picture that stands so far to the right, and is so much larger, in 32 frames; its tiles stray a little each."""
    wholes = np.zeros((2 * FRAMES, 4))
    wholes[:, 0], wholes[:, 2] = right, 0 if zoom is None else zoom
    fields = np.stack([field_of(whole, (ROWS, COLUMNS, 2), 9 / 16) for whole in wholes])
    fields += np.random.default_rng(1).normal(0, stray, fields.shape)
    return fields[:FRAMES], fields[FRAMES:]


def leap(before: Floats, after: Floats) -> Leap:
    tensors = np.broadcast_to(np.eye(2), (ROWS * COLUMNS, 2, 2))
    return leap_of(before, after, 1.0, tensors, tile_weights(tensors, [list(before)], 9 / 16))


def shaken(seed: int) -> tuple[Floats, Floats]:
    """Paths of a camera in the hand whose speed changes from frame to frame, by a deviation of a 2000th of the width, and the zoom's."""
    random = np.random.default_rng(seed)
    right, zoom = (np.cumsum(np.cumsum(random.normal(0, size, 2 * FRAMES))) for size in (5e-4, 5e-5))
    return right, zoom


def test_an_even_path_is_drawn_through_six_frames() -> None:
    random = np.random.default_rng(2)
    single = random.normal(0, 1e-3, 2 * FRAMES)
    found = leap(*paths(single, random.normal(0, 1e-4, 2 * FRAMES)))
    assert found.lines.reach == found.pace.reach == 6
    assert found.within.shape == (2 * (FRAMES - 11), 4)
    assert found.staying_within.shape == (0, 4)


def test_a_path_that_bends_less_than_raises_a_limit_is_left_to_six_frames() -> None:
    right, zoom = shaken(1)
    assert leap(*paths(right, zoom)).lines.reach == 3
    assert leap(*paths(right / 20, zoom / 20, stray=1e-7)).lines.reach == 6


def test_an_encoder_that_moves_each_block_in_its_own_way_at_the_join_leaves_it_to_six_frames() -> None:
    before, after = paths(*shaken(1))
    # Six frames do not mind two that are led astray, three do.
    after[:2] += np.random.default_rng(6).normal(0, 4e-4, after.shape[1:])
    assert leap(before, after).lines.reach == 6


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_camera_in_the_hand_is_followed_by_three(seed: int) -> None:
    found = leap(*paths(*shaken(seed)))
    assert found.lines.reach == 3
    assert len(found.within) == 2 * (FRAMES - 5)


def test_a_jump_that_six_frames_would_hide_in_a_hand_s_shaking_stands_out_of_three() -> None:
    found = []
    for seed in range(6):
        right, zoom = shaken(seed)
        right[FRAMES:] += 2.5e-3
        seen = leap(*paths(right, zoom))
        noise = float(np.sqrt(np.mean(seen.within[:, 0] ** 2)))
        found.append(length_of(seen.leap) > 3 * noise)
        assert seen.leap[0] == pytest.approx(2.5e-3, abs=1.5e-3)
    assert sum(found) >= 5


def test_what_stays_behind_the_first_frames_strays_more_than_the_leap_where_the_path_bends() -> None:
    found = leap(*paths(*shaken(4)))
    assert found.staying_within.shape == (2 * (FRAMES - 13), 4)
    assert np.sqrt(np.mean(found.staying_within[:, 0] ** 2)) > 2 * np.sqrt(np.mean(found.within[:, 0] ** 2))


def test_sides_too_short_for_shorter_lines_to_be_compared_have_a_leap_all_the_same() -> None:
    before, after = paths(np.repeat([0.0, 1e-3], FRAMES))
    for frames in (1, 2, 3, 5, 9):
        found = leap(before[-frames:], after[:frames])
        assert found.leap[0] == pytest.approx(1e-3, abs=2e-4)
        assert found.lines.reach == 6


def test_what_all_places_beside_the_join_say_alike_is_taken_off() -> None:
    before, after = paths(np.repeat([0.0, 1e-3], FRAMES))
    found = leap(before, after)
    beside = found.beside([(before, after)] * 4)
    assert beside[:, 0] == pytest.approx(np.full(4, 1e-3), abs=2e-5)
    assert found.without_lean(beside).leap[0] == pytest.approx(0, abs=2e-5)
