from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from kling_post.seams.repeats import find_twins
from kling_post.seams.side import Side
from kling_post.seams.twins import distances_of, fits_of

Scene = Callable[[float], NDArray[np.float32]]
OneSide = Callable[..., Side]


def there_and_back(place: float) -> float:
    """A swing, whose speed and direction tell no time."""
    return 6 * float(np.sin(0.9 * place)) + 0.05 * place**2


@pytest.mark.parametrize("repeated", [2, 3, 7, 12])
def test_repeats_are_counted_where_the_movement_swings_and_tells_no_time(scene: Scene, side: OneSide, repeated: int) -> None:
    outgoing = side([scene(there_and_back(place)) for place in range(16)], seed=1)
    incoming = side([scene(there_and_back(16 - repeated + place)) for place in range(16)], seed=2)
    assert find_twins(outgoing, incoming).clear_repeats == repeated


def test_repeats_are_counted_in_footage_on_twos(scene: Scene, side: OneSide) -> None:
    drawn = [scene(3.0 * (place // 2)) for place in range(32)]
    assert find_twins(side(drawn[:16], seed=1), side(drawn[11:27], seed=2)).clear_repeats == 5


def test_a_shot_that_goes_on_or_is_cut_repeats_nothing_clearly(scene: Scene, other_scene: Scene, side: OneSide) -> None:
    outgoing = side([scene(there_and_back(place)) for place in range(16)], seed=1)
    goes_on = side([scene(there_and_back(16 + place)) for place in range(16)], seed=2)
    other = side([other_scene(2.0 * place) for place in range(16)], seed=3)
    assert [find_twins(outgoing, incoming).clear_repeats for incoming in (goes_on, other)] == [0, 0]


def test_distances_are_blind_to_brightness_and_contrast(scene: Scene) -> None:
    pictures = np.stack([scene(2.0 * place) for place in range(4)])
    assert distances_of(pictures, 0.8 * pictures + np.float32(0.1)).across.diagonal() == pytest.approx(0, abs=1e-4)


def test_two_frames_are_too_few_to_compare(scene: Scene) -> None:
    pictures = np.stack([scene(0), scene(2)])
    assert fits_of(distances_of(pictures, pictures)) == ()


def test_held_frames_are_counted_on_either_side_of_the_join(scene: Scene, side: OneSide) -> None:
    before = [scene(1.5 * min(place, 8)) for place in range(12)]
    after = [scene(12 + 1.5 * max(place - 4, 0)) for place in range(12)]
    moving = [scene(1.5 * place) for place in range(12)]
    assert find_twins(side(before, seed=1), side(moving, seed=2)).held_tail_frames == 3
    assert find_twins(side(moving, seed=1), side(after, seed=2)).held_head_frames == 4


def test_a_shot_that_creeps_to_rest_is_not_held(scene: Scene, side: OneSide) -> None:
    moving = [scene(3.0 * place) for place in range(10)]
    creeping = [scene(30.0 + 0.9 * place) for place in range(10)]
    held = [scene(30.0)] * 5 + [scene(30.0 + 3.0 * place) for place in range(1, 6)]
    # Each step is a third of a usual one, a ninth of its squared distance, but they add up.
    assert find_twins(side(moving, seed=1), side(creeping, seed=2)).held_head_frames == 1
    assert find_twins(side(moving, seed=1), side(held, seed=2)).held_head_frames == 4
    assert find_twins(side(creeping[::-1], seed=1), side(moving, seed=2)).held_tail_frames == 1


def test_fast_fine_detail_that_goes_as_far_in_one_step_as_in_two_is_no_grain(scene: Scene, side: OneSide) -> None:
    fine = np.random.default_rng(5).uniform(0.3, 0.7, scene(0).shape).astype(np.float32)

    def passing(place: int) -> NDArray[np.float32]:
        picture = scene(0.2 * place).copy()
        lower = slice(len(picture) // 2, None)
        picture[lower] = np.roll(fine, 17 * place, axis=1)[lower]
        return picture

    outgoing = side([passing(place) for place in range(16)], seed=1)
    assert find_twins(outgoing, side([passing(10 + place) for place in range(16)], seed=2)).clear_repeats == 6
    assert find_twins(outgoing, side([passing(16 + place) for place in range(16)], seed=2)).clear_repeats == 0


def test_a_shot_that_settles_before_another_begins_to_run_is_not_held(scene: Scene, side: OneSide) -> None:
    # All of the way to rest is short beside the run's steps, but each frame is nearer than the one before it.
    settling = [scene(30.0 - 0.012 * place**2) for place in range(10)][::-1]
    running = [scene(30.0 + 6.0 * place) for place in range(1, 9)]
    assert find_twins(side(settling, seed=1, grain=0.001), side(running, seed=2, grain=0.001)).held_tail_frames == 0
    assert find_twins(side([scene(30.0)] * 10, seed=1, grain=0.001), side(running, seed=2, grain=0.001)).held_tail_frames == 9


def test_where_nothing_moves_but_the_encoder_nothing_is_held(scene: Scene, side: OneSide) -> None:
    still = side([scene(30.0)] * 10, seed=1, grain=0.0001)
    frozen = replace(still, luma=np.concatenate([still.luma[:6], np.repeat(still.luma[6:7], 4, axis=0)]))
    twins = find_twins(frozen, side([scene(30.0)] * 10, seed=2, grain=0.0001))
    assert 0 < twins.distances.steps_after.max() < 1e-5
    assert twins.held_tail_frames == 0


def test_a_shot_that_nearly_rests_at_the_join_on_both_sides_is_not_held(scene: Scene, side: OneSide) -> None:
    def slowing(place: float) -> float:
        return 0.5 * place + 0.12 * place * abs(place)

    outgoing = side([scene(slowing(place)) for place in range(-15, 1)], seed=1)
    incoming = side([scene(slowing(place)) for place in range(1, 17)], seed=2)
    twins = find_twins(outgoing, incoming)
    assert (twins.held_tail_frames, twins.held_head_frames) == (0, 0)
