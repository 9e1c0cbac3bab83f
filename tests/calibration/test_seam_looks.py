import math

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from kling_post.calibration.seam_alterations import LIMIT_OF
from kling_post.calibration.seam_looks import looks_as_coded

RgbFrame = NDArray[np.uint8]
UNTOUCHED = dict.fromkeys(LIMIT_OF, 0.0)


def shots(count: int = 4) -> list[RgbFrame]:
    """Pictures of one soft texture in colour, each a little lighter than the one before it."""
    random = np.random.default_rng(3)
    texture = cv2.GaussianBlur(random.normal(0, 1, (180, 320, 3)), (0, 0), 4)
    texture *= 25 / texture.std()
    return [np.rint(np.clip(np.array([130, 110, 90]) + texture + place, 1, 254)).astype(np.uint8) for place in range(count)]


def greyer(frame: RgbFrame, share: float) -> RgbFrame:
    """The frame with so much less saturation."""
    luma = (frame @ np.array([0.2126, 0.7152, 0.0722]))[..., None]
    return np.asarray(np.rint(frame + share * (luma - frame)), np.uint8)


def test_a_file_that_holds_its_pictures_has_no_step_of_looks_however_they_change_by_themselves() -> None:
    frames = shots(8)
    steps = looks_as_coded(UNTOUCHED | {"grain": 1.0}, frames[:4], frames[4:], frames)
    assert {name: abs(size) < 1e-9 for name, size in steps.items()} == dict.fromkeys(steps, True) | {"grain": False}


def test_the_step_is_what_the_file_holds_of_it_not_what_was_put_in() -> None:
    frames = shots(8)
    coded = [*frames[:4], *(greyer(frame, 0.1) for frame in frames[4:])]
    steps = looks_as_coded(UNTOUCHED | {"saturation": -12.0}, frames[:4], frames[4:], coded)
    assert steps["saturation"] == pytest.approx(-10.0, abs=0.3)
    assert steps["luma"] == pytest.approx(0, abs=0.05)


def test_what_the_encoder_does_to_one_side_of_an_untouched_join_is_a_step_of_the_file() -> None:
    frames = shots(8)
    lifted = [np.asarray(frame + 5, np.uint8) for frame in frames[:4]]
    steps = looks_as_coded(UNTOUCHED, frames[:4], frames[4:], [*lifted, *frames[4:]])
    assert steps["luma"] == pytest.approx(-100 * 5 / 255, abs=0.01)
    assert steps["black level"] == pytest.approx(-100 * 5 / 255, abs=0.01)
    assert steps["contrast"] == pytest.approx(0, abs=0.01)


def test_what_it_does_to_both_sides_alike_and_to_a_key_frame_alone_is_none() -> None:
    frames = shots(8)
    softer = [np.asarray(cv2.GaussianBlur(frame, (0, 0), 1.5), np.uint8) for frame in frames]
    softer[4] = greyer(frames[4], 0.2)
    steps = looks_as_coded(UNTOUCHED, frames[:4], frames[4:], softer)
    assert all(abs(steps[name]) < 0.05 * limit for name, limit in LIMIT_OF.items())


def test_a_look_is_unknown_where_frames_of_a_side_go_far_apart_and_stays_so_where_it_was() -> None:
    frames = shots(8)
    restless = [greyer(frame, share) for frame, share in zip(frames, (0, 0.2, 0, 0.2, 0, 0.2, 0, 0.2), strict=True)]
    steps = looks_as_coded(UNTOUCHED | {"sharpness": math.nan}, frames[:4], frames[4:], restless)
    assert math.isnan(steps["saturation"])
    assert math.isnan(steps["sharpness"])
    assert steps["luma"] == pytest.approx(0, abs=0.05)
