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


def _noisy(*, change: float, pace: float, flow_times: float = 2.1) -> Any:
    """Twenty-one steps whose flow is uneven, and one of two in the middle; by least squares and by their differences all are even."""
    from kling_post.checks.evidence.pace import Pace
    from kling_post.checks.picture.dropped_frames import _Steps

    flow = np.tile([0.7, 1.3, 1.0], 7)
    flow[10] = flow_times
    steps, changes = np.ones(21), np.full(21, 4.0)
    steps[10], changes[10] = pace, 4 * change
    unasked = np.ones(21)
    return _Steps(
        flow=Pace(pace=flow, energy=unasked, movement=unasked, coherence=unasked, products=unasked[None]), pace=steps, change=changes
    )


@pytest.mark.parametrize(("change", "pace", "told"), [(1.3, 0.9, True), (1.3, 1.0, False), (1.1, 0.9, False), (1.0, 1.0, False)])
def test_where_the_flow_is_noisy_the_pictures_must_say_so_too(change: float, pace: float, told: bool) -> None:
    from kling_post.checks.picture.dropped_frames import DroppedFramesLimits, _told

    found = _told(_noisy(change=change, pace=pace), 10, DroppedFramesLimits())
    # Pictures that are sure let the step be less of a double one, and the finding says so.
    assert (found and (found.times, found.least)) == (pytest.approx((2.1, 1.6)) if told else None)


@pytest.mark.parametrize(("change", "pace", "told"), [(1.5, 1.3, True), (1.5, 1.0, False), (1.2, 1.3, False)])
def test_three_steps_at_once_stand_out_of_uneven_ones(change: float, pace: float, told: bool) -> None:
    from kling_post.checks.picture.dropped_frames import DroppedFramesLimits, _told

    steps = _noisy(change=change, pace=pace, flow_times=3.1)
    steps.pace[8:10] = (1.4, 0.6)
    found = _told(steps, 10, DroppedFramesLimits())
    assert (found and (found.times, found.least)) == (pytest.approx((3.1, 1.7)) if told else None)
