"""A repeat is the movement that is missing, over however many steps an encoder has spread it."""

import numpy as np
import pytest

from kling_post.checks.evidence.lagging import Paced
from kling_post.checks.evidence.missing_movement import missing_movement
from kling_post.vocabulary import FrameRange


def found(steps: dict[int, float], *, ripple: float = 0.0, length: float | None = None, everywhere: bool = True) -> list[FrameRange]:
    """Places in a shot of 60 steps of pace 1 but for these; entry n leads to frame n."""
    pace = np.asarray(1 + ripple * (-1.0) ** np.arange(60), np.float64)
    pace[0] = np.nan
    for frame, value in steps.items():
        pace[frame] = value
    ones, no = np.ones(60), np.zeros(60, bool)
    lengths = pace if length is None else np.asarray(np.where(pace < 1, length, pace), np.float64)
    paced = Paced(pace=pace, coherence=ones, pixels=ones, length=lengths, everywhere=no | everywhere, unlike=no, speed=pace, lagging=no)
    return [each.frames for each in missing_movement(paced, (FrameRange(0, 60),), longest=4.8)]


@pytest.mark.parametrize(
    ("steps", "frames"),
    [
        ({30: 0.0}, FrameRange(30, 31)),
        ({30: 0.5, 31: 0.5}, FrameRange(31, 32)),
        ({29: 0.7, 30: 0.6, 31: 0.7}, FrameRange(30, 31)),
        ({30: 0.1, 31: 0.1, 32: 0.7}, FrameRange(30, 32)),
        ({29: 0.6, 30: 0.1, 31: 0.1, 32: 0.1}, FrameRange(30, 33)),
        ({30: 0.4, 31: 0.82, 32: 0.85}, FrameRange(30, 31)),
        ({30: 0.5, 31: 0.5, 32: 0.5, 33: 0.5}, FrameRange(32, 34)),
        ({30: 0.25, 31: 0.25, 32: 0.25, 33: 0.25}, FrameRange(31, 34)),
    ],
    ids=[
        "one stop",
        "two halves",
        "three of two thirds",
        "two stops and a short step",
        "a short step and three stops",
        "fading away",
        "two over four steps",
        "three over four steps",
    ],
)
def test_what_is_missing_is_found_where_the_movement_stands_most_nearly_still(steps: dict[int, float], frames: FrameRange) -> None:
    assert found(steps) == [frames]


@pytest.mark.parametrize("steps", [{30: 0.0, 31: 2.0}, {29: 1.5, 30: 0.5, 31: 0.5, 32: 1.5}], ids=["one long step", "two longer steps"])
def test_movement_that_is_made_good_for_is_not_missing(steps: dict[int, float]) -> None:
    assert found(steps) == []


def test_a_movement_that_slows_down_and_speeds_up_again_misses_no_frame() -> None:
    assert found({26: 0.8, 27: 0.7, 28: 0.65, 29: 0.6, 30: 0.6, 31: 0.65, 32: 0.7, 33: 0.8}) == []


def test_short_and_long_steps_in_turn_are_an_encoders() -> None:
    assert found({30: 0.4, 31: 0.6}, ripple=0.4) == []


def test_frames_that_an_encoder_left_out_and_made_good_for_are_not_missing_though_the_long_step_is_under_read() -> None:
    assert found({29: 0.1, 30: 0.1, 31: 0.1, 32: 3.0}) == []


def test_a_repeat_among_frames_that_an_encoder_left_out_is_missing() -> None:
    assert found({29: 0.1, 30: 0.1, 31: 0.1, 32: 2.5}) == [FrameRange(31, 32)]


def test_a_step_that_goes_another_way_is_not_short() -> None:
    assert found({30: 0.0}, length=0.9) == []
    assert found({30: 0.0}, everywhere=False) == []
