"""Ends that stand still while the shot moves are told; shots that rest or ease are not."""

from typing import Any

import numpy as np
import pytest

from kling_post.vocabulary import FrameRange, Severity


@pytest.mark.parametrize("grain", [0, 1])
def test_a_first_frame_that_is_held_is_for_review(make: Any, grain: float) -> None:
    pictures = [make.scene(1, 0.0)] * 3 + make.pan(30, 0.8)
    (finding,) = make.ask("end_holds", make.clip(pictures=pictures, grain=grain).subject()).findings
    assert (finding.severity, finding.frames) == (Severity.REVIEW, FrameRange(0, 4))
    assert "starts on" in finding.message


def test_a_last_frame_that_is_held_is_for_review(make: Any) -> None:
    pictures = make.pan(30, 0.8) + [make.scene(1, 0.8 * 29)] * 2
    (finding,) = make.ask("end_holds", make.clip(pictures=pictures, grain=1).subject()).findings
    assert finding.frames == FrameRange(29, 32)


@pytest.mark.parametrize("head", [True, False])
def test_a_hold_that_an_encoder_left_some_movement_is_told(make: Any, head: bool) -> None:
    steps = [0.15, 0.1, 0.05, 0.6] + [1.0] * 30
    pictures = [make.scene(1, round(float(place), 3)) for place in 0.8 * np.cumsum([0.0, *steps])]
    subject = make.clip(pictures=pictures if head else pictures[::-1], grain=3).subject()
    (finding,) = make.ask("end_holds", subject).findings
    assert finding.frames == (FrameRange(0, 4) if head else FrameRange(31, 35))


def test_a_longer_hold_is_a_freeze(make: Any) -> None:
    subject = make.clip(pictures=make.pan(30, 0.8) + [make.scene(1, 0.8 * 29)] * 9, grain=1).subject()
    assert make.ask("end_holds", subject).findings == ()
    assert len(make.ask("freeze", subject).findings) == 1


def test_a_locked_off_shot_and_an_easing_camera_hold_nothing(make: Any) -> None:
    still = make.clip(pictures=[make.scene(1, 0.0)] * 30, grain=1)
    assert make.ask("end_holds", still.subject()).findings == ()
    places = 40 * (0.5 - 0.5 * np.cos(np.pi * np.linspace(0, 1, 60)))
    eased = make.clip(pictures=[make.scene(1, round(float(place), 3)) for place in places], grain=1)
    assert make.ask("end_holds", eased.subject()).findings == ()


def test_the_last_frames_that_an_encoder_left_out_are_no_hold_where_it_leaves_out_others_too(make: Any) -> None:
    steps = np.ones(72)
    for key_frame in (24, 48):
        steps[key_frame - 3 : key_frame], steps[key_frame] = 0.05, 3.85
    steps[69:] = 0.05
    pictures = [make.scene(1, round(float(place), 3)) for place in 0.2 * np.cumsum(steps)]
    assert make.ask("end_holds", make.clip(pictures=pictures).subject()).findings == ()
    (finding,) = make.ask("end_holds", make.clip(pictures=pictures[-30:]).subject()).findings
    assert finding.frames == FrameRange(26, 30)


def test_steps_that_go_another_way_before_a_hold_are_none_of_it(make: Any) -> None:
    moving = make.pan(30, 0.8)
    turned = [np.roll(moving[-1], rows, axis=0) for rows in (1, 2)]
    subject = make.clip(pictures=[*moving, *turned, *[turned[-1]] * 3], grain=1).subject()
    (finding,) = make.ask("end_holds", subject).findings
    assert finding.frames == FrameRange(31, 35)
    assert make.ask("end_holds", subject, longest_share=9.0).findings == ()
