"""The bed brings the floor of what it lies under to that of the other side, band by band, and stands in for no tone."""

import numpy as np
import pytest

from kling_post.edit.corrections import SampleRange, ToneBed
from kling_post.edit.tone_bed import with_beds
from kling_post.repair.fit_tone import buries, fitted_bed, level_dbfs
from kling_post.seams.room_tone import noise_floor_dbfs, room_tone_step_db

RATE = 48_000


def room(level_dbfs: float, seed: int, *, dull: int = 1, seconds: int = 2) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(0, 1, (seconds * RATE, 2))
    shaped = np.apply_along_axis(lambda wave: np.convolve(wave, np.ones(dull) / dull, "same"), 0, noise)
    return np.asarray(shaped * 10 ** (level_dbfs / 20), np.float32)


def chord(level: float, seconds: int = 2) -> np.ndarray:
    time = np.arange(seconds * RATE) / RATE
    wave = sum(np.sin(2 * np.pi * hertz * time) for hertz in (110.0, 220.0, 330.0, 440.0, 660.0, 880.0))
    return np.asarray(level * np.stack([wave, wave], axis=1), np.float32)


def bed_for(louder: np.ndarray, quieter: np.ndarray) -> ToneBed | None:
    return fitted_bed(louder, quieter, RATE, full=SampleRange(start=-RATE, stop=3 * RATE), eased_samples=RATE, seed=5)


@pytest.mark.parametrize("dull", [1, 12])
def test_the_floor_of_both_sides_is_one_with_the_bed(dull: int) -> None:
    louder, quieter = room(-40, 1, dull=dull), room(-52, 2)
    before = room_tone_step_db(noise_floor_dbfs(quieter, RATE), noise_floor_dbfs(louder, RATE))
    bed = bed_for(louder, quieter)
    assert bed is not None
    laid = with_beds(quieter, [bed], RATE)
    after = noise_floor_dbfs(louder, RATE) - noise_floor_dbfs(laid, RATE)
    lacked = noise_floor_dbfs(louder, RATE) - noise_floor_dbfs(quieter, RATE) > 3
    assert abs(before) > 10
    assert np.sort(np.abs(after[lacked]))[-3] < 1.5
    assert np.median(np.abs(after[lacked])) < 0.6
    assert abs(bed.correlation) < 0.1
    if dull == 1:
        # What is added and what was there: -40.3 dBFS and -52 dBFS make -40.
        assert level_dbfs(bed) == pytest.approx(-41.3, abs=1)


def test_nothing_is_laid_under_the_louder_side() -> None:
    assert bed_for(room(-52, 2), room(-40, 1)) is None


def test_a_chord_is_no_room_and_only_the_noise_under_it_is_laid() -> None:
    assert bed_for(room(-60, 1) + chord(0.02), room(-60, 2)) is None
    bed = bed_for(room(-45, 1) + chord(0.02), room(-60, 2))
    assert bed is not None
    assert level_dbfs(bed) < -44
    low = [band.left_dbfs for band in bed.bands if band.hertz < 1000]
    assert sum(level < -100 for level in low) >= 5


def test_a_bed_louder_than_all_it_lies_under_is_no_room_tone() -> None:
    engine, quiet = room(-20, 1), room(-45, 2)
    bed = bed_for(engine, quiet)
    assert bed is not None
    assert buries(bed, quiet)
    assert not buries(bed, quiet + chord(0.1))


def test_too_short_a_sound_has_no_floor_to_match() -> None:
    assert bed_for(room(-40, 1)[:8000], room(-52, 2)) is None
