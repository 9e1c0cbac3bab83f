"""Defects are where the truth says, and nowhere else."""

from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray

from kling_post.calibration.injectors.injector import Frame, Material
from kling_post.calibration.injectors.registry import all_hard_negatives, all_injectors
from kling_post.calibration.patterns import pan
from kling_post.calibration.score import Shape
from kling_post.checks.registry import all_checks
from kling_post.vocabulary import Size

SIZE = Size(96, 54)
FRAMES = 96
PICTURE = [name for name, injector in all_injectors().items() if not injector.check.startswith("sound_")]
SOUND = [name for name, injector in all_injectors().items() if injector.check.startswith("sound_")]
# These draw a movement of their own instead of changing the footage, or move every frame after the defect.
DRAWN = {
    "repeat_in_slow_pan",
    "slowing_end",
    "dropped_in_pan",
    "two_dropped_in_pan",
    "mixed_frame",
    "blended_rate",
    "part_morph",
    "slow_morph",
    "woven_fields",
}
GIVEN_AS_PLANES = {"luma_beyond_preferred", "colour_beyond_gamut"}


def _material(seed: int = 3) -> Material:
    rng = np.random.default_rng(seed)
    time = np.arange(FRAMES * 2000) / 48_000
    tone = 0.2 * np.sin(2 * np.pi * 330 * time) + 0.01 * rng.standard_normal(len(time))
    sound = np.stack([tone, 0.8 * tone + 0.005 * rng.standard_normal(len(time))], axis=1).astype(np.float32)
    frames, other = (list(pan(SIZE, FRAMES, np.random.default_rng(each), pixels=1.0)) for each in (1, 2))
    return Material(frames=frames, other=other, rate=Fraction(24), rng=np.random.default_rng(seed), sound=sound)


def _luma(frame: Frame) -> NDArray[np.int_]:
    return frame[0].astype(int) if isinstance(frame, tuple) else frame.astype(int)


@pytest.mark.parametrize("name", list(all_injectors()))
def test_an_injector_is_for_a_check_that_there_is_and_its_sizes_lie_around_what_people_see(name: str) -> None:
    injector = all_injectors()[name]
    assert injector.check in all_checks()
    assert list(injector.sizes) == sorted(injector.sizes)
    assert injector.visible <= injector.sizes[-1]
    assert injector.title
    assert injector.unit


@pytest.mark.parametrize("name", PICTURE)
def test_the_same_chance_gives_the_same_frames(name: str) -> None:
    injector = all_injectors()[name]
    first, second = (injector.apply(_material(), injector.sizes[-1]) for _ in range(2))
    assert first.truth == second.truth
    for one, other in zip(first.frames, second.frames, strict=True):
        np.testing.assert_array_equal(_luma(one), _luma(other))


@pytest.mark.parametrize("name", PICTURE)
def test_the_footage_itself_is_not_written_to(name: str) -> None:
    material = _material()
    for frame in (*material.frames, *material.other):
        frame.flags.writeable = False
    injector = all_injectors()[name]
    assert sum(1 for _ in injector.apply(material, injector.sizes[-1]).frames) >= FRAMES - 3


@pytest.mark.parametrize("name", [name for name in PICTURE if name not in DRAWN])
def test_the_picture_changes_where_the_truth_begins_and_not_before(name: str) -> None:
    material, injector = _material(), all_injectors()[name]
    made = injector.apply(material, injector.sizes[-1])
    frames = [_luma(frame) for frame in made.frames]
    assert made.truth
    assert all(0 <= event.frames.start < event.frames.stop <= len(frames) for event in made.truth)
    first = min(made.truth, key=lambda event: event.frames.start)
    if first.shape in {Shape.INSTANT, Shape.RUN, Shape.WITHIN} and name not in GIVEN_AS_PLANES:
        for index in range(first.frames.start):
            np.testing.assert_array_equal(frames[index], material.frames[index])
    changed = [
        index
        for index, (frame, clean) in enumerate(zip(frames, material.frames, strict=False))
        if frame.shape != clean.shape or (frame != clean).any()
    ]
    assert changed
    assert changed[0] <= first.frames.stop


@pytest.mark.parametrize("length", [1, 2, 3])
def test_repeats_lie_at_the_frames_that_the_truth_names(length: int) -> None:
    made = all_injectors()["repeated_frames"].apply(_material(), float(length))
    frames = list(made.frames)
    same = [index for index in range(1, len(frames)) if np.array_equal(frames[index], frames[index - 1])]
    assert same == [frame for event in made.truth for frame in range(event.frames.start, event.frames.stop)]
    assert len(same) == 2 * length


