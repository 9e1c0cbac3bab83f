import numpy as np
import pytest
from numpy.typing import NDArray

from kling_post.seams.room_tone import floor_step_db, noise_floor_dbfs, room_tone_step_db
from kling_post.seams.sound_echo import echoed_frames

RATE = 48_000


def bed(level_dbfs: float, *, seed: int, seconds: float = 2.0) -> NDArray[np.float32]:
    noise = np.random.default_rng(seed).standard_normal((int(seconds * RATE), 2))
    return (10 ** (level_dbfs / 20) * noise).astype(np.float32)


def room_tone_step(before: NDArray[np.float32], after: NDArray[np.float32]) -> float:
    return room_tone_step_db(noise_floor_dbfs(before, RATE), noise_floor_dbfs(after, RATE))


def test_a_louder_bed_is_a_step_of_the_floor() -> None:
    assert room_tone_step(bed(-50, seed=1), bed(-42, seed=2)) == pytest.approx(8, abs=1)


def test_a_shout_over_the_same_bed_is_none() -> None:
    after = bed(-50, seed=2)
    after[20_000:40_000] += 0.3 * np.sin(np.arange(20_000) / 20)[:, None].astype(np.float32)
    assert abs(room_tone_step(bed(-50, seed=1), after)) < 1.5


def test_one_hum_does_not_make_a_room() -> None:
    hum = 0.1 * np.sin(2 * np.pi * 1000 * np.arange(2 * RATE) / RATE)[:, None].astype(np.float32)
    assert abs(room_tone_step(bed(-50, seed=1), bed(-50, seed=2) + hum)) < 6


def test_silence_is_as_quiet_as_anything_inaudible_and_a_moment_tells_nothing() -> None:
    assert set(noise_floor_dbfs(np.zeros((RATE, 2), np.float32), RATE)) == {-80.0}
    assert room_tone_step(bed(-50, seed=1, seconds=0.1), bed(-20, seed=2)) == 0.0


@pytest.mark.parametrize("frames", [0, 1, 5, 12])
def test_sound_that_comes_twice_is_counted_in_frames(frames: int) -> None:
    sound = bed(-30, seed=7)
    assert echoed_frames(sound[:RATE], sound[RATE - 2000 * frames :], 2000.0) == frames


def test_a_steady_tone_cannot_tell_how_often_it_came() -> None:
    tone = (0.2 * np.sin(2 * np.pi * 240 * np.arange(2 * RATE) / RATE))[:, None].astype(np.float32)
    assert echoed_frames(tone[:RATE], tone[RATE - 4000 :], 2000.0) == 0


def test_the_floor_as_a_whole_steps_with_the_gain_and_silence_has_none() -> None:
    quiet, loud = noise_floor_dbfs(bed(-50, seed=1), RATE), noise_floor_dbfs(bed(-46, seed=2), RATE)
    assert floor_step_db(quiet, loud) == pytest.approx(4, abs=0.5)
    assert floor_step_db(quiet, noise_floor_dbfs(np.zeros((RATE, 2), np.float32), RATE)) is None
