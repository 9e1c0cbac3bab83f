"""Frames that show two moments at once are told from true ones, however blurred."""

from typing import Any

import numpy as np
import pytest

from kling_post.vocabulary import FrameRange, Severity


def clip(make: Any, pictures: Any, grain: float = 1.0) -> Any:
    return make.clip(pictures=pictures, grain=grain).subject(signals=("structure", "motion", "blends"))


def mixed(make: Any, places: Any, share: float = 0.5, speed: float = 4.0) -> list[Any]:
    true = make.pan(48, speed)
    return [share * true[index - 1] + (1 - share) * true[index + 1] if index in places else picture for index, picture in enumerate(true)]


@pytest.mark.parametrize("grain", [0.0, 2.0])
def test_one_frame_that_is_the_mean_of_its_neighbours_is_for_review(make: Any, grain: float) -> None:
    (finding,) = make.ask("blended_frames", clip(make, mixed(make, {20}), grain)).findings
    assert (finding.severity, finding.frames) == (Severity.REVIEW, FrameRange(20, 21))
    assert finding.message == "Two moments show at once, moving edges stand double: frame 20 (00:00:00:20)."
    assert finding.measured < 0.9


def test_a_clip_whose_every_other_frame_is_a_mix_is_told_once(make: Any) -> None:
    (finding,) = make.ask("blended_frames", clip(make, mixed(make, set(range(1, 47, 2))))).findings
    assert (finding.frames, finding.measured) == (FrameRange(0, 48), 2)


def test_twenty_four_frames_made_thirty_by_blending_repeat_every_five(make: Any) -> None:
    true = make.pan(60, 4.0)
    pictures = []
    for index in range(60):
        before, share = divmod(index * 0.8, 1)
        pictures.append(true[int(before)] * (1 - share) + true[int(before) + 1] * share)
    (finding,) = make.ask("blended_frames", clip(make, pictures)).findings
    assert (finding.measured, finding.unit) == (5, "frames apart")


@pytest.mark.parametrize("speed", [0.0, 0.3, 3.0, 9.0])
def test_pans_of_any_speed_are_silent(make: Any, speed: float) -> None:
    assert make.ask("blended_frames", clip(make, make.pan(48, speed))).findings == ()


def test_an_open_shutter_is_no_mixture(make: Any) -> None:
    blurred = [np.mean([make.scene(1, 5.0 * index - step) for step in range(5)], axis=0) for index in range(40)]
    assert make.ask("blended_frames", clip(make, blurred)).findings == ()


def test_repeated_frames_are_no_mixtures(make: Any) -> None:
    twos = [make.scene(1, 3.0 * (index // 2)) for index in range(40)]
    assert make.ask("blended_frames", clip(make, twos)).findings == ()


def test_a_melt_from_one_shot_into_another_is_the_cuts_checks(make: Any) -> None:
    shares = [min(1.0, max(0.0, (index - 19) / 4)) for index in range(40)]
    pictures = [make.scene(1, 2.0 * index) * (1 - share) + make.scene(2, 2.0 * index) * share for index, share in enumerate(shares)]
    assert make.ask("blended_frames", clip(make, pictures)).findings == ()


def test_twenty_four_frames_made_sixty_by_blending_are_told_although_some_places_stand_still(make: Any) -> None:
    true = make.pan(48, 5.0)
    pictures = []
    for index in range(96):
        before, share = divmod(index * 0.4, 1)
        pictures.append(true[int(before)] * (1 - share) + true[int(before) + 1] * share)
    (finding,) = make.ask("blended_frames", clip(make, pictures)).findings
    assert (finding.measured, finding.frames) == (5, FrameRange(0, 96))


def test_a_small_thing_that_a_coder_mixes_is_no_blended_frame(make: Any) -> None:
    pictures = [make.scene(1, 0.0).copy() for _ in range(40)]
    for index, picture in enumerate(pictures):
        picture[80:90, 20 + 4 * index : 30 + 4 * index] = 20
    pictures[20] = (pictures[19] + pictures[21]) / 2
    assert make.ask("blended_frames", clip(make, pictures)).findings == ()
