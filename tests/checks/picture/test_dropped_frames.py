"""A missing frame shows as one double step in even movement."""

from typing import Any

import numpy as np
import pytest

from kling_post.vocabulary import FrameRange, Severity


@pytest.mark.parametrize("speed", [0.8, 3.0])
def test_a_missing_frame_is_placed_where_the_step_doubles(make: Any, speed: float) -> None:
    pictures = make.pan(41, speed)
    del pictures[20]
    (finding,) = make.ask("dropped_frames", make.clip(pictures=pictures, grain=1).subject()).findings
    assert (finding.severity, finding.frames) == (Severity.REVIEW, FrameRange(19, 21))
    assert finding.measured == pytest.approx(2, abs=0.25)


@pytest.mark.parametrize("speed", [0.0, 0.05, 0.8, 3.0, 9.0])
def test_even_movement_misses_nothing(make: Any, speed: float) -> None:
    assert make.ask("dropped_frames", make.clip(pictures=make.pan(40, speed), grain=1).subject()).findings == ()


def test_a_camera_that_speeds_up_misses_nothing(make: Any) -> None:
    places = np.cumsum(np.linspace(0.2, 4.0, 40))
    pictures = [make.scene(1, round(float(place), 3)) for place in places]
    assert make.ask("dropped_frames", make.clip(pictures=pictures).subject()).findings == ()


def test_cuts_are_no_missing_frames(make: Any) -> None:
    pictures = make.pan(20, 2.0, seed=1) + make.pan(20, 2.0, seed=2)
    assert make.ask("dropped_frames", make.clip(pictures=pictures).subject()).findings == ()