def test_a_cadence_of_five_repeats_every_fifth_frame() -> None:
    frames = list(all_injectors()["repeat_cadence"].apply(_material(), 5.0).frames)
    same = [index for index in range(1, len(frames)) if np.array_equal(frames[index], frames[index - 1])]
    assert set(np.diff(same)) == {5}


@pytest.mark.parametrize("name", ["freeze_middle", "freeze_to_end"])
def test_a_freeze_holds_from_its_first_to_its_last_frame(name: str) -> None:
    made = all_injectors()[name].apply(_material(), 0.8)
    frames, held = list(made.frames), made.truth[0].frames
    assert all(np.array_equal(frames[index], frames[held.start]) for index in range(held.start, held.stop))
    assert not np.array_equal(frames[held.start - 1], frames[held.start])
    assert held.stop == FRAMES if name == "freeze_to_end" else not np.array_equal(frames[held.stop], frames[held.start])


def test_a_missing_frame_is_a_double_step() -> None:
    made = all_injectors()["dropped_in_footage"].apply(_material(), 1.0)
    frames, clean = list(made.frames), _material().frames
    before = made.truth[0].frames.start
    np.testing.assert_array_equal(frames[before], clean[before])
    np.testing.assert_array_equal(frames[before + 1], clean[before + 2])


def test_pulsing_swings_by_its_size_from_peak_to_peak() -> None:
    grey = [np.full((54, 96, 3), 150, np.uint8)] * FRAMES
    material = Material(frames=grey, other=grey, rate=Fraction(24), rng=np.random.default_rng(1), sound=np.zeros((0, 2), np.float32))
    levels = [_luma(frame).mean() for frame in all_injectors()["pulsing_12_hertz"].apply(material, 6.0).frames]
    assert (max(levels) - min(levels)) / 150 == pytest.approx(0.06, abs=0.002)


def test_a_colour_drift_of_ten_moves_a_grey_by_ten_delta_e_itp() -> None:
    from kling_post.calibration.injectors.drift import _ictcp, _warmer

    grey = np.full((1, 1, 3), 0.45 * 255, np.float32)
    first, last = (_ictcp(colour[0, 0].astype(np.float64) / 255) for colour in (grey, _warmer(grey, 10.0)))
    assert float(np.linalg.norm((last - first) * (720, 360, 720))) == pytest.approx(10, rel=0.08)


def test_luma_beyond_the_preferred_range_covers_the_area_it_names() -> None:
    made = all_injectors()["luma_beyond_preferred"].apply(_material(), 5.0)
    frames, inside = list(made.frames), made.truth[0].frames
    shares = [float((frame[0] > 246).mean()) for frame in frames]
    assert shares[inside.start] == pytest.approx(0.05, abs=0.01)
    assert max(shares[: inside.start] + shares[inside.stop :]) == 0


@pytest.mark.parametrize("name", SOUND)
def test_a_fault_of_the_sound_changes_the_sound_and_keeps_its_length(name: str) -> None:
    material, injector = _material(), all_injectors()[name]
    made = injector.apply(material, injector.sizes[-1])
    assert made.sound is not None
    assert made.sound.shape == material.sound.shape
    assert np.isfinite(made.sound).all()
    assert float(np.abs(made.sound - material.sound).max()) > 0.001


@pytest.mark.parametrize("name", list(all_hard_negatives()))
def test_a_hard_negative_draws_what_was_asked_for_and_knows_the_checks_it_allows(name: str) -> None:
    negative = all_hard_negatives()[name]
    assert negative.allowed <= set(all_checks())
    assert negative.draw is not None or negative.sound is not None
    if negative.draw is not None:
        frames = list(negative.draw(SIZE, 24, np.random.default_rng(1)))
        assert len(frames) == 24
        pictures = [frame if isinstance(frame, tuple) else (frame,) for frame in frames]
        assert all(planes[0].shape[:2] == (54, 96) and {plane.dtype.name for plane in planes} == {"uint8"} for planes in pictures)
    if negative.sound is not None:
        sound, again = (negative.sound(np.random.default_rng(1), 48_000) for _ in range(2))
        assert sound.shape == (48_000, 2)
        assert sound.dtype == np.float32
        assert 0.02 < float(np.abs(sound).max()) <= 0.61
        np.testing.assert_array_equal(sound, again)
