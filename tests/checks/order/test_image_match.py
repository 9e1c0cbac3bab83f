"""The ends of a take against the stills that it was ordered from."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from kling_post.checks.check import Subject
from kling_post.signals.kernels.likeness import likeness
from kling_post.vocabulary import FrameRange, Severity, TakePlan


def still(make: Any, seed: int = 1) -> Any:
    return np.repeat(make.scene(seed, 0.0)[..., None], 3, axis=2).astype(np.uint8)


def judged(make: Any, frame: Any, given: Any) -> Any:
    plan = TakePlan(first_image=Path("first.png"))
    signals = {"given_images": {"first": likeness(frame, given)}}
    return make.ask("image_match", Subject(facts=make.facts(24), plan=plan, signals=signals, loudness=None))


def test_the_same_picture_passes_after_scaling_and_coding(make: Any) -> None:
    given = still(make)
    coded = cv2.imdecode(cv2.imencode(".jpg", cv2.resize(given, (640, 360)), [cv2.IMWRITE_JPEG_QUALITY, 70])[1], cv2.IMREAD_COLOR)
    assert judged(make, coded, given).findings == ()


def test_a_still_of_another_shape_is_cropped_around_its_middle(make: Any) -> None:
    given = still(make)
    taller = np.full((260, 320, 3), 128, np.uint8)
    taller[40:220] = given
    assert judged(make, given, taller).findings == ()


def test_another_picture_fails_at_that_frame(make: Any) -> None:
    (finding,) = judged(make, still(make), still(make, 5)).findings
    assert (finding.severity, finding.frames) == (Severity.FAIL, FrameRange(0, 1))


@pytest.mark.parametrize("gain", [[0.8, 1.0, 1.25], [1.3, 1.3, 1.3]])
def test_other_colours_are_for_review(make: Any, gain: list[float]) -> None:
    frame = np.clip(still(make) * np.array(gain), 0, 255).astype(np.uint8)
    (finding,) = judged(make, frame, still(make)).findings
    assert finding.severity is Severity.REVIEW
    assert "colour" in finding.message


def test_without_stills_nothing_is_asked_and_an_unseen_still_is_undetermined(make: Any) -> None:
    bare = Subject(facts=make.facts(24), plan=TakePlan(), signals={}, loudness=None)
    assert make.ask("image_match", bare) == type(make.ask("image_match", bare))()
    unseen = Subject(facts=make.facts(24), plan=TakePlan(last_image=Path("last.png")), signals={}, loudness=None)
    assert len(make.ask("image_match", unseen).undetermined) == 1
