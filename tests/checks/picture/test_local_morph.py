"""A part that turns into something else is for review with its place; movement, light and whole cuts are not."""

from typing import Any

import numpy as np
import pytest

from kling_post.vocabulary import Severity

SIGNALS = ("structure", "motion", "local_mixes")


def turning(make: Any, *, speed: float = 0.0, frames: int = 48, start: int = 20, length: int = 8) -> Any:
    inside = np.zeros((180, 320))
    inside[60:120, 160:260] = 1
    pictures = []
    for index in range(frames):
        share = min(1.0, max(0.0, (index - start + 1) / (length + 1))) * inside
        pictures.append(make.scene(1, speed * index) * (1 - share) + make.scene(2, speed * index) * share)
    return make.clip(pictures=pictures, grain=1).subject(signals=SIGNALS)


@pytest.mark.parametrize("speed", [0.0, 0.1])
def test_a_part_that_turns_into_something_else_is_for_review_with_its_place(make: Any, speed: float) -> None:
    (finding,) = make.ask("local_morph", turning(make, speed=speed)).findings
    assert finding.severity is Severity.REVIEW
    assert 19 <= finding.frames.start <= 24
    assert finding.frames.stop <= 29
    assert (finding.area.left, finding.area.right) == pytest.approx((0.5, 0.81), abs=0.07)
    assert (finding.area.top, finding.area.bottom) == pytest.approx((0.33, 0.67), abs=0.12)


def test_a_still_scene_and_pans_are_silent(make: Any) -> None:
    for speed in (0.0, 0.5, 2.0, 6.0):
        subject = make.clip(pictures=make.pan(40, speed), grain=1).subject(signals=SIGNALS)
        assert make.ask("local_morph", subject).findings == ()


def test_light_that_changes_on_a_part_is_no_change_of_things(make: Any) -> None:
    pictures = [make.scene(1, 0.0).copy() for _ in range(40)]
    for index, picture in enumerate(pictures):
        picture[60:120, 160:260] *= 1 + 0.4 * min(1.0, max(0.0, (index - 16) / 9))
    assert make.ask("local_morph", make.clip(pictures=pictures, grain=1).subject(signals=SIGNALS)).findings == ()


def test_a_cut_of_the_whole_picture_is_the_cuts_checks(make: Any) -> None:
    pictures = make.pan(24, 0.1, seed=1) + make.pan(24, 0.1, seed=2)
    assert make.ask("local_morph", make.clip(pictures=pictures, grain=1).subject(signals=SIGNALS)).findings == ()
