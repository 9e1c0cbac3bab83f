"""Lengths, sizes and sound of a take, whatever the model delivers."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kling_post.generation.open_weights.model_folder import FAMILIES, ModelFolder
from kling_post.generation.open_weights.shot import GeneratedShot
from kling_post.generation.open_weights.take import exact_sound, fitted, model_frames, working_size
from kling_post.vocabulary import Size

LTX2, WAN = FAMILIES


def folder(*, upsampler: bool = False) -> ModelFolder:
    path = Path("weights")
    return ModelFolder(path=path, family=LTX2, pipeline="LTX2Pipeline", upsampler=path if upsampler else None, distilled=False)


@given(frames=st.integers(1, 500), family=st.sampled_from(FAMILIES))
def test_the_model_makes_the_shortest_length_that_holds_the_shot(frames: int, family: object) -> None:
    assert family in (LTX2, WAN)
    step = LTX2.frame_step if family is LTX2 else WAN.frame_step
    made = model_frames(frames, LTX2 if family is LTX2 else WAN)
    assert (made - 1) % step == 0
    assert frames <= made < frames + step


def test_three_seconds_are_73_frames_for_ltx2_and_for_wan() -> None:
    assert (model_frames(72, LTX2), model_frames(72, WAN), model_frames(121, LTX2)) == (73, 73, 121)


@pytest.mark.parametrize(
    ("asked", "upsampler", "wanted", "worked"),
    [
        (Size(3840, 2160), False, None, Size(1920, 1088)),
        (Size(3840, 2160), True, None, Size(3840, 2176)),
        (Size(2160, 3840), False, None, Size(1088, 1920)),
        (Size(3840, 2160), True, Size(1280, 720), Size(1280, 768)),
        (Size(320, 180), False, Size(64, 36), Size(64, 64)),
    ],
)
def test_the_model_works_in_its_own_steps_at_the_asked_aspect(asked: Size, upsampler: bool, wanted: Size | None, worked: Size) -> None:
    assert working_size(asked, folder(upsampler=upsampler), wanted) == worked


def test_a_frame_is_enlarged_to_cover_the_asked_size_and_cut_evenly() -> None:
    frame = np.zeros((64, 64, 3), np.uint8)
    frame[:, :32] = 200
    found = fitted(frame, Size(320, 180))
    assert found.shape == (180, 320, 3)
    assert (found[:, 40:120].min(), found[:, 200:].max()) == (200, 0)


def test_rows_too_many_are_cut_at_both_sides_without_resampling() -> None:
    frame = np.random.default_rng(2).integers(0, 256, (2176 // 8, 3840 // 8, 3), dtype=np.uint8)
    assert np.array_equal(fitted(frame, Size(480, 270)), frame[1:271])


def test_sound_becomes_stereo_of_exactly_the_pictures_length() -> None:
    tone = np.sin(np.arange(24_000) * 2 * np.pi * 440 / 24_000).astype(np.float32)[:, None] * 0.5
    found = exact_sound(GeneratedShot(frames=iter(()), sound=tone, sample_rate=24_000), 72_000)
    assert found.shape == (72_000, 2)
    spectrum = np.abs(np.fft.rfft(found[:48_000, 0]))
    assert spectrum.argmax() == 440
    assert np.array_equal(found[:, 0], found[:, 1])
    assert not found[49_000:].any()


def test_no_sound_is_silence_of_the_right_length() -> None:
    found = exact_sound(GeneratedShot(frames=iter(()), sound=None, sample_rate=0), 480)
    assert found.shape == (480, 2)
    assert not found.any()
